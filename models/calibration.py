"""From the scores of any recommender to probabilities of purchase."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import optimize
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.recommend.history import History

__all__ = ["PurchaseCalibrator", "offer_inputs"]

COLUMNS = ("score", "rank", "recency_days", "frequency")
ITEM_COLUMNS = ("price", "popularity_30", "popularity_all")
INPUTS = 8


class PurchaseCalibrator(BaseEstimator):
    """Estimate the probability that an offered item is bought in the outcome window.

    A logistic regression on the place of the score among the scores seen (so that its scale does
    not matter), and on the logarithms of the rank, of the customer's recency and frequency, and of
    the item's price and popularity. The score may only raise the probability and the rank only
    lower it. Price is there because lists prefer dear items, and of two offers with equal scores
    the dearer is bought less often. With few purchases the coefficients are drawn to zero, and
    with none the probability is the shrunk base rate.

    Parameters
    ----------
    penalty : float, default 1
        Ridge penalty on the standardised coefficients, in units of rows.
    bins : int, default 50
        Points of the scale of scores; between them the scale is linear.
    prior : float, default 0.01
        Base rate assumed before anything is seen.
    prior_rows : float, default 20
        How many rows that assumption is worth.

    Attributes
    ----------
    grid_ : numpy.ndarray of float64
        Increasing scores.
    level_ : numpy.ndarray of float64
        Share of scores up to each of them.
    mean_, scale_ : numpy.ndarray of float64, (8,)
        Standardisation of the inputs.
    coefficients_ : numpy.ndarray of float64, (8,)
        Of the score's place, of the high end of the scores, of rank, recency, frequency, price and
        the two popularities.
    intercept_ : float

    Examples
    --------
    >>> rows = pd.DataFrame({"score": [3.0, 2.0, 1.0, 0.5], "rank": [1, 2, 1, 2],
    ...                      "recency_days": [5, 5, 90, 90], "frequency": [9, 9, 1, 1]})
    >>> fitted = PurchaseCalibrator().fit(rows, [1, 0, 0, 0])
    >>> bool((np.diff(fitted.predict_proba(rows)) <= 0).all())
    True
    """

    learned: ClassVar[tuple[str, ...]] = (
        "grid_",
        "level_",
        "mean_",
        "scale_",
        "coefficients_",
    )

    grid_: np.ndarray
    level_: np.ndarray
    mean_: np.ndarray
    scale_: np.ndarray
    coefficients_: np.ndarray
    intercept_: float

    def __init__(
        self,
        penalty: float = 1.0,
        bins: int = 50,
        prior: float = 0.01,
        prior_rows: float = 20.0,
    ) -> None:
        self.penalty = penalty
        self.bins = bins
        self.prior = prior
        self.prior_rows = prior_rows

    def fit(self, rows: pd.DataFrame, y: Any) -> Self:
        """Learn from offers whose outcome is known.

        Parameters
        ----------
        rows : pandas.DataFrame
            ``score``, ``rank`` (from 1), ``recency_days``, ``frequency``, and where they are known
            ``price``, ``popularity_30``, ``popularity_all`` of the item; NaN counts as average.
        y : array-like of {0, 1}
            Whether the item was bought.

        Raises
        ------
        ValueError
            When a column is missing, lengths differ or `y` holds something else than 0 and 1.
        """
        bought = np.asarray(y, dtype=np.float64)
        self._check(rows, bought)
        self._learn_scale(rows["score"].to_numpy(dtype=np.float64))
        inputs = self._inputs(rows)
        self.mean_, self.scale_ = _moments(inputs)
        place = _standard(inputs, self.mean_, self.scale_)
        rate = (bought.sum() + self.prior * self.prior_rows) / (len(bought) + self.prior_rows)
        base = float(np.log(rate / (1.0 - rate)))
        if 0 < bought.sum() < len(bought):
            solution = _logistic(place, bought, base, self.penalty)
            self.intercept_, self.coefficients_ = float(solution[0]), solution[1:]
        else:
            self.intercept_, self.coefficients_ = base, np.zeros(place.shape[1])
        return self

    def _check(self, rows: pd.DataFrame, bought: np.ndarray) -> None:
        missing = [name for name in COLUMNS if name not in rows]
        if missing:
            raise ValueError(
                f"rows lack {', '.join(missing)}; they have {', '.join(map(str, rows))}"
            )
        if bought.shape != (len(rows),):
            raise ValueError(f"y has shape {bought.shape} but there are {len(rows)} rows")
        if not np.isin(bought, (0.0, 1.0)).all():
            raise ValueError("y must hold 0 and 1 only")
        if not 0 < self.prior < 1:
            raise ValueError(f"prior must lie between 0 and 1 but got {self.prior}")

    def _learn_scale(self, score: np.ndarray) -> None:
        score = score[np.isfinite(score)]
        points = np.quantile(score, np.linspace(0, 1, self.bins)) if len(score) else np.zeros(1)
        self.grid_ = np.unique(points)
        ordered = np.sort(score)
        middle = np.searchsorted(ordered, self.grid_, "left") + np.searchsorted(
            ordered, self.grid_, "right"
        )
        self.level_ = middle / max(2 * len(score), 1)

    def _inputs(self, rows: pd.DataFrame) -> np.ndarray:
        score = rows["score"].to_numpy(dtype=np.float64)
        level = np.interp(score, self.grid_, self.level_)
        level = np.where(np.isnan(score), np.nan, level)
        return np.column_stack(
            [
                level,
                -np.log1p(-np.minimum(level, 1 - 1e-3)),
                np.log(np.maximum(rows["rank"].to_numpy(dtype=np.float64), 1.0)),
                np.log1p(np.maximum(rows["recency_days"].to_numpy(dtype=np.float64), 0.0)),
                np.log1p(np.maximum(rows["frequency"].to_numpy(dtype=np.float64), 0.0)),
                *(_logarithm(rows, name) for name in ITEM_COLUMNS),
            ]
        )

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        """Estimate the probability of purchase of each row.

        Returns
        -------
        numpy.ndarray of float64, (rows,)
            From 0 to 1; for one customer and rank it never falls as the score rises.
        """
        check_is_fitted(self, "intercept_")
        place = _standard(self._inputs(rows), self.mean_, self.scale_)
        # Column by column: a product of matrices rounds a row by how many others there are.
        value = np.full(len(place), self.intercept_)
        for column, coefficient in zip(place.T, self.coefficients_, strict=True):
            value += column * coefficient
        return _sigmoid(value)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as lists and numbers."""
        check_is_fitted(self, "intercept_")
        return {"intercept_": self.intercept_} | {
            name: getattr(self, name).tolist() for name in self.learned
        }

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        expected = {"intercept_", *self.learned}
        if set(state) != expected:
            wrong = ", ".join(sorted(expected ^ set(state)))
            raise ValueError(f"calibrator state has missing or unknown parts: {wrong}")
        if len(state["coefficients_"]) != INPUTS:
            given = len(state["coefficients_"])
            raise ValueError(f"calibrator state has {given} coefficients instead of {INPUTS}")
        self.intercept_ = float(state["intercept_"])
        for name in self.learned:
            setattr(self, name, np.asarray(state[name], dtype=np.float64))
        return self


def offer_inputs(rows: pd.DataFrame, history: History) -> pd.DataFrame:
    """Give for each offer what the calibrator reads.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer`` and ``item`` codes of `history`, ``score``, ``rank``.
    history : History
        Its features give ``recency_days`` and ``frequency`` of the customer, and ``price``,
        ``popularity_30`` and ``popularity_all`` of the item. Where the customer's are not known,
        the lines tell, and a customer without lines gets the age of the oldest.

    Returns
    -------
    pandas.DataFrame
        ``score``, ``rank`` and these columns, in the order of `rows`; NaN where an item's are not
        known.
    """
    customer, item = rows["customer"].to_numpy(), rows["item"].to_numpy()
    recency, frequency = _activity(history)
    known = history.item_features
    inputs = rows[["score", "rank"]].reset_index(drop=True)
    inputs["recency_days"], inputs["frequency"] = recency[customer], frequency[customer]
    for name in ITEM_COLUMNS:
        inputs[name] = known[name].to_numpy(np.float64)[item] if name in known else np.nan
    return inputs


def _activity(history: History) -> tuple[np.ndarray, np.ndarray]:
    known = history.customer_features
    if {"recency_days", "frequency"} <= set(known.columns):
        return known["recency_days"].to_numpy(), known["frequency"].to_numpy()
    by_customer = history.lines.groupby("customer")
    everybody = range(len(history.customers))
    oldest = float(history.lines["age"].max()) if len(history.lines) else 0.0
    recency = by_customer["age"].min().reindex(everybody).fillna(oldest)
    frequency = by_customer["basket"].nunique().reindex(everybody).fillna(0)
    return recency.to_numpy(np.float64), frequency.to_numpy(np.float64)


def _logarithm(rows: pd.DataFrame, name: str) -> np.ndarray:
    if name not in rows:
        return np.full(len(rows), np.nan)
    return np.log1p(np.maximum(rows[name].to_numpy(dtype=np.float64), 0.0))


def _moments(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(inputs)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, inputs, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, inputs - mean, 0.0) ** 2).sum(axis=0) / count)
    return mean, np.where(spread > 1e-12, spread, 1.0)


def _standard(inputs: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(inputs), (inputs - mean) / scale, 0.0)


def _sigmoid(value: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * value)))


def _logistic(place: np.ndarray, bought: np.ndarray, base: float, penalty: float) -> np.ndarray:
    """Minimise the penalised logistic loss; the score's signs are held, and the rank's."""

    def loss(solution: np.ndarray) -> tuple[float, np.ndarray]:
        value = solution[0] + place @ solution[1:]
        error = _sigmoid(value) - bought
        ridge = penalty * solution[1:]
        total = (np.logaddexp(0.0, value) - bought * value).sum() + 0.5 * ridge @ solution[1:]
        return float(total), np.concatenate([[error.sum()], error @ place + ridge])

    free = (None, None)
    bounds = [free, (0.0, None), (0.0, None), (None, 0.0), *[free] * (place.shape[1] - 3)]
    start = np.concatenate([[base], np.zeros(place.shape[1])])
    return np.asarray(optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x)
