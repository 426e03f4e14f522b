"""The classifiers of one table by kind; a new one is one file and one line here."""

from collections.abc import Mapping

from models.tabular.base import TableClassifier
from models.tabular.boosted import Additive, Boosted
from models.tabular.cart import Cart
from models.tabular.linear import Discriminant, Logistic
from models.tabular.network import Neural

__all__ = ["REGISTRY"]

REGISTRY: Mapping[str, type[TableClassifier]] = {
    "logistic": Logistic,
    "discriminant": Discriminant,
    "cart": Cart,
    "additive": Additive,
    "boosted": Boosted,
    "neural": Neural,
}
"""Every classifier by its kind, the simplest first."""
