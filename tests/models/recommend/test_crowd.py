"""A crowd counts customers, whoever else shares their part."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import models.recommend.crowd as module
from models.recommend.crowd import Crowd, overlap


@settings(max_examples=60, deadline=None)
@given(sets=st.tuples(*[st.sets(st.integers(0, 9))] * 3))
def test_overlaps_are_those_of_sets(sets):
    one, other, third = (np.array(sorted(some), dtype=np.int32) for some in sets)
    both = sets[0] & sets[1]
    assert overlap(one, other, third) == (len(both), len(both & sets[2]))


@pytest.fixture
def held():
    return np.random.default_rng(0).random((40, 5)) < 0.4


@pytest.fixture
def crowd(held):
    return Crowd.of_times(sparse.csr_matrix(held.astype(np.float32)), pd.Index([*"ABCDE"]))


def test_pairs_and_single_items_are_counted(crowd, held):
    one, other = (code.ravel() for code in np.indices((5, 5)))
    expected = (held[:, one] & held[:, other]).sum(axis=0)
    np.testing.assert_array_equal(crowd.both(one, other), expected)
    np.testing.assert_array_equal(crowd.buyers(np.arange(5)), held.sum(axis=0))
    both = held[:, 1] & held[:, 3]
    assert crowd.all_three(1, 3, 4) == (both.sum(), (both & held[:, 4]).sum())
    assert crowd.size == 40


def test_counts_stay_right_when_what_is_remembered_is_thrown_away(crowd, monkeypatch):
    expected = [crowd.all_three(0, 1, code) for code in range(5)]
    monkeypatch.setattr(module, "REMEMBERED", 2)
    fresh = Crowd(crowd.owned, crowd.again, crowd.items)
    assert [fresh.all_three(0, 1, code) for code in range(5)] == expected
    assert len(fresh._counted) <= 2


def test_another_vocabulary_keeps_the_counts(crowd, held):
    other = crowd.with_items(pd.Index(["C", "new", "A"]))
    assert other.buyers(np.arange(3)).tolist() == [held[:, 2].sum(), 0, held[:, 0].sum()]
    assert other.both(np.array([0]), np.array([2])) == (held[:, 0] & held[:, 2]).sum()
    assert crowd.with_items(crowd.items) is crowd


def test_who_bought_again_is_told_by_baskets(small):
    assert Crowd.of(small).again.tolist() == [1 / 3, 0.0, 0.0, 0.0]  # ann came back for apples


def test_a_part_keeps_the_crowd_of_the_whole(small):
    from dataclasses import replace

    whole = Crowd.of(small)
    part = replace(small, crowd=whole).of_customers([1])
    assert Crowd.of(part) is whole
    recoded = part.with_items(small.items[1:])
    assert Crowd.of(recoded).buyers(np.array([0])) == whole.buyers(np.array([1]))
