"""Choosing under limits: rank by value, take while resources last, say what is forgone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Selection", "select_by_value"]


@dataclass(frozen=True)
class Selection:
    """Who was taken, and what that leaves.

    Attributes
    ----------
    chosen : numpy.ndarray of bool, (customers,)
        In the order that was given.
    value : float
        Value of those taken.
    forgone : float
        Value above 0 of those not taken for want of resources.
    spent : float
        Cost of those taken.
    """

    chosen: np.ndarray
    value: float
    forgone: float
    spent: float


def select_by_value(
    value: np.ndarray | pd.Series,
    cost: np.ndarray | pd.Series | float = 1.0,
    limit: float = np.inf,
    by: str = "value",
) -> Selection:
    """Take customers from the best down while resources last.

    Customers whose value is not above 0 are never taken. The first who cannot be paid for ends
    the list, so that nobody is passed over for someone worth less.

    Parameters
    ----------
    value : array of float
        What each customer brings, after its cost if that is wanted.
    cost : array of float or float, default 1
        Resources that each one takes; 0 or more.
    limit : float
        Resources; default no limit.
    by : {"value", "ratio"}
        Rank by value, or by value for each unit of cost, which gains more where costs differ.

    Returns
    -------
    Selection
        Ties keep the order that was given.

    Examples
    --------
    >>> found = select_by_value([50.0, 80.0, -5.0, 20.0], cost=1, limit=2)
    >>> found.chosen.tolist(), found.value, found.forgone
    ([True, True, False, False], 130.0, 20.0)
    """
    values = np.asarray(value, dtype=np.float64)
    costs = np.broadcast_to(np.asarray(cost, dtype=np.float64), values.shape)
    _check(values, costs, limit, by)
    with np.errstate(divide="ignore"):
        rank = values if by == "value" else values / costs
    order = np.argsort(-rank, kind="stable")
    order = order[values[order] > 0]
    # A hair more, so that rounding of the sum cannot turn the last one away.
    fits = np.cumsum(costs[order]) <= limit * (1 + 1e-12)
    chosen = np.zeros(len(values), dtype=bool)
    chosen[order[fits]] = True
    return Selection(
        chosen,
        value=float(values[chosen].sum()),
        forgone=float(values[order[~fits]].sum()),
        spent=float(costs[chosen].sum()),
    )


def _check(values: np.ndarray, costs: np.ndarray, limit: float, by: str) -> None:
    if by not in ("value", "ratio"):
        raise ValueError(f"by must be 'value' or 'ratio' but got {by!r}")
    if not np.isfinite(values).all() or not np.isfinite(costs).all():
        raise ValueError("value and cost must be finite")
    if (costs < 0).any() or not limit >= 0:
        raise ValueError("costs and the limit must not be negative")
