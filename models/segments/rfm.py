"""Recency, frequency and monetary value as scores from 1 to 5, and what the scores are called."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["RFM_NAMES", "RfmScores", "rfm_name"]

RFM_NAMES: tuple[tuple[str, tuple[int, int], tuple[int, int]], ...] = (
    ("best customers", (4, 5), (4, 5)),
    ("loyal customers", (3, 5), (4, 5)),
    ("promising", (4, 5), (2, 3)),
    ("new customers", (4, 5), (1, 1)),
    ("need attention", (3, 3), (2, 3)),
    ("about to sleep", (3, 3), (1, 1)),
    ("do not lose", (1, 2), (4, 5)),
    ("at risk", (1, 2), (2, 3)),
    ("lost", (1, 2), (1, 1)),
)
"""Name, range of the recency score, range of the mean of frequency and monetary score (rounded)."""

COLUMNS = ("recency", "frequency", "monetary")


class RfmScores(BaseEstimator):
    """Give each customer a score for how lately, how often and for how much they bought.

    Each score is the fifth of the customers that the value falls in (Hughes, *Strategic Database
    Marketing*, 1994), 5 the best. Equal values have equal scores.

    Parameters
    ----------
    bins : int, default 5
        Parts of each score.

    Attributes
    ----------
    cuts_ : dict of str to list of float
        Ends of the parts of ``recency``, ``frequency`` and ``monetary``.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"recency": [1, 9, 40, 90, 300], "frequency": [9, 5, 3, 2, 1],
    ...      "monetary": [900, 400, 90, 50, 10]}
    ... )
    >>> RfmScores().fit(frame).predict(frame)["rfm"].tolist()
    ['555', '444', '333', '222', '111']
    """

    def __init__(self, bins: int = 5) -> None:
        self.bins = bins

    def fit(self, frame: pd.DataFrame, y: None = None) -> Self:
        """Find the cuts.

        Parameters
        ----------
        frame : pandas.DataFrame
            ``recency`` (days since the last purchase), ``frequency``, ``monetary``.

        Raises
        ------
        ValueError
            When a column is missing, or `bins` is not from 2 to 9.
        """
        if not 2 <= self.bins <= 9:
            raise ValueError(f"bins must be from 2 to 9 but got {self.bins}")
        shares = np.linspace(0, 1, self.bins + 1)[1:-1]
        self.cuts_ = {
            name: np.quantile(_column(frame, name).dropna().to_numpy(), shares).tolist()
            if _column(frame, name).notna().any()
            else [0.0] * len(shares)
            for name in COLUMNS
        }
        return self

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give ``r``, ``f``, ``m`` (1 to `bins`), ``rfm`` (text) and ``name``, by the same index.

        A missing value scores 1.
        """
        check_is_fitted(self, "cuts_")
        r, f, m = (self._score(_column(frame, name), name) for name in COLUMNS)
        scores = pd.DataFrame({"r": r, "f": f, "m": m}, index=frame.index)
        scores["rfm"] = [f"{a}{b}{c}" for a, b, c in zip(r, f, m, strict=True)]
        scores["name"] = [rfm_name(*score, bins=self.bins) for score in zip(r, f, m, strict=True)]
        return scores

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, as plain values."""
        check_is_fitted(self, "cuts_")
        return {"cuts": self.cuts_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.cuts_ = {name: list(cuts) for name, cuts in state["cuts"].items()}
        return self

    def _score(self, values: pd.Series, name: str) -> np.ndarray:
        given = values.to_numpy(dtype=np.float64)
        part = np.searchsorted(self.cuts_[name], given, side="left")
        scored = self.bins - part if name == "recency" else part + 1
        return np.where(np.isnan(given), 1, scored).astype(np.int64)


def rfm_name(r: int, f: int, m: int, bins: int = 5) -> str:
    """Give the name of a score; see `RFM_NAMES`.

    Examples
    --------
    >>> rfm_name(5, 5, 5), rfm_name(1, 5, 4), rfm_name(5, 1, 1)
    ('best customers', 'do not lose', 'new customers')
    """
    recency, worth = _of_five(r, bins), _of_five((f + m) / 2, bins)
    for name, (low, high), (least, most) in RFM_NAMES:
        if low <= recency <= high and least <= worth <= most:
            return name
    raise AssertionError((r, f, m, bins))  # pragma: no cover - the names cover every score


def _of_five(score: float, bins: int) -> int:
    return int(np.floor(1 + 4 * (score - 1) / (bins - 1) + 0.5))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        raise ValueError(f"the columns {', '.join(COLUMNS)} are needed; {name!r} is missing")
    return pd.to_numeric(frame[name])
