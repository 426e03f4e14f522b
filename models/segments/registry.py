"""All clusterings by the name that a configuration gives them."""

import inspect

from lodeworks.errors import did_you_mean
from models.segments.base import Segmenter
from models.segments.centres import KMeansSegments, MiniBatchSegments
from models.segments.conceptual import ConceptualSegments
from models.segments.density import DensitySegments
from models.segments.hierarchical import HierarchicalSegments
from models.segments.medoids import KMedoids
from models.segments.mixture import MixtureSegments

__all__ = ["SEGMENTERS", "create_segmenter"]

SEGMENTERS: dict[str, type[Segmenter]] = {
    "kmeans": KMeansSegments,
    "minibatch": MiniBatchSegments,
    "medoids": KMedoids,
    "conceptual": ConceptualSegments,
    "hierarchical": HierarchicalSegments,
    "mixture": MixtureSegments,
    "density": DensitySegments,
}


def create_segmenter(kind: str, **params: object) -> Segmenter:
    """Build an unfitted clustering.

    Parameters
    ----------
    kind : str
        A name of `SEGMENTERS`.
    **params
        Constructor parameters.

    Raises
    ------
    ValueError
        When the kind or a parameter is not known.

    Examples
    --------
    >>> create_segmenter("kmeans", k=4)
    KMeansSegments(k=4)
    >>> create_segmenter("kmean")
    Traceback (most recent call last):
    ...
    ValueError: unknown clustering 'kmean': did you mean 'kmeans'?
    """
    if kind not in SEGMENTERS:
        raise ValueError(f"unknown clustering {kind!r}: {did_you_mean(kind, SEGMENTERS)}")
    allowed = inspect.signature(SEGMENTERS[kind]).parameters
    wrong = [f"{name!r}: {did_you_mean(name, allowed)}" for name in params if name not in allowed]
    if wrong:
        raise ValueError(f"{kind}: unknown parameter {'; '.join(wrong)}")
    return SEGMENTERS[kind](**params)
