"""How alike two yes-or-no variables are."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

__all__ = ["COEFFICIENTS", "agreement", "similarity"]

Counts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide; NaN where nothing can be said."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below != 0, above / below, np.nan)


def _kulczynski(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    return (_over(a, a + b) + _over(a, a + c)) / 2


def _phi(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    return _over(a * d - b * c, np.sqrt((a + b) * (a + c) * (d + b) * (d + c)))


COEFFICIENTS: Mapping[str, Callable[..., np.ndarray]] = {
    "jaccard": lambda a, b, c, d: _over(a, a + b + c),
    "dice": lambda a, b, c, d: _over(2 * a, 2 * a + b + c),
    "simple_matching": lambda a, b, c, d: _over(a + d, a + b + c + d),
    "russell_rao": lambda a, b, c, d: _over(a, a + b + c + d),
    "rogers_tanimoto": lambda a, b, c, d: _over(a + d, a + d + 2 * (b + c)),
    "sokal_sneath": lambda a, b, c, d: _over(a, a + 2 * (b + c)),
    "ochiai": lambda a, b, c, d: _over(a, np.sqrt((a + b) * (a + c))),
    "kulczynski": _kulczynski,
    "yule": lambda a, b, c, d: _over(a * d - b * c, a * d + b * c),
    "phi": _phi,
}
"""Coefficients of ``a`` (both), ``b`` (first only), ``c`` (second only), ``d`` (neither).

Those after Sneath and Sokal, *Numerical Taxonomy*, 1973. They differ in whether two absences count
as likeness: in ``jaccard``, ``dice``, ``sokal_sneath``, ``ochiai`` and ``kulczynski`` they do not.
"""


def agreement(X: pd.DataFrame) -> Counts:
    """Count for every pair of columns how many rows hold both, one, the other, neither.

    Parameters
    ----------
    X : pandas.DataFrame of bool or 0 and 1

    Returns
    -------
    a, b, c, d : numpy.ndarray of float64, shape (columns, columns)

    Raises
    ------
    ValueError
        When a column holds anything else; all such columns are named.
    """
    wrong = [str(name) for name in X if not X[name].isin([0, 1]).all()]
    if wrong:
        raise ValueError(f"yes-or-no columns hold 0 and 1 only, unlike {', '.join(wrong)}")
    held = X.to_numpy(dtype=np.float64)
    both = held.T @ held
    single = np.broadcast_to(held.sum(axis=0), both.shape)
    first, second = single.T - both, single - both
    return both, first, second, len(held) - both - first - second


def similarity(X: pd.DataFrame, coefficient: str = "jaccard") -> pd.DataFrame:
    """Give how alike the columns of a yes-or-no table are.

    Parameters
    ----------
    X : pandas.DataFrame of bool or 0 and 1
        One row a customer, one column a variable.
    coefficient : str, default 'jaccard'
        A name of `COEFFICIENTS`.

    Returns
    -------
    pandas.DataFrame of float64
        Columns by columns; NaN where a coefficient has no value, as for two empty columns.

    Raises
    ------
    ValueError
        When the coefficient is not known, or a column is not of yes and no.

    Examples
    --------
    >>> held = pd.DataFrame({"card": [1, 1, 0, 0], "loan": [1, 0, 0, 0]})
    >>> [float(similarity(held, name).loc["card", "loan"]) for name in ("jaccard",
    ...     "simple_matching")]
    [0.5, 0.75]
    """
    if coefficient not in COEFFICIENTS:
        known = ", ".join(COEFFICIENTS)
        raise ValueError(f"coefficient must be one of {known} but got {coefficient!r}")
    values = COEFFICIENTS[coefficient](*agreement(X))
    return pd.DataFrame(values, index=X.columns, columns=X.columns)
