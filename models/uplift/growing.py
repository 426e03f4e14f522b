"""Growing an uplift tree: where to split so that the effect differs most."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.uplift.base import Experiment

__all__ = ["CRITERIA", "Criterion", "Cuts", "Sums", "best_split", "sums_of"]

Criterion = Literal["kl", "euclid", "t"]

BINS = 32


@dataclass(frozen=True)
class Sums:
    """Weight, outcome and squared outcome of both arms; each an array of one shape.

    Attributes
    ----------
    n, y, yy : numpy.ndarray of float64, (2, ...)
        The first axis is the arm: untreated, treated.
    rows : numpy.ndarray of float64, (2, ...)
        Customers, whatever their weight.
    """

    n: np.ndarray
    y: np.ndarray
    yy: np.ndarray
    rows: np.ndarray

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.n - other.n, self.y - other.y, self.yy - other.yy, self.rows - other.rows)

    @property
    def mean(self) -> np.ndarray:
        """Mean outcome of each arm, drawn a little to the middle where hardly anybody is."""
        return np.asarray(self.y / np.maximum(self.n, 1e-12))

    @property
    def effect(self) -> np.ndarray:
        """Treated less untreated."""
        return np.asarray(self.mean[1] - self.mean[0])

    @property
    def variance(self) -> np.ndarray:
        """Of the effect."""
        spread = np.maximum(self.yy / np.maximum(self.n, 1e-12) - self.mean**2, 0.0)
        return np.asarray((spread / np.maximum(self.rows, 1.0)).sum(axis=0))


@dataclass(frozen=True)
class Cuts:
    """Where each feature may be cut.

    Attributes
    ----------
    edges : list of numpy.ndarray
        Increasing thresholds by feature: ``x <= edge`` goes left, and so does a missing value.
    codes : numpy.ndarray of int, (rows, features)
        How many edges lie below each value; 0 where missing.
    """

    edges: list[np.ndarray]
    codes: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "Cuts":
        """Cut at quantiles, halfway between neighbouring values; not above the largest."""
        edges = [_edges(column) for column in x.T]
        codes = [
            np.where(np.isfinite(column), np.searchsorted(edge, column, side="left"), 0)
            for column, edge in zip(x.T, edges, strict=True)
        ]
        shape = (len(x), 0)
        return cls(edges, np.column_stack(codes) if codes else np.zeros(shape, dtype=int))


def _edges(column: np.ndarray) -> np.ndarray:
    known = np.unique(column[np.isfinite(column)])
    if len(known) < 2:
        return np.empty(0)
    middle = (known[1:] + known[:-1]) / 2
    if len(middle) < BINS:
        return middle
    asked = np.quantile(column[np.isfinite(column)], np.arange(1, BINS) / BINS)
    return np.unique(middle[np.minimum(np.searchsorted(middle, asked), len(middle) - 1)])


def sums_of(seen: Experiment, code: np.ndarray | None = None, bins: int = 1) -> Sums:
    """Sum the rows by arm and bin; (2, bins)."""
    place = np.zeros(len(seen.y), dtype=int) if code is None else code
    place = place + bins * seen.treated
    weight = seen.balanced

    def by(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values, minlength=2 * bins).reshape(2, bins)

    return Sums(by(weight), by(weight * seen.y), by(weight * seen.y**2), by(np.ones(len(seen.y))))


def best_split(
    seen: Experiment,
    codes: np.ndarray,
    cuts: Cuts,
    features: np.ndarray,
    criterion: Criterion,
    min_leaf: int,
) -> tuple[float, int, float] | None:
    """Give gain, feature and threshold of the best cut of a node; None where none is allowed.

    Both arms of both children keep at least `min_leaf` customers. Of equal gains the earlier
    feature and the lower threshold are taken.
    """
    gain_of, best = CRITERIA[criterion], None
    for feature in features:
        edge = cuts.edges[feature]
        if not len(edge):
            continue
        bins = sums_of(seen, codes[:, feature], len(edge) + 1)
        left = Sums(*(np.cumsum(part, axis=1)[:, :-1] for part in _parts(bins)))
        whole = Sums(*(part.sum(axis=1, keepdims=True) for part in _parts(bins)))
        right = whole - left
        gain = gain_of(left, right, whole)
        fits = np.minimum(left.rows, right.rows).min(axis=0) >= min_leaf
        gain = np.where(fits & np.isfinite(gain), gain, -np.inf)
        place = int(np.argmax(gain))
        if gain[place] > 0 and (best is None or gain[place] > best[0] * (1 + 1e-12)):
            best = (float(gain[place]), int(feature), float(edge[place]))
    return best


def _parts(sums: Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return sums.n, sums.y, sums.yy, sums.rows


def _weighted(distance: Callable[[Sums], np.ndarray]) -> Callable[[Sums, Sums, Sums], np.ndarray]:
    """Give the gain of a distance between the arms: that of the children less that of the node."""

    def gain(left: Sums, right: Sums, whole: Sums) -> np.ndarray:
        share = left.n.sum(axis=0) / whole.n.sum(axis=0)
        return np.asarray(share * distance(left) + (1 - share) * distance(right) - distance(whole))

    return gain


def _euclid(sums: Sums) -> np.ndarray:
    """Squared distance; of shares, twice over, as both sides of the coin differ."""
    return np.asarray(2.0 * sums.effect**2)


def _kullback(sums: Sums) -> np.ndarray:
    """Divergence of the treated from the untreated, with one customer added on either side."""
    p = (sums.y + 0.5) / (sums.n + 1.0)
    control, treated = np.clip(p, 1e-9, 1 - 1e-9)
    yes = treated * np.log(treated / control)
    return np.asarray(yes + (1 - treated) * np.log((1 - treated) / (1 - control)))


def _t(left: Sums, right: Sums, whole: Sums) -> np.ndarray:
    """Squared t statistic of the difference between the effects of both children."""
    return np.asarray(
        (left.effect - right.effect) ** 2 / np.maximum(left.variance + right.variance, 1e-300)
    )


CRITERIA: dict[str, Callable[[Sums, Sums, Sums], np.ndarray]] = {
    "kl": _weighted(_kullback),
    "euclid": _weighted(_euclid),
    "t": _t,
}
"""Rzepakowski and Jaroszewicz (2012) for ``kl`` and ``euclid``; Radcliffe and Surry (2011) and Su
and others (2009) for ``t``."""
