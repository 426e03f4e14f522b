from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from features.generate.dirt import KINDS, Quota, draw_dirt
from features.generate.orders import draw_orders
from features.generate.rows import COLUMNS, WRONG_DATES, WRONG_QUANTITIES, line_rows


@pytest.fixture(scope="module")
def sources(customers, catalogue, calendar, patterns):
    lines = draw_orders(5_000, customers, 0, 3, catalogue, calendar, patterns)
    lines = lines.take(np.lexsort((lines.item, lines.order, lines.moment)))
    quota = Quota(5_000, dict(zip(KINDS, (100, 80, 60, 40, 20), strict=True)))
    return lines, draw_dirt(lines, quota, 0, 3)


@pytest.fixture(scope="module")
def rows(sources, customers, catalogue, calendar) -> pd.DataFrame:
    prices = catalogue.prices(calendar)
    table = line_rows(
        *sources, customers, catalogue, calendar, prices, block=0, seed=3, lines_before=1_000
    )
    return table.to_pandas()


def test_every_line_every_copy_and_every_cancellation_is_a_row(rows, sources):
    lines, dirt = sources
    assert tuple(rows.columns) == COLUMNS
    assert len(rows) == lines.size + dirt.duplicate.size + dirt.cancellation.size


def test_copies_are_exact_and_stand_beside_the_original(rows, sources):
    again = rows.duplicated()
    assert again.sum() == sources[1].duplicate.size
    places = np.flatnonzero(again)
    assert (rows.iloc[places].to_numpy() == rows.iloc[places - 1].to_numpy()).all()


def test_a_cancellation_answers_an_earlier_line(rows, sources):
    cancelled = rows[rows["order_id"].str.startswith("C")]
    assert len(cancelled) == sources[1].cancellation.size
    original = cancelled.assign(order_id=cancelled["order_id"].str[1:]).merge(
        rows.drop_duplicates(),
        on=["order_id", "customer_id", "item_id"],
        suffixes=("", "_bought"),
        validate="1:1",
    )
    assert len(original) == len(cancelled)
    assert (original["quantity"].astype(int) == -original["quantity_bought"].astype(int)).all()
    assert (original["price"] == original["price_bought"]).all()
    assert (original["ordered_at"] >= original["ordered_at_bought"]).all()


def test_cancellations_stay_within_the_period_and_do_not_pile_up_at_its_end(rows):
    cancelled = rows[rows["order_id"].str.startswith("C")]["ordered_at"]
    assert cancelled.max() <= "2024-12-31 23:59:59"
    assert cancelled.duplicated().sum() < len(cancelled) / 4


def test_only_cancellations_have_negative_quantities(rows):
    quantity = pd.to_numeric(rows["quantity"], errors="coerce")
    assert ((quantity < 0) == rows["order_id"].str.startswith("C")).all()
    assert (quantity != 0).all()


def test_wrong_texts_cannot_be_read(rows, sources):
    assert rows["quantity"].isin(WRONG_QUANTITIES).sum() == sources[1].wrong_quantity.size
    assert rows["ordered_at"].isin(WRONG_DATES).sum() == sources[1].wrong_date.size
    for text in WRONG_QUANTITIES:
        with pytest.raises(ValueError):
            float(text)
    for text in WRONG_DATES:
        with pytest.raises(ValueError):
            datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def test_missing_customers_are_null(rows, sources):
    assert rows["customer_id"].isna().sum() == sources[1].missing_customer.size
    assert rows.drop(columns="customer_id").notna().all().all()


def test_rows_are_in_order_of_time_and_so_are_order_numbers(rows):
    good = rows[~rows["ordered_at"].isin(WRONG_DATES)]
    assert good["ordered_at"].is_monotonic_increasing
    bought = good[~good["order_id"].str.startswith("C")]["order_id"].astype(int)
    assert bought.is_monotonic_increasing
    assert bought.iloc[0] == 501_001


def test_prices_are_those_of_the_month(rows, catalogue, calendar):
    prices = pd.DataFrame(catalogue.prices(calendar) / 100, columns=catalogue.ids)
    good = rows[~rows["ordered_at"].isin(WRONG_DATES) & ~rows["order_id"].str.startswith("C")]
    month = pd.to_datetime(good["ordered_at"])
    number = (month.dt.year - 2023) * 12 + month.dt.month - 1
    expected = [prices.loc[m, i] for m, i in zip(number, good["item_id"], strict=True)]
    assert good["price"].to_numpy() == pytest.approx(expected)
