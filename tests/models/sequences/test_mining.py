"""Every constraint against a search that tries everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.sequences import Sequences, frequent_sequences

ITEMS = "abc"
LONGEST = 4


@st.composite
def customers(draw):
    """Draw lists of (time, items) with times that rise; sometimes of single items only."""
    most = draw(st.sampled_from([1, 3]))
    return [draw(one_customer(most)) for _ in range(draw(st.integers(1, 5)))]


@st.composite
def one_customer(draw, most_items):
    steps = draw(st.lists(st.integers(1, 4), max_size=5))
    basket = st.sets(st.sampled_from(ITEMS), min_size=1, max_size=most_items)
    return [(time, sorted(draw(basket))) for time in np.cumsum(steps).tolist()]


@st.composite
def limits(draw):
    least = draw(st.sampled_from([0, 0, 1, 2, 3]))
    return {
        "min_gap": least,
        "max_gap": draw(st.none() | st.integers(max(least, 1), 7)),
        "max_span": draw(st.none() | st.integers(0, 10)),
        "window": draw(st.sampled_from([0, 0, 1, 3, 6])),
    }


def sequences_of(drawn):
    return Sequences.from_lists(
        [[items for _, items in baskets] for baskets in drawn],
        [[time for time, _ in baskets] for baskets in drawn],
    )


def found_counts(patterns):
    pairs = list(zip(patterns.sequences(), patterns.counts.tolist(), strict=True))
    assert len(dict(pairs)) == len(pairs), "a sequence was found twice"
    return dict(pairs)


def as_list(patterns):
    return list(zip(patterns.sequences(), patterns.counts.tolist(), strict=True))


@settings(max_examples=100, deadline=None)
@given(
    customers(), limits(), st.integers(1, 3), st.integers(1, LONGEST),
    st.none() | st.integers(1, 3),
)  # fmt: skip
def test_equals_brute_force(brute_force, drawn, within, min_count, max_length, max_elements):
    min_count = min(min_count, len(drawn))
    found = frequent_sequences(
        sequences_of(drawn), min_count=min_count, max_length=max_length,
        max_elements=max_elements, **within,
    )  # fmt: skip
    expected = brute_force(drawn, min_count, max_length, max_elements, **within)
    assert found_counts(found) == expected


@settings(max_examples=60, deadline=None)
@given(customers(), limits(), st.integers(1, 2), st.sampled_from(["closed", "maximal"]))
def test_closed_and_maximal_equal_brute_force(
    brute_force, keep_unbeaten, drawn, within, min_count, target
):
    min_count = min(min_count, len(drawn))
    found = frequent_sequences(
        sequences_of(drawn), min_count=min_count, max_length=LONGEST, target=target, **within
    )
    counts = brute_force(drawn, min_count, LONGEST, **within)
    assert found_counts(found) == keep_unbeaten(counts, target == "closed")


@settings(max_examples=60, deadline=None)
@given(customers(), limits(), st.randoms(use_true_random=False))
def test_order_of_customers_says_nothing(drawn, within, random):
    shuffled = random.sample(drawn, len(drawn))
    one = frequent_sequences(sequences_of(drawn), min_count=1, max_length=3, **within)
    other = frequent_sequences(sequences_of(shuffled), min_count=1, max_length=3, **within)
    assert as_list(one) == as_list(other)


@settings(max_examples=60, deadline=None)
@given(customers(), limits(), st.integers(-1000, 1000))
def test_only_differences_of_time_matter(drawn, within, shift):
    moved = [[(time + shift, items) for time, items in baskets] for baskets in drawn]
    one = frequent_sequences(sequences_of(drawn), min_count=1, max_length=3, **within)
    other = frequent_sequences(sequences_of(moved), min_count=1, max_length=3, **within)
    assert as_list(one) == as_list(other)


@pytest.fixture(scope="module")
def many():
    """Enough customers that the search is cut into parts."""
    random = np.random.default_rng(3)
    baskets = [
        [sorted(set(random.integers(0, 30, random.integers(1, 5)).tolist())) for _ in range(6)]
        for _ in range(1_500)
    ]
    times = [np.cumsum(random.integers(1, 9, 6)).tolist() for _ in baskets]
    return Sequences.from_lists(baskets, times)


@pytest.mark.parametrize("within", [{}, {"max_gap": 8}, {"window": 2}])
def test_any_number_of_threads_gives_the_same(many, within):
    alone = frequent_sequences(many, min_count=40, **within)
    assert len(alone) > 100
    for n_jobs in (2, 3, -1):
        together = frequent_sequences(many, min_count=40, n_jobs=n_jobs, **within)
        np.testing.assert_array_equal(together.indptr, alone.indptr)
        np.testing.assert_array_equal(together.symbols, alone.symbols)
        np.testing.assert_array_equal(together.counts, alone.counts)


def test_sequences_are_given_in_the_order_of_their_items():
    found = frequent_sequences([[["a", "b"], ["a"]]], min_count=1)
    assert found.sequences() == [
        (("a",),),
        (("a",), ("a",)),
        (("a", "b"),),
        (("a", "b"), ("a",)),
        (("b",),),
        (("b",), ("a",)),
    ]


def test_a_maximum_gap_needs_more_than_the_first_occurrence():
    """The first `a` lies too far from `b`; the second does not."""
    bought = Sequences.from_lists([[["a"], ["a"], ["b"]]], [[1, 10, 11]])
    found = found_counts(frequent_sequences(bought, min_count=1, max_gap=2))
    assert (("a",), ("b",)) in found
    assert (("a",), ("a",)) not in found


def test_a_maximum_gap_makes_a_long_sequence_frequent_without_its_parts():
    bought = Sequences.from_lists([[["a"], ["b"], ["c"]]], [[0, 2, 4]])
    found = found_counts(frequent_sequences(bought, min_count=1, max_gap=2))
    assert (("a",), ("b",), ("c",)) in found
    assert (("a",), ("c",)) not in found


def test_closed_looks_past_missing_parts_under_a_maximum_gap():
    """No sequence of three items is frequent between the pair and the four."""
    times = [[0, 2, 4, 6, 20, 21]]
    bought = Sequences.from_lists([[["a"], ["b"], ["c"], ["d"], ["a"], ["d"]]], times)
    every = found_counts(frequent_sequences(bought, min_count=1, max_gap=2))
    assert (("a",), ("d",)) in every
    assert not {(("a",), ("b",), ("d",)), (("a",), ("c",), ("d",))} & set(every)
    closed = frequent_sequences(bought, min_count=1, max_gap=2, target="closed")
    assert found_counts(closed) == {(("a",), ("b",), ("c",), ("d",)): 1}


def test_a_gap_of_exactly_the_limits_counts():
    bought = Sequences.from_lists([[["a"], ["b"]]], [[3, 10]])
    pair = (("a",), ("b",))
    assert pair in found_counts(frequent_sequences(bought, min_count=1, min_gap=7, max_gap=7))
    assert pair not in found_counts(frequent_sequences(bought, min_count=1, min_gap=8))
    assert pair not in found_counts(frequent_sequences(bought, min_count=1, max_gap=6))
    assert pair in found_counts(frequent_sequences(bought, min_count=1, max_span=7))
    assert pair not in found_counts(frequent_sequences(bought, min_count=1, max_span=6))


def test_a_window_joins_baskets():
    bought = Sequences.from_lists([[["b"], ["a"], ["c"]]], [[1, 3, 9]])
    found = found_counts(frequent_sequences(bought, min_count=1, window=2))
    assert (("a", "b"), ("c",)) in found
    assert (("a", "c"),) not in found


@pytest.mark.parametrize(("min_support", "n"), [(2 / 3, 3), (0.67, 1)])
def test_ties_at_the_threshold_count(min_support, n):
    assert len(frequent_sequences([[["a"]], [["a", "b"]], [["a", "b"]]], min_support)) == n


def test_repeats_within_a_customer_count_once():
    found = found_counts(frequent_sequences([[["a", "a"], ["a"]]], min_count=1))
    assert found == {(("a",),): 1, (("a",), ("a",)): 1}


@pytest.mark.parametrize("target", ["frequent", "closed", "maximal"])
@pytest.mark.parametrize("nobody", [[], [[]], [[], [[]]]])
def test_nothing_in_nothing_out(nobody, target):
    found = frequent_sequences(nobody, min_count=1, target=target)
    assert len(found) == 0
    assert found.to_frame().columns.tolist() == ["support", "sequence"]
    assert found.to_arrow().num_rows == 0


def test_customers_without_baskets_lower_the_support():
    found = frequent_sequences([[["a"]], [], [], []], min_count=1)
    assert found.supports.tolist() == [0.25]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either min_support"),
        ({"min_support": 0.1, "min_count": 1}, "give either min_support"),
        ({"min_support": 0}, "above 0 and up to 1, not 0"),
        ({"min_support": 1.5}, "give min_count for a number of customers"),
        ({"min_count": 0}, "at least 1, not 0"),
        ({"min_count": 1.5}, "whole number of at least 1, not 1.5"),
        ({"min_count": 9}, "min_count is 9 but there are only 2 customers"),
        ({"min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ({"min_count": 1, "max_elements": -1}, "max_elements must be at least 1, not -1"),
        ({"min_count": 1, "target": "open"}, "'closed' or 'maximal', not 'open'"),
        ({"min_count": 1, "min_gap": 5, "max_gap": 3}, r"at least min_gap \(5\).*not 3"),
        ({"min_count": 1, "max_gap": 0}, "at least 1, not 0"),
        ({"min_count": 1, "window": -1}, "window must be a whole number of at least 0, not -1"),
        ({"min_count": 1, "n_jobs": 0}, "n_jobs must be -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        frequent_sequences([[["a"]], [["b"]]], **arguments)


def test_a_budget_of_sequences_says_what_would_fit(many):
    with pytest.raises(BudgetExceeded) as caught:
        frequent_sequences(many, min_count=5, budget=Budget(itemsets=200))
    assert "over the budget of 200 sequences" in caught.value.message
    assert "min_count 5 (min_support 0.00333); nothing was returned" in caught.value.message
    assert any("would fit" in problem for problem in caught.value.problems)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_count_that_would_fit_does(many, n_jobs):
    budget = Budget(itemsets=200)
    with pytest.raises(BudgetExceeded) as caught:
        frequent_sequences(many, min_count=5, budget=budget, n_jobs=n_jobs)
    count = int(caught.value.problems[0].split()[1].replace(",", ""))
    assert 0 < len(frequent_sequences(many, min_count=count, budget=budget)) <= 200


def test_a_budget_of_bytes_holds_for_the_occurrences(many):
    with pytest.raises(BudgetExceeded, match="over the budget of 1,000,000 bytes"):
        frequent_sequences(many, min_count=5, budget=Budget(bytes=1_000_000))


def test_a_budget_of_seconds(many):
    with pytest.raises(BudgetExceeded, match="still searching"):
        frequent_sequences(many, min_count=1, window=20, budget=Budget(seconds=0.05))


def test_a_budget_that_does_changes_nothing(many):
    plain = frequent_sequences(many, min_count=100)
    within = frequent_sequences(many, min_count=100, budget=Budget(10**6, 60, 10**9))
    assert as_list(plain) == as_list(within)


@pytest.mark.parametrize("within", [{}, {"max_gap": 20}, {"max_span": 20}])
def test_a_long_history_with_a_window_costs_little(within):
    """Ways to find a sequence grow with the square of the baskets; most are beaten at once."""

    def found(n_baskets):
        bought = [[[item] for item in "abc" * (n_baskets // 3)]] * 2
        budget = Budget(seconds=20)
        return frequent_sequences(
            bought, min_count=2, window=1, max_length=3, budget=budget, **within
        )

    assert as_list(found(3_000)) == as_list(found(60))
