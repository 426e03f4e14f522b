"""A shop small enough to check by hand."""

import pandas as pd
import pytest

from models.recommend import History

BOUGHT = [
    # customer, item, order, day of January 2024
    ("ann", "apple", "1", 1),
    ("ann", "bread", "1", 1),
    ("ann", "apple", "2", 31),
    ("bob", "apple", "3", 11),
    ("bob", "bread", "3", 11),
    ("bob", "cream", "3", 11),
    ("cat", "apple", "4", 21),
    ("dan", "dates", "5", 31),
]


def frame(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "order_id", "day"])
    table["ordered_at"] = pd.Timestamp("2023-12-31 15:00") + pd.to_timedelta(table["day"], unit="D")
    return table.drop(columns="day").assign(quantity=1.0, amount=2.0)


@pytest.fixture
def small_purchases() -> pd.DataFrame:
    return frame(BOUGHT)


@pytest.fixture
def small(small_purchases: pd.DataFrame) -> History:
    return History.from_purchases(small_purchases, pd.Timestamp("2024-01-31"))


@pytest.fixture
def names(small: History) -> pd.Series:
    return pd.Series([name.upper() for name in small.items])
