"""Relationship profitability: what a customer earns now, and what strategies may add."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["potential_profitability", "relationship_profitability", "share_of_wallet_profit"]

Number = float | np.ndarray


def relationship_profitability(lines: pd.DataFrame) -> pd.Series:
    """Sum (price - provision cost) x quantity over the products of each customer.

    Parameters
    ----------
    lines : pandas.DataFrame
        ``customer_id``, ``price`` and ``cost`` of one piece, ``quantity`` (negative for returns).

    Returns
    -------
    pandas.Series of float64
        Profit by ``customer_id``, sorted; it may be negative.

    Examples
    --------
    >>> lines = pd.DataFrame({"customer_id": ["a", "a", "b"], "price": [10.0, 4, 10],
    ...                       "cost": [6.0, 5, 6], "quantity": [3, 2, 1]})
    >>> relationship_profitability(lines).to_dict()
    {'a': 10.0, 'b': 4.0}
    """
    needed = ("customer_id", "price", "cost", "quantity")
    missing = [name for name in needed if name not in lines]
    if missing:
        raise ValueError(f"lines lack {', '.join(missing)}; they have {', '.join(map(str, lines))}")
    numbers = lines[["price", "cost", "quantity"]].astype(np.float64)
    if numbers.isna().to_numpy().any():
        raise ValueError("lines must not lack a price, cost or quantity")
    profit = (numbers["price"] - numbers["cost"]) * numbers["quantity"]
    # Ordered, so that sums do not depend on the order of the rows.
    table = pd.DataFrame({"customer_id": lines["customer_id"], "profit": profit})
    ordered = table.sort_values(["customer_id", "profit"])
    return ordered.groupby("customer_id")["profit"].sum()


def share_of_wallet_profit(
    frequency: float | np.ndarray, share: float | np.ndarray, profit: float | np.ndarray
) -> float | np.ndarray:
    """Give category purchases a period x share of wallet x profit of one purchase.

    Parameters
    ----------
    frequency : float or array
        Purchases of the category in a period, from whomever.
    share : float or array
        Part of them that is bought here, 0 to 1.
    profit : float or array
        Of one purchase.

    Examples
    --------
    >>> share_of_wallet_profit(12, 0.25, 20.0)
    60.0
    """
    shares = np.asarray(share, dtype=np.float64)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("a share of wallet must lie between 0 and 1")
    if (np.asarray(frequency, dtype=np.float64) < 0).any():
        raise ValueError("a frequency must not be negative")
    return frequency * share * profit


def potential_profitability(
    strategies: Mapping[str, tuple[Number, Number]] | Sequence[tuple[Number, Number]],
    current: Number = 0.0,
) -> tuple[Any, Any]:
    """Give the potential of relationships, and their total with the current profitability.

    Parameters
    ----------
    strategies : mapping of str to (float or array, float or array), or sequence of them
        Probability that a customer responds, and gain if so; arrays: one number a customer.
    current : float or array, default 0
        Relationship profitability without them.

    Returns
    -------
    tuple of float or numpy.ndarray of float64
        PRP = sum of response x gain, and TRP = current + PRP; NaN where a part is unknown.

    Raises
    ------
    ValueError
        When a response does not lie between 0 and 1.

    Examples
    --------
    >>> potential_profitability({"card": (0.25, 80.0), "loan": (0.5, 100.0)}, current=50.0)
    (70.0, 120.0)
    """
    pairs = list(strategies.values() if isinstance(strategies, Mapping) else strategies)
    for response, _ in pairs:
        given = np.atleast_1d(np.asarray(response, dtype=np.float64))
        wrong = given[(given < 0) | (given > 1)]
        if len(wrong):
            raise ValueError(f"a response must lie between 0 and 1 but got {wrong[0]:g}")
    potential = sum((response * gain for response, gain in pairs), start=0.0)
    return potential, current + potential
