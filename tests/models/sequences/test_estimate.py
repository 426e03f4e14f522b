"""Estimates before sequences are mined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sequences import Sequences, estimate_sequences, frequent_sequences

histories = st.lists(
    st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=3), max_size=4),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    baskets=histories, least=st.integers(1, 3), length=st.none() | st.integers(1, 3),
    limits=st.sampled_from([{}, {"max_gap": 1}, {"window": 1}, {"max_span": 2}]),
)  # fmt: skip
def test_few_items_are_estimated_exactly(baskets, least, length, limits):
    least = min(least, len(baskets))
    arguments = {"min_count": least, "max_length": length, **limits}
    found = frequent_sequences(baskets, **arguments)
    estimate = estimate_sequences(baskets, **arguments)
    assert estimate.items == (found.lengths == 1).sum()
    assert estimate.pairs == (found.lengths == 2).sum()
    assert (estimate.itemsets, estimate.at_least) == (len(found), False)
    assert estimate.bytes >= 72 * len(found)


def test_many_items_are_sampled():
    rng = np.random.default_rng(5)
    bought = Sequences.from_lists(
        [[[int(item)] for item in rng.integers(0, 150, 12)] for _ in range(400)]
    )
    found = frequent_sequences(bought, min_count=2)
    estimate = estimate_sequences(bought, min_count=2)
    assert not estimate.at_least
    assert estimate.itemsets == pytest.approx(len(found), rel=0.1)


def test_a_sample_cut_short_gives_a_lower_bound():
    bought = [[[item] for item in range(12)]] * 2
    estimate = estimate_sequences(bought, min_count=2, most=50)
    assert estimate.at_least
    assert 50 < estimate.itemsets < 2**12


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="there are only 1 customers"):
        estimate_sequences([[["a"]]], min_count=2)
    with pytest.raises(ValueError, match="max_elements must be at least 1, not 0"):
        estimate_sequences([[["a"]]], min_count=1, max_elements=0)
