"""From a table of customers to places that can be compared."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["AttributeSpace"]

_MISSING = ""
_SKEWED = 2.0
_TAIL = 0.005
_SAME = 1 / np.sqrt(2)  # two different categories are then 1 apart


class AttributeSpace(BaseEstimator):
    """Place customers by their attributes, numbers and categories alike.

    A number is brought to mean 0 and deviation 1; before, a number with a long tail is replaced by
    its logarithm and the outermost half per cent at each end is drawn in, so that a few customers
    do not decide alone. A missing number stands in the middle. A category becomes one column a
    member, and two members are one deviation apart; a missing one is a member of its own.
    Attributes that tell nobody apart are left out and named with the reason.

    Parameters
    ----------
    scale : {'auto', 'standard', 'none'}, default 'auto'
        ``standard`` takes no logarithms and draws nothing in; ``none`` leaves numbers as they are.
    max_categories : int, default 20
        The most frequent members of a category that have a column of their own; the others share
        one.

    Attributes
    ----------
    columns_ : dict of str to dict
        What was learned of each attribute kept.
    dropped_ : dict of str to str
        Attributes left out, and why.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0], "sex": ["f", "m", "f"], "land": "UK"})
    >>> space = AttributeSpace().fit(frame)
    >>> space.transform(frame).shape, space.dropped_
    ((3, 3), {'land': 'has one value only'})
    """

    def __init__(self, scale: str = "auto", max_categories: int = 20) -> None:
        self.scale = scale
        self.max_categories = max_categories

    def fit(self, frame: pd.DataFrame, y: None = None) -> Self:
        """Learn the scale of each attribute.

        Raises
        ------
        ValueError
            When a parameter is out of range, or no attribute is left; the reasons are told.
        """
        self._check()
        self.columns_: dict[str, dict[str, Any]] = {}
        self.dropped_: dict[str, str] = {}
        for name in frame:
            self._learn(str(name), frame[name])
        if not self.columns_:
            told = "; ".join(f"{name} {reason}" for name, reason in self.dropped_.items())
            raise ValueError(f"no attribute tells customers apart: {told or 'there is none'}")
        return self

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the places of customers; float64, one row a customer, always finite.

        Raises
        ------
        ValueError
            When an attribute that was learned is not there; all are named.
        """
        self._require(frame)
        parts = [
            _numbers(frame[name], about)
            if about["kind"] == "number"
            else _members(frame[name], about)
            for name, about in self.columns_.items()
        ]
        return np.column_stack(parts)

    def mixed(self, frame: pd.DataFrame) -> np.ndarray:
        """Give numbers as they are and categories as codes, for `gower`; NaN = missing."""
        self._require(frame)
        parts = [
            pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
            if about["kind"] == "number"
            else _codes(frame[name], about)
            for name, about in self.columns_.items()
        ]
        return np.column_stack(parts)

    @property
    def is_category_(self) -> np.ndarray:
        """Tell which columns of `mixed` are categories; bool, one an attribute."""
        check_is_fitted(self, "columns_")
        return np.array([about["kind"] == "category" for about in self.columns_.values()])

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, as plain values."""
        check_is_fitted(self, "columns_")
        # A list, because files of JSON may sort the keys, and the order is that of the places.
        columns = [{"name": name, **about} for name, about in self.columns_.items()]
        return {"columns": columns, "dropped": self.dropped_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.columns_ = {
            about["name"]: {key: value for key, value in about.items() if key != "name"}
            for about in state["columns"]
        }
        self.dropped_ = dict(state["dropped"])
        return self

    def _check(self) -> None:
        known = ("auto", "standard", "none")
        if self.scale not in known:
            raise ValueError(f"scale must be one of {', '.join(known)} but got {self.scale!r}")
        if self.max_categories < 2:
            raise ValueError(f"max_categories must be at least 2 but got {self.max_categories}")

    def _require(self, frame: pd.DataFrame) -> None:
        check_is_fitted(self, "columns_")
        missing = [name for name in self.columns_ if name not in frame]
        if missing:
            raise ValueError(f"attributes are missing: {', '.join(missing)}")

    def _learn(self, name: str, values: pd.Series) -> None:
        numeric = pd.api.types.is_numeric_dtype(values)
        known = values[np.isfinite(values.astype(np.float64))] if numeric else values.dropna()
        reason = _useless(known, len(values), numeric=numeric)
        if reason:
            self.dropped_[name] = reason
        elif numeric:
            self.columns_[name] = self._number(known.to_numpy(dtype=np.float64))
        else:
            self.columns_[name] = self._category(values)

    def _number(self, known: np.ndarray) -> dict[str, Any]:
        log = self.scale == "auto" and known.min() >= 0 and _skewness(known) > _SKEWED
        values = np.log1p(known) if log else known
        low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
        if self.scale != "auto" or not low < high:
            low, high = values.min(), values.max()
        drawn = np.clip(values, low, high)
        centre, spread = (0.0, 1.0) if self.scale == "none" else (drawn.mean(), drawn.std())
        return {
            "kind": "number",
            "log": bool(log),
            "low": float(low),
            "high": float(high),
            "centre": float(centre),
            "spread": float(spread) or 1.0,
        }

    def _category(self, values: pd.Series) -> dict[str, Any]:
        counts = _texts(values).value_counts()
        order = sorted(counts.index, key=lambda member: (-counts[member], member))
        kept = order[: self.max_categories]
        return {"kind": "category", "members": kept, "rest": len(order) > len(kept)}


def _useless(known: pd.Series, total: int, *, numeric: bool) -> str:
    """Say why an attribute tells nobody apart; empty when it does."""
    different = known.nunique()
    if not different:
        return "is empty"
    if different == 1 and (numeric or len(known) == total):
        return "has one value only"
    if not numeric and different > 20 and different > 0.5 * len(known):
        return f"has {different:,} different texts and names single customers"
    return ""


def _skewness(values: np.ndarray) -> float:
    spread = values.std()
    return float(((values - values.mean()) ** 3).mean() / spread**3) if spread > 0 else 0.0


def _numbers(values: pd.Series, about: Mapping[str, Any]) -> np.ndarray:
    given = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.where(np.isfinite(given), given, np.nan)
    known = np.log1p(np.maximum(known, 0.0)) if about["log"] else known
    placed = (np.clip(known, about["low"], about["high"]) - about["centre"]) / about["spread"]
    return np.where(np.isnan(placed), 0.0, placed)[:, None]


def _members(values: pd.Series, about: Mapping[str, Any]) -> np.ndarray:
    texts = _texts(values).to_numpy(dtype=object)
    columns = [texts == member for member in about["members"]]
    if about["rest"]:
        columns.append(~np.logical_or.reduce(columns))
    return np.column_stack(columns) * _SAME


def _codes(values: pd.Series, about: Mapping[str, Any]) -> np.ndarray:
    code = {member: place for place, member in enumerate(about["members"])}
    codes = _texts(values).map(code).fillna(len(code)).to_numpy(dtype=np.float64)
    return np.where(values.isna().to_numpy(), np.nan, codes)


def _texts(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), _MISSING).map(str)
