"""Rules mined and applied by hand."""

import numpy as np
import pytest

from models.recommend.rules import Rules


def test_missing_item_is_offered_by_its_best_rule(small):
    model = Rules(min_count=1, min_confidence=0.1, basket="customer").fit(small)
    scores = model.scores(small, np.array([0, 2]))
    assert scores[0, 2] == pytest.approx(1 / 2)
    assert scores[1, 1] == pytest.approx(2 / 3)
    assert scores[1, 2] == pytest.approx(1 / 3)


def test_sum_adds_the_rules(small):
    model = Rules(min_count=1, min_confidence=0.1, basket="customer", combine="sum").fit(small)
    assert model.scores(small, np.array([0]))[0, 2] == pytest.approx(1 / 3 + 1 / 2 + 1 / 2)


def test_half_a_combination_does_not_count(small):
    model = Rules(min_count=1, min_confidence=0.1, basket="customer").fit(small)
    long = model.antecedents_.sum(axis=1) == 2
    assert np.asarray(long).any()
    assert model.scores(small, np.array([2]))[0, 2] == pytest.approx(1 / 3)


def test_orders_can_be_the_baskets(small):
    model = Rules(min_count=1, min_confidence=0.1, basket="order").fit(small)
    assert model.scores(small, np.array([2]))[0, 1] == pytest.approx(2 / 4)


def test_reason_states_the_rule(small, names):
    model = Rules(min_count=1, min_confidence=0.1, basket="customer").fit(small)
    said = model.explain(small, np.array([2, 3]), np.array([1, 0]), names)
    assert said[0].text == (
        "Bought APPLE; of the 3 customers who did, 67% also bought BREAD,"
        " 1.3 times the usual share."
    )
    assert said[0].evidence_id == "rule:apple>bread"
    assert said[1].evidence_id == "popular:apple"


def test_a_rule_of_orders_speaks_of_orders(small, names):
    model = Rules(min_count=1, min_confidence=0.1, basket="order").fit(small)
    one, two = model.explain(small, np.array([2, 0]), np.array([1, 2]), names)
    assert one.text == (
        "Bought APPLE; of the 4 orders with it, 50% also hold BREAD, 1.2 times the usual share."
    )
    assert two.text == (
        "Bought APPLE and BREAD; of the 2 orders with both, 50% also hold CREAM,"
        " 2.5 times the usual share."
    )


def test_no_rule_at_all_leaves_popularity(small):
    model = Rules(min_count=100).fit(small)
    assert len(model.rules_) == 0
    assert (model.scores(small, np.arange(4)) <= 0).all()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_length": 1}, "max_length must be at least 2 but got 1"),
        ({"combine": "mean"}, "combine must be one of max, sum but got 'mean'"),
        ({"basket": "day"}, "basket must be one of customer, order but got 'day'"),
    ],
)
def test_wrong_parameters_are_refused(small, params, message):
    with pytest.raises(ValueError, match=message):
        Rules(**params).fit(small)
