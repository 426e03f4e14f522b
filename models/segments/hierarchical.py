"""Segments by joining the nearest customers and groups, step by step."""

from typing import ClassVar

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from models.segments.base import sample_rows
from models.segments.centres import CentreSegmenter

__all__ = ["HierarchicalSegments"]

_LINKAGES = ("ward", "complete", "average", "single")


class HierarchicalSegments(CentreSegmenter):
    """Agglomerative clustering; who belongs where is said by the nearest mean of the groups found.

    Parameters
    ----------
    k : int, default 5
        Number of segments.
    linkage : {'ward', 'complete', 'average', 'single'}, default 'ward'
        What counts as the distance of two groups.
    max_rows : int, default 5000
        Customers learned from, which bounds the memory; above it a random sample.
    random_state : int, default 0
        Seed of the sample.
    """

    family: ClassVar[str] = "hierarchical"
    complexity: ClassVar[int] = 2

    def __init__(
        self, k: int = 5, linkage: str = "ward", max_rows: int = 5000, random_state: int = 0
    ) -> None:
        self.k = k
        self.linkage = linkage
        self.max_rows = max_rows
        self.random_state = random_state

    def _learn(self, X: np.ndarray) -> None:
        if self.linkage not in _LINKAGES:
            allowed = ", ".join(_LINKAGES)
            raise ValueError(f"linkage must be one of {allowed} but got {self.linkage!r}")
        some = X[sample_rows(len(X), self.max_rows, self.random_state)]
        count = min(self.k, len(some))
        if count == 1:
            self.centres_ = some.mean(axis=0, keepdims=True)
            return
        labels = AgglomerativeClustering(count, linkage=self.linkage).fit_predict(some)
        means = [some[labels == label].mean(axis=0) for label in range(count)]
        self.centres_ = np.unique(np.array(means), axis=0)
