"""The readable tree of a run: what is kept, the way through it, and what an override does."""

import json

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import DataError
from pipelines.config.predict import Money
from pipelines.predicting.records import Records, Sample
from pipelines.predicting.tree import (
    COST,
    FILES,
    OUTCOME,
    REVENUE,
    effect_of,
    leaves_of,
    path_of,
    read_tree,
    record_of,
    write_tree,
)


def records(rows, seed=0, **columns):
    """Draw records; those that are young have the outcome, four in five times."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 80, rows).astype(float)
    outcome = (random.uniform(size=rows) < np.where(age <= 40, 0.8, 0.1)).astype(float)
    table = pd.DataFrame({"age": age, "job": random.choice(["a", "b"], rows), **columns})
    ids = np.array([f"C{place}" for place in range(rows)])
    fee = np.full(rows, 3.0)
    return Records(ids, table, outcome, np.ones(rows), np.ones(rows), fee)


def sample(rows=400, **columns):
    train, held = records(rows, 1, **columns), records(rows, 2, **columns)
    return Sample(train, held, held, np.full(rows, -1))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    write_tree(folder, sample(), Money(), 0)
    return read_tree(folder)


def test_the_tree_asks_what_decides(kept):
    assert kept.asked == ["age"]
    first = kept.root.below[0]
    assert first.path == "root.left"
    assert first.text.startswith("age is up to")
    assert first.rate > 0.7 > 0.2 > kept.root.below[1].rate
    assert sum(node.rows for node in kept.root.below) == kept.root.rows == 400


def test_it_is_read_as_it_was_written(kept):
    learned = pd.read_parquet(kept.folder / "learned.parquet")
    anew = kept.tree.override("root", {"column": "age"})
    anew.overrides = None
    anew.fit(learned[["age", "job"]], learned[OUTCOME])
    assert anew.root_ == kept.tree.root_


def test_the_samples_name_nobody(tmp_path):
    names = {
        "customer_id": [f"K{place}" for place in range(400)],
        "town": [f"T{place % 80}" for place in range(400)],
    }
    write_tree(tmp_path, sample(**names), Money(), 0)
    for name in FILES[1:]:
        frame = pd.read_parquet(tmp_path / name)
        assert list(frame) == ["age", "job", OUTCOME, COST, REVENUE]
        assert isinstance(frame.index, pd.RangeIndex)
    assert "K1" not in (tmp_path / FILES[0]).read_text()


def test_the_samples_are_small_and_shuffled(tmp_path):
    whole = sample(6_000, place=np.arange(6_000.0))
    write_tree(tmp_path, whole, Money(), 0)
    learned, held = (pd.read_parquet(tmp_path / name) for name in FILES[1:])
    assert (len(learned), len(held)) == (5_000, 2_000)
    assert not held["place"].is_monotonic_increasing
    assert held["place"].is_unique
    assert (held["age"].to_numpy() == whole.held.table["age"][held["place"].astype(int)]).all()


def test_the_same_is_written_again(tmp_path):
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_tree(tmp_path / name, sample(), Money(), 3)
        texts.append([(tmp_path / name / file).read_bytes() for file in FILES])
    assert texts[0] == texts[1]


def test_nothing_is_written_where_nothing_can_be_learned(tmp_path):
    one = sample()
    one.train.outcome[:] = 1.0
    write_tree(tmp_path, one, Money(), 0)
    assert list(tmp_path.iterdir()) == []
    assert read_tree(tmp_path) is None


@pytest.mark.parametrize("text", ["{", "{}", '{"tree": {"format": 9}}', "[]"])
def test_a_broken_tree_is_refused(tmp_path, text):
    (tmp_path / FILES[0]).write_text(text)
    with pytest.raises(DataError, match="the tree cannot be read"):
        read_tree(tmp_path)


def test_a_record_is_followed_to_its_leaf(kept):
    young, old = (record_of(kept, {"age": age})[1] for age in ("20", "75"))
    assert (young.path, old.path) == ("root.left", "root.right")
    assert record_of(kept, {})[0].path == "root"


def test_every_leaf_of_records_is_the_end_of_their_path(kept):
    part = records(30, 5)
    leaves = leaves_of(kept, part)
    assert leaves["customer_id"].tolist() == part.ids.tolist()
    for age, job, leaf in zip(part.table["age"], part.table["job"], leaves["leaf"], strict=True):
        way = record_of(kept, {"age": str(age), "job": job})
        assert way[-1].path == leaf
        assert way == path_of(kept, leaf)


@pytest.mark.parametrize("typed", ["young", "nan", "inf"])
def test_what_is_no_number_is_named(kept, typed):
    with pytest.raises(ValueError, match=f"age is a number, not '{typed}'"):
        record_of(kept, {"age": typed})


def test_to_forget_the_best_question_costs_money(kept):
    effect = effect_of(kept, "root").set_index("measure")
    assert effect["verdict"].tolist() == ["worse"] * 3
    held = pd.read_parquet(kept.folder / FILES[2])
    probability = kept.tree.predict_proba(held[["age", "job"]])[:, 1]
    acted = held[probability * 3 > 1]
    assert effect.loc["profit", "without"] == pytest.approx((acted[OUTCOME] * 3 - 1).sum())
    everybody = (held[OUTCOME] * 3 - 1).sum()
    assert effect.loc["profit", "with"] == pytest.approx(everybody)
    assert effect.loc["profit", "difference"] == pytest.approx(
        everybody - effect.loc["profit", "without"]
    )
    assert effect.loc["profit", "low"] < effect.loc["profit", "difference"]


def test_to_say_what_the_tree_says_changes_nothing(kept):
    cut = kept.tree.root_.split.cuts[0]
    effect = effect_of(kept, "root", "age", cut)
    assert effect["difference"].tolist() == pytest.approx([0.0] * 3)
    assert effect["verdict"].tolist() == ["no difference shown"] * 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("root.lfet",), "no place 'root.lfet'.*root.left"),
        (("root", "aeg"), "no column is called 'aeg'.*age"),
        (("root", "job", 3.0), "job has categories"),
    ],
)
def test_what_cannot_be_said_is_told(kept, asked, said):
    with pytest.raises(ValueError, match=said):
        effect_of(kept, *asked)


def test_a_run_keeps_its_tree(answered):
    folder = answered.paths["report"].parent
    kept = read_tree(folder / "tree")
    assert set(kept.asked) <= {"contract", "tenure", "fee", "colour"}
    assert kept.values["contract"] == ["monthly", "yearly"]
    leaves, listed = (pd.read_parquet(answered.paths[name]) for name in ("leaves", "list"))
    assert sorted(leaves["customer_id"]) == sorted(listed["who"])
    assert set(leaves["leaf"]) <= {node.path for node in kept.root.walk() if not node.below}
    assert "who" not in json.loads((folder / "tree" / FILES[0]).read_text())["tree"]["columns"]
    assert len(effect_of(kept, "root", "colour")) == 3
