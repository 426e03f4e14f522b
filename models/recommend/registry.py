"""All recommenders by the name that a configuration gives them."""

import inspect

from lodeworks.errors import did_you_mean
from models.recommend.als import Als
from models.recommend.base import Recommender
from models.recommend.clusters import Clusters
from models.recommend.content import Content
from models.recommend.cosine import Cosine
from models.recommend.ease import Ease
from models.recommend.neighbours import Neighbours
from models.recommend.neural import Neural
from models.recommend.personal import Personal
from models.recommend.popularity import Popularity
from models.recommend.ranker import Ranker
from models.recommend.rules import Rules
from models.recommend.sequence_net import SequenceNet
from models.recommend.sequential import Sequential
from models.recommend.taste import Taste
from models.recommend.tifu import Tifu
from models.recommend.tree import Tree

__all__ = ["REGISTRY", "create", "kinds"]

REGISTRY: dict[str, type[Recommender]] = {
    "popularity": Popularity,
    "personal": Personal,
    "cosine": Cosine,
    "content": Content,
    "taste": Taste,
    "ease": Ease,
    "als": Als,
    "neighbours": Neighbours,
    "tifu": Tifu,
    "clusters": Clusters,
    "rules": Rules,
    "sequential": Sequential,
    "tree": Tree,
    "ranker": Ranker,
    "neural": Neural,
    "sequence": SequenceNet,
}


def kinds() -> list[str]:
    """List the names, in the order of the registry."""
    return list(REGISTRY)


def create(kind: str, **params: object) -> Recommender:
    """Build an unfitted recommender.

    Parameters
    ----------
    kind : str
        A name of `kinds`.
    **params
        Constructor parameters.

    Raises
    ------
    ValueError
        When the kind or a parameter is not known; all unknown parameters are told at once.

    Examples
    --------
    >>> create("cosine", neighbours=20)
    Cosine(neighbours=20)
    >>> create("cosin")
    Traceback (most recent call last):
    ...
    ValueError: unknown recommender 'cosin': did you mean 'cosine'?
    """
    if kind not in REGISTRY:
        raise ValueError(f"unknown recommender {kind!r}: {did_you_mean(kind, REGISTRY)}")
    allowed = inspect.signature(REGISTRY[kind]).parameters
    wrong = [f"{name!r}: {did_you_mean(name, allowed)}" for name in params if name not in allowed]
    if wrong:
        raise ValueError(f"{kind}: unknown parameter {'; '.join(wrong)}")
    return REGISTRY[kind](**params)
