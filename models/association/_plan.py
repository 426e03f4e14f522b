"""A search that is set up and can be run: which baskets, items and limits."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lodeworks.progress import Progress
from models.association._encode import Encoded, count_items, encode
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
    """

    baskets: Baskets
    min_count: int
    max_length: int | None = None
    constraints: ItemConstraints = field(default_factory=ItemConstraints)
    n_jobs: int = 1

    def changed(self, **values: object) -> "Plan":
        """Give the same plan with other values."""
        return replace(self, **values)  # type: ignore[arg-type]

    @cached_property
    def prefix(self) -> NDArray[np.int32]:
        """The codes of the items that every itemset holds."""
        return np.sort(self.baskets.code_of(self.constraints.all_of))

    @cached_property
    def searched(self) -> Baskets:
        """The baskets that hold the whole prefix."""
        if not len(self.prefix):
            return self.baskets
        owner = np.repeat(np.arange(len(self.baskets)), self.baskets.lengths)
        hits = owner[np.isin(self.baskets.indices, self.prefix)]
        held = np.bincount(hits, minlength=len(self.baskets))
        return self.baskets.take(np.flatnonzero(held == len(self.prefix)))

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """The codes of the frequent items by rank: most frequent first, the special ones last."""
        counts = count_items(self.searched.indices, self.baskets.n_items)
        by_rank = np.lexsort((np.arange(len(counts)), -counts, self._special))
        usable = (counts >= self.min_count) & ~self.constraints.forbidden(self.baskets)
        return by_rank[usable[by_rank]].astype(np.int32)

    @cached_property
    def encoded(self) -> Encoded:
        """The baskets renumbered by rank."""
        counts = count_items(self.searched.indices, self.baskets.n_items)
        rank_of = np.full(self.baskets.n_items, -1, np.int32)
        rank_of[self.order] = np.arange(len(self.order))
        searched = self.searched
        return encode(
            searched.indptr, searched.indices, rank_of, counts[self.order].astype(np.int32)
        )

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
        alone = alone and len(self.searched) >= self.min_count
        lengths = np.concatenate([[0] * alone, np.diff(found.indptr)]).astype(np.int64)
        owner = np.repeat(np.arange(len(lengths)), lengths + len(self.prefix))
        items = np.empty(len(owner), np.int32)
        within = np.arange(len(owner)) - np.searchsorted(owner, owner)
        items[within < len(self.prefix)] = np.tile(self.prefix, len(lengths))
        items[within >= len(self.prefix)] = found.items
        indptr = np.concatenate([[0], np.cumsum(lengths + len(self.prefix))]).astype(np.int64)
        counts = np.concatenate([[len(self.searched)] * alone, found.counts]).astype(np.int32)
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
