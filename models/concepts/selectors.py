"""The conditions from which descriptions are built."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.trees.conditions import Condition, Included, Interval
from models.trees.table import Table, category_columns

__all__ = ["selector_masks", "selectors"]


def selectors(
    frame: pd.DataFrame, *, n_bins: int = 5, max_values: int = 20, categorical: Sequence[str] = ()
) -> list[Condition]:
    """Give simple conditions on every column.

    A number gives 'up to', 'above' and 'between' at its quantiles, and 'missing'; a category
    gives one condition for each of its most frequent values.

    Parameters
    ----------
    frame : DataFrame
    n_bins : int, default 5
        Intervals of a number.
    max_values : int, default 20
        Most values of a category.
    categorical : sequence of str
        Columns of numbers that are codes.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [20, 30, 40, 50], "job": ["a", "b", "a", "a"]})
    >>> [condition.text for condition in selectors(people, n_bins=2)]
    ['age is up to 30', 'age is above 30', 'job is a', 'job is b']
    """
    table, categories = Table(frame), category_columns(frame, categorical)
    found: list[Condition] = []
    for name in map(str, frame.columns):
        if name in categories:
            found += _values(table, name, max_values)
        else:
            found += _ranges(table, name, n_bins)
    return found


def selector_masks(conditions: Sequence[Condition], frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the records of every condition; shape (n_conditions, n_rows)."""
    table = Table(frame)
    masks = [condition.mask(table) for condition in conditions]
    return np.array(masks, bool).reshape(len(masks), len(frame))


def _values(table: Table, name: str, max_values: int) -> list[Condition]:
    codes, uniques = table.labels(name)
    often = np.bincount(codes[codes >= 0], minlength=len(uniques))
    kept = np.sort(np.argsort(-often, kind="stable")[:max_values])
    return [Included(name, frozenset({uniques[i]})) for i in kept]


def _ranges(table: Table, name: str, n_bins: int) -> list[Condition]:
    values = table.numbers(name)
    known = values[~np.isnan(values)]
    lost = [Interval(name, np.inf, np.inf, True)] if len(known) < len(values) else []
    if not len(known):
        return []
    shares = np.arange(1, n_bins) / n_bins
    cuts = (
        np.unique(np.quantile(known, shares, method="inverted_cdf")) if n_bins > 1 else np.empty(0)
    )
    inner = [float(cut) for cut in cuts if known.min() <= cut < known.max()]
    below = [Interval(name, high=cut) for cut in inner]
    above = [Interval(name, low=cut) for cut in inner]
    return [*below, *above, *(Interval(name, *ends) for ends in pairwise(inner)), *lost]
