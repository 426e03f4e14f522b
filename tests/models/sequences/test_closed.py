"""Closed and maximal sequences by hand."""

import numpy as np
import pytest

from models.sequences.closed import closed_sequences, maximal_sequences


def symbols_of(*sequences):
    """Write sequences such as 'ab c' (two elements) as symbols."""
    rows = [
        [
            2 * (ord(item) - ord("a")) + (k == 0)
            for element in text.split()
            for k, item in enumerate(element)
        ]
        for text in sequences
    ]
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return indptr, np.array([symbol for row in rows for symbol in row], np.int32)


@pytest.mark.parametrize("gaps", [False, True])
def test_parts_of_equal_count_are_not_closed(gaps):
    patterns = symbols_of("a", "b", "ab", "a b")
    counts = np.array([5, 3, 3, 2], np.int32)
    assert closed_sequences(*patterns, counts, gaps=gaps).tolist() == [True, False, True, True]
    assert maximal_sequences(*patterns, counts, gaps=gaps).tolist() == [False, False, True, True]


def test_an_item_that_began_an_element_may_be_left_out():
    kept = maximal_sequences(*symbols_of("c b", "c ab"), np.array([2, 2], np.int32))
    assert kept.tolist() == [False, True]


@pytest.mark.parametrize(
    ("part", "whole", "held"),
    [
        ("a d", "a b c d", True),
        ("a d", "ab c cd", True),
        ("ad", "a b c d", False),
        ("d a", "a b c d", False),
        ("a a", "a b c b", False),
        ("ac", "ab bc abc", True),
        ("ac b", "ab abc ac", False),
    ],
)
def test_far_parts_are_found_when_gaps_are_limited(part, whole, held):
    patterns, counts = symbols_of(part, whole), np.array([3, 3], np.int32)
    assert maximal_sequences(*patterns, counts, gaps=True)[0] != held
    assert closed_sequences(*patterns, counts, gaps=True)[0] != held
    unequal = np.array([4, 3], np.int32)
    assert closed_sequences(*patterns, unequal, gaps=True)[0]


def test_nothing():
    empty = np.array([0], np.int64), np.empty(0, np.int32), np.empty(0, np.int32)
    assert len(closed_sequences(*empty, gaps=True)) == len(maximal_sequences(*empty)) == 0
