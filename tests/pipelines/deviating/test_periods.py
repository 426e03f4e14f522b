"""Periods counted back from the last day: every moment in exactly one."""

from datetime import date

import pandas as pd
import pytest

from pipelines.deviating.reading import Seen, periods_of


def seen(*moments):
    bought = pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(len(moments))],
            "order_id": [f"o{k}" for k in range(len(moments))],
            "ordered_at": pd.to_datetime(list(moments)),
            "amount": [10.0 * (k + 1) for k in range(len(moments))],
        }
    )
    empty = pd.DataFrame()
    return Seen(date(2024, 1, 31), empty, bought, empty, empty)


def test_the_last_period_ends_with_the_last_day():
    found, figures = periods_of(
        seen("2024-01-31 23:59:59", "2024-01-22 00:00:00", "2024-01-21 23:59:59"), 10, 30
    )
    assert list(found) == ["2024-01-12", "2024-01-22"]
    assert found.loc["c0"].tolist() == [0.0, 10.0]
    assert found.loc["c1"].tolist() == [0.0, 20.0]
    assert found.loc["c2"].tolist() == [30.0, 0.0]
    assert figures.loc["revenue"].tolist() == [30.0, 30.0]
    assert figures.loc["customers"].tolist() == [1.0, 2.0]


def test_periods_before_the_data_are_no_silence_and_gaps_are():
    found, figures = periods_of(seen("2024-01-31", "2024-01-05"), 10, 100)
    assert list(found) == ["2024-01-02", "2024-01-12", "2024-01-22"]
    assert figures.loc["orders"].tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("day", pd.date_range("2024-01-02", "2024-01-31"))
def test_every_day_is_in_the_period_that_begins_last(day):
    found, _ = periods_of(seen(day, "2024-01-02", "2024-01-31"), 10, 30)
    expected = [begin for begin in found if begin <= str(day.date())][-1]
    assert found.loc["c0"].idxmax() == expected
