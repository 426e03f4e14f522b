"""The best split of a node into two branches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.trees._bins import Column
from models.trees.criteria import Criterion, entropy, gini
from models.trees.nodes import Split

__all__ = ["Found", "best_binary"]

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

Impurity = Callable[[Values], Values]

_ALMOST = 1e-12


@dataclass(frozen=True)
class Found:
    """A split, and what it is worth: larger is better.

    Parameters
    ----------
    split : Split
    gain : float
        Fall of the impurity times weight, or minus the log of the p-value.
    """

    split: Split
    gain: float


def best_binary(
    weight: Values, number: Counts, columns: Sequence[Column], criterion: Criterion, min_leaf: int
) -> Found | None:
    """Find the split that lowers the impurity most, or None when none does.

    Parameters
    ----------
    weight : ndarray, shape (n_columns, n_codes + 1, n_classes)
    number : ndarray, shape (n_columns, n_codes + 1)
        Rows; the code after a column's last stands for missing.
    columns : sequence of Column
        Those counted.
    criterion : {'gini', 'entropy'}
    min_leaf : int
        Least rows of a branch.
    """
    impurity = gini if criterion == "gini" else entropy
    best: Found | None = None
    for w, n, column in zip(weight, number, columns, strict=True):
        for order in _orders(w, n, column):
            found = _best_cut(w, n, column, order, impurity, min_leaf)
            if found is not None and (best is None or found.gain > best.gain * (1 + 1e-9)):
                best = found
    return best


def _orders(weight: Values, number: Counts, column: Column) -> list[Counts]:
    """Give the orders of codes in which a cut is sought.

    With two classes the best of all subsets of categories is a cut of their order by the share of
    one class (Breiman et al. 1984, theorem 4.5). With more each class gives an order.
    """
    here = np.flatnonzero(number[: column.n_codes])
    if column.categories is None:
        return [here]
    classes = np.flatnonzero(weight.sum(axis=0) > 0)
    total = np.maximum(weight[here].sum(axis=1), 1e-300)
    chosen = classes[1:] if len(classes) == 2 else classes
    return [here[np.argsort(weight[here, k] / total, kind="stable")] for k in chosen]


def _best_cut(
    weight: Values, number: Counts, column: Column, order: Counts, impurity: Impurity, min_leaf: int
) -> Found | None:
    lost, n_lost = weight[column.n_codes], number[column.n_codes]
    sums, rows = np.cumsum(weight[order], axis=0), np.cumsum(number[order])
    if n_lost == 0:
        sums, rows = sums[:-1], rows[:-1]
    # With missing values every cut is tried with them on either side, and also alone.
    left = np.stack([sums, sums + lost]) if n_lost else sums[None]
    n_left = np.stack([rows, rows + n_lost]) if n_lost else rows[None]
    whole, n_whole = weight.sum(axis=0), int(number.sum())
    gain = _gain(left, whole, impurity)
    allowed = (n_left >= min_leaf) & (n_whole - n_left >= min_leaf)
    gain = np.where(allowed, gain, -np.inf)
    if not gain.size or gain.max() <= _ALMOST * max(whole.sum(), 1.0):
        return None
    side, cut = np.unravel_index(int(np.argmax(gain >= gain.max() * (1 - _ALMOST))), gain.shape)
    n_kept = int(rows[cut])
    missing = 1 - int(side) if n_lost else int(2 * n_kept < n_whole)
    split = replace(_split(column, order, int(cut), missing), told=bool(n_lost))
    return Found(split, float(gain[side, cut]))


def _gain(left: Values, whole: Values, impurity: Impurity) -> Values:
    right = whole - left
    before = whole.sum() * impurity(whole)
    return before - left.sum(axis=-1) * impurity(left) - right.sum(axis=-1) * impurity(right)


def _split(column: Column, order: Counts, cut: int, missing: int) -> Split:
    first, second = order[: cut + 1], order[cut + 1 :]
    if column.categories is not None:
        groups = tuple(tuple(column.categories[i] for i in sorted(g)) for g in (first, second))
        return Split(column.name, groups=groups, missing=missing)
    # Without a second part the missing values stand against all others.
    cuts = (float(column.edges[order[cut]]),) if len(second) else ()
    return Split(column.name, cuts=cuts, missing=missing)
