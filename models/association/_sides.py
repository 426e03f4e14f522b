"""Rules whose sides and counts are known already, as `Rules` holds them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.association._merge import Merged, join, same_baskets
from models.association.itemsets import Itemsets
from models.association.rules import Rules

__all__ = ["Side", "rules_of_sides", "side_of_rows", "united"]

Int64 = NDArray[np.int64]


class Side(NamedTuple):
    """One itemset a rule, as a CSR pair with ascending items, and its counts."""

    indptr: Int64
    items: NDArray[np.int32]
    counts: Int64


def side_of_rows(rows: NDArray[np.int32], counts: Int64) -> Side:
    """Take itemsets as the rows of a matrix, filled up with -1."""
    lengths = (rows >= 0).sum(axis=1)
    filled = np.sort(np.where(rows < 0, np.iinfo(np.int32).max, rows), axis=1)
    inside = np.arange(rows.shape[1]) < lengths[:, None]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Side(indptr, filled[inside].astype(np.int32), np.asarray(counts, np.int64))


def united(one: Side, two: Side, counts: Int64) -> Side:
    """Give the union of the sides of each rule; they share no item."""
    sizes = np.diff(one.indptr), np.diff(two.indptr)
    owner = np.concatenate([np.repeat(np.arange(len(size)), size) for size in sizes])
    items = np.concatenate([one.items, two.items])
    indptr = np.concatenate([[0], np.cumsum(sizes[0] + sizes[1])]).astype(np.int64)
    return Side(indptr, items[np.lexsort((items, owner))], counts)


def rules_of_sides(
    left: Side, right: Side, both: Int64, n_baskets: int, labels: NDArray[np.object_],
    n_searched: int,
) -> Rules:  # fmt: skip
    """Make rules of their sides and the counts of both together."""
    whole = united(left, right, both)
    sides = join([Merged(*side) for side in (whole, left, right)])
    first = same_baskets(sides.indptr, sides.items, len(labels))
    used, place = np.unique(first, return_inverse=True)
    every = Itemsets(
        sides.indptr, sides.items, sides.weights.astype(np.int32), n_baskets, labels
    ).take(used)
    parts = np.split(place.astype(np.int32), 3) if len(place) else [place.astype(np.int32)] * 3
    return Rules(every, parts[0], parts[1], parts[2], n_searched)
