"""Numbers turned into readable ranges, so that a table can be mined like baskets."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.rules import Rules, rules_of_baskets

__all__ = ["Discretiser", "classification_rules", "mdl_cuts"]

Method = Literal["frequency", "width", "mdl"]
Values = NDArray[np.float64]


class Discretiser:
    """Cut the number columns of a table into ranges; all cells become texts for rules.

    A cell becomes 'age 35 to 49' when it is a number and 'job=clerk' when it is not; a missing
    cell and a column that is not cut become nothing. The cuts are rounded to the fewest digits
    that part the learnt values in the same way.

    Parameters
    ----------
    method : {'frequency', 'width', 'mdl'}, default 'frequency'
        Ranges of about equally many rows, ranges of equal width, or those that tell most of a
        target (Fayyad and Irani, *Multi-interval discretization of continuous-valued attributes
        for classification learning*, 1993).
    bins : int, default 5
        How many ranges at most; not used by 'mdl'.

    Attributes
    ----------
    cuts_ : dict of column to ndarray
        Where the ranges after the first one begin; columns of numbers only.
    whole_ : dict of column to bool
        Whether a column held whole numbers only.

    Raises
    ------
    ValueError
        When an argument is out of range.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [20, 34, 35, 49, 50, 70], "job": list("aabbcc")})
    >>> cut = Discretiser(bins=3).fit(table)
    >>> cut.transform(table)["age"].tolist()[1:5]
    ['age up to 34', 'age 35 to 49', 'age 35 to 49', 'age 50 or more']
    >>> cut.to_baskets(table.iloc[:1]).labels.tolist()
    ['age up to 34', 'job=a']
    """

    def __init__(self, method: Method = "frequency", bins: int = 5) -> None:
        if method not in ("frequency", "width", "mdl"):
            raise ValueError(f"method must be 'frequency', 'width' or 'mdl', not {method!r}")
        if bins < 2:
            raise ValueError(f"bins must be at least 2, not {bins}")
        self.method = method
        self.bins = bins

    def fit(self, table: pd.DataFrame, target: ArrayLike | None = None) -> "Discretiser":
        """Learn the cuts.

        Parameters
        ----------
        table : DataFrame, shape (n_rows, n_columns)
            With unlike column names.
        target : array of shape (n_rows,), optional
            The classes; needed by 'mdl' only.

        Raises
        ------
        ValueError
            When a column name comes twice, a number is infinite, or 'mdl' has no fitting target.
        """
        _check_columns(table)
        classes = self._classes(table, target)
        self.columns_: list[Any] = list(table.columns)
        self.cuts_: dict[Any, Values] = {}
        self.whole_: dict[Any, bool] = {}
        for name in self.columns_:
            if _is_number(table[name]):
                values = _numbers(table[name])
                known = ~np.isnan(values)
                labels = None if classes is None else classes[known]
                self.whole_[name] = bool((values[known] == np.round(values[known])).all())
                self.cuts_[name] = self._cuts(values[known], labels, self.whole_[name])
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """Turn cells into texts; what says nothing becomes None.

        Parameters
        ----------
        table : DataFrame
            With the columns that were learnt; others are left out.

        Raises
        ------
        ValueError
            When nothing was learnt, a column is missing, or one of numbers holds something else.
        """
        if not hasattr(self, "columns_"):
            raise ValueError("the ranges are not learnt yet: call fit first")
        if absent := [name for name in self.columns_ if name not in table.columns]:
            raise ValueError(f"columns not found: {absent}; given: {list(table.columns)}")
        _check_columns(table)
        texts = {name: self._texts(name, table[name]) for name in self.columns_}
        return pd.DataFrame(texts, index=table.index, columns=self.columns_, dtype=object)

    def to_baskets(self, table: pd.DataFrame) -> Baskets:
        """Give one basket a row, with one item for each cell that says something."""
        rows = self.transform(table).to_numpy(dtype=object).tolist()
        return Baskets.from_lists([[text for text in row if text is not None] for row in rows])

    def labels(self, column: Any) -> list[str]:
        """Give the texts of the ranges of a number column, the lowest first."""
        return _range_names(column, self.cuts_[column], self.whole_[column])

    def _classes(self, table: pd.DataFrame, target: ArrayLike | None) -> NDArray[np.int64] | None:
        if self.method != "mdl":
            return None
        if target is None:
            raise ValueError("method 'mdl' needs a target")
        classes = pd.factorize(pd.Series(np.asarray(target)), sort=False)[0]
        if len(classes) != len(table):
            raise ValueError(f"{len(table)} rows need as many targets, not {len(classes)}")
        if (classes < 0).any():
            raise ValueError("a target is missing; drop those rows first")
        return classes.astype(np.int64)

    def _cuts(self, values: Values, classes: NDArray[np.int64] | None, whole: bool) -> Values:
        if classes is not None:
            wanted = mdl_cuts(values, classes)
        elif self.method == "frequency":
            shares = np.arange(1, self.bins) / self.bins
            wanted = np.quantile(values, shares, method="higher") if len(values) else values
        else:
            low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
            wanted = np.linspace(low, high, self.bins + 1)[1:-1]
        return _tidy_cuts(np.unique(values), wanted, whole)

    def _texts(self, name: Any, column: pd.Series) -> Sequence[str | None]:
        if name not in self.cuts_:
            return [None if pd.isna(cell) else f"{name}={cell}" for cell in column.tolist()]
        if not _is_number(column):
            raise ValueError(f"column {name!r} held numbers when the ranges were learnt")
        values, names = _numbers(column), np.array([*self.labels(name), None], object)
        place = np.searchsorted(self.cuts_[name], values, side="right")
        return names[np.where(np.isnan(values) | (len(names) == 2), -1, place)].tolist()


def mdl_cuts(values: ArrayLike, classes: ArrayLike) -> Values:
    """Cut numbers where that tells enough of the classes, by minimum description length.

    The cut with the smallest class entropy is accepted when its gain exceeds
    (log2(n - 1) + log2(3^k - 2) - k E + k1 E1 + k2 E2) / n, with k classes and entropy E in the
    whole and in both parts; then the parts are cut likewise (Fayyad and Irani 1993). Of equal
    cuts the lowest is taken.

    Parameters
    ----------
    values : array of float, shape (n,)
        Without missing ones.
    classes : array of int, shape (n,)
        Codes from 0.

    Returns
    -------
    ndarray of float
        The cuts, ascending, each half way between two values.

    Examples
    --------
    >>> mdl_cuts([1, 2, 3, 4, 11, 12, 13, 14], [0, 0, 0, 0, 1, 1, 1, 1]).tolist()
    [7.5]
    >>> mdl_cuts([1, 2, 3, 4], [0, 1, 0, 1]).tolist()
    []
    """
    numbers, codes = np.asarray(values, float), np.asarray(classes, np.int64)
    points, place = np.unique(numbers, return_inverse=True)
    table = np.zeros((len(points), int(codes.max(initial=0)) + 1))
    np.add.at(table, (place, codes), 1)
    pending, cuts = [(0, len(points))], []
    while pending:
        begin, end = pending.pop()
        split = _best_split(table[begin:end])
        if split:
            middle = begin + split
            cuts.append((points[middle - 1] + points[middle]) / 2)
            pending += [(begin, middle), (middle, end)]
    return np.sort(np.array(cuts, float))


def classification_rules(
    table: pd.DataFrame,
    target: str,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    min_confidence: float = 0.0,
    max_length: int | None = 4,
    values: Iterable[Any] | None = None,
    discretiser: Discretiser | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> Rules:
    """Find the rules from the other columns of a table to the target column.

    Parameters
    ----------
    table : DataFrame
        One row a case; rows without a target are left out.
    target : str
        The column that alone may stand behind THEN, one value a rule.
    min_support, min_count, min_confidence, budget, n_jobs
        As for `rules_of_baskets`.
    max_length : int or None, default 4
        The largest number of items on both sides together.
    values : iterable, optional
        The only values of the target that are of interest.
    discretiser : Discretiser, optional
        How numbers are cut; it is fitted here. Default: by description length.

    Returns
    -------
    Rules
        Between texts such as 'age 35 to 49' and 'job=clerk'.

    Raises
    ------
    ValueError
        When the target is not a column, a value does not occur, or an argument is out of range.

    Examples
    --------
    >>> ages, buys = [20, 21, 22, 23, 61, 62, 63, 64], ["no"] * 4 + ["yes"] * 4
    >>> table = pd.DataFrame({"age": ages, "buys": buys})
    >>> rules = classification_rules(table, "buys", min_count=2, values=["yes"])
    >>> rules.to_frame(["confidence"]).values.tolist()
    [[frozenset({'age 42 or more'}), frozenset({'buys=yes'}), 1.0]]
    """
    if target not in table.columns:
        raise ValueError(f"target {target!r} is not a column; given: {list(table.columns)}")
    rows = table[table[target].notna()]
    others = rows.drop(columns=target)
    cut = (discretiser or Discretiser("mdl")).fit(others, rows[target].to_numpy())
    texts = cut.transform(others)
    then = [f"{target}={value}" for value in rows[target].tolist()]
    cells = [[text for text in row if text is not None] for row in texts.to_numpy().tolist()]
    baskets = Baskets.from_lists([[*row, last] for row, last in zip(cells, then, strict=True)])
    return rules_of_baskets(
        baskets, min_support, min_count=min_count, min_confidence=min_confidence,
        max_length=max_length, antecedents=sorted({text for row in cells for text in row}),
        consequents=_wanted(target, values, then), budget=budget, n_jobs=n_jobs,
    )  # fmt: skip


def _wanted(target: str, values: Iterable[Any] | None, then: Sequence[str]) -> list[str]:
    present = sorted(set(then))
    if values is None:
        return present
    wanted = [f"{target}={value}" for value in values]
    if absent := [name for name in wanted if name not in present]:
        raise ValueError(f"values that do not occur: {absent}; given: {present}")
    return wanted


def _check_columns(table: pd.DataFrame) -> None:
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].unique().tolist()
        raise ValueError(f"column names that come twice: {twice}")


def _is_number(column: pd.Series) -> bool:
    types = pd.api.types
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _numbers(column: pd.Series) -> Values:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"column {column.name!r} holds an infinite number")
    return values


def _tidy_cuts(points: Values, wanted: Values, whole: bool) -> Values:
    """Move every cut to a round number that parts the sorted points in the same way."""
    places, first = np.unique(np.searchsorted(points, wanted, side="left"), return_index=True)
    inner = (places > 0) & (places < len(points))
    cuts = np.asarray(wanted)[first[inner]]
    if whole:
        return np.ceil(cuts)
    gaps = zip(points[places[inner] - 1], points[places[inner]], cuts, strict=True)
    return np.array([_roundest(*gap) for gap in gaps], float)


def _roundest(low: float, high: float, wanted: float) -> float:
    """Give the number with fewest decimals above `low` and up to `high`, `high` if none."""
    near = (low + high) / 2 if wanted == high else wanted
    for decimals in range(-15, 16):
        cut = float(np.round(near, decimals))
        if low < cut <= high:
            return cut
    return float(high)


def _range_names(column: Any, cuts: Values, whole: bool) -> list[str]:
    """Name the ranges; between whole numbers both ends belong to the range."""
    if len(cuts) == 0:
        return [f"{column} any"]
    ends = [_text(cut) for cut in cuts]
    if not whole:
        inner = [f"{column} {low} to below {high}" for low, high in pairwise(ends)]
        return [f"{column} below {ends[0]}", *inner, f"{column} {ends[-1]} or more"]
    inner = [
        f"{column} {_text(low)}" + (f" to {_text(high - 1)}" if high - 1 > low else "")
        for low, high in pairwise(cuts)
    ]
    return [f"{column} up to {_text(cuts[0] - 1)}", *inner, f"{column} {ends[-1]} or more"]


def _text(number: float) -> str:
    return str(int(number)) if number == round(number) else repr(float(number))


def _entropy(counts: Values) -> Values:
    """Give the entropy in bits of class counts along the last axis."""
    total = np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    share = counts / total
    return -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=-1)


def _best_split(table: Values) -> int:
    """Give the row before which to cut, or 0 when no cut pays."""
    if len(table) < 2:
        return 0
    left = np.cumsum(table, axis=0)[:-1]
    whole = table.sum(axis=0)
    right, n = whole - left, whole.sum()
    mean = (left.sum(axis=1) * _entropy(left) + right.sum(axis=1) * _entropy(right)) / n
    best = int(np.flatnonzero(mean <= mean.min() + 1e-12)[0])
    parts = np.stack([whole, left[best], right[best]])
    k, entropy = (parts > 0).sum(axis=1), _entropy(parts)
    delta = np.log2(3.0 ** k[0] - 2) - (k[0] * entropy[0] - k[1] * entropy[1] - k[2] * entropy[2])
    gain = entropy[0] - mean[best]
    return best + 1 if gain > (np.log2(n - 1) + delta) / n else 0
