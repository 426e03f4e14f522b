"""Thresholds read as shares or numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.association.thresholds import (
    check_positive,
    check_target,
    least_count,
    wanted_count,
)


@given(share=st.floats(1e-6, 1), n=st.integers(1, 10_000))
def test_least_count_is_the_smallest_of_that_share(share, n):
    count = least_count(share, n)
    assert count / n >= share
    assert count == 1 or (count - 1) / n < share


def test_a_share_or_a_number():
    assert wanted_count(0.5, None, 9) == 5
    assert wanted_count(None, 9, 9) == 9
    assert wanted_count(0.5, None, 0) == 1
    assert wanted_count(None, 1, 0) == 1


@pytest.mark.parametrize(
    ("share", "count", "message"),
    [
        (None, None, "give either min_support .* or min_count .a number of customers"),
        (0.5, 2, "give either min_support"),
        (0.0, None, "min_support is a share above 0 and up to 1, not 0.0"),
        (20, None, "not 20; give min_count for a number of customers"),
        (-0.1, None, "not -0.1"),
        (None, 0, "min_count is a whole number of at least 1, not 0"),
        (None, 1.5, "not 1.5"),
        (None, 11, "min_count is 11 but there are only 10 customers"),
    ],
)
def test_others_are_refused(share, count, message):
    with pytest.raises(ValueError, match=message):
        wanted_count(share, count, 10, "customers")


def test_lengths_are_positive_or_missing():
    check_positive(max_length=None, max_elements=1)
    with pytest.raises(ValueError, match="max_elements must be at least 1, not 0"):
        check_positive(max_length=2, max_elements=0)


def test_targets_have_names():
    check_target("closed")
    with pytest.raises(ValueError, match="'frequent', 'closed' or 'maximal', not 'top'"):
        check_target("top")
