"""A ranking in its folder, and the list that it makes."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.bundle.seal import seal
from lodeworks.errors import BundleError
from models.uplift import UPLIFT_MODELS, UpliftTree
from pipelines.uplifting.bundled import (
    UpliftBundle,
    listed,
    read_uplift_bundle,
    write_uplift_bundle,
)

QUICK = {
    "two-model": {"base": "linear"},
    "transformed": {"base": "linear"},
    "x-learner": {"base": "linear"},
    "response": {"base": "linear"},
    "forest": {"trees": 5},
}


@pytest.fixture(scope="module")
def seen():
    random, rows = np.random.RandomState(0), 600
    table = pd.DataFrame(
        {"age": random.randint(18, 80, rows) * 1.0, "sex": random.choice(["man", "woman"], rows)}
    )
    treated = random.random_sample(rows) < 0.5
    chance = 0.2 + 0.4 * ((table["sex"] == "woman").to_numpy() & treated)
    outcome = (random.random_sample(rows) < chance).astype(float)
    return table, outcome, treated, np.full(rows, 0.5)


def bundle_of(kind, seen):
    known = UPLIFT_MODELS[kind]().get_params()
    params = {name: value for name, value in QUICK.get(kind, {}).items() if name in known}
    meta = {
        "kind": "uplift",
        "model": kind,
        "params": {**params, "random_state": 0},
        "id": "who",
        "threshold": 0.2,
        "columns": {"age": "number", "sex": "text"},
        "data": {"id": "who"},
    }
    ranking = UPLIFT_MODELS[kind](**meta["params"]).fit(*seen)
    return UpliftBundle(ranking, UpliftTree(depth=1, min_leaf=50).fit(*seen), meta)


@pytest.mark.parametrize("kind", list(UPLIFT_MODELS))
def test_every_ranking_read_back_ranks_the_same(kind, seen, tmp_path):
    bundle = bundle_of(kind, seen)
    write_uplift_bundle(tmp_path / "b", bundle)
    ids = np.array([str(k) for k in range(len(seen[0]))], dtype=object)
    again = listed(read_uplift_bundle(tmp_path / "b"), ids, seen[0])
    pd.testing.assert_frame_equal(again, listed(bundle, ids, seen[0]))


def test_the_list_is_ordered_and_treats_from_the_threshold(seen):
    bundle = bundle_of("two-model", seen)
    ids = np.array(["a", "b", "c", "d"], dtype=object)
    table = seen[0].head(4)
    found = listed(bundle, ids, table, np.array([0.1, 0.3, 0.2, 0.3]))
    assert found["who"].tolist() == ["b", "d", "c", "a"]  # equals stay in their order
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert found["treat"].tolist() == [True, True, True, False]
    leaves = bundle.segments.leaves().set_index("segment")["effect"]
    assert found["segment_effect"].tolist() == leaves[found["segment"]].tolist()


def test_equal_bundles_are_equal_bytes(seen, tmp_path):
    for name in ("a", "b"):
        write_uplift_bundle(tmp_path / name, bundle_of("two-model", seen))
    files = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert other.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("meta.json", {"kind": "value"}, "not a bundle of the question of uplift"),
        ("meta.json", {"model": "os.system"}, "not a bundle of the question of uplift"),
        ("meta.json", {"params": {"deep": 3}}, "the model cannot be read"),
        ("segments.json", None, "the model cannot be read"),
    ],
)
def test_another_bundle_is_refused(seen, tmp_path, file, change, message):
    write_uplift_bundle(tmp_path / "b", bundle_of("two-model", seen))
    path = tmp_path / "b" / file
    told = {} if change is None else {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps(told))
    (tmp_path / "b" / "bundle.json").unlink()
    seal(tmp_path / "b")
    with pytest.raises(BundleError, match=message):
        read_uplift_bundle(tmp_path / "b")


def test_a_bundle_without_a_part_is_refused(seen, tmp_path):
    write_uplift_bundle(tmp_path / "b", bundle_of("two-model", seen))
    for name in ("ranking.json", "bundle.json"):
        (tmp_path / "b" / name).unlink()
    seal(tmp_path / "b")
    with pytest.raises(BundleError, match=r"the bundle lacks ranking\.json"):
        read_uplift_bundle(tmp_path / "b")
