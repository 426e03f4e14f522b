"""Sequences written as symbols, and finding one among many."""

import numpy as np

from models.sequences import frequent_sequences
from models.sequences._shapes import ABSENT, expand_nodes, find, new_table


def test_nodes_are_written_out():
    nodes = np.array([[-1, 1, 9], [0, 2, 5], [1, 3, 4], [-1, 3, 7]], np.int32)
    indptr, symbols = expand_nodes(nodes, np.array([10, 20], np.int32))
    assert indptr.tolist() == [0, 1, 3, 6, 7]
    assert symbols.tolist() == [21, 21, 40, 21, 40, 41, 41]


def test_every_sequence_is_found_again():
    bought = [[["a", "b"], ["c"], ["a", "c"], ["b"]]] * 2
    found = frequent_sequences(bought, min_count=2)
    table = new_table(found.indptr, found.symbols)
    for number in range(len(found)):
        own = found.symbols[found.indptr[number] : found.indptr[number + 1]]
        assert find(found.indptr, found.symbols, table, own, len(own)) == number


def test_order_and_elements_tell_sequences_apart():
    indptr, symbols = np.array([0, 2]), np.array([1, 3], np.int32)
    table = new_table(indptr, symbols)
    for other in ([3, 1], [1, 2], [1, 3, 3], [1]):
        sought = np.array(other, np.int32)
        assert find(indptr, symbols, table, sought, len(sought)) == ABSENT
