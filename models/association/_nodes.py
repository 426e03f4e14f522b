"""Kernels for the tree of found itemsets: a node is (parent, item, support)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["ROOT", "add_node", "add_subsets", "expand_nodes", "nodes_with_room"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

ROOT = -1


@njit(cache=True, nogil=True)
def nodes_with_room(nodes: Int32, needed: int) -> Int32:
    """Give an array with the same nodes and room for `needed` of them."""
    if needed <= len(nodes):
        return nodes
    larger = np.empty((max(needed, 2 * len(nodes)), 3), np.int32)
    larger[: len(nodes)] = nodes
    return larger


@njit(cache=True, nogil=True)
def add_node(nodes: Int32, top: int, parent: int, item: int, support: int) -> int:
    """Write node number `top` and give the number of the next one."""
    nodes[top, 0] = parent
    nodes[top, 1] = item
    nodes[top, 2] = support
    return top + 1


@njit(cache=True, nogil=True)
def add_subsets(nodes: Int32, top: int, items: Int32) -> int:
    """Add all subsets of the items under the last node, each with the support of that node.

    Those that begin with item `k` are copies of all those before it, in the order of the search.
    """
    parent, support, begin = top - 1, nodes[top - 1, 2], top
    for item in items:
        first, n_before = top, top - begin
        top = add_node(nodes, top, parent, item, support)
        for node in range(begin, first):
            above = nodes[node, 0]
            nodes[top, 0] = first if above == parent else above + n_before + 1
            nodes[top, 1] = nodes[node, 1]
            nodes[top, 2] = support
            top += 1
    return top


@njit(cache=True, nogil=True)
def expand_nodes(nodes: Int32, item_of: Int32) -> tuple[Int64, Int32]:
    """Write out every node's itemset, items ascending, as one CSR pair."""
    indptr = _lengths(nodes)
    items = np.empty(indptr[-1], np.int32)
    for node in range(len(nodes)):
        _insert(nodes, indptr, items, node, item_of[nodes[node, 1]])
    return indptr, items


@njit(cache=True, nogil=True)
def _lengths(nodes: Int32) -> Int64:
    indptr = np.zeros(len(nodes) + 1, np.int64)
    for node in range(len(nodes)):
        parent = nodes[node, 0]
        length = 1 if parent < 0 else indptr[parent + 1] - indptr[parent] + 1
        indptr[node + 1] = indptr[node] + length
    return indptr


@njit(cache=True, nogil=True)
def _insert(nodes: Int32, indptr: Int64, items: Int32, node: int, item: int) -> None:
    """Copy the parent's sorted items and put `item` at its place among them."""
    parent, start = nodes[node, 0], indptr[node]
    position = start
    if parent >= 0:
        for p in range(indptr[parent], indptr[parent + 1]):
            items[position] = items[p]
            position += 1
    while position > start and items[position - 1] > item:
        items[position] = items[position - 1]
        position -= 1
    items[position] = item
