"""Discriminant analysis: functions learned from labelled cases, with their tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh
from scipy.stats import chi2

from models.statistics.checks import complete

__all__ = ["Discriminant", "discriminant_analysis"]

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Discriminant:
    """Functions that tell classes apart.

    Parameters
    ----------
    functions : DataFrame
        One row a canonical function: eigenvalue, share, canonical_correlation, and Wilks' lambda of
        this and all later functions with chi2, df, p_value.
    coefficients : DataFrame
        Standardised coefficients; a row a column, a column a function.
    classification : DataFrame
        Fisher's classification functions: a row a column (and 'constant'), a column a class.
    wilks : float
        Wilks' lambda of all functions: 0 tells apart, 1 does not.
    """

    functions: pd.DataFrame
    coefficients: pd.DataFrame
    classification: pd.DataFrame
    wilks: float

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Give the class whose function is largest."""
        columns = [name for name in self.classification.index if name != "constant"]
        slopes = self.classification.loc[columns].to_numpy(float)
        constant = self.classification.loc["constant"].to_numpy(float)
        scores = X[columns].to_numpy(float) @ slopes + constant
        return self.classification.columns.to_numpy()[scores.argmax(axis=1)]


def discriminant_analysis(
    X: pd.DataFrame, y: ArrayLike, *, equal_priors: bool = True
) -> Discriminant:
    """Learn linear discriminant functions (Fisher 1936) and test them.

    For cross-validation and pipelines take scikit-learn's LinearDiscriminantAnalysis, which gives
    the same classes; this adds the tables that a statistician reads.

    Parameters
    ----------
    X : DataFrame of numbers
    y : array
        The class of each row.
    equal_priors : bool, default True
        Otherwise classes are as likely as they are frequent.

    Raises
    ------
    ValueError
        When there is one class only, a column is constant or follows from others, or there are
        too few rows.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1.0, 2, 3, 7, 8, 9], "b": [1.0, 0, 1, 0, 1, 0]})
    >>> discriminant_analysis(X, list("xxxyyy")).predict(X).tolist()
    ['x', 'x', 'x', 'y', 'y', 'y']
    """
    names = [str(name) for name in X.columns]
    frame = X.set_axis(names, axis=1).reset_index(drop=True).assign(**{"\0class": np.asarray(y)})
    rows = complete(frame, [*names, "\0class"])
    values, labels = rows[names].to_numpy(float), rows["\0class"].to_numpy()
    classes, n = np.unique(labels, return_counts=True)
    if len(values) <= len(names) + len(classes):
        raise ValueError(f"{len(names)} columns and {len(classes)} classes need more rows")
    means = np.array([values[labels == one].mean(axis=0) for one in classes])
    rest = values - means[np.searchsorted(classes, labels)]
    within = rest.T @ rest
    if np.linalg.cond(within / np.outer(*[np.sqrt(np.diag(within))] * 2)) > 1e12:
        raise ValueError("a column follows from the others: leave it out")
    away = means - values.mean(axis=0)
    size, vectors = eigh(away.T @ (away * n[:, None]), within)
    count = min(len(classes) - 1, len(names))
    size, vectors = size[::-1][:count], vectors[:, ::-1][:, :count]
    free = len(values) - len(classes)
    return Discriminant(
        _functions(size, len(values), len(names), len(classes)),
        _standardised(vectors, within, free, names),
        _classification(means, within / free, n / n.sum() if not equal_priors else None, names,
                        classes),
        float(np.prod(1 / (1 + size))),
    )  # fmt: skip


def _functions(size: Values, n: int, p: int, k: int) -> pd.DataFrame:
    places = np.arange(len(size))
    wilks = np.array([np.prod(1 / (1 + size[i:])) for i in places])
    statistic = -(n - 1 - (p + k) / 2) * np.log(wilks)
    df = (p - places) * (k - places - 1)
    return pd.DataFrame(
        {
            "eigenvalue": size, "share": size / size.sum(),
            "canonical_correlation": np.sqrt(size / (1 + size)), "wilks_lambda": wilks,
            "chi2": statistic, "df": df, "p_value": chi2.sf(statistic, df),
        },
        index=[f"function{i + 1}" for i in places],
    )  # fmt: skip


def _standardised(vectors: Values, within: Values, free: int, names: list[str]) -> pd.DataFrame:
    scaled = vectors * np.sqrt(free) * np.sqrt(np.diag(within) / free)[:, None]
    scaled = scaled * np.where(scaled.sum(axis=0) < 0, -1, 1)
    columns = [f"function{i + 1}" for i in range(vectors.shape[1])]
    return pd.DataFrame(scaled, index=names, columns=columns)


def _classification(
    means: Values, pooled: Values, priors: Values | None, names: list[str], classes: NDArray[Any]
) -> pd.DataFrame:
    slopes = np.linalg.solve(pooled, means.T)
    chance = np.full(len(classes), 1 / len(classes)) if priors is None else priors
    constant = -0.5 * (means.T * slopes).sum(axis=0) + np.log(chance)
    return pd.DataFrame([*slopes, constant], index=[*names, "constant"], columns=classes)
