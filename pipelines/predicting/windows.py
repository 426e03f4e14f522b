"""Records from purchases: who was active before a day, and then bought nothing, or something."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.cut import Cut
from features.indicators import indicators
from features.purchases import outcomes
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import DataError
from pipelines.config.predict import Money, Predict, Purchases
from pipelines.crosssell.prepare import plan_windows
from pipelines.lists.exclusions import opted_out
from pipelines.predicting.records import Records, Sample, stacked

__all__ = ["customers_at", "purchase_sample"]


def purchase_sample(config: Predict, warehouse: Warehouse) -> Sample:
    """Learn from earlier windows, hold out the latest, act on the last day of the data.

    Raises
    ------
    DataError
        When the data do not reach far enough, or all customers of the windows do the same.
    """
    stated = config.purchases
    assert stated is not None
    asked = stated.window
    planned = plan_windows(
        warehouse,
        asked.as_of,
        observe=asked.observe,
        gap=asked.gap,
        outcome=asked.outcome,
        n=asked.backtests,
    )
    # The earliest window says which indicators there are, so that a later date cannot.
    frames = [_features(warehouse, planned[-1], stated, None)]
    columns = list(frames[0].columns)
    earlier = [_labelled(config, warehouse, one, columns) for one in planned[:0:-1]]
    train = earlier[0]
    for one in earlier[1:]:
        train = stacked(train, one)
    held = _labelled(config, warehouse, planned[0], columns)
    for part, name in ((train, "earlier windows"), (held, "latest window")):
        _check_both(part, name, stated)
    act = _act(config, warehouse, columns)
    return Sample(train, held, act, np.full(len(act), -1), [], _about(planned, train, held))


def _about(planned: list[Window], train: Records, held: Records) -> str:
    learned = f"{len(train):,} customers at {len(planned) - 1} earlier dates to learn from"
    return f"{learned}, {len(held):,} at {planned[0].as_of} held out"


def _act(config: Predict, warehouse: Warehouse, columns: list[str]) -> Records:
    assert config.purchases is not None
    asked, last = config.purchases.window, warehouse.last_day
    # Not the last day where a date is stated: the first on which the held-out outcome was known.
    known = timedelta(days=asked.gap + asked.outcome)
    day = asked.as_of + known if isinstance(asked.as_of, date) else last
    now = Window(day, asked.observe, asked.gap, asked.outcome)
    table = _features(warehouse, now, config.purchases, columns)
    table = table[~table.index.isin(opted_out(warehouse))]
    return _as_records(table, np.full(len(table), np.nan), config.economics)


def customers_at(
    warehouse: Warehouse, window: Window, stated: Purchases, money: Money, columns: list[str]
) -> Records:
    """Give the active customers of a day, without outcomes and those who opted out."""
    table = _features(warehouse, window, stated, columns)
    table = table[~table.index.isin(opted_out(warehouse))]
    return _as_records(table, np.full(len(table), np.nan), money)


def _labelled(config: Predict, warehouse: Warehouse, window: Window, columns: list[str]) -> Records:
    assert config.purchases is not None
    table = _features(warehouse, window, config.purchases, columns)
    bought = table.index.isin(outcomes(warehouse, window)["customer_id"])
    outcome = bought if config.purchases.outcome == "buys" else ~bought
    return _as_records(table, outcome.astype(np.float64), config.economics)


def _features(
    warehouse: Warehouse, window: Window, stated: Purchases, columns: list[str] | None
) -> pd.DataFrame:
    table = indicators(Cut.of(warehouse, window), columns=columns)
    lately = Cut.at(warehouse, window.as_of, min(stated.active, window.observe))
    active = lately.lines.select("customer_id").distinct().to_pandas()["customer_id"]
    return table[table.index.isin(active)]


def _as_records(table: pd.DataFrame, outcome: np.ndarray, money: Money) -> Records:
    rows = len(table)
    revenue = money.revenue
    if isinstance(revenue, str) and revenue not in table:
        raise DataError(f"economics.revenue: there is no indicator {revenue!r}")
    worth = table[revenue].to_numpy() if isinstance(revenue, str) else np.full(rows, float(revenue))
    cost = np.full(rows, float(money.cost))
    if money.matrix is not None:
        both = money.matrix.missed + money.matrix.false_alarm
        cost, worth = np.full(rows, money.matrix.false_alarm), np.full(rows, both)
    else:
        worth = worth * money.times * money.success
    loyalty = None if money.loyalty is None else _loyalty(table, money.loyalty)
    return Records(
        ids=table.index.astype(str).to_numpy(dtype=object),
        table=table.reset_index(drop=True),
        outcome=outcome,
        weight=np.ones(rows),
        cost=cost,
        revenue=worth,
        loyalty=loyalty,
    )


def _loyalty(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table:
        raise DataError(f"economics.loyalty: there is no indicator {name!r}")
    return table[name].to_numpy()


def _check_both(records: Records, name: str, stated: Purchases) -> None:
    if not len(records):
        raise DataError(f"nobody was active in the {stated.active} days before the {name}")
    if records.outcome.min() == records.outcome.max():
        what = "buys" if (records.outcome[0] == 1) == (stated.outcome == "buys") else "leaves"
        raise DataError(f"in the {name} every active customer {what}: nothing can be learned")
