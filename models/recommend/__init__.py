"""Recommenders: each ranks the items a customer may buy next."""

from models.recommend.base import Reason, Recommender
from models.recommend.history import History, LabelledWindow

__all__ = ["History", "LabelledWindow", "Reason", "Recommender"]
