"""A network and its rules in their folder, and the classes that they give."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.bundle.seal import seal
from lodeworks.errors import BundleError
from pipelines.config.value_classes import ClassNetwork
from pipelines.valueclasses.bundled import ClassBundle, read_classes, write_classes
from pipelines.valueclasses.classifier import fit_classes, rules_in_words
from pipelines.valueclasses.scoring import classed

CLASSES = ("high", "middle", "low", "never")
SMALL = ClassNetwork(members=1, units=3)


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    record = random.choice(["good", "bad"], 60)
    return pd.DataFrame({"margin": np.linspace(0, 1, 60), "record": record})


@pytest.fixture(scope="module")
def bundle(table):
    place = np.searchsorted([0.33, 0.66], table["margin"])
    labels = np.array(["low", "middle", "high"], dtype=object)[place]
    model = fit_classes(table, list(labels), CLASSES, SMALL, 0)
    found = rules_in_words(model, table, queries=100, most=4, min_rows=5, seed=0)
    meta = {
        "kind": "value-classes",
        "id": "company",
        "columns": {"margin": "number", "record": "text"},
        "conditions": found.conditions,
    }
    return ClassBundle(model, found.table[["rule", "answer", "rows", "fidelity"]], meta)


def ids(table):
    return np.array([f"c{k:02d}" for k in range(len(table))], dtype=object)


def test_a_bundle_read_back_classes_the_same(bundle, table, tmp_path):
    write_classes(tmp_path / "b", bundle)
    again = read_classes(tmp_path / "b")
    pd.testing.assert_frame_equal(
        classed(again, ids(table), table), classed(bundle, ids(table), table)
    )
    assert again.model.classes == CLASSES


def test_the_most_valuable_come_first_and_the_surest_of_them(bundle, table):
    found = classed(bundle, ids(table), table)
    place = found["value_class"].map(CLASSES.index)
    assert place.is_monotonic_increasing
    for _, part in found.groupby("value_class"):
        assert part["probability"].is_monotonic_decreasing
    assert sorted(found["company"]) == ids(table).tolist()
    said = dict(zip(bundle.rules["rule"], bundle.rules["answer"], strict=True))
    assert (found["rule"].map(said) == found["rule_says"]).all()


def test_a_class_that_nobody_had_is_never_given(bundle, table):
    shares = bundle.model.predict_proba(table)
    assert shares.shape == (60, 4)
    assert (shares[:, 3] == 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert set(bundle.model.predict(table)) <= {"high", "middle", "low"}


def test_nobody_to_class(bundle, table):
    found = classed(bundle, ids(table)[:0], table.iloc[:0])
    assert len(found) == 0
    assert list(found) == ["company", "value_class", "probability", "rule", "rule_says"]


def test_what_was_not_seen_is_classed_too(bundle):
    new = pd.DataFrame({"margin": [9.0, -9.0, np.nan], "record": ["good", "unheard", None]})
    found = classed(bundle, ids(new), new).set_index("company")
    assert found["probability"].between(0, 1).all()
    assert found.loc["c00", "value_class"] == "high"
    assert found.loc["c01", "value_class"] == "low"


def test_rules_depend_on_the_seed_alone(bundle, table):
    first, again = (
        rules_in_words(bundle.model, table, queries=100, most=4, min_rows=5, seed=3)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.table, again.table)
    assert len(first.table) <= 4
    assert (first.table["rows"] >= 5).all()


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("meta.json", {"kind": "uplift"}, "a bundle of kind 'uplift', not 'value-classes'"),
        ("classes.json", {}, "the network cannot be read"),
    ],
)
def test_another_bundle_is_refused(bundle, tmp_path, file, change, message):
    write_classes(tmp_path / "b", bundle)
    (tmp_path / "b" / file).write_text(json.dumps(change))
    (tmp_path / "b" / "bundle.json").unlink()
    seal(tmp_path / "b")
    with pytest.raises(BundleError, match=message):
        read_classes(tmp_path / "b")
