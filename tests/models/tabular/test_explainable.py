"""Explainable boosting: tables that are looked up, with or without the extra that learns them."""

import sys

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import NotInstalled
from models.tabular.encoding import TableEncoder
from models.tabular.explainable import Explainable
from models.tabular.registry import available

NEEDS = pytest.mark.skipif("ebm" not in available(), reason="the extra interpret is not installed")


@pytest.fixture
def by_hand():
    """Make a curve of age, a curve of job and a surface of both."""
    table = pd.DataFrame({"job": ["a", "b", "a"], "age": [20.0, 40.0, 60.0]})
    state = {
        "encoder": TableEncoder(min_rows=1).fit(table).get_state(),
        "baseline": -1.0,
        # The numbers come first, so age is column 0 and job column 1.
        "terms": [[0], [1], [0, 1]],
        "cuts": [[[30.0, 50.0]], [[1.5]], [[50.0], [1.5]]],
        "shapes": [[4], [3], [3, 3]],
        "scores": np.concatenate(
            [[0.5, 1.0, 2.0, 3.0], [0.0, 0.1, 0.2], [0, 0, 0, 0, 0.04, 0, 0, 0, 0.08]]
        ),
    }
    return Explainable().set_state(state)


def test_tables_are_looked_up(by_hand):
    new = pd.DataFrame({"job": ["a", "b", "a", "b"], "age": [29.0, 60.0, np.nan, 50.0]})
    # Curves: age below 30 is 1, from 50 on 3, missing 0.5; a is 0.1, b 0.2.
    expected = [-1 + 1 + 0.1 + 0.04, -1 + 3 + 0.2 + 0.08, -1 + 0.5 + 0.1, -1 + 3 + 0.2 + 0.08]
    assert by_hand.decision_function(new) == pytest.approx(expected)


def test_a_surface_counts_half_for_each_column(by_hand):
    moved = by_hand.contributions(pd.DataFrame({"job": ["b"], "age": [60.0]}))
    assert list(moved) == ["job", "age"]
    assert moved.iloc[0].tolist() == pytest.approx([0.2 + 0.04, 3 + 0.04])


def test_a_level_that_was_never_seen_is_answered(by_hand):
    new = pd.DataFrame({"job": ["never", "a"], "age": [20.0, 20.0]})
    answer = by_hand.decision_function(new)
    assert answer[0] == pytest.approx(answer[1])  # code 0 is below the first cut, as a is


def test_what_is_stored_comes_back(by_hand):
    again = Explainable().set_state(by_hand.get_state())
    table = pd.DataFrame({"job": ["a", None], "age": [np.nan, 55.0]})
    np.testing.assert_array_equal(again.decision_function(table), by_hand.decision_function(table))
    assert again.get_state()["cuts"] == by_hand.get_state()["cuts"]


def test_the_extra_is_named_where_it_lacks(monkeypatch, people):
    monkeypatch.setitem(sys.modules, "interpret", None)
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    with pytest.raises(NotInstalled, match=r"pip install 'lodeworks\[interpret\]'"):
        Explainable().fit(*people)


@NEEDS
def test_looking_up_is_what_the_library_answers(people):
    table, outcome = people
    model = Explainable(rounds=60, bags=2, pairs=2).fit(table, outcome)
    values = model._values(table)
    order = np.lexsort((np.ones(len(outcome)), outcome, *values.T))
    theirs = model._boosted(values[order], outcome[order], np.ones(len(outcome)))
    assert model.decision_function(table) == pytest.approx(theirs.decision_function(values))
    shuffled = np.random.RandomState(0).permutation(len(table))
    again = Explainable(rounds=60, bags=2, pairs=2).fit(table.iloc[shuffled], outcome[shuffled])
    np.testing.assert_allclose(again.decision_function(table), model.decision_function(table))
