"""A search in which every item has a threshold of its own and relatives never stand together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodeworks.progress import Progress
from models.association._encode import Encoded
from models.association._nodes import ROOT, add_node, nodes_with_room
from models.association._plan import Plan
from models.association._search import (
    OVERFULL,
    Frame,
    Scratch,
    _add_leaves,
    _clean,
    _frequent_beside,
    _group,
    _project,
    _scratch,
    search,
)
from models.association._threads import _joined, control_of, run_parts

__all__ = ["Kin", "VariedPlan", "search_unrelated"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Kin:
    """Who may not stand with whom, per item code.

    Parameters
    ----------
    enters, leaves : ndarray of int32
        The places of an item in a walk through its tree: those of its descendants lie between.
    kinds : ndarray of int32
        Items of different kinds never stand together.
    """

    enters: Int32
    leaves: Int32
    kinds: Int32

    def take(self, codes: NDArray[np.int32]) -> "Kin":
        """Give the same for these items, in this order."""
        return Kin(self.enters[codes], self.leaves[codes], self.kinds[codes])


@dataclass(frozen=True, eq=False)
class VariedPlan(Plan):
    """What to search when an itemset is frequent by the smallest threshold among its items.

    The item with the smallest threshold is the root of a branch, so that one threshold holds in
    all of it (Liu, Hsu, Ma, *Mining association rules with multiple minimum supports*, 1999).

    Parameters
    ----------
    item_counts : ndarray of int64, shape (n_items,)
        The threshold of every item; none counts below `min_count`.
    kin : Kin, optional
        Which items never stand together.
    """

    item_counts: Int64 = field(default_factory=lambda: np.empty(0, np.int64))
    kin: Kin | None = None

    @cached_property
    def _thresholds(self) -> Int64:
        return np.maximum(self.item_counts, self.min_count)

    @cached_property
    def order(self) -> Int32:
        """The codes of the usable items by rank: the largest threshold first."""
        counts = self._counts
        by_rank = np.lexsort((np.arange(len(counts)), -counts, -self._thresholds))
        usable = counts >= self._thresholds.min(initial=np.iinfo(np.int64).max)
        return by_rank[usable[by_rank]].astype(np.int32)

    def nodes(
        self,
        limit: int | None = None,
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> Int32:
        """Find the itemsets as a tree of nodes."""
        control = control_of(limit)

        def part(begin: int, end: int) -> Int32:
            return self._branches(begin, end, control)

        parts = run_parts(part, self._runs(), control, self.n_jobs, deadline, progress, count=len)
        return _joined(parts)

    def _runs(self) -> Sequence[tuple[int, int]]:
        """Cut the ranks that may be roots into runs of one threshold."""
        thresholds = self._thresholds[self.order]
        roots = np.flatnonzero(self.encoded.supports >= thresholds)
        cut = (np.diff(roots) > 1) | (np.diff(thresholds[roots]) != 0)
        starts = roots[np.concatenate([[True], cut])[: len(roots)]]
        ends = roots[np.concatenate([cut, [True]])[: len(roots)]] + 1
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _branches(self, begin: int, end: int, control: Int64) -> Int32:
        least, n_ranks = int(self._thresholds[self.order[begin]]), len(self.order)
        if self.kin is None:
            return np.asarray(search(self.encoded, begin, end, n_ranks, least, self._room, control))
        kin = self.kin.take(self.order)
        return np.asarray(
            search_unrelated(
                self.encoded, begin, end, kin.enters, kin.leaves, kin.kinds,
                least, self._room, control,
            )
        )  # fmt: skip


@njit(cache=True, nogil=True)
def search_unrelated(
    encoded: Encoded,
    first: int,
    last: int,
    enters: Int32,
    leaves: Int32,
    kinds: Int32,
    min_count: int,
    max_length: int,
    control: Int64,
) -> Int32:
    """Find the frequent itemsets without relatives whose highest rank stands in `first:last`.

    The arrays of kin go by rank; `control` is that of `search`.
    """
    scratch = _scratch(encoded, first, last)
    nodes, top = np.empty((1024, 3), np.int32), 0
    frames = [Frame(encoded, np.arange(len(encoded.supports)).astype(np.int32), last, ROOT)]
    cursors = [first]
    while len(frames) and control[0] == 0:
        depth, frame, rank = len(frames), frames[-1], cursors[-1]
        if rank == frame.end:
            frames.pop()
            cursors.pop()
            continue
        cursors[-1] = rank + 1
        n_found = 0
        if depth < max_length:
            n_beside = _frequent_beside(frame.group, rank, rank, min_count, scratch)
            n_found = _unrelated(n_beside, rank, frame.items, enters, leaves, kinds, scratch)
        nodes, me = nodes_with_room(nodes, top + 1 + n_found), top
        top = add_node(nodes, top, frame.parent, frame.items[rank], frame.group.supports[rank])
        if top > control[1]:
            control[0] = OVERFULL
        items = frame.items[scratch.found[:n_found]]
        supports = scratch.counts[scratch.found[:n_found]]
        if n_found < 2 or depth + 1 == max_length:
            top = _add_leaves(nodes, top, me, items, supports)
        else:
            n_baskets = _project(frame.group, rank, scratch)
            frames.append(Frame(_group(n_baskets, supports, scratch), items, n_found, me))
            cursors.append(0)
        _clean(rank, n_found, scratch)
    return nodes[:top].copy()


@njit(cache=True, nogil=True)
def _unrelated(
    n_found: int, rank: int, items: Int32, enters: Int32, leaves: Int32, kinds: Int32,
    scratch: Scratch,
) -> int:  # fmt: skip
    """Keep of the found items those that may stand with `rank`; number them anew."""
    n_kept = 0
    for k in range(n_found):
        other = scratch.found[k]
        if _are_kin(items[rank], items[other], enters, leaves, kinds):
            scratch.local[other] = -1
        else:
            scratch.found[n_kept] = other
            scratch.local[other] = n_kept
            n_kept += 1
    return n_kept


@njit(cache=True, nogil=True)
def _are_kin(a: int, b: int, enters: Int32, leaves: Int32, kinds: Int32) -> bool:
    above = enters[a] <= enters[b] < leaves[a]
    below = enters[b] <= enters[a] < leaves[b]
    return above or below or kinds[a] != kinds[b]
