"""Reducts: the fewest columns that say as much about the decision as all of them."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from models.rough.approximations import certain, check_columns, column_codes, refine

__all__ = ["core", "greedy_reduct", "reducts"]

Codes = NDArray[np.int64]

MAX_CLAUSES = 20_000
MAX_REDUCTS = 50_000


def reducts(
    table: pd.DataFrame, decision: str, columns: Sequence[str] | None = None
) -> list[tuple[str, ...]]:
    """Give all reducts, by the discernibility function.

    A reduct is a set of columns with the same positive region as all columns, from which none can
    be dropped. Each pair of records that must be told apart gives a clause: the columns in which
    they differ. The reducts are the smallest sets that meet every clause (Skowron and Rauszer,
    "The discernibility matrices and functions in information systems", 1992). Only different
    records count, so long tables of few values are small tables; for others see `greedy_reduct`.

    Parameters
    ----------
    table : DataFrame
        Values are compared for equality: cut numbers into intervals before.
    decision : str
        The column to be decided.
    columns : sequence of str, optional
        Default: all others.

    Returns
    -------
    list of tuple of str
        Shortest first; columns in the order of the table.

    Raises
    ------
    ValueError
        When a column is unknown.
    lodeworks.errors.BudgetExceeded
        When there are too many different clauses or reducts.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0, 1, 0], "b": [0, 1, 0], "c": [0, 0, 1], "d": list("xyz")})
    >>> reducts(table, "d")
    [('a', 'c'), ('b', 'c')]
    """
    names = _names(table, decision, columns)
    clauses = _clauses(*_distinct(table, decision, names))
    found: list[int] = [0]
    for clause in sorted(clauses, key=int.bit_count):
        found = _absorbed(_met(found, clause))
        if len(found) > MAX_REDUCTS:
            raise BudgetExceeded(f"more than {MAX_REDUCTS} partial reducts; use greedy_reduct")
    parts = [[name for i, name in enumerate(names) if one >> i & 1] for one in found]
    place = {name: i for i, name in enumerate(names)}
    return sorted(map(tuple, parts), key=lambda part: (len(part), [place[name] for name in part]))


def core(
    table: pd.DataFrame, decision: str, columns: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Give the columns that are in every reduct: without one of them something becomes uncertain.

    Fast on large tables: each column is left out once.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0, 1, 0], "b": [0, 1, 0], "c": [0, 0, 1], "d": list("xyz")})
    >>> core(table, "d")
    ('c',)
    """
    names = _names(table, decision, columns)
    work = _Codes(table, decision, names)
    whole = work.n_certain(names)
    return tuple(n for n in names if work.n_certain([m for m in names if m != n]) < whole)


def greedy_reduct(
    table: pd.DataFrame,
    decision: str,
    columns: Sequence[str] | None = None,
    *,
    min_dependency: float = 1.0,
) -> tuple[str, ...]:
    """Give one reduct: the core, then always the column that makes most records certain.

    At the end columns that became needless are dropped, so that the result is a reduct indeed.
    Takes seconds on a hundred thousand rows.

    Parameters
    ----------
    table, decision, columns
        As for `reducts`.
    min_dependency : float, default 1
        Share of the certain records of all columns to be reached; less gives an approximate
        reduct.

    Raises
    ------
    ValueError
        When a column is unknown, or the share is not in 0 .. 1.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0, 1, 0], "b": [0, 1, 0], "c": [0, 0, 1], "d": list("xyz")})
    >>> greedy_reduct(table, "d")
    ('a', 'c')
    """
    if not 0 < min_dependency <= 1:
        raise ValueError(f"min_dependency lies in 0 .. 1, not {min_dependency}")
    names = _names(table, decision, columns)
    work = _Codes(table, decision, names)
    needed = min_dependency * work.n_certain(names)
    chosen = list(core(table, decision, names)) if min_dependency == 1 else []
    while work.n_certain(chosen) < needed:
        chosen.append(work.best_next(chosen, names))
    for name in [*chosen]:
        fewer = [other for other in chosen if other != name]
        if work.n_certain(fewer) >= needed:
            chosen = fewer
    return tuple(name for name in names if name in chosen)


class _Codes:
    """A table as numbers, for counting certain records quickly."""

    def __init__(self, table: pd.DataFrame, decision: str, names: Sequence[str]) -> None:
        self.codes = {name: column_codes(table[name]) for name in names}
        self.decisions = column_codes(table[decision])

    def classes(self, names: Iterable[str]) -> Codes:
        codes = np.zeros(len(self.decisions), np.int64)
        for name in names:
            codes = refine(codes, self.codes[name])
        return codes

    def n_certain(self, names: Iterable[str]) -> int:
        return int(certain(self.classes(names), self.decisions).sum())

    def best_next(self, chosen: list[str], names: Sequence[str]) -> str:
        """Give the column that makes most records certain; of equals, the most classes."""
        begin = self.classes(chosen)
        best, worth = "", (-1, -1)
        for name in [name for name in names if name not in chosen]:
            codes = refine(begin, self.codes[name])
            own = (int(certain(codes, self.decisions).sum()), int(codes.max(initial=0)))
            if own > worth:
                best, worth = name, own
        return best


def _names(table: pd.DataFrame, decision: str, columns: Sequence[str] | None) -> list[str]:
    check_columns(table, [decision, *(columns or ())])
    if columns is not None and decision in columns:
        raise ValueError(f"the decision {decision!r} cannot be among the columns")
    return list(columns) if columns is not None else [n for n in table.columns if n != decision]


def _distinct(
    table: pd.DataFrame, decision: str, names: Sequence[str]
) -> tuple[NDArray[np.int64], Codes]:
    """Give the different records as numbers, and their decision; -1 where it is uncertain."""
    codes = [column_codes(table[name]) for name in names]
    matrix = np.stack(codes, axis=1) if codes else np.empty((len(table), 0), np.int64)
    group = np.zeros(len(table), np.int64)
    for own in codes:
        group = refine(group, own)
    decisions = column_codes(table[decision])
    told = np.where(certain(group, decisions), decisions, -1)
    first = np.unique(group, return_index=True)[1]
    return matrix[first], told[first]


def _clauses(matrix: NDArray[np.int64], decisions: Codes) -> list[int]:
    """Give, as bits, the columns in which records that must be told apart differ."""
    weight = np.array([1 << i for i in range(matrix.shape[1])], dtype=object)
    found: set[int] = set()
    for i in range(len(matrix) - 1):
        # Two uncertain records need not be told apart.
        others = matrix[i + 1 :][decisions[i + 1 :] != decisions[i]]
        if len(others):
            different = np.unique(others != matrix[i], axis=0)
            found.update(int(value) for value in different.astype(object) @ weight)
        if len(found) > MAX_CLAUSES:
            found = set(_absorbed(found))
            if len(found) > MAX_CLAUSES:
                raise BudgetExceeded(f"more than {MAX_CLAUSES} clauses; use greedy_reduct")
    return _absorbed(found)


def _met(found: list[int], clause: int) -> set[int]:
    """Extend the sets that do not meet a clause by each of its columns."""
    bits = [1 << i for i in range(clause.bit_length()) if clause >> i & 1]
    result = {one for one in found if one & clause}
    result.update(one | bit for one in found if not one & clause for bit in bits)
    return result


def _absorbed(sets: Iterable[int]) -> list[int]:
    """Keep the sets that contain no other."""
    kept: list[int] = []
    for one in sorted(sets, key=lambda s: (s.bit_count(), s)):
        if not any(other & one == other for other in kept):
            kept.append(one)
    return kept
