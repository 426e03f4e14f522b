"""Splits of many branches by the chi-square test: CHAID."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, factorial, log

import numpy as np
from numpy.typing import NDArray

from models.trees._binary import Found
from models.trees._bins import Column
from models.trees._merge import log_chi_square_tail, merge_labels
from models.trees.criteria import chi_square
from models.trees.nodes import Split

__all__ = ["Merged", "best_chaid", "bonferroni", "merge"]

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

N_INTERVALS = 10


@dataclass(frozen=True)
class Merged:
    """Categories of a column, merged where their classes do not differ.

    Parameters
    ----------
    groups : tuple of tuple of int
        Rows of the table by group.
    log_p : float
        Logarithm of the p-value of the merged table, times its Bonferroni factor.
    statistic : float
        Pearson's chi-square of the merged table.
    """

    groups: tuple[tuple[int, ...], ...]
    log_p: float
    statistic: float


def bonferroni(n_before: int, n_after: int, ordered: bool, floating: bool = False) -> int:
    """Count the ways to merge categories into groups, the factor of the p-value.

    Kass, "An exploratory technique for investigating large quantities of categorical data",
    *Applied Statistics* 29 (1980).

    Parameters
    ----------
    n_before, n_after : int
        Categories before and groups after merging.
    ordered : bool
        Whether only neighbours may merge.
    floating : bool
        Whether one of the ordered categories, missing, may join any group.

    Examples
    --------
    >>> bonferroni(5, 2, ordered=True), bonferroni(5, 2, ordered=False)
    (4, 15)
    >>> bonferroni(5, 2, ordered=True, floating=True)
    7
    """
    if not ordered:
        terms = [(-1) ** i * (n_after - i) ** n_before * comb(n_after, i) for i in range(n_after)]
        return sum(terms) // factorial(n_after)
    if floating:
        alone = comb(n_before - 2, n_after - 2) if n_after >= 2 else 0
        return max(alone + n_after * comb(n_before - 2, n_after - 1), 1)
    return comb(n_before - 1, n_after - 1)


def merge(
    table: Values, *, ordered: bool, floating: bool = False, alpha: float = 0.05,
    number: Counts | None = None, min_leaf: int = 1,
) -> Merged:  # fmt: skip
    """Merge the categories that differ least, as long as they do not differ significantly.

    Parameters
    ----------
    table : ndarray, shape (n_categories, n_classes)
        Counts.
    ordered : bool
        Whether only neighbours may merge.
    floating : bool
        Whether the last row stands for missing, and may join any group.
    alpha : float, default 0.05
        Groups whose difference has a larger p-value than this are merged.
    number : ndarray of int, optional
        Rows by category, for `min_leaf`. Default: the sums of the table.
    min_leaf : int, default 1
        Smaller groups are merged with the one they differ from least.

    Examples
    --------
    >>> merge(np.array([[10.0, 10], [11, 9], [1, 19]]), ordered=False).groups
    ((0, 1), (2,))
    """
    sizes = table.sum(axis=1) if number is None else np.asarray(number, float)
    free = len(table) - 1 if floating else -1
    labels = merge_labels(table, sizes, ordered, free, log(alpha), min_leaf)
    groups = tuple(tuple(np.flatnonzero(labels == i).tolist()) for i in np.unique(labels))
    statistic, degrees = chi_square(np.array([table[list(group)].sum(axis=0) for group in groups]))
    factor = bonferroni(len(table), len(groups), ordered, floating)
    log_p = min(log_chi_square_tail(float(statistic), int(degrees)) + log(factor), 0.0)
    return Merged(groups, log_p, float(statistic))


def best_chaid(
    weight: Values, number: Counts, columns: Sequence[Column], *, alpha_merge: float,
    alpha_split: float, min_leaf: int,
) -> Found | None:  # fmt: skip
    """Find the column whose merged groups differ most significantly, or None.

    The arguments are those of `best_binary`, with the levels of the two tests.
    """
    # A test of weighted counts must not depend on the scale of the weights.
    scale = number[0].sum() / weight[0].sum()
    best: Found | None = None
    for w, n, column in zip(weight, number, columns, strict=True):
        codes = _intervals(n, column)
        if len(codes) < 2:
            continue
        order = [code for group in codes for code in group]
        starts = np.cumsum([0, *map(len, codes[:-1])])
        table = np.add.reduceat(w[order], starts, axis=0) * scale
        sizes = np.add.reduceat(n[order], starts)
        lost = column.n_codes in codes[-1]
        ordered = column.categories is None
        merged = merge(
            table, ordered=ordered, floating=ordered and lost, alpha=alpha_merge,
            number=sizes, min_leaf=min_leaf,
        )  # fmt: skip
        if len(merged.groups) < 2 or merged.log_p > log(alpha_split):
            continue
        if best is None or -merged.log_p > best.gain * (1 + 1e-12):
            best = Found(_split(column, codes, merged, sizes), -merged.log_p)
    return best


def _intervals(number: Counts, column: Column) -> list[tuple[int, ...]]:
    """Group the codes of a number into ten intervals of this node; missing comes last."""
    here = np.flatnonzero(number[: column.n_codes])
    lost = [(column.n_codes,)] if number[column.n_codes] else []
    if column.categories is not None or len(here) <= N_INTERVALS:
        return [*((int(code),) for code in here), *lost]
    before = np.cumsum(number[here]) - number[here]
    place = np.minimum(before * N_INTERVALS // number[here].sum(), N_INTERVALS - 1)
    return [*(tuple(here[place == i].tolist()) for i in np.unique(place)), *lost]


def _split(column: Column, codes: list[tuple[int, ...]], merged: Merged, sizes: Counts) -> Split:
    groups = [[code for i in group for code in codes[i]] for group in merged.groups]
    holding = [i for i, group in enumerate(groups) if column.n_codes in group]
    largest = int(np.argmax([sizes[list(group)].sum() for group in merged.groups]))
    missing = holding[0] if holding else largest
    known = [sorted(code for code in group if code < column.n_codes) for group in groups]
    told = bool(holding)
    if column.categories is not None:
        named = tuple(tuple(column.categories[i] for i in group) for group in known)
        return Split(column.name, groups=named, missing=missing, told=told)
    # Missing alone is the last group, since its code is the largest.
    ends = [group[-1] for group in known if group]
    cuts = tuple(float(column.edges[i]) for i in ends[:-1])
    return Split(column.name, cuts, None, missing, told=told)
