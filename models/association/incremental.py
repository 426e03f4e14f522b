"""Frequent itemsets kept up to date while baskets come and go."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.association._merge import Merged, count_weighted, join, merge_equal, same_baskets
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.itemsets import Itemsets, frequent_itemsets, least_count

__all__ = ["IncrementalItemsets"]

Arrays = dict[str, NDArray[Any]]

_LOCAL_FACTOR = 2
_VERSION = 1


class IncrementalItemsets:
    """The frequent itemsets of a growing or sliding collection of baskets.

    The answer after any sequence of updates equals mining all the baskets again. Itemsets a
    little below the threshold are kept too, the *pre-large* ones of Hong, Wang and Tao (2001). An
    itemset that is not kept can only become frequent when it is frequent in the new baskets, as
    Cheung et al. (1996) found; only such ones are counted in the old baskets.

    Parameters
    ----------
    min_support : float, in (0, 1]
        The smallest share of the baskets; or
    min_count : int
        the smallest number of baskets. Give one of the two.
    max_length : int, optional
        The largest number of items in an itemset.
    slack : float, in [0, 1), default 0.1
        How far below the threshold itemsets are kept, as a share of it. More slack means more
        memory and fewer itemsets that have to be counted in the old baskets.
    budget : Budget, optional
        What one search may spend.
    n_jobs : int, default 1
        Number of threads.

    Examples
    --------
    >>> kept = IncrementalItemsets(min_support=0.5)
    >>> kept.update([["a", "b"], ["a"]]).itemsets_.sets() == [frozenset("a"), frozenset("b"),
    ...     frozenset("ab")]
    True
    >>> kept.update([["a"], ["c"]]).itemsets_.sets()
    [frozenset({'a'})]
    """

    def __init__(
        self,
        min_support: float | None = None,
        *,
        min_count: int | None = None,
        max_length: int | None = None,
        slack: float = 0.1,
        budget: Budget | None = None,
        n_jobs: int = 1,
    ) -> None:
        _check(min_support, min_count, max_length, slack)
        self.min_support = min_support
        self.min_count = min_count
        self.max_length = max_length
        self.slack = slack
        self.budget = budget
        self.n_jobs = n_jobs
        self.n_full_searches_ = 0
        self._labels = np.empty(0, object)
        self._baskets = Merged(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int64))
        self._kept = _no_itemsets(self._labels)
        self._complete = 1  # every itemset of this count or more is kept

    def __len__(self) -> int:
        """Give how many baskets there are now, empty ones included."""
        return int(self._baskets.weights.sum())

    @property
    def itemsets_(self) -> Itemsets:
        """The frequent itemsets: fewer items first, then by the order of the names."""
        enough = np.flatnonzero(self._kept.counts >= self._threshold(len(self)))
        found = self._kept.take(enough)
        return _in_order(_renumbered(found, _alphabetical(self._labels), self._labels))

    def update(self, baskets: Any) -> "IncrementalItemsets":
        """Add baskets; new items may appear.

        Parameters
        ----------
        baskets : Baskets or anything that `Baskets.of` takes
            The new ones only.

        Raises
        ------
        lodeworks.errors.BudgetExceeded
            When a search is over the budget; the state is as before.
        """
        labels, new = self._coded(Baskets.of(baskets))
        after = len(self) + int(new.weights.sum())
        threshold = self._threshold(after)
        room = threshold - self._complete + 1
        local = max(1, -(-threshold * int(new.weights.sum()) // max(after, 1)))
        if not len(self) or room < local:
            return self._search_all(labels, join([self._baskets, new]))
        least = min(room, _LOCAL_FACTOR * local)
        grown = self._grown(labels, new, least)
        self._complete += least - 1
        self._labels, self._kept = labels, grown
        self._baskets = join([self._baskets, new])
        return self

    def remove(self, baskets: Any) -> "IncrementalItemsets":
        """Take baskets out that were added before, as a sliding window does.

        Raises
        ------
        ValueError
            When one of them is not there; the state is as before.
        """
        given = Baskets.of(baskets)
        self._base_check(given)
        labels, gone = self._coded(given)
        if (rest := self._without(gone)) is None:
            raise ValueError("a basket to be removed was never added, or was removed already")
        threshold = self._threshold(int(rest.weights.sum()))
        if threshold < self._complete:
            return self._search_all(labels, rest)
        counts = self._kept.counts - self._counted(gone, self._kept)
        self._kept = _with_counts(self._kept, counts, int(rest.weights.sum()))
        self._baskets = rest
        return self

    def to_arrays(self) -> Arrays:
        """Give the whole state as arrays, for `numpy.savez`; no pickle is needed to read it.

        Raises
        ------
        ValueError
            When item names are neither all text nor all whole numbers.
        """
        return {
            "settings": np.array(
                [_VERSION, self.min_count or 0, self.max_length or 0, self._complete], np.int64
            ),
            "shares": np.array([self.min_support or 0.0, self.slack]),
            **_names_out(self._labels),
            **{f"baskets_{name}": getattr(self._baskets, name) for name in Merged._fields},
            "kept_indptr": self._kept.indptr,
            "kept_items": self._kept.items,
            "kept_counts": self._kept.counts,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], *, budget: Budget | None = None, n_jobs: int = 1
    ) -> "IncrementalItemsets":
        """Restore what `to_arrays` gave.

        Raises
        ------
        ValueError
            When an array is missing or they are of another version.
        """
        if lacking := [name for name in _ARRAYS if name not in arrays]:
            raise ValueError(f"the state lacks the arrays {', '.join(lacking)}")
        version, count, length, complete = arrays["settings"].tolist()
        if version != _VERSION:
            raise ValueError(f"the state is of version {version}; version {_VERSION} is known")
        share, slack = arrays["shares"].tolist()
        state = cls(
            share or None, min_count=count or None, max_length=length or None, slack=slack,
            budget=budget, n_jobs=n_jobs,
        )  # fmt: skip
        state._labels = _names_in(arrays)
        state._baskets = Merged(*(arrays[f"baskets_{name}"] for name in Merged._fields))
        indptr, items, counts = (arrays[f"kept_{name}"] for name in ("indptr", "items", "counts"))
        state._kept = Itemsets(indptr, items, counts, len(state), state._labels)
        state._complete = complete
        return state

    def _threshold(self, n_baskets: int) -> int:
        if self.min_count is not None:
            return self.min_count
        assert self.min_support is not None
        return least_count(self.min_support, n_baskets) if n_baskets else 1

    def _coded(self, new: Baskets) -> tuple[NDArray[np.object_], Merged]:
        """Give the labels with the new ones behind, and the new baskets in their codes, merged."""
        number = {name: code for code, name in enumerate(self._labels.tolist())}
        for name in new.labels.tolist():
            number.setdefault(name, len(number))
        labels = np.empty(len(number), object)
        labels[:] = list(number)
        code_of = np.array([number[name] for name in new.labels.tolist()], np.int32)
        coded = Baskets.from_csr(
            new.indptr, code_of[new.indices] if len(code_of) else new.indices, len(labels), labels
        )
        weights = np.ones(len(coded), np.int64)
        return labels, merge_equal(Merged(coded.indptr, coded.indices, weights), len(labels))

    def _search_all(self, labels: NDArray[np.object_], baskets: Merged) -> "IncrementalItemsets":
        """Mine everything, a little below the threshold."""
        merged = merge_equal(baskets, len(labels))
        n_baskets = int(merged.weights.sum())
        least = max(1, int(np.ceil(self._threshold(n_baskets) * (1 - self.slack))))
        found = self._searched(labels, merged, least)
        self._labels, self._baskets, self._kept, self._complete = labels, merged, found, least
        self.n_full_searches_ += 1
        return self

    def _searched(self, labels: NDArray[np.object_], merged: Merged, least: int) -> Itemsets:
        n_baskets = int(merged.weights.sum())
        if least > n_baskets:
            return _no_itemsets(labels, n_baskets)
        return frequent_itemsets(
            Baskets(merged.indptr, merged.items, labels), min_count=least,
            max_length=self.max_length, weights=merged.weights, budget=self.budget,
            n_jobs=self.n_jobs,
        )  # fmt: skip

    def _grown(self, labels: NDArray[np.object_], new: Merged, least: int) -> Itemsets:
        """Count the kept itemsets in the new baskets, and those found there in the old ones."""
        after = len(self) + int(new.weights.sum())
        kept = _with_counts(self._kept, self._kept.counts + self._counted(new, self._kept), after)
        found = self._searched(labels, new, least)
        both = join([_as_baskets(kept), _as_baskets(found)])
        first = same_baskets(both.indptr, both.items, len(labels))
        unseen = np.flatnonzero(first[len(kept) :] >= len(kept))
        fresh = found.take(unseen)
        counts = fresh.counts + self._counted(self._baskets, fresh)
        enough = np.flatnonzero(counts >= self._complete + least - 1)
        fresh = _with_counts(fresh, counts, after).take(enough)
        stay = np.flatnonzero(kept.counts >= self._complete + least - 1)
        return _joined(kept.take(stay), fresh, labels, after)

    def _counted(self, baskets: Merged, itemsets: Itemsets) -> NDArray[np.int64]:
        if not len(itemsets):
            return np.zeros(0, np.int64)
        n_items = max(
            len(self._labels), len(itemsets.labels), int(baskets.items.max(initial=0)) + 1
        )
        frequency = np.bincount(baskets.items, minlength=n_items)
        return np.asarray(
            count_weighted(baskets, n_items, itemsets.indptr, itemsets.items, frequency)
        )

    def _base_check(self, given: Baskets) -> None:
        known = set(self._labels.tolist())
        if unknown := [name for name in given.labels.tolist() if name not in known]:
            raise ValueError(f"unknown items: {', '.join(map(repr, unknown))}")

    def _without(self, gone: Merged) -> Merged | None:
        """Take weights off; None when a basket has too little."""
        negative = gone._replace(weights=-gone.weights)
        rest = merge_equal(join([self._baskets, negative]), len(self._labels))
        return None if (rest.weights < 0).any() else rest


_ARRAYS = (
    "settings", "shares", "names", "names_ends", "baskets_indptr", "baskets_items",
    "baskets_weights", "kept_indptr", "kept_items", "kept_counts",
)  # fmt: skip


def _check(
    min_support: float | None, min_count: int | None, max_length: int | None, slack: float
) -> None:
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of baskets)")
    if min_support is not None and not 0 < min_support <= 1:
        raise ValueError(f"min_support is a share above 0 and up to 1, not {min_support}")
    if min_count is not None and (min_count != int(min_count) or min_count < 1):
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    if not 0 <= slack < 1:
        raise ValueError(f"slack is a share from 0 up to, but not including, 1, not {slack}")


def _no_itemsets(labels: NDArray[np.object_], n_baskets: int = 0) -> Itemsets:
    empty = np.empty(0, np.int32)
    return Itemsets(np.zeros(1, np.int64), empty, empty, n_baskets, labels)


def _as_baskets(sets: Itemsets) -> Merged:
    return Merged(sets.indptr, sets.items, sets.counts.astype(np.int64))


def _with_counts(sets: Itemsets, counts: NDArray[np.int64], n_baskets: int) -> Itemsets:
    return Itemsets(sets.indptr, sets.items, counts.astype(np.int32), n_baskets, sets.labels)


def _joined(one: Itemsets, two: Itemsets, labels: NDArray[np.object_], n_baskets: int) -> Itemsets:
    both = join([_as_baskets(one), _as_baskets(two)])
    return Itemsets(both.indptr, both.items, both.weights.astype(np.int32), n_baskets, labels)


def _alphabetical(labels: NDArray[np.object_]) -> NDArray[np.int64]:
    """Order names; those of mixed types by the names of their types first."""
    names = labels.tolist()
    try:
        order = sorted(range(len(names)), key=names.__getitem__)
    except TypeError:
        order = sorted(range(len(names)), key=lambda k: (type(names[k]).__name__, repr(names[k])))
    return np.array(order, np.int64)


def _renumbered(sets: Itemsets, order: NDArray[np.int64], labels: NDArray[np.object_]) -> Itemsets:
    """Give the itemsets in codes that follow the order of the names."""
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    owner = np.repeat(np.arange(len(sets)), sets.lengths)
    items = place[sets.items] if len(order) else sets.items
    return Itemsets(
        sets.indptr, items[np.lexsort((items, owner))], sets.counts, sets.n_baskets, labels[order]
    )


def _in_order(sets: Itemsets) -> Itemsets:
    codes = sets.codes()
    by_items = sorted(range(len(codes)), key=lambda k: (len(codes[k]), codes[k]))
    return sets.take(np.array(by_items, np.int64))


def _names_out(labels: NDArray[np.object_]) -> Arrays:
    """Give names as bytes and where each ends; whole numbers as such."""
    names = labels.tolist()
    if names and all(type(name) is int for name in names):
        return {"names": np.array(names, np.int64), "names_ends": np.empty(0, np.int64)}
    if strange := [name for name in names if type(name) is not str]:
        raise ValueError(f"names must be all text or all whole numbers, not {strange[0]!r}")
    texts = [name.encode() for name in names]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return {"names": np.frombuffer(b"".join(texts), np.uint8), "names_ends": ends}


def _names_in(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.object_]:
    names, ends = arrays["names"], arrays["names_ends"]
    if names.dtype == np.int64:
        found: list[Any] = names.tolist()
    else:
        data, begins = names.tobytes(), [0, *ends[:-1].tolist()]
        found = [data[a:b].decode() for a, b in zip(begins, ends.tolist(), strict=False)]
    labels = np.empty(len(found), object)
    labels[:] = found
    return labels
