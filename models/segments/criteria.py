"""One score out of several criteria, each with a weight."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["WeightedScore"]


class WeightedScore(BaseEstimator):
    """Weigh criteria into a score from 0 to 100.

    Each criterion is brought to 0 to 1 between its 1 % and 99 % points, so that one giant does not
    press all others to 0. Where less is better, the weight is negative and counts by its size.

    Parameters
    ----------
    weights : mapping of str to float
        Weight of each column; they need not sum to 1.

    Attributes
    ----------
    ends_ : dict of str to list of float
        The 1 % and 99 % points.

    Examples
    --------
    >>> frame = pd.DataFrame({"spend": [0.0, 50.0, 100.0], "returns": [2.0, 1.0, 0.0]})
    >>> score = WeightedScore({"spend": 3, "returns": -1}).fit(frame)
    >>> score.predict(frame).round(1).tolist()
    [0.0, 50.0, 100.0]
    >>> WeightedScore({"spend": 0}).fit(frame)
    Traceback (most recent call last):
    ...
    ValueError: the sizes of the weights sum to 0: there is nothing to weigh
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights

    def fit(self, frame: pd.DataFrame, y: None = None) -> Self:
        """Find the ends of each criterion.

        Raises
        ------
        ValueError
            When the weights sum to 0 in size, one is not finite, or a column is missing or no
            number; all columns are named.
        """
        self._check(frame)
        self.ends_ = {}
        for name in self.weights:
            known = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
            known = known[np.isfinite(known)]
            ends = np.quantile(known, [0.01, 0.99]) if len(known) else np.zeros(2)
            self.ends_[name] = [float(end) for end in ends]
        return self

    def predict(self, frame: pd.DataFrame) -> pd.Series:
        """Give the score of each customer; a missing value counts as the worse end."""
        check_is_fitted(self, "ends_")
        return self.parts(frame).sum(axis=1)

    def parts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the points that each criterion adds, by the same index."""
        check_is_fitted(self, "ends_")
        whole = sum(abs(weight) for weight in self.weights.values())
        points = {
            name: 100 * abs(weight) / whole * self._level(frame[name], name, weight)
            for name, weight in self.weights.items()
        }
        return pd.DataFrame(points, index=frame.index)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, as plain values."""
        check_is_fitted(self, "ends_")
        return {"ends": self.ends_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.ends_ = {name: list(ends) for name, ends in state["ends"].items()}
        return self

    def _level(self, values: pd.Series, name: str, weight: float) -> np.ndarray:
        low, high = self.ends_[name]
        given = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
        level = np.clip((given - low) / (high - low), 0, 1) if high > low else given * 0 + 0.5
        return np.nan_to_num(level if weight >= 0 else 1 - level, nan=0.0)

    def _check(self, frame: pd.DataFrame) -> None:
        sizes = [abs(float(weight)) for weight in self.weights.values()]
        if not np.isfinite(sizes).all():
            raise ValueError(f"weights must be finite but got {dict(self.weights)}")
        if not sum(sizes) > 0:
            raise ValueError("the sizes of the weights sum to 0: there is nothing to weigh")
        numbers = frame.select_dtypes(["number", "bool"])
        wrong = [name for name in self.weights if name not in numbers]
        if wrong:
            raise ValueError(f"no numbers to weigh in the columns {', '.join(wrong)}")
