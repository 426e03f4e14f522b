"""Whether the same segments come again from other customers: how many there are to be trusted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from models.segments.base import Segmenter, sample_rows

__all__ = ["Stability", "jaccard_of_segments", "prediction_strength", "stability"]

Maker = Callable[[int], Segmenter]


@dataclass(frozen=True)
class Stability:
    """How well segments come again.

    Attributes
    ----------
    jaccard : numpy.ndarray of float64, shape (rounds, segments)
        Likeness of each segment to the most similar one found in resampled customers: shared
        members over all members of the two [1]_. Above 0.75 a segment is real, below 0.5 it is
        dissolved.
    agreement : numpy.ndarray of float64, shape (rounds,)
        Adjusted Rand index of the whole segmentation with the one found in resampled customers.
    strength : numpy.ndarray of float64, shape (rounds,)
        Prediction strength [2]_; above 0.8 the number of segments is supported.
    sizes : numpy.ndarray of int64, shape (segments,)
        Customers of each segment.

    References
    ----------
    .. [1] Hennig, Cluster-wise assessment of cluster stability, CSDA 2007.
    .. [2] Tibshirani and Walther, Cluster validation by prediction strength, JCGS 2005.
    """

    jaccard: np.ndarray
    agreement: np.ndarray
    strength: np.ndarray
    sizes: np.ndarray

    @property
    def by_segment(self) -> np.ndarray:
        """Mean likeness of each segment."""
        return np.asarray(self.jaccard.mean(axis=0))

    @property
    def by_round(self) -> np.ndarray:
        """Likeness in each round, averaged over customers."""
        return np.asarray(self.jaccard @ (self.sizes / self.sizes.sum()))

    @property
    def mean(self) -> float:
        """Likeness averaged over customers and rounds."""
        return float(self.by_round.mean())


def stability(
    make: Maker, X: Any, *, rounds: int = 20, max_rows: int = 5000, random_state: int = 0
) -> Stability:
    """Segment resampled customers again and again, and compare.

    Parameters
    ----------
    make : callable
        Gives an unfitted clustering for a seed.
    X : array of float, shape (customers, attributes)
    rounds : int, default 20
        Resamples.
    max_rows : int, default 5000
        Customers used; above it a random sample.
    random_state : int, default 0
        Seed.

    Raises
    ------
    ValueError
        When there are fewer than 10 customers, or no round.
    """
    X = np.asarray(X, dtype=np.float64)
    if rounds < 1 or len(X) < 10:
        raise ValueError(f"1 round and 10 customers are needed, not {rounds} and {len(X)}")
    X = X[np.lexsort(X.T[::-1])]
    X = X[sample_rows(len(X), max_rows, random_state)]
    whole = make(random_state).fit(X)
    found = [
        _round(make, X, whole, np.random.default_rng([random_state, n])) for n in range(rounds)
    ]
    return Stability(
        jaccard=np.array([one[0] for one in found]),
        agreement=np.array([one[1] for one in found]),
        strength=np.array([one[2] for one in found]),
        sizes=np.bincount(whole.labels_, minlength=whole.n_clusters_),
    )


def jaccard_of_segments(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Give for each segment the likeness of the most similar other one.

    Parameters
    ----------
    labels, others : numpy.ndarray of int, shape (customers,)
        Two segmentations of the same customers, numbered from 0.

    Examples
    --------
    >>> jaccard_of_segments(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0])).round(3).tolist()
    [0.667, 0.5]
    """
    shared = np.zeros((labels.max() + 1, others.max() + 1))
    np.add.at(shared, (labels, others), 1.0)
    together = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.asarray((shared / np.maximum(together, 1.0)).max(axis=1))


def prediction_strength(own: np.ndarray, predicted: np.ndarray) -> float:
    """Give the smallest share of pairs of a segment that the other half keeps together.

    Parameters
    ----------
    own : numpy.ndarray of int, shape (customers,)
        Segments found in these customers.
    predicted : numpy.ndarray of int, shape (customers,)
        Segments of the same customers by the rule learned from others.

    Returns
    -------
    float
        From 0 to 1; segments of one customer count as kept.

    Examples
    --------
    >>> prediction_strength(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0]))
    0.3333333333333333
    """
    shared = np.zeros((own.max() + 1, predicted.max() + 1))
    np.add.at(shared, (own, predicted), 1.0)
    size = shared.sum(axis=1)
    pairs, kept = size * (size - 1), (shared * (shared - 1)).sum(axis=1)
    return float(np.min(kept[pairs > 0] / pairs[pairs > 0], initial=1.0))


def _round(
    make: Maker, X: np.ndarray, whole: Segmenter, rng: np.random.Generator
) -> tuple[np.ndarray, float, float]:
    seed = int(rng.integers(2**31))
    others = make(seed).fit(X[rng.integers(len(X), size=len(X))]).predict(X)
    half = rng.permutation(len(X))[: len(X) // 2]
    is_half = np.isin(np.arange(len(X)), half)
    learned, own = make(seed).fit(X[is_half]), make(seed).fit(X[~is_half])
    labels = whole.labels_
    likeness = jaccard_of_segments(labels, others)
    strength = prediction_strength(own.labels_, learned.predict(X[~is_half]))
    return likeness, float(adjusted_rand_score(labels, others)), strength
