"""Profit by customer and period, and how much of it the best customers bring."""

import numpy as np
import pandas as pd

__all__ = ["concentration_curve", "profit_by_period"]


def profit_by_period(
    lines: pd.DataFrame,
    margin: float | str = 1.0,
    period: str = "M",
    cost_to_serve: float = 0.0,
) -> pd.DataFrame:
    """Give the profit of each customer in each calendar period; it may be negative.

    Parameters
    ----------
    lines : pandas.DataFrame
        ``customer_id``, ``ordered_at`` (timestamp), ``amount`` (money; negative for returns).
    margin : float or str, default 1
        Share of the amount that is earned, or the column that holds it.
    period : str, default "M"
        A pandas period: ``Y``, ``Q``, ``M``, ``W`` ...
    cost_to_serve : float, default 0
        Money that a line costs, a returned one too.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``period`` (its first day), ``amount``, ``profit``, sorted; only pairs
        with a line.

    Examples
    --------
    >>> lines = pd.DataFrame({"customer_id": ["a", "a"], "amount": [100.0, -40.0],
    ...     "ordered_at": pd.to_datetime(["2011-01-03", "2011-02-01"])})
    >>> profit_by_period(lines, margin=0.3, cost_to_serve=1)["profit"].tolist()
    [29.0, -13.0]
    """
    share = lines[margin] if isinstance(margin, str) else float(margin)
    profit = lines["amount"].astype(np.float64) * share - cost_to_serve
    first_day = pd.to_datetime(lines["ordered_at"]).dt.to_period(period).dt.start_time
    table = pd.DataFrame(
        {
            "customer_id": lines["customer_id"],
            "period": first_day,
            "amount": lines["amount"].astype(np.float64),
            "profit": profit,
        }
    )
    keys = ["customer_id", "period"]
    # Ordered, so that sums do not depend on the order of the rows.
    ordered = table.sort_values([*keys, "amount", "profit"])
    return ordered.groupby(keys, as_index=False)[["amount", "profit"]].sum()


def concentration_curve(profit: np.ndarray | pd.Series) -> pd.DataFrame:
    """Give the share of all profit that the best customers bring, at each depth.

    Parameters
    ----------
    profit : array of float
        One number a customer; may be negative.

    Returns
    -------
    pandas.DataFrame
        ``customers`` (from 0), ``share_of_customers``, ``profit`` (cumulative, best first) and
        ``share_of_profit``, which passes 1 where some customers cost money; NaN when all profit
        sums to 0 or less: then a share says nothing.

    Examples
    --------
    >>> concentration_curve([60.0, 80.0, -40.0])["share_of_profit"].round(2).tolist()
    [0.0, 0.8, 1.4, 1.0]
    """
    values = np.sort(np.asarray(profit, dtype=np.float64))[::-1]
    if not len(values):
        raise ValueError("a concentration curve needs at least one customer")
    if not np.isfinite(values).all():
        raise ValueError("profit must not be missing or infinite")
    reached = np.concatenate([[0.0], np.cumsum(values)])
    depth = np.arange(len(values) + 1)
    total = reached[-1]
    return pd.DataFrame(
        {
            "customers": depth,
            "share_of_customers": depth / len(values),
            "profit": reached,
            "share_of_profit": reached / total if total > 0 else np.full(len(reached), np.nan),
        }
    )
