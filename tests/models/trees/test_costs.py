"""Costs of wrong answers are read in both forms."""

import numpy as np
import pytest

from models.trees import cost_table, mean_cost


def test_both_forms_are_the_same():
    by_name = {"bad": {"good": 5}, "good": {"bad": 1}}
    assert (cost_table(by_name, ["bad", "good"]) == cost_table([[0, 5], [1, 0]], [0, 1])).all()


def test_the_mean_is_that_of_a_count_by_hand():
    truth, answers = ["bad", "bad", "good", "good"], ["good", "bad", "bad", "good"]
    assert mean_cost(truth, answers, {"bad": {"good": 5}, "good": {"bad": 1}}) == 6 / 4
    assert mean_cost([0, 0, 1, 1], [1, 0, 0, 1], [[0, 5], [1, 0]]) == 6 / 4


def test_a_right_answer_may_cost_too():
    """A letter costs 1 whoever gets it, and a lost buyer costs 20."""
    costs = {"buys": {"buys": 1, "no": 20}, "no": {"buys": 1}}
    assert mean_cost(["buys", "no", "no"], ["buys", "buys", "no"], costs) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bad": {"god": 5}}, r"unknown classes: \['god'\]; allowed: \['bad', 'good'\]"),
        ([[0, 1, 2]], "2 x 2, not"),
        ([[0, np.nan], [1, 0]], "finite"),
        ([[0, -1], [1, 0]], "not negative"),
    ],
)
def test_bad_costs_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        cost_table(given, ["bad", "good"])
