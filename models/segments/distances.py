"""How far two customers are apart: four distances over numbers, and one over mixed kinds."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

__all__ = ["METRICS", "check_metric", "distances", "gower", "power_distances"]

METRICS = ("euclidean", "manhattan", "chebyshev", "power")
_SCIPY: dict[str, Any] = {
    "euclidean": "euclidean",
    "manhattan": "cityblock",
    "chebyshev": "chebyshev",
}
_CELLS = 1 << 22


def distances(
    X: Any, Y: Any, metric: str = "euclidean", *, p: float = 2.0, r: float = 2.0
) -> np.ndarray:
    """Give the distance of every row of `X` to every row of `Y`.

    Parameters
    ----------
    X : array of float, shape (n, attributes)
    Y : array of float, shape (m, attributes)
    metric : {'euclidean', 'manhattan', 'chebyshev', 'power'}
        Square root of the sum of squares, sum of absolute differences, largest absolute
        difference, or the power distance.
    p, r : float, default 2
        Of the power distance ``(sum |d|**p) ** (1 / r)``: `p` weighs large differences within one
        attribute, `r` weighs large distances between customers. Both are above 0 and need not be
        equal; p = r = 2 is the Euclidean distance, p = r = 1 the Manhattan distance.

    Returns
    -------
    numpy.ndarray of float64, shape (n, m)

    Raises
    ------
    ValueError
        When the metric is not known, or `p` or `r` is not above 0.

    Examples
    --------
    >>> a, b = [[0.0, 0.0]], [[3.0, 4.0]]
    >>> [float(distances(a, b, name)[0, 0]) for name in ("euclidean", "manhattan", "chebyshev")]
    [5.0, 7.0, 4.0]
    >>> float(distances(a, b, "power", p=2, r=1)[0, 0])
    25.0
    """
    check_metric(metric, p, r)
    first, second = np.asarray(X, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    if metric == "power":
        return power_distances(first, second, p, r)
    return np.asarray(cdist(first, second, _SCIPY[metric]))


def check_metric(metric: str, p: float, r: float, known: tuple[str, ...] = METRICS) -> None:
    """Refuse a metric that is not known, and powers that are not above 0."""
    if metric not in known:
        raise ValueError(f"metric must be one of {', '.join(known)} but got {metric!r}")
    if not (p > 0 and r > 0):
        raise ValueError(f"p and r must be above 0 but got p={p} and r={r}")


def power_distances(X: np.ndarray, Y: np.ndarray, p: float, r: float) -> np.ndarray:
    """Give ``(sum |x - y|**p) ** (1 / r)``, a block of rows at a time."""
    found = np.empty((len(X), len(Y)))
    step = max(1, _CELLS // max(1, Y.size))
    for start in range(0, len(X), step):
        apart = np.abs(X[start : start + step, None, :] - Y[None, :, :])
        found[start : start + step] = (apart**p).sum(axis=2) ** (1.0 / r)
    return found


def gower(X: np.ndarray, Y: np.ndarray, spans: np.ndarray, is_category: np.ndarray) -> np.ndarray:
    """Give the general distance of Gower for numbers and categories side by side.

    A number counts its difference over the span of the attribute, a category 0 when equal and 1
    when not; the mean is over the attributes that both customers have [1]_.

    Parameters
    ----------
    X : numpy.ndarray of float64, shape (n, attributes)
        Categories as codes; NaN = missing.
    Y : numpy.ndarray of float64, shape (m, attributes)
    spans : numpy.ndarray of float64, shape (attributes,)
        Largest minus smallest value of each number; 0 leaves out the attribute.
    is_category : numpy.ndarray of bool, shape (attributes,)

    Returns
    -------
    numpy.ndarray of float64, shape (n, m)
        From 0 to 1; 1 for two customers without an attribute in common.

    References
    ----------
    .. [1] Gower, A general coefficient of similarity and some of its properties, Biometrics 1971.

    Examples
    --------
    >>> X = np.array([[20.0, 0.0], [60.0, 1.0]])
    >>> gower(X, X, np.array([80.0, 0.0]), np.array([False, True]))[0].tolist()
    [0.0, 0.75]
    """
    total, shared = np.zeros((len(X), len(Y))), np.zeros((len(X), len(Y)))
    for place, (span, categorical) in enumerate(zip(spans, is_category, strict=True)):
        if categorical or span > 0:
            _add_attribute(X[:, place], Y[:, place], 0.0 if categorical else span, total, shared)
    return np.divide(total, shared, out=np.ones_like(total), where=shared > 0)


def _add_attribute(
    x: np.ndarray, y: np.ndarray, span: float, total: np.ndarray, shared: np.ndarray
) -> None:
    apart = np.abs(x[:, None] - y[None, :])
    known = ~np.isnan(apart)
    share = np.minimum(apart / span, 1.0) if span else (apart > 0).astype(np.float64)
    total += np.where(known, share, 0.0)
    shared += known
