"""Customers and figures of the shop that left their usual level."""

import pandas as pd

from models.deviation import changes
from pipelines.config.deviation import Changes
from pipelines.deviating.found import Found, table_of
from pipelines.deviating.reading import Seen, periods_of

__all__ = ["find_changes"]


def find_changes(seen: Seen, wanted: Changes, observe: int) -> Found:
    """Follow the spending of every regular customer, and the figures of the shop."""
    money, figures = periods_of(seen, wanted.period, observe)
    if money.shape[1] <= wanted.baseline:
        note = (
            f"the data has {money.shape[1]} periods of {wanted.period} days, no more than the"
            f" baseline of {wanted.baseline}: no change can be seen"
        )
        return Found("change", table_of("change", pd.DataFrame()), notes=(note,))
    regular = money[(money.iloc[:, : wanted.baseline] > 0).sum(axis=1) >= wanted.active]
    measure = f"spend in {wanted.period} days"
    found = _changes(regular, wanted, measure)
    of_shop = pd.concat(
        [
            _changes(figures.loc[[name]], wanted, f"{name} in {wanted.period} days")
            for name in figures.index
        ],
        ignore_index=True,
    )
    overview = {
        "Regular customers": _counts(found, len(regular)),
        "Figures of the shop by period": figures.T.rename_axis("begins").reset_index(),
    }
    return Found("change", found, overview, figures=of_shop)


def _changes(table: pd.DataFrame, wanted: Changes, measure: str) -> pd.DataFrame:
    found = changes(table, wanted.baseline, measure=measure, slack=wanted.slack, limit=wanted.limit)
    return table_of(
        "change",
        found.rename(columns={"row": "subject", "usual": "expected", "since": "observed"}).assign(
            rank=range(1, len(found) + 1), measure=measure
        ),
    )


def _counts(found: pd.DataFrame, regular: int) -> pd.DataFrame:
    rose = int((found["observed"] > found["expected"]).sum())
    rows = [("followed", regular), ("spending rose", rose), ("spending fell", len(found) - rose)]
    return pd.DataFrame(rows, columns=["customers who", "number"])
