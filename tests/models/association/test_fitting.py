"""What fits a budget, and estimates from a sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.association._threads import Overrun
from models.association.fitting import extrapolated, least_that_fits, longest_that_fits, tried


@given(least=st.integers(1, 50), needed=st.integers(2, 400), most=st.integers(1, 500))
def test_a_threshold_that_fits_is_found_when_there_is_one(least, needed, most):
    fits = lambda count: 1_000 - count if count >= needed else None  # noqa: E731
    found = least_that_fits(fits, least, most)
    if most < needed or most <= least:
        assert found is None
    else:
        count, n = found
        assert n == fits(count)
        assert max(needed, least) <= count <= most
        assert count <= 2 * max(needed, least)


def test_the_search_between_two_thresholds_ends_close():
    asked = []
    fits = lambda count: asked.append(count) or (1 if count >= 70 else None)  # noqa: E731
    assert least_that_fits(fits, 16, 1_000) == (70, 1)
    assert asked[:3] == [32, 64, 128]
    assert len(asked) == 8


@pytest.mark.parametrize(("longest", "expected"), [(None, (6, 36)), (4, (3, 9)), (1, None)])
def test_length_stays_below_the_one_that_did_not_fit(longest, expected):
    fits = lambda length: length**2 if length <= 6 else None  # noqa: E731
    assert longest_that_fits(fits, longest) == expected


def test_length_is_looked_for_up_to_ten():
    assert longest_that_fits(lambda length: length, None) == (10, 10)
    assert longest_that_fits(lambda length: None, None) is None


def test_with_few_patterns_the_search_goes_on_to_the_neighbour():
    fits = lambda count: 2_000 - count if count >= 1_025 else None  # noqa: E731
    assert least_that_fits(fits, 1_000, 9_000)[0] > 1_025
    assert least_that_fits(fits, 1_000, 9_000, enough=975) == (1_025, 975)


def test_a_trial_is_given_its_deadline_and_beyond_the_limits_gives_nothing():
    def count(deadline):
        if deadline < 5:
            raise Overrun("seconds")
        return int(deadline)

    assert (tried(7.0, count), tried(3.0, count)) == (7, None)


@given(sizes=st.lists(st.integers(0, 40), max_size=64))
def test_few_branches_are_all_searched(sizes):
    sizes = np.array(sizes, np.int64)
    total, cut = extrapolated(sizes, lambda k, limit: int(sizes[k]), 10_000)
    assert (total, cut) == (sizes.sum(), False)


def test_many_branches_are_sampled():
    sizes = np.arange(1_000)
    asked = []
    branch = lambda k, limit: asked.append(k) or int(sizes[k])  # noqa: E731
    total, cut = extrapolated(sizes, branch, 10**9)
    assert not cut
    assert len(asked) == len(set(asked)) <= 64
    assert total == pytest.approx(sizes.sum(), rel=0.05)


def test_a_sample_that_finds_too_much_is_told():
    limits = []
    branch = lambda k, limit: limits.append(limit) or 30  # noqa: E731
    assert extrapolated(np.ones(10, int), branch, 100) == (300, True)
    assert limits == [100, 70, 40, 10, 0, 0, 0, 0, 0, 0]
