"""The lists of first places, and that the search finds the same without them."""

import itertools

import numpy as np
import pytest

from models.sequences import Sequences, _encode, frequent_sequences
from models.sequences._encode import encode


def random_singles(n_customers, n_items, length):
    random = np.random.default_rng(5)
    codes = random.integers(0, n_items, (n_customers, length))
    return Sequences.from_lists([[[item] for item in row] for row in codes.tolist()])


def test_lists_by_hand():
    data, _ = encode(Sequences.from_lists([[["a"], ["b"], ["a"]], [["b"], ["b"]]]), 1)
    heads, places = data.firsts
    lists = [places[a:b].tolist() for a, b in itertools.pairwise(heads)]
    assert lists == [[0, 1], [1, 2], [2], [3], [4]]


def test_baskets_of_several_items_have_none():
    data, _ = encode(Sequences.from_lists([[["a", "b"], ["b"]]]), 1)
    assert len(data.firsts.heads) == len(data.firsts.places) == 0


def test_rare_items_do_not_count_as_several():
    data, kept = encode(Sequences.from_lists([[["a", "b"]], [["b"]]]), 2)
    assert kept.tolist() == [1]
    assert data.firsts.places.tolist() == [0, 1]


@pytest.mark.parametrize("n_items", [2, 7])
@pytest.mark.parametrize("limits", [{}, {"max_elements": 2}, {"max_length": 3}])
def test_the_same_is_found_without_lists(monkeypatch, n_items, limits):
    bought = random_singles(60, n_items, 9)
    quick = frequent_sequences(bought, min_count=20, **limits)
    monkeypatch.setattr(_encode, "_ENTRIES_A_BASKET", 0)
    slow = frequent_sequences(bought, min_count=20, **limits)
    assert len(quick) > n_items
    assert quick.sequences() == slow.sequences()
    assert quick.counts.tolist() == slow.counts.tolist()


def test_a_limit_that_limits_nothing_changes_nothing():
    bought = random_singles(60, 5, 9)
    quick = frequent_sequences(bought, min_count=20)
    for wide in ({"max_gap": 99}, {"max_span": 99}, {"max_gap": 99, "max_span": 99}):
        same = frequent_sequences(bought, min_count=20, **wide)
        assert quick.sequences() == same.sequences()
        assert quick.counts.tolist() == same.counts.tolist()
