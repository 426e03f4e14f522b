"""The customer segments and life stages that are planted, with their tastes."""

from typing import NamedTuple

import numpy as np

from features.generate.shelves import SHELVES

__all__ = ["SEGMENTS", "STAGES", "Segment", "Stage", "segment_tastes", "stage_tastes"]


class Segment(NamedTuple):
    """Customers who behave alike.

    Attributes
    ----------
    name : str
        What the truth calls it.
    share : float
        Share of all customers.
    rate : float
        How often they order, 1 = the average.
    basket : float
        Lines of an order beyond the first, on average.
    thrift : float
        Choice inside a category: below 0 the cheap product, above 0 the dear one.
    uplift : float
        How strongly they answer a campaign, 1 = the average.
    tastes : dict
        Departments or categories they buy more of: name -> how many times more.
    """

    name: str
    share: float
    rate: float
    basket: float
    thrift: float
    uplift: float
    tastes: dict[str, float]


class Stage(NamedTuple):
    """A stage of life: share of customers, range of ages and tastes."""

    name: str
    share: float
    youngest: int
    oldest: int
    tastes: dict[str, float]


SEGMENTS: tuple[Segment, ...] = (
    Segment("family table", 0.22, 1.4, 4.6, -0.3, 1.2,
            {"Groceries": 4.0, "Baby and Toys": 4.0, "School": 4.0, "Household": 2.0}),
    Segment("home and garden", 0.18, 0.9, 2.8, 0.1, 0.8,
            {"Garden and DIY": 11.0, "Home and Kitchen": 5.0, "Groceries": 0.5}),
    Segment("young urban", 0.16, 0.8, 2.2, 0.2, 1.8,
            {"Sport": 10.0, "Office and Tech": 4.0, "Snacks": 3.0, "Groceries": 0.6}),
    Segment("gourmet", 0.10, 1.1, 3.6, 0.9, 0.6,
            {"Wine and Fine Food": 10.0, "Cookware": 5.0, "Coffee Machines": 4.0,
             "Household": 0.4}),
    Segment("bargain hunter", 0.20, 1.1, 3.4, -1.1, 1.0,
            {"Household": 6.0, "Groceries": 2.0, "Wine and Fine Food": 0.3}),
    Segment("gift giver", 0.14, 0.5, 2.6, 0.3, 0.2,
            {"Gifts and Books": 11.0, "Candles and Decor": 7.0, "Health and Beauty": 4.0,
             "Groceries": 0.3}),
)  # fmt: skip

STAGES: tuple[Stage, ...] = (
    Stage("student", 0.12, 18, 26,
          {"Stationery": 2.5, "Snacks": 1.8, "Nappies": 0.05, "Baby Food": 0.05,
           "Garden and DIY": 0.4}),
    Stage("single", 0.18, 24, 48,
          {"Sport": 1.6, "Nappies": 0.1, "Baby Food": 0.1, "Toys": 0.4}),
    Stage("couple", 0.20, 25, 55,
          {"Wine": 1.6, "Cookware": 1.5, "Nappies": 0.2, "Baby Food": 0.2}),
    Stage("young family", 0.18, 25, 42,
          {"Nappies": 9.0, "Baby Food": 8.0, "Toys": 2.5}),
    Stage("family", 0.16, 34, 56,
          {"School": 3.0, "Games and Puzzles": 2.0, "Nappies": 0.3, "Baby Food": 0.2}),
    Stage("retired", 0.16, 60, 85,
          {"Garden and DIY": 1.8, "Vitamins": 2.5, "School": 0.2, "Nappies": 0.1,
           "Baby Food": 0.1}),
)  # fmt: skip


def segment_tastes() -> np.ndarray:
    """Tell how much more each segment buys of each category, shape (segments, categories)."""
    return _tastes([segment.tastes for segment in SEGMENTS])


def stage_tastes() -> np.ndarray:
    """Tell how much more each life stage buys of each category, shape (stages, categories)."""
    return _tastes([stage.tastes for stage in STAGES])


def _tastes(tastes: list[dict[str, float]]) -> np.ndarray:
    return np.array(
        [[of.get(s.department, 1.0) * of.get(s.category, 1.0) for s in SHELVES] for of in tastes]
    )
