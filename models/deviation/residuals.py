"""What was observed against what was predicted."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.association.significance import benjamini_hochberg
from models.deviation.scale import robust_spread
from models.segments.words import plain_name, plain_number

__all__ = ["Residuals"]


class Residuals(BaseEstimator):
    """Judge how far an observation lies from its prediction, by how far others lay.

    Each residual is compared with those of customers that were not used to fit the prediction
    (split conformal inference [1]_): the p-value is the share of them that lie as far off or
    further, and is right whatever the distribution. Where the size of the error grows with the
    prediction, the customers are compared within parts of equal prediction.

    Parameters
    ----------
    parts : int, default 5
        Parts by the size of the prediction; 1 compares all with all.

    Attributes
    ----------
    cuts_ : numpy.ndarray of float64
        Ends of the parts.
    sizes_ : list of numpy.ndarray of float64
        Sorted sizes of the residuals of each part.
    spreads_ : numpy.ndarray of float64
        Robust deviation of the residuals of each part.

    References
    ----------
    .. [1] Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-free predictive inference
       for regression, JASA 2018; by parts: Vovk, Mondrian confidence machines, 2003.

    Examples
    --------
    >>> judge = Residuals(parts=1).fit(np.arange(99) / 10, np.zeros(99))
    >>> judge.predict(np.array([9.9]), np.array([0.0]))["p"].tolist()
    [0.01]
    """

    def __init__(self, parts: int = 5) -> None:
        self.parts = parts

    def fit(self, observed: Any, predicted: Any) -> Self:
        """Learn how large residuals are, from customers held out when the prediction was fitted.

        Raises
        ------
        ValueError
            When nothing is given, a value is not finite, or `parts` is below 1.
        """
        if self.parts < 1:
            raise ValueError(f"parts must be at least 1 but got {self.parts}")
        observed, predicted = _pair(observed, predicted)
        if not len(observed):
            raise ValueError("there are no residuals to learn from")
        inner = np.linspace(0, 1, self.parts + 1)[1:-1]
        self.cuts_ = np.unique(np.quantile(predicted, inner))
        part, off = self._part(predicted), observed - predicted
        places = range(len(self.cuts_) + 1)
        # A part without customers borrows all of them.
        chosen = [off[part == place] if (part == place).any() else off for place in places]
        self.sizes_ = [np.sort(np.abs(one)) for one in chosen]
        self.spreads_ = np.array([float(robust_spread(one)) for one in chosen])
        return self

    def predict(self, observed: Any, predicted: Any) -> pd.DataFrame:
        """Judge new observations.

        Returns
        -------
        pandas.DataFrame
            ``observed``, ``predicted``, ``residual``, ``z`` (robust deviations; 0 where the part
            has no spread and the residual is 0), ``p`` and ``p_adjusted`` (Benjamini and
            Hochberg, over all rows given).
        """
        check_is_fitted(self, "cuts_")
        observed, predicted = _pair(observed, predicted)
        part, off = self._part(predicted), observed - predicted
        p = np.ones(len(off))
        for place, sizes in enumerate(self.sizes_):
            own = part == place
            # Tolerance: a residual that equals a learned one up to rounding counts as equal.
            further = len(sizes) - np.searchsorted(sizes, np.abs(off[own]) * (1 - 1e-12))
            p[own] = (1 + further) / (1 + len(sizes))
        spread = self.spreads_[part]
        z = np.divide(off, spread, out=np.zeros_like(off), where=spread > 0)
        table = pd.DataFrame(
            {"observed": observed, "predicted": predicted, "residual": off, "z": z}
        )
        table["p"], table["p_adjusted"] = p, benjamini_hochberg(p) if len(p) else p
        return table

    @staticmethod
    def sentence(measure: str, observed: float, predicted: float, p: float) -> str:
        """Say what was expected and what came.

        Examples
        --------
        >>> Residuals.sentence("spend", 10.0, 250.0, 0.002)
        'spend was 10, expected 250; only 0.2% of customers lie this far off'
        """
        told = f"{plain_name(measure)} was {plain_number(observed)}"
        share = f"{p:.1%}" if p >= 0.001 else "under 0.1%"
        far = f"only {share} of customers lie this far off"
        return f"{told}, expected {plain_number(predicted)}; {far}"

    def _part(self, predicted: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.cuts_, predicted, side="right")


def _pair(observed: Any, predicted: Any) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"one prediction an observation is needed: {first.shape}, {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("observations and predictions must be finite")
    return first, second
