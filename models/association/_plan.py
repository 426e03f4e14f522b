"""A search that is set up and can be run: which baskets, items and limits."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lodeworks.progress import Progress
from models.association._encode import (
    Encoded,
    Lists,
    count_items,
    count_weighted_items,
    encode,
    renumber,
)
from models.association._merge import merge_lists
from models.association._nodes import expand_nodes
from models.association._search import search
from models.association._threads import find_nodes
from models.association.baskets import Baskets
from models.association.constraints import ItemConstraints

__all__ = ["Found", "Plan"]

_ANY_LENGTH = 2**31 - 1


@dataclass(frozen=True)
class Found:
    """Itemsets as a CSR pair of arrays with their counts."""

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.counts)


@dataclass(frozen=True, eq=False)
class Plan:
    """What to search; `run` searches it.

    Parameters
    ----------
    baskets : Baskets
        The baskets.
    min_count : int
        The smallest number of baskets that makes an itemset frequent.
    max_length : int or None
        The largest number of items in an itemset.
    constraints : ItemConstraints
        What the items must and must not be.
    n_jobs : int
        Number of threads.
    weights : ndarray of int64, shape (n_baskets,), optional
        How many equal baskets each one stands for.
    """

    baskets: Baskets
    min_count: int
    max_length: int | None = None
    constraints: ItemConstraints = field(default_factory=ItemConstraints)
    n_jobs: int = 1
    weights: NDArray[np.int64] | None = None

    def changed(self, **values: object) -> "Plan":
        """Give the same plan with other values."""
        return replace(self, **values)  # type: ignore[arg-type]

    @cached_property
    def prefix(self) -> NDArray[np.int32]:
        """The codes of the items that every itemset holds."""
        return np.sort(self.baskets.code_of(self.constraints.all_of))

    @property
    def n_baskets(self) -> int:
        """How many baskets there are, each as often as its weight."""
        return len(self.baskets) if self.weights is None else int(self.weights.sum())

    @cached_property
    def searched(self) -> Baskets:
        """The baskets that hold the whole prefix."""
        return self.baskets.take(self._rows) if len(self.prefix) else self.baskets

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        owner = np.repeat(np.arange(len(self.baskets)), self.baskets.lengths)
        hits = owner[np.isin(self.baskets.indices, self.prefix)]
        held = np.bincount(hits, minlength=len(self.baskets))
        return np.flatnonzero(held == len(self.prefix))

    @cached_property
    def _searched_weights(self) -> NDArray[np.int64]:
        """The weights of the searched baskets; none stand for ones."""
        if self.weights is None:
            return np.empty(0, np.int64)
        return self.weights[self._rows] if len(self.prefix) else self.weights

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """In how many searched baskets each item stands."""
        given, n_items = self.searched, self.baskets.n_items
        if self.weights is None:
            return np.asarray(count_items(given.indices, n_items))
        weights = self._searched_weights
        return np.asarray(count_weighted_items(given.indptr, given.indices, weights, n_items))

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """The codes of the frequent items by rank: most frequent first, the special ones last."""
        counts = self._counts
        by_rank = np.lexsort((np.arange(len(counts)), -counts, self._special))
        usable = (counts >= self.min_count) & ~self.constraints.forbidden(self.baskets)
        return by_rank[usable[by_rank]].astype(np.int32)

    @cached_property
    def supports(self) -> NDArray[np.int32]:
        """The counts of the frequent items by rank."""
        return self._counts[self.order].astype(np.int32)

    def lists(self) -> Lists:
        """Give the baskets of two frequent items or more by rank, equal ones merged.

        Fewer say nothing that the supports do not.
        """
        rank_of = np.full(self.baskets.n_items, -1, np.int32)
        rank_of[self.order] = np.arange(len(self.order))
        given, weights = self.searched, self._searched_weights
        lists = renumber(given.indptr, given.indices, weights, rank_of, 2)
        return merge_lists(lists, len(self.order))

    @cached_property
    def encoded(self) -> Encoded:
        """The baskets renumbered by rank."""
        return encode(self.lists(), self.supports)

    @property
    def first(self) -> int:
        """The lowest rank that the highest one of an itemset may have."""
        return 0 if self._demanded is None else self._n_plain

    @property
    def barrier(self) -> int:
        """From this rank on an itemset holds one item at most."""
        return self._n_plain if self._demanded is None else len(self.order)

    @cached_property
    def _demanded(self) -> NDArray[np.bool_] | None:
        return self.constraints.demanded(self.baskets)

    @cached_property
    def _special(self) -> NDArray[np.bool_]:
        """The items that stand last in the order, because a condition counts them."""
        if self._demanded is not None:
            return self._demanded
        return self.constraints.exclusive(self.baskets)

    @property
    def _n_plain(self) -> int:
        return int((~self._special[self.order]).sum())

    @property
    def _room(self) -> int:
        return (self.max_length or _ANY_LENGTH) - len(self.prefix)

    def nodes(
        self,
        limit: int | None = None,
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> NDArray[np.int32]:
        """Find the itemsets beside the prefix, as a tree of nodes."""
        if self._room < 1:
            return np.empty((0, 3), np.int32)
        return find_nodes(
            self.encoded,
            self.first,
            barrier=self.barrier,
            min_count=self.min_count,
            max_length=self._room,
            n_jobs=self.n_jobs,
            limit=limit,
            deadline=deadline,
            progress=progress,
        )

    def size(self, limit: int | None = None, deadline: float | None = None) -> int:
        """Count the itemsets; see `find_nodes` for the limits."""
        return len(self.nodes(limit, deadline))

    def branch(self, root: int, most: int) -> int:
        """Count the itemsets whose highest rank is `root`; stop soon after `most`."""
        control = np.array([0, most], np.int64)
        nodes = search(
            self.encoded, root, root + 1, self.barrier, self.min_count, self._room, control
        )
        return len(nodes)

    def run(
        self,
        limit: int | None = None,
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> Found:
        """Find the itemsets; see `find_nodes` for the limits and what happens beyond them."""
        nodes = self.nodes(limit, deadline, progress)
        indptr, items = expand_nodes(nodes, self.order)
        found = Found(indptr, items, nodes[:, 2].copy())
        if len(self.prefix):
            found = self._with_prefix(found)
        return self._at_most_one(found)

    def _with_prefix(self, found: Found) -> Found:
        """Put the prefix into every itemset, and itself before them when it may stand alone."""
        alone = self._demanded is None and self._room >= 0
        n_searched = int(self._searched_weights.sum()) or len(self.searched)
        alone = alone and n_searched >= self.min_count
        lengths = np.concatenate([[0] * alone, np.diff(found.indptr)]).astype(np.int64)
        owner = np.repeat(np.arange(len(lengths)), lengths + len(self.prefix))
        items = np.empty(len(owner), np.int32)
        within = np.arange(len(owner)) - np.searchsorted(owner, owner)
        items[within < len(self.prefix)] = np.tile(self.prefix, len(lengths))
        items[within >= len(self.prefix)] = found.items
        indptr = np.concatenate([[0], np.cumsum(lengths + len(self.prefix))]).astype(np.int64)
        counts = np.concatenate([[n_searched] * alone, found.counts]).astype(np.int32)
        return Found(indptr, items[np.lexsort((items, owner))], counts)

    def _at_most_one(self, found: Found) -> Found:
        """Drop what the search could not leave out: two conditions wanted to stand last."""
        exclusive = self.constraints.exclusive(self.baskets)
        if self._demanded is None or not exclusive.any():
            return found
        owner = np.repeat(np.arange(len(found)), np.diff(found.indptr))
        held = np.bincount(owner[exclusive[found.items]], minlength=len(found))
        keep = np.flatnonzero(held <= 1)
        kept = Baskets(found.indptr, found.items, self.baskets.labels).take(keep)
        return Found(kept.indptr, kept.indices, found.counts[keep])
