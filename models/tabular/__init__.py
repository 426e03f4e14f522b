"""Classifiers of one table: they compete, explain each row and are stored in open forms."""

from models.tabular.base import TableClassifier
from models.tabular.boosted import Additive, Boosted
from models.tabular.cart import Cart
from models.tabular.encoding import Design, TableEncoder
from models.tabular.explainable import Explainable
from models.tabular.linear import Discriminant, Logistic

__all__ = [
    "Additive",
    "Boosted",
    "Cart",
    "Design",
    "Discriminant",
    "Explainable",
    "Logistic",
    "TableClassifier",
    "TableEncoder",
]
