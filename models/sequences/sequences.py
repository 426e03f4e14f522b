"""Customers' baskets in the order of time, held sparsely."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import ArrayLike, NDArray

__all__ = ["Sequences"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_LATEST = 2**61


@dataclass(frozen=True, eq=False)
class Sequences:
    """Customers, their baskets, the items of those; build them with one of the class methods.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_customers + 1,)
        Where the baskets of each customer begin.
    times : ndarray of int64, shape (n_baskets,)
        When each basket was bought: whole days or any other unit; rising within a customer.
    basket_indptr : ndarray of int64, shape (n_baskets + 1,)
        Where the items of each basket begin.
    items : ndarray of int32
        Item codes, ascending and without repeats within a basket.
    labels : ndarray of object, shape (n_items,)
        The name of every item code.
    customers : ndarray of object, shape (n_customers,)
        The name of every customer.

    Examples
    --------
    >>> bought = Sequences.from_lists([[["milk"], ["bread", "milk"]], []])
    >>> len(bought), bought.times.tolist(), bought.counts.tolist(), bought.labels.tolist()
    (2, [0, 1], [1, 1], ['bread', 'milk'])
    """

    indptr: Int64
    times: Int64
    basket_indptr: Int64
    items: Int32
    labels: NDArray[np.object_]
    customers: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def n_items(self) -> int:
        """How many items may occur."""
        return len(self.labels)

    @property
    def n_baskets(self) -> int:
        """How many baskets there are, those of equal time merged."""
        return len(self.times)

    @cached_property
    def owners(self) -> Int32:
        """Whose each basket is: the number of the customer."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.indptr))

    @cached_property
    def counts(self) -> Int32:
        """How many customers bought each item."""
        return np.asarray(
            _count_customers(self.owners, self.basket_indptr, self.items, self.n_items)
        )

    @classmethod
    def from_table(
        cls, frame: pd.DataFrame, customer: str, time: str, item: str, *, unit: str = "D"
    ) -> "Sequences":
        """Take one row a line, in any order: who bought which item when.

        Parameters
        ----------
        frame : DataFrame
            The lines. Equal ones count once.
        customer, time, item : str
            Names of columns. Customers come in the order of their sorted names.
        unit : str, default 'D'
            What timestamps are counted in since 1970, as a NumPy unit: 'D' days, 'W' weeks, 's'
            seconds. Lines of one customer in the same unit are one basket. Times that are
            numbers stay as they are.

        Raises
        ------
        ValueError
            When a column is missing or has missing values, or a time is not a whole number.

        Examples
        --------
        >>> lines = pd.DataFrame({"who": [1, 1], "day": [9, 2], "what": ["tea", "cup"]})
        >>> Sequences.from_table(lines, "who", "day", "what").times.tolist()
        [2, 9]
        """
        _check_columns(frame, [customer, time, item])
        owners, names = pd.factorize(frame[customer], sort=True)
        codes, labels = _codes(frame[item])
        whole = _whole_times(frame[time], unit)
        return _assembled(owners, whole, codes, labels, _as_objects(names))

    @classmethod
    def from_lists(
        cls,
        customers: Iterable[Iterable[Iterable[Hashable]]],
        times: Iterable[Iterable[Any]] | None = None,
    ) -> "Sequences":
        """Take one list of baskets a customer, in the order of time.

        Parameters
        ----------
        customers : iterable of iterables of iterables of item names
            Empty baskets say nothing and are dropped; customers without baskets still count.
        times : iterable of iterables of int, optional
            One a basket, never falling; baskets of equal time become one. Default: 0, 1, 2 ...

        Raises
        ------
        ValueError
            When a time goes backwards, is missing or is not whole, when there are not as many
            times as baskets, or when a basket is a plain text or holds a missing item.
        """
        lists = [[_as_list(basket) for basket in baskets] for baskets in customers]
        clock = _clock(lists, times)
        lines = [
            (owner, when, name)
            for owner, (baskets, whens) in enumerate(zip(lists, clock, strict=True))
            for basket, when in zip(baskets, whens, strict=True)
            for name in basket
        ]
        codes, labels = _codes(pd.Series([line[2] for line in lines], dtype=object))
        owners = np.array([line[0] for line in lines], np.int64)
        whens = np.array([line[1] for line in lines], np.int64)
        return _assembled(owners, whens, codes, labels, _as_objects(range(len(lists))))

    def until(self, time: int) -> "Sequences":
        """Keep the baskets up to and including `time`; all customers stay.

        Examples
        --------
        >>> Sequences.from_lists([[["a"], ["b"]]], [[3, 8]]).until(5).times.tolist()
        [3]
        """
        keep = self.times <= time
        lengths = np.diff(self.basket_indptr)
        return Sequences(
            _pointers(np.bincount(self.owners[keep], minlength=len(self))),
            self.times[keep],
            _pointers(lengths[keep]),
            self.items[np.repeat(keep, lengths)],
            self.labels,
            self.customers,
        )

    def relabelled(self, labels: NDArray[np.object_]) -> "Sequences":
        """Give the same baskets in the codes of other labels, without items those do not know."""
        if self.labels is labels:
            return self
        number = {name: code for code, name in enumerate(labels.tolist())}
        code_of = np.array([number.get(name, -1) for name in self.labels.tolist()], np.int64)
        baskets = np.repeat(np.arange(self.n_baskets), np.diff(self.basket_indptr))
        codes = code_of[self.items] if len(code_of) else np.empty(0, np.int64)
        owners, times = self.owners[baskets][codes >= 0], self.times[baskets][codes >= 0]
        return _assembled(owners, times, codes[codes >= 0], labels, self.customers)


@njit(cache=True, nogil=True)
def _count_customers(owners: Int32, basket_indptr: Int64, items: Int32, n_items: int) -> Int32:
    counts = np.zeros(n_items, np.int32)
    seen = np.full(n_items, -1, np.int32)
    for basket in range(len(owners)):
        for p in range(basket_indptr[basket], basket_indptr[basket + 1]):
            if seen[items[p]] != owners[basket]:
                seen[items[p]] = owners[basket]
                counts[items[p]] += 1
    return counts


def _assembled(
    owners: NDArray[Any],
    times: Int64,
    codes: NDArray[Any],
    labels: NDArray[np.object_],
    customers: NDArray[np.object_],
) -> Sequences:
    """Sort lines by customer, time and item, and drop repeated ones."""
    if len(codes) >= np.iinfo(np.int32).max:
        raise ValueError("more than 2,147,483,646 lines; mine a part of the customers at a time")
    order = np.lexsort((codes, times, owners))
    owners, times, codes = owners[order], times[order], codes[order]
    new_basket = _changes(owners) | _changes(times)
    keep = new_basket | _changes(codes)
    first = np.flatnonzero(new_basket)
    return Sequences(
        _pointers(np.bincount(owners[first], minlength=len(customers))),
        times[first],
        _pointers(np.add.reduceat(keep, first, dtype=np.int64) if len(first) else first),
        codes[keep].astype(np.int32),
        labels,
        customers,
    )


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    changed = np.ones(len(values), bool)
    changed[1:] = values[1:] != values[:-1]
    return changed


def _pointers(lengths: NDArray[Any]) -> Int64:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _as_objects(values: Iterable[Any]) -> NDArray[np.object_]:
    listed = values.tolist() if isinstance(values, np.ndarray | pd.Index) else list(values)
    out = np.empty(len(listed), object)
    out[:] = listed
    return out


def _codes(names: pd.Series) -> tuple[Int64, NDArray[np.object_]]:
    """Give codes in sorted order of the names, so that the order of the lines says nothing."""
    if names.isna().any():
        raise ValueError(f"an item is missing (line {int(names.isna().to_numpy().argmax())})")
    codes, found = pd.factorize(names)
    labels = found.tolist()
    order = _sorted_order(labels)
    place = np.empty(len(labels), np.int64)
    place[order] = np.arange(len(labels))
    return place[codes], _as_objects([labels[k] for k in order])


def _sorted_order(names: Sequence[Any]) -> list[int]:
    """Order names; those of mixed types by the names of their types first."""
    try:
        return sorted(range(len(names)), key=lambda k: names[k])
    except TypeError:
        return sorted(range(len(names)), key=lambda k: (type(names[k]).__name__, repr(names[k])))


def _check_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    if absent := [column for column in columns if column not in frame.columns]:
        raise ValueError(f"columns not found: {', '.join(absent)}; given: {list(frame.columns)}")
    if empty := [column for column in columns if frame[column].isna().any()]:
        raise ValueError(f"columns with missing values: {', '.join(empty)}")


def _whole_times(values: Any, unit: str = "D") -> Int64:
    """Give times as whole numbers; timestamps are counted in `unit` since 1970."""
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    given = np.asarray(values)
    if given.dtype.kind == "M":
        return given.astype(f"datetime64[{unit}]").astype(np.int64)
    return _whole_numbers(given)


def _whole_numbers(given: NDArray[Any]) -> Int64:
    if given.dtype.kind not in "iuf":
        raise ValueError(f"times must be whole numbers or timestamps, not {given.dtype}")
    if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.floor(given))).all():
        odd = given[~(np.isfinite(given) & (given == np.floor(given)))][0]
        raise ValueError(f"times must be whole numbers, not {odd}; choose a finer unit")
    if len(given) and max(abs(float(given.min())), abs(float(given.max()))) > _LATEST:
        raise ValueError("times beyond 2**61 cannot be told apart; choose a coarser unit")
    return given.astype(np.int64)


def _as_list(basket: Iterable[Hashable]) -> list[Hashable]:
    if isinstance(basket, str) or not isinstance(basket, Iterable):
        raise ValueError(f"a basket is a list of items, not {basket!r}")
    return list(basket)


def _clock(lists: Sequence[Sequence[Any]], times: Iterable[Iterable[Any]] | None) -> list[Int64]:
    if times is None:
        return [np.arange(len(baskets)) for baskets in lists]
    given: list[ArrayLike] = [list(whens) for whens in times]
    if len(given) != len(lists):
        raise ValueError(f"{len(lists)} customers need as many lists of times, not {len(given)}")
    return [
        _clock_of(number, len(baskets), whens)
        for number, (baskets, whens) in enumerate(zip(lists, given, strict=True))
    ]


def _clock_of(number: int, n_baskets: int, given: Any) -> Int64:
    """Check the times of one customer; the errors say whose they are."""
    if len(given) != n_baskets:
        raise ValueError(f"customer {number}: {n_baskets} baskets but {len(given)} times")
    try:
        whole = _whole_times(np.asarray(given)) if given else np.empty(0, np.int64)
    except ValueError as error:
        raise ValueError(f"customer {number}: {error}") from None
    for place, (before, after) in enumerate(pairwise(whole.tolist())):
        if after < before:
            raise ValueError(
                f"customer {number}: time goes backwards from {before} to {after} at basket "
                f"{place + 1}; sort the baskets, or give lines to from_table"
            )
    return whole
