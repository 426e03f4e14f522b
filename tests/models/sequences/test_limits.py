"""Limits of time: what contradicts itself is refused."""

import pytest

from models.sequences import TimeLimits


def test_no_limits_are_free():
    plain = TimeLimits().for_kernels()
    assert plain.free
    assert (plain.min_gap, plain.window) == (1, 0)
    assert plain.max_gap == plain.max_span > 2**61


@pytest.mark.parametrize("given", [{"max_gap": 1}, {"max_span": 0}])
def test_a_limit_from_above_is_not_free(given):
    assert not TimeLimits(**given).for_kernels().free


@pytest.mark.parametrize("value", [-1, 1.5, float("nan"), "7", True, None])
def test_limits_are_whole_numbers(value):
    with pytest.raises(ValueError, match="min_gap must be a whole number of at least 0"):
        TimeLimits(min_gap=value)


def test_all_problems_are_said_at_once():
    with pytest.raises(ValueError, match=r"max_span must be.*; window must be"):
        TimeLimits(max_span=-2, window=-3)


def test_max_gap_below_min_gap():
    with pytest.raises(ValueError, match=r"at least min_gap \(4\) and at least 1, not 3"):
        TimeLimits(min_gap=4, max_gap=3)
    assert TimeLimits(min_gap=4, max_gap=4).max_gap == 4
