import json
import shutil

import numpy as np
import pytest

from experiments.bundle.seal import seal
from lodeworks.errors import BundleError
from models.tabular.registry import REGISTRY, available
from models.tabular.scaling import Platt
from pipelines.predicting.bundled import PredictBundle, read_predictor, write_predictor

QUICK = {"neural": {"epochs": 2, "members": 1, "units": 8}, "additive": {"rounds": 20}}


@pytest.fixture(scope="module")
def table(people):
    frame = people(200)
    return frame[["contract", "tenure", "fee"]], (frame["left"] == "Yes").astype(int)


def made(kind, table):
    model = REGISTRY[kind](**QUICK.get(kind, {})).fit(*table)
    return PredictBundle(model, Platt(0.9, -0.1), {"kind": "predict"}, {"features": {}})


@pytest.mark.parametrize("kind", available())
def test_a_bundle_read_back_answers_the_same(kind, table, tmp_path):
    bundle = made(kind, table)
    write_predictor(tmp_path / "b", bundle)
    again = read_predictor(tmp_path / "b")
    assert again.scaling == Platt(0.9, -0.1)
    assert again.model.get_params() == bundle.model.get_params()
    np.testing.assert_array_equal(
        again.model.decision_function(table[0]), bundle.model.decision_function(table[0])
    )


@pytest.mark.parametrize("kind", ["logistic", "cart", "boosted"])
def test_equal_bundles_are_equal_bytes(kind, table, tmp_path):
    for name in ("a", "b"):
        write_predictor(tmp_path / name, made(kind, table))
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*")]
    assert files
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.fixture
def folder(table, tmp_path):
    write_predictor(tmp_path / "b", made("logistic", table))
    return tmp_path / "b"


def changed(folder, file, change):
    content = json.loads((folder / file).read_text())
    change(content)
    (folder / file).write_text(json.dumps(content))
    (folder / "bundle.json").unlink()
    seal(folder)


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("model.json", lambda c: c.update(kind="logistik"), "did you mean 'logistic'"),
        ("model.json", lambda c: c.update(params={"depth": 1}), "classifier cannot be read"),
        ("classifier.json", lambda c: c.pop("baseline"), "lacks 'baseline'"),
        ("meta.json", lambda c: c.update(kind="uplift"), "of kind 'uplift', not 'predict'"),
    ],
)
def test_a_bundle_that_makes_no_sense_is_refused(folder, file, change, told):
    changed(folder, file, change)
    with pytest.raises(BundleError, match=told):
        read_predictor(folder)


def test_a_bundle_that_lacks_files_or_was_touched_is_refused(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "profile.json").unlink()
    with pytest.raises(BundleError, match=r"profile\.json: is missing"):
        read_predictor(copy)
    (copy / "bundle.json").unlink()
    seal(copy)
    with pytest.raises(BundleError, match=r"lacks profile\.json"):
        read_predictor(copy)
    with pytest.raises(BundleError, match="no such folder"):
        read_predictor(tmp_path / "nowhere")
