"""Kernels of the branch-and-bound search for the best rules and itemsets."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._best import Best, Vertical, can_enter, enter, holders_of
from models.association._scores import bound, score

__all__ = ["ITEMSET_SCORES", "best_itemsets", "best_pairs", "best_rules", "itemset_score"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Walk(NamedTuple):
    """Where a depth-first walk stands: one row for every number of items at hand.

    An explicit stack, because compiled functions that call themselves do not survive the cache.
    """

    items: Int32
    counts: Int64  # of every rank beside the items
    seen: Int32  # the ranks that are counted
    n_seen: Int64
    n_open: Int64  # how many of them, in front, may still stand behind THEN
    following: Int32  # the ranks to add next
    n_next: Int64
    cursors: Int64


ITEMSET_SCORES = (
    "all_confidence", "cosine", "kulczynski", "max_confidence", "jaccard", "leverage", "lift"
)  # fmt: skip
_ALL_CONFIDENCE, _COSINE, _KULCZYNSKI, _MAX_CONFIDENCE, _JACCARD, _LEVERAGE, _LIFT = range(7)


@njit(cache=True, nogil=True)
def _beside(db: Vertical, tids: Int32, counts: Int64, touched: Int32) -> int:
    """Count the items in some baskets; give how many different ones there are."""
    n = 0
    for tid in tids:
        for p in range(db.indptr[tid], db.indptr[tid + 1]):
            rank = db.ranks[p]
            if counts[rank] == 0:
                touched[n] = rank
                n += 1
            counts[rank] += 1
    return n


@njit(cache=True, nogil=True)
def _offer_rule(
    best: Best, value: float, n_xy: int, items: Int32, size: int, then: int, code_of: Int32
) -> None:
    if np.isnan(value) or not can_enter(best, value, n_xy, size + 1):
        return
    codes = np.full(best.codes.shape[1], -1, np.int32)
    codes[:size] = np.sort(code_of[items[:size]])
    codes[-1] = code_of[then]
    enter(best, value, n_xy, size + 1, codes)


@njit(cache=True, nogil=True)
def best_pairs(
    db: Vertical, n: int, kind: int, least: int, may_argue: Mask, may_follow: Mask,
    code_of: Int32, best: Best,
) -> None:  # fmt: skip
    """Enter the rules between two items: most good ones are found here."""
    n_ranks = len(code_of)
    counts, touched = np.zeros(n_ranks, np.int64), np.empty(n_ranks, np.int32)
    items = np.empty(1, np.int32)
    for rank in range(n_ranks):
        if not may_argue[rank]:
            continue
        items[0] = rank
        tids = db.holders[db.heads[rank] : db.heads[rank + 1]]
        n_touched = _beside(db, tids, counts, touched)
        for other in touched[:n_touched]:
            if other != rank and may_follow[other] and counts[other] >= least:
                n_y = db.heads[other + 1] - db.heads[other]
                value = score(kind, n, len(tids), n_y, counts[other])
                _offer_rule(best, value, counts[other], items, 1, other, code_of)
            counts[other] = 0
        counts[rank] = 0


@njit(cache=True, nogil=True)
def best_rules(
    db: Vertical, first: int, last: int, n: int, kind: int, least: int, max_items: int,
    may_argue: Mask, may_follow: Mask, code_of: Int32, best: Best,
) -> None:  # fmt: skip
    """Enter the rules whose antecedent has two items or more, the highest rank in `first:last`."""
    walk = _walk(max_items, len(code_of))
    for root in range(first, last):
        if not may_argue[root]:
            continue
        frames = [db.holders[db.heads[root] : db.heads[root + 1]]]
        walk.items[0] = root
        _open_rules(
            db, frames[0], 1, n, kind, least, max_items, may_argue, may_follow, code_of, best, walk
        )
        while len(frames):
            size = len(frames)
            if walk.cursors[size] == walk.n_next[size]:
                _leave(walk, size)
                frames.pop()
                continue
            rank = walk.following[size, walk.cursors[size]]
            walk.cursors[size] += 1
            if _worth(db, rank, size, n, kind, least, best, walk):
                walk.items[size] = rank
                frames.append(holders_of(db, frames[-1], rank))
                _open_rules(
                    db, frames[-1], size + 1, n, kind, least, max_items, may_argue, may_follow,
                    code_of, best, walk,
                )  # fmt: skip


@njit(cache=True, nogil=True)
def _walk(max_items: int, n_ranks: int) -> Walk:
    depth = max_items + 2
    return Walk(
        np.empty(depth, np.int32), np.zeros((depth, n_ranks), np.int64),
        np.empty((depth, n_ranks), np.int32), np.zeros(depth, np.int64),
        np.zeros(depth, np.int64), np.empty((depth, n_ranks), np.int32),
        np.zeros(depth, np.int64), np.zeros(depth, np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _leave(walk: Walk, size: int) -> None:
    for other in walk.seen[size, : walk.n_seen[size]]:
        walk.counts[size, other] = 0


@njit(cache=True, nogil=True)
def _open_rules(
    db: Vertical, tids: Int32, size: int, n: int, kind: int, least: int, max_items: int,
    may_argue: Mask, may_follow: Mask, code_of: Int32, best: Best, walk: Walk,
) -> None:  # fmt: skip
    """Enter the rules of one antecedent, and list the items that may make it larger."""
    own, seen = walk.counts[size], walk.seen[size]
    walk.n_seen[size] = _beside(db, tids, own, seen)
    walk.cursors[size] = walk.n_next[size] = 0
    walk.n_open[size] = _open_consequents(
        db, len(tids), walk.items, size, n, kind, least, may_follow, code_of, best, own, seen,
        walk.n_seen[size],
    )  # fmt: skip
    if walk.n_open[size] == 0 or size == max_items:
        return
    for other in seen[: walk.n_seen[size]]:
        if other < walk.items[size - 1] and own[other] >= least and may_argue[other]:
            walk.following[size, walk.n_next[size]] = other
            walk.n_next[size] += 1
    walk.following[size, : walk.n_next[size]].sort()


@njit(cache=True, nogil=True)
def _open_consequents(
    db: Vertical, n_x: int, items: Int32, size: int, n: int, kind: int, least: int,
    may_follow: Mask, code_of: Int32, best: Best, own: Int64, seen: Int32, n_seen: int,
) -> int:  # fmt: skip
    """Enter the rules to each item; bring to the front those that larger ones may better."""
    n_open = 0
    for k in range(n_seen):
        other = seen[k]
        if own[other] < least or not may_follow[other] or _is_in(items, size, other):
            continue
        n_y = db.heads[other + 1] - db.heads[other]
        if size > 1:
            value = score(kind, n, n_x, n_y, own[other])
            _offer_rule(best, value, own[other], items, size, other, code_of)
        most = bound(kind, n, n_x, n_y, own[other], least)
        if can_enter(best, most, own[other], size + 2):
            seen[k], seen[n_open] = seen[n_open], other
            n_open += 1
    return n_open


@njit(cache=True, nogil=True)
def _is_in(items: Int32, size: int, item: int) -> bool:
    for k in range(size):  # noqa: SIM110 (numba compiles the loop to less)
        if items[k] == item:
            return True
    return False


@njit(cache=True, nogil=True)
def _worth(
    db: Vertical, rank: int, size: int, n: int, kind: int, least: int, best: Best, walk: Walk
) -> bool:
    """Tell whether the antecedent with one item more may lead to a rule among the best."""
    own = walk.counts[size]
    for other in walk.seen[size, : walk.n_open[size]]:
        if other == rank:
            continue
        n_xy = min(own[rank], own[other])
        n_y = db.heads[other + 1] - db.heads[other]
        if can_enter(best, bound(kind, n, own[rank], n_y, n_xy, least), n_xy, size + 2):
            return True
    return False


@njit(cache=True, nogil=True)
def itemset_score(kind: int, n: int, count: int, union: int, supports: Int64) -> float:
    """Compute a measure of an itemset from the counts of its items, ascending.

    `union` is the number of baskets that hold any of them; only Jaccard's measure needs it.
    """
    smallest, largest = float(supports[0]), float(supports[-1])
    if kind == _ALL_CONFIDENCE:
        return count / largest
    if kind == _MAX_CONFIDENCE:
        return count / smallest
    if kind == _JACCARD:
        return count / union
    if kind == _KULCZYNSKI:
        total = 0.0
        for support in supports:
            total += count / support
        return total / len(supports)
    logs = 0.0
    for support in supports:
        logs += math.log(support / n)
    if kind == _COSINE:
        return math.exp(math.log(count / n) - logs / len(supports))
    if kind == _LIFT:
        return math.exp(math.log(count / n) - logs)
    return count / n - math.exp(logs)


@njit(cache=True, nogil=True)
def _itemset_bound(
    kind: int, n: int, count: int, value: float, supports: Int64, room: int
) -> float:
    """Give what no larger set reaches, when all its further items are at least as frequent.

    The means of P(X | item) fall then with every item: the count falls, and the new item adds
    one of the smallest terms. For lift and leverage the product of the shares falls no faster
    than by that of the last item each time.
    """
    if kind < _LEVERAGE:
        return value * (1 + 1e-12)
    logs = room * math.log(supports[-1] / n)
    for support in supports:
        logs += math.log(support / n)
    if kind == _LIFT:
        return math.exp(math.log(count / n) - logs) * (1 + 1e-12)
    return count / n - math.exp(logs) + 1e-15


@njit(cache=True, nogil=True)
def best_itemsets(
    db: Vertical, first: int, last: int, n: int, kind: int, least: int, max_items: int,
    code_of: Int32, best: Best,
) -> None:  # fmt: skip
    """Enter the itemsets of two items or more whose rarest item is in `first:last`."""
    walk = _walk(max_items, len(code_of))
    depth_of = np.zeros(len(db.indptr) - 1, np.int32)
    for root in range(first, last):
        frames = [db.holders[db.heads[root] : db.heads[root + 1]]]
        walk.items[0] = root
        walk.n_open[1] = _mark(db, root, depth_of, 1) if kind == _JACCARD else 0
        _open_itemsets(db, frames[0], 1, least, walk)
        while len(frames):
            size = len(frames)
            if walk.cursors[size] == walk.n_next[size]:
                if kind == _JACCARD:
                    _unmark(db, walk.items[size - 1], depth_of, size)
                _leave(walk, size)
                frames.pop()
                continue
            rank = walk.following[size, walk.cursors[size]]
            walk.cursors[size] += 1
            walk.items[size] = rank
            if _enter_itemset(db, size, n, kind, max_items, code_of, best, walk, depth_of):
                frames.append(holders_of(db, frames[-1], rank))
                _open_itemsets(db, frames[-1], size + 1, least, walk)
            elif kind == _JACCARD:
                _unmark(db, rank, depth_of, size + 1)


@njit(cache=True, nogil=True)
def _mark(db: Vertical, rank: int, depth_of: Int32, depth: int) -> int:
    """Mark the baskets that hold a rank and none before it; give their number."""
    n = 0
    for v in range(db.heads[rank], db.heads[rank + 1]):
        if depth_of[db.holders[v]] == 0:
            depth_of[db.holders[v]] = depth
            n += 1
    return n


@njit(cache=True, nogil=True)
def _unmark(db: Vertical, rank: int, depth_of: Int32, depth: int) -> None:
    for v in range(db.heads[rank], db.heads[rank + 1]):
        if depth_of[db.holders[v]] == depth:
            depth_of[db.holders[v]] = 0


@njit(cache=True, nogil=True)
def _open_itemsets(db: Vertical, tids: Int32, size: int, least: int, walk: Walk) -> None:
    """List the items that may make an itemset larger: more frequent ones only."""
    own, seen = walk.counts[size], walk.seen[size]
    walk.n_seen[size] = _beside(db, tids, own, seen)
    walk.cursors[size] = walk.n_next[size] = 0
    for other in seen[: walk.n_seen[size]]:
        if other > walk.items[size - 1] and own[other] >= least:
            walk.following[size, walk.n_next[size]] = other
            walk.n_next[size] += 1
    walk.following[size, : walk.n_next[size]].sort()


@njit(cache=True, nogil=True)
def _enter_itemset(
    db: Vertical, size: int, n: int, kind: int, max_items: int, code_of: Int32, best: Best,
    walk: Walk, depth_of: Int32,
) -> bool:  # fmt: skip
    """Enter the set of the first `size + 1` items; tell whether larger ones may be better.

    `n_open` counts the baskets that hold any of the items, for Jaccard's measure.
    """
    rank = walk.items[size]
    count = walk.counts[size, rank]
    supports = np.empty(size + 1, np.int64)
    for k in range(size + 1):
        supports[k] = db.heads[walk.items[k] + 1] - db.heads[walk.items[k]]
    if kind == _JACCARD:
        if not can_enter(best, count / supports[size], count, size + 1):
            return False
        walk.n_open[size + 1] = walk.n_open[size] + _mark(db, rank, depth_of, size + 1)
    value = itemset_score(kind, n, count, walk.n_open[size + 1], supports)
    if can_enter(best, value, count, size + 1):
        codes = np.full(best.codes.shape[1], -1, np.int32)
        codes[: size + 1] = np.sort(code_of[walk.items[: size + 1]])
        enter(best, value, count, size + 1, codes)
    room = max_items - size - 1
    most = _itemset_bound(kind, n, count, value, supports, room)
    return room > 0 and can_enter(best, most, count, size + 2)
