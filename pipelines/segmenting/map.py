"""A map of segments: customers who are alike lie near each other; nobody is named."""

import numpy as np
import pandas as pd

from models.segments import AttributeSpace
from pipelines.segmenting.publishing import hidden_classes

__all__ = ["MOST_POINTS", "map_of"]

MOST_POINTS = 3_000


def map_of(
    space: AttributeSpace,
    attributes: pd.DataFrame,
    segment: pd.Series,
    min_group: int,
    seed: int = 0,
) -> pd.DataFrame | None:
    """Project customers on the two directions in which they differ most.

    Parameters
    ----------
    space : AttributeSpace
        In which the segments were made; fitted.
    attributes : pandas.DataFrame
        One row a customer.
    segment : pandas.Series
        Of each customer, by the index of `attributes`.
    min_group : int
        Segments that must not be shown are left out.
    seed : int
        Draws the points, at most 3,000, without their order.

    Returns
    -------
    pandas.DataFrame or None
        ``x``, ``y`` to two digits, and ``segment`` as text; None where nothing may be shown or
        there is one direction only.

    Notes
    -----
    Principal components: Jolliffe (2002), *Principal Component Analysis*, ch. 2. The sign of a
    direction is free; its largest weight is made positive.
    """
    sizes = segment.value_counts().sort_index()
    shown = sizes.index[~hidden_classes(sizes, min_group)]
    places = space.transform(attributes)
    if not len(shown) or min(places.shape) < 2:
        return None
    points = _projected(places)
    rows = np.flatnonzero(segment.reindex(attributes.index).isin(shown).to_numpy())
    rows = np.random.default_rng(seed).permutation(rows)[:MOST_POINTS]
    labels = segment.reindex(attributes.index).iloc[rows].astype(str).to_numpy()
    return pd.DataFrame({"x": points[rows, 0], "y": points[rows, 1], "segment": labels})


def _projected(places: np.ndarray) -> np.ndarray:
    centred = places - places.mean(axis=0)
    # The small matrix of covariances: a million customers need no decomposition of their own.
    _, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, ::-1][:, :2]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, [0, 1]])
    return np.asarray(np.round(centred @ axes, 2) + 0.0)
