"""Customer equity: the value of the customers of today and of those who will join."""

import numpy as np
import pandas as pd

from models.value import future_cohorts
from pipelines.config.relations import ValueFuture
from pipelines.valuing.bundled import ValueBundle, value_table

__all__ = ["equity_table", "newcomer_value"]


def newcomer_value(bundle: ValueBundle, discount: float | None = None) -> float:
    """Give what a new customer is worth on the day of the first purchase, that one included.

    Of a newcomer nothing is known, so the models' means stand in.
    """
    fresh = pd.DataFrame(
        {"frequency": [0.0], "recency": [0.0], "T": [0.0], "spend": [np.nan]},
        index=pd.Index(["new"], name="customer_id"),
    )
    told = value_table(bundle, fresh, discount=discount).iloc[0]
    first = float(told["expected_spend"]) * float(bundle.meta["economics"]["margin"])
    return first + float(told["lifetime_value"])


def equity_table(customers: pd.DataFrame, bundle: ValueBundle, asked: ValueFuture) -> pd.DataFrame:
    """Give the value of the present customers and of every coming year's, one row each.

    Returns
    -------
    pandas.DataFrame
        ``cohort`` ('present', 'year 1' ...), ``customers``, ``mean_value`` (today, after the cost
        of winning one), ``total_value``.
    """
    total = float(customers["lifetime_value"].sum())
    present = pd.DataFrame(
        {
            "cohort": ["present"],
            "customers": [float(len(customers))],
            "mean_value": [total / max(len(customers), 1)],
            "total_value": [total],
        }
    )
    rate = float(bundle.meta["economics"]["discount"])
    coming = future_cohorts(asked.joining, newcomer_value(bundle), asked.cost, rate)
    coming = coming.rename(columns={"present_value": "mean_value"})
    coming.insert(0, "cohort", [f"year {year}" for year in coming.pop("year")])
    return pd.concat([present, coming], ignore_index=True)
