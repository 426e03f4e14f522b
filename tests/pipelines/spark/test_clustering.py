"""K-means by MLlib finds the segments that scikit-learn finds, and leaves no trace of Spark."""

import json
import shutil

import numpy as np
import pytest
import yaml

from lodeworks.errors import ConfigError
from lodeworks.progress import Silent
from models.segments import create_segmenter
from pipelines.config import load
from pipelines.config.sections import Engine
from pipelines.run import run
from pipelines.spark.clustering import fit_in_spark
from pipelines.spark.session import open_session

pytestmark = pytest.mark.slow

SPARK = Engine(kind="spark")


@pytest.fixture(scope="module")
def session(needs_spark, quick):
    with open_session("local[2]", Silent(), quick) as opened:
        yield opened


@pytest.fixture(scope="module")
def places():
    chance = np.random.default_rng(4)
    middles = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 9.0], [7.0, 8.0]])
    sizes = (90, 60, 40, 20)
    return np.vstack([chance.normal(at, 0.5, (n, 2)) for at, n in zip(middles, sizes, strict=True)])


@pytest.mark.parametrize("kind", ["kmeans", "minibatch"])
def test_the_segments_are_those_of_scikit_learn(session, places, kind):
    ours = create_segmenter("kmeans", k=4).fit(places)
    found = create_segmenter(kind, k=4)
    fit_in_spark(found, places, SPARK)
    np.testing.assert_allclose(found.centres_, ours.centres_, atol=1e-9)
    assert found.labels_.tolist() == ours.labels_.tolist()
    assert np.bincount(found.labels_).tolist() == [90, 60, 40, 20]


def test_the_same_seed_gives_the_same_centres(session, places):
    states = []
    for _ in range(2):
        found = create_segmenter("kmeans", k=3, random_state=6)
        fit_in_spark(found, places, SPARK)
        states.append(found.get_state())
    assert states[0]["centres_"].tolist() == states[1]["centres_"].tolist()


@pytest.mark.parametrize(("distinct", "k"), [(1, 4), (2, 4)])
def test_there_are_no_more_segments_than_customers_differ(session, distinct, k):
    places = np.repeat(np.arange(distinct, dtype=float), 5)[:, None]
    found = create_segmenter("kmeans", k=k)
    fit_in_spark(found, places, SPARK)
    assert found.n_clusters_ == distinct
    assert sorted(found.centres_.ravel().tolist()) == list(range(distinct))


@pytest.fixture
def question(tmp_path, tracking_template, places):
    """Give the configuration of segments of one table."""
    (tmp_path / "workspace").mkdir()
    shutil.copy(tracking_template, tmp_path / "workspace" / "mlflow.db")
    lines = ["who,spend,visits"] + [f"c{i},{a},{b}" for i, (a, b) in enumerate(places)]
    (tmp_path / "people.csv").write_text("\n".join(lines))
    numbers = {name: {"from": name, "type": "number"} for name in ("spend", "visits")}
    source = {
        "kind": "csv",
        "name": "people",
        "table": "own:people",
        "path": str(tmp_path / "people.csv"),
        "columns": {"customer_id": "who", **numbers},
    }

    def read(**changes):
        values = {
            "kind": "segments",
            "name": "groups",
            "workspace": str(tmp_path / "workspace"),
            "sources": [source],
            "attributes": {"table": "own:people"},
            "methods": [{"kind": "kmeans", "k": [4]}],
            "choice": {"rounds": 3, "max_rows": 200, "references": 0, "bootstrap": 100},
            "worth": {"value": None},
            "privacy": {"min_group": 1},
            **changes,
        }
        path = tmp_path / "groups.yaml"
        path.write_text(yaml.safe_dump(values))
        return load(path)

    return read


def test_a_run_fits_its_winner_in_spark(session, question, monkeypatch):
    fitted = []

    def counted(segmenter, *rest):
        fitted.append(segmenter)
        fit_in_spark(segmenter, *rest)

    monkeypatch.setattr("pipelines.spark.clustering.fit_in_spark", counted)
    done = run(question(engine={"kind": "spark"}))
    assert [one.k for one in fitted] == [4]
    meta = json.loads((done.paths["bundle"] / "meta.json").read_text())
    assert (meta["method"], len(meta["ids"])) == ("kmeans", 4)
    assert "spark" not in json.dumps(meta["params"])


def test_what_spark_cannot_fit_is_refused(question):
    methods = [{"kind": "medoids", "k": [2]}, {"kind": "density"}]
    with pytest.raises(ConfigError) as caught:
        question(engine={"kind": "spark"}, methods=methods)
    assert "engine: Spark fits 'kmeans' and 'minibatch'; no method is either" in str(caught.value)
