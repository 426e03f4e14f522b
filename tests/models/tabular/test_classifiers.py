"""What every classifier keeps to."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from experiments.bundle.parts import read_state, write_state
from models.search import Choice
from models.tabular.registry import REGISTRY, available

QUICK = {
    "neural": {"epochs": 4, "members": 1, "units": 16},
    "additive": {"rounds": 100},
    "ebm": {"rounds": 60, "bags": 1, "pairs": 1},
}
KINDS = available()


def made(kind):
    return REGISTRY[kind](**QUICK.get(kind, {}))


@pytest.fixture(scope="module")
def fitted(people):
    table, outcome = people
    return {kind: made(kind).fit(table, outcome) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_it_ranks_better_than_chance_and_gives_probabilities(kind, fitted, people):
    table, outcome = people
    both = fitted[kind].predict_proba(table)
    assert both.shape == (len(table), 2)
    np.testing.assert_allclose(both.sum(axis=1), 1.0)
    assert roc_auc_score(outcome, both[:, 1]) > 0.65
    assert (fitted[kind].predict(table) == (both[:, 1] > 0.5)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_add_up_to_the_log_odds(kind, fitted, people):
    table = people[0].iloc[:40].set_index(np.arange(100, 140))
    moved = fitted[kind].contributions(table)
    assert list(moved.columns) == list(table.columns)
    assert moved.index.equals(table.index)
    np.testing.assert_allclose(
        fitted[kind].baseline_ + moved.sum(axis=1),
        fitted[kind].decision_function(table),
        atol=1e-5,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_stored_and_read_it_answers_the_same(kind, fitted, people, tmp_path):
    write_state(tmp_path, "classifier", fitted[kind].get_state())
    again = REGISTRY[kind]().set_state(read_state(tmp_path, "classifier"))
    table = people[0].iloc[:50]
    np.testing.assert_array_equal(
        again.decision_function(table), fitted[kind].decision_function(table)
    )
    pd.testing.assert_frame_equal(again.contributions(table), fitted[kind].contributions(table))
    assert not list(tmp_path.rglob("*.pkl"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_answer_and_the_input_stays(kind, fitted, people):
    table, outcome = people
    before = table.copy()
    again = clone(fitted[kind]).fit(table, outcome)
    np.testing.assert_array_equal(
        again.decision_function(table), fitted[kind].decision_function(table)
    )
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("kind", KINDS)
def test_unseen_levels_missing_values_and_few_rows_are_answered(kind, fitted, people):
    strange = pd.DataFrame(
        {"age": [np.nan, 1e9, -np.inf], "job": ["never", None, "clerk"], "noise": [0.0, np.nan, 1]}
    )
    answer = fitted[kind].decision_function(strange)
    assert np.isfinite(answer).all()
    assert fitted[kind].decision_function(people[0].iloc[:0]).shape == (0,)
    one = fitted[kind].decision_function(people[0].iloc[[3]])
    np.testing.assert_allclose(one, fitted[kind].decision_function(people[0])[[3]], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_more_columns_than_rows(kind):
    random = np.random.default_rng(0)
    wide = pd.DataFrame(random.normal(size=(40, 100)), columns=[f"x{i}" for i in range(100)])
    model = made(kind).fit(wide, np.arange(40) % 2)
    assert np.isfinite(model.decision_function(wide)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_constant_and_empty_columns_do_no_harm(kind, people):
    table, outcome = people
    padded = table.assign(same=1.0, word="x", none=np.nan, nothing=None)
    assert np.isfinite(made(kind).fit(padded, outcome).decision_function(padded)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_is_named(kind, people):
    table, outcome = people
    model = made(kind)
    with pytest.raises(ValueError, match="one class only"):
        model.fit(table, np.ones(len(table)))
    with pytest.raises(ValueError, match="0 and 1 only"):
        model.fit(table, np.arange(len(table)))
    with pytest.raises(ValueError, match="y has shape"):
        model.fit(table, outcome[:5])
    with pytest.raises(ValueError, match="weights of class 1 sum to 0"):
        model.fit(table, outcome, 1.0 - outcome)
    with pytest.raises(ValueError, match="not negative"):
        model.fit(table, outcome, np.full(len(table), -1.0))
    with pytest.raises(ValueError, match="lacks"):
        model.set_state({"baseline": 0.0})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "discriminant"])
def test_weights_move_the_answer(kind, people, fitted):
    table, outcome = people
    weight = np.where(outcome == 1, 5.0, 1.0)
    heavy = made(kind).fit(table, outcome, weight).decision_function(table)
    assert heavy.mean() > fitted[kind].decision_function(table).mean() + 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_the_search_space_names_parameters_that_hold_the_defaults(kind):
    model = REGISTRY[kind]()
    usual = model.get_params(deep=False)
    for name, allowed in model.search_space.items():
        if isinstance(allowed, Choice):
            assert usual[name] in allowed.options
        else:
            assert allowed.low <= usual[name] <= allowed.high


def test_another_process_gives_the_same_trees(people, tmp_path):
    table, outcome = people
    table.assign(outcome=outcome).to_parquet(tmp_path / "t.parquet")
    code = (
        "import sys, pandas as pd; from models.tabular import Boosted;"
        "t = pd.read_parquet(sys.argv[1]);"
        "m = Boosted(rounds=20).fit(t.drop(columns='outcome'), t['outcome']);"
        "print(repr(float(m.decision_function(t).sum())))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-P", "-c", code, str(tmp_path / "t.parquet")],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
