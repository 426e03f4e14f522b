"""Baskets of items, held sparsely: one run of item codes a basket."""

import sys
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.association._encode import count_items, sort_baskets

if TYPE_CHECKING:  # mining itself needs neither, and they take more memory than it does
    import pandas as pd
    from scipy import sparse

__all__ = ["Baskets"]


@dataclass(frozen=True, eq=False)
class Baskets:
    """Baskets as a CSR pair of arrays; build them with one of the class methods.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_baskets + 1,)
        Where the items of each basket begin.
    indices : ndarray of int32
        Item codes, ascending and without repeats within a basket.
    labels : ndarray of object, shape (n_items,)
        The name of every item code.

    Examples
    --------
    >>> baskets = Baskets.from_lists([["milk", "bread"], [], ["milk", "milk"]])
    >>> len(baskets), baskets.n_items
    (3, 2)
    >>> baskets.counts.tolist(), baskets.labels.tolist()
    ([1, 2], ['bread', 'milk'])
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    labels: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def n_items(self) -> int:
        """How many items may occur."""
        return len(self.labels)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """In how many baskets each item stands."""
        return np.asarray(count_items(self.indices, self.n_items))

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many different items each basket holds."""
        return np.diff(self.indptr)

    @classmethod
    def of(cls, given: Any) -> "Baskets":
        """Take baskets in any form that one of the other constructors takes.

        Parameters
        ----------
        given : Baskets, scipy sparse matrix, DataFrame of 0/1 or bool, or iterable of iterables
            A frame has one row a basket and one column an item, as mlxtend wants it.

        Raises
        ------
        ValueError
            When the form is none of these.
        """
        if isinstance(given, Baskets):
            return given
        if _is_frame(given):
            return cls.from_onehot(given)
        if _is_sparse(given):
            return cls.from_sparse(given)
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ValueError(
                f"baskets must be a list of lists, a one-hot frame, a sparse matrix or Baskets, "
                f"not {type(given).__name__}"
            )
        return cls.from_lists(given)

    @classmethod
    def from_csr(
        cls,
        indptr: ArrayLike,
        indices: ArrayLike,
        n_items: int,
        labels: Sequence[Hashable] | NDArray[Any] | None = None,
    ) -> "Baskets":
        """Take item codes `0 .. n_items - 1`; repeats within a basket count once.

        Raises
        ------
        ValueError
            When the arrays do not fit together or a code is out of range.
        """
        ptr, codes = np.asarray(indptr), np.asarray(indices)
        _check_csr(ptr, codes, n_items)
        names = _names(range(n_items) if labels is None else labels)
        if len(names) != n_items:
            raise ValueError(f"{n_items} items need as many labels, not {len(names)}")
        return cls(
            *sort_baskets(ptr.astype(np.int64, copy=False), codes.astype(np.int32, copy=False)),
            names,
        )

    @classmethod
    def from_lists(cls, baskets: Iterable[Iterable[Hashable]]) -> "Baskets":
        """Take one iterable of item names a basket.

        Raises
        ------
        ValueError
            When a basket is a plain string or an item is missing (None or NaN).
        """
        lists = [_as_list(basket) for basket in baskets]
        indptr = np.concatenate([[0], np.cumsum([len(basket) for basket in lists])])
        names = [item for basket in lists for item in basket]
        codes, labels = _codes(names)
        return cls.from_csr(indptr.astype(np.int64), codes, len(labels), labels)

    @classmethod
    def from_table(cls, frame: "pd.DataFrame", basket: str, item: str) -> "Baskets":
        """Take one row a line: the columns name its basket and its item.

        Baskets come in the order of their sorted keys.

        Raises
        ------
        ValueError
            When a column is missing, or a key or an item is null.
        """
        import pandas as pd

        _check_columns(frame, [basket, item])
        keys = pd.factorize(frame[basket], sort=True)[0]
        codes, labels = _codes(frame[item].tolist())
        order = np.argsort(keys, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(keys))])
        return cls.from_csr(indptr.astype(np.int64), codes[order], len(labels), labels)

    @classmethod
    def from_onehot(cls, frame: "pd.DataFrame") -> "Baskets":
        """Take mlxtend's form: one row a basket, one column an item, cells 0/1 or bool."""
        from scipy import sparse

        matrix = sparse.csr_matrix(_values(frame))
        if not np.isin(matrix.data, (0, 1)).all():
            raise ValueError("a one-hot frame holds only 0 and 1, or False and True")
        return cls.from_sparse(matrix, list(frame.columns))

    @classmethod
    def from_sparse(
        cls, matrix: Any, labels: Sequence[Hashable] | NDArray[Any] | None = None
    ) -> "Baskets":
        """Take a scipy sparse matrix, one row a basket; every stored non-zero is an item."""
        from scipy import sparse

        rows = sparse.csr_matrix(matrix, copy=True)
        rows.eliminate_zeros()
        return cls.from_csr(rows.indptr, rows.indices, rows.shape[1], labels)

    def code_of(self, names: Iterable[Hashable]) -> NDArray[np.int32]:
        """Find the codes of item names.

        Raises
        ------
        ValueError
            When a name is unknown; all the unknown ones are listed.
        """
        wanted = list(names)
        codes = self._code_by_name
        if unknown := [name for name in wanted if name not in codes]:
            raise ValueError(f"unknown items: {', '.join(map(repr, unknown))}")
        return np.array([codes[name] for name in wanted], np.int32)

    @cached_property
    def _code_by_name(self) -> dict[Hashable, int]:
        return {name: code for code, name in enumerate(self.labels.tolist())}

    def take(self, rows: NDArray[Any]) -> "Baskets":
        """Keep the baskets with these numbers, in this order."""
        lengths = self.lengths[rows]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
        return Baskets(
            indptr, self.indices[np.repeat(self.indptr[rows], lengths) + within], self.labels
        )

    def capped(self, size: int) -> "Baskets":
        """Cut longer baskets down to their `size` most frequent items, ties by item code."""
        order = np.lexsort((np.arange(self.n_items), -self.counts))
        rank = np.empty(self.n_items, np.int64)
        rank[order] = np.arange(self.n_items)
        owner = np.repeat(np.arange(len(self)), self.lengths)
        by_rank = np.lexsort((rank[self.indices], owner))
        place = np.arange(len(owner)) - np.repeat(self.indptr[:-1], self.lengths)
        kept = by_rank[place < size]
        indptr = np.concatenate([[0], np.cumsum(np.minimum(self.lengths, size))])
        return Baskets(*sort_baskets(indptr.astype(np.int64), self.indices[kept]), self.labels)

    def matrix(self) -> "sparse.csr_matrix":
        """Give a boolean sparse matrix, one row a basket."""
        from scipy import sparse

        return sparse.csr_matrix(
            (np.ones(len(self.indices), bool), self.indices, self.indptr),
            shape=(len(self), self.n_items),
        )


def _as_list(basket: Iterable[Hashable]) -> list[Hashable]:
    if isinstance(basket, str):
        raise ValueError(f"a basket is a list of items, not the text {basket!r}")
    return list(basket)


def _is_frame(given: Any) -> bool:
    """Say whether this is a frame; a module that was never imported has made none."""
    return "pandas" in sys.modules and isinstance(given, sys.modules["pandas"].DataFrame)


def _is_sparse(given: Any) -> bool:
    return "scipy.sparse" in sys.modules and bool(sys.modules["scipy.sparse"].issparse(given))


def _values(frame: "pd.DataFrame") -> Any:
    """Give the cells without filling up a frame of sparse columns."""
    import pandas as pd

    types = frame.dtypes.tolist()
    if types and all(isinstance(dtype, pd.SparseDtype) for dtype in types):
        return frame.sparse.to_coo()  # type: ignore[attr-defined]
    return frame.to_numpy(dtype=float)


def _names(labels: Iterable[Hashable]) -> NDArray[np.object_]:
    names = list(labels)
    out = np.empty(len(names), object)
    out[:] = names
    return out


def _codes(names: Sequence[Hashable]) -> tuple[NDArray[np.int64], list[Hashable]]:
    """Give codes in sorted order of the names, so that the order of the baskets says nothing."""
    number = {name: code for code, name in enumerate(dict.fromkeys(names))}
    if missing := [name for name in number if name is None or name != name]:
        raise ValueError(f"an item is missing ({missing[0]!r}); drop or name it first")
    labels = _sorted(number)
    place = np.empty(len(labels), np.int64)
    place[[number[label] for label in labels]] = np.arange(len(labels))
    return place[[number[name] for name in names]], labels


def _sorted(names: Iterable[Any]) -> list[Hashable]:
    """Sort names; those of mixed types by the names of their types first."""
    try:
        return sorted(names)
    except TypeError:
        return sorted(names, key=lambda name: (type(name).__name__, repr(name)))


def _check_csr(indptr: NDArray[Any], codes: NDArray[Any], n_items: int) -> None:
    if indptr.ndim != 1 or len(indptr) < 1 or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        raise ValueError("indptr must begin with 0 and never fall")
    if indptr[-1] != len(codes):
        raise ValueError(f"indptr ends at {indptr[-1]} but there are {len(codes)} items")
    if len(codes) >= np.iinfo(np.int32).max:
        raise ValueError("more than 2,147,483,646 lines; mine a part of the baskets at a time")
    if len(codes) and (codes.min() < 0 or codes.max() >= n_items):
        raise ValueError(f"item codes must lie in 0 .. {n_items - 1}")


def _check_columns(frame: "pd.DataFrame", columns: Sequence[str]) -> None:
    if absent := [column for column in columns if column not in frame.columns]:
        raise ValueError(f"columns not found: {', '.join(absent)}; given: {list(frame.columns)}")
    if empty := [column for column in columns if frame[column].isna().any()]:
        raise ValueError(f"columns with missing values: {', '.join(empty)}")
