"""Rules against counts and lags taken from every occurrence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sequences import Sequences, frequent_sequences, sequential_rules

BOUGHT = [
    [(1, ["a"]), (4, ["b"])],
    [(2, ["a"]), (3, ["a"]), (9, ["b", "c"])],
    [(5, ["a"])],
    [(7, ["b"])],
]


def sequences_of(customers):
    return Sequences.from_lists(
        [[items for _, items in baskets] for baskets in customers],
        [[time for time, _ in baskets] for baskets in customers],
    )


def rule_rows(rules):
    frame = rules.to_frame()
    return {(row.antecedent, row.consequent): row for row in frame.itertuples(index=False)}


@st.composite
def customers(draw):
    basket = st.sets(st.sampled_from("abc"), min_size=1)
    steps = st.lists(st.integers(1, 4), max_size=5)
    return [
        [(time, sorted(draw(basket))) for time in np.cumsum(draw(steps)).tolist()]
        for _ in range(draw(st.integers(1, 4)))
    ]


LIMITS = [
    {},
    {"min_gap": 2},
    {"max_gap": 3},
    {"min_gap": 2, "max_span": 6},
    {"window": 2},
    {"window": 3, "max_gap": 5},
]


def lag_of(found):
    """Give the lag of the first complete occurrence, the shortest of several."""
    first = min(occurrence[-1][1] for occurrence in found)
    return min(first - occurrence[-2][0] for occurrence in found if occurrence[-1][1] == first)


@settings(max_examples=80, deadline=None)
@given(customers(), st.sampled_from(LIMITS))
def test_equals_brute_force(all_occurrences, drawn, within):
    bought = sequences_of(drawn)
    patterns = frequent_sequences(bought, min_count=1, max_length=3, **within)
    rules = rule_rows(sequential_rules(patterns, bought))
    splits = {(s[:-1], s[-1]) for s in patterns.sequences() if len(s) > 1}
    assert set(rules) == splits
    for (antecedent, consequent), row in rules.items():

        def held(sequence):
            found = [all_occurrences(sequence, baskets, **within) for baskets in drawn]
            return [one for one in found if one]

        both = held((*antecedent, consequent))
        assert row.count == len(both)
        assert row.confidence == pytest.approx(len(both) / len(held(antecedent)))
        share = len(held((consequent,))) / len(drawn)
        assert row.lift == pytest.approx(row.confidence / share)
        quartiles = np.quantile([lag_of(found) for found in both], [0.25, 0.5, 0.75])
        measured = [row.lag_quarter, row.lag_median, row.lag_three_quarters]
        np.testing.assert_allclose(measured, quartiles)


def test_by_hand():
    bought = sequences_of(BOUGHT)
    rules = rule_rows(sequential_rules(frequent_sequences(bought, min_count=2), bought))
    assert set(rules) == {((("a",),), ("b",))}
    row = rules[((("a",),), ("b",))]
    assert (row.count, row.support) == (2, 0.5)
    assert row.confidence == pytest.approx(2 / 3)
    assert row.lift == pytest.approx(2 / 3 / (3 / 4))
    assert (row.lag_quarter, row.lag_median, row.lag_three_quarters) == (3.75, 4.5, 5.25)


def test_thresholds_keep_what_reaches_them():
    patterns = frequent_sequences(sequences_of(BOUGHT), min_count=1)
    every = sequential_rules(patterns)
    sure = sequential_rules(patterns, min_confidence=2 / 3)
    lifted = sequential_rules(patterns, min_lift=1.2)
    assert len(sure) == int((every.confidences >= 2 / 3).sum()) < len(every)
    assert len(lifted) == int((every.lifts >= 1.2).sum()) < len(every)


def test_without_sequences_there_are_no_lags():
    rules = sequential_rules(frequent_sequences(sequences_of(BOUGHT), min_count=2))
    assert np.isnan(rules.lags).all()
    assert rules.lags.shape == (1, 3)


def test_any_number_of_threads_gives_the_same():
    random = np.random.default_rng(1)
    bought = Sequences.from_lists(
        [[random.integers(0, 6, 2).tolist() for _ in range(5)] for _ in range(60)]
    )
    patterns = frequent_sequences(bought, min_count=10, max_length=4)
    alone = sequential_rules(patterns, bought)
    together = sequential_rules(patterns, bought, n_jobs=3)
    assert len(alone) > 50
    np.testing.assert_array_equal(alone.lags, together.lags)


def test_no_patterns_no_rules():
    bought = Sequences.from_lists([[["a"]]])
    rules = sequential_rules(frequent_sequences(bought, min_count=1), bought)
    assert len(rules) == len(rules.to_frame()) == 0


def test_closed_patterns_are_refused():
    closed = frequent_sequences(sequences_of(BOUGHT[:2]), min_count=2, target="closed")
    with pytest.raises(ValueError, match="a part of a pattern is missing"):
        sequential_rules(closed)


def test_other_sequences_are_refused():
    patterns = frequent_sequences(sequences_of(BOUGHT), min_count=2)
    with pytest.raises(ValueError, match="found in other sequences"):
        sequential_rules(patterns, sequences_of(BOUGHT[:2]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_confidence": 1.5}, r"min_confidence lies in 0 .. 1, not 1.5"),
        ({"min_confidence": float("nan")}, r"min_confidence lies in 0 .. 1, not nan"),
        ({"min_lift": -1}, "min_lift must not be negative, not -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    patterns = frequent_sequences(sequences_of(BOUGHT), min_count=2)
    with pytest.raises(ValueError, match=message):
        sequential_rules(patterns, **arguments)
