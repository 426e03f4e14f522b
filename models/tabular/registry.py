"""The classifiers of one table by kind; a new one is one file and one line here."""

from collections.abc import Mapping
from importlib.util import find_spec

from models.tabular.base import TableClassifier
from models.tabular.boosted import Additive, Boosted
from models.tabular.cart import Cart
from models.tabular.explainable import Explainable
from models.tabular.linear import Discriminant, Logistic
from models.tabular.network import Neural

__all__ = ["REGISTRY", "available"]

REGISTRY: Mapping[str, type[TableClassifier]] = {
    "logistic": Logistic,
    "discriminant": Discriminant,
    "cart": Cart,
    "additive": Additive,
    "ebm": Explainable,
    "boosted": Boosted,
    "neural": Neural,
}
"""Every classifier by its kind, the simplest first."""


def available() -> tuple[str, ...]:
    """Give the kinds whose fitting lacks no extra.

    Examples
    --------
    >>> {"logistic", "additive", "boosted"} <= set(available())
    True
    """
    return tuple(
        kind for kind, one in REGISTRY.items() if all(find_spec(name) for name in one.requires)
    )
