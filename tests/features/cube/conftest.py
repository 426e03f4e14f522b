import datetime as dt

import duckdb
import pandas as pd
import pytest

from features.cube import Cube, CubeDeclaration

SHOP = {
    "name": "shop",
    "tables": {"lines": "lines", "goods": "goods", "places": "places"},
    "fact": "lines",
    "joins": [
        {"from": "lines.item", "to": "goods.item"},
        {"from": "lines.place", "to": "places.place"},
    ],
    "dimensions": {
        "time": {"time": {"column": "lines.sold_on"}},
        "product": {"levels": {"family": "goods.family", "item": "goods.item"}},
        "place": {
            "levels": {
                "state": "places.state",
                "town": {"column": "places.town", "within": "state"},
            }
        },
    },
    "measures": {
        "sales": {"kind": "sum", "column": "lines.amount", "format": ",.2f", "unit": "EUR"},
        "cost": {"kind": "sum", "column": "lines.cost"},
        "lines": {"kind": "count"},
        "customers": {"kind": "distinct", "column": "lines.customer"},
        "mean": {"kind": "average", "column": "lines.amount"},
        "least": {"kind": "min", "column": "lines.amount"},
        "most": {"kind": "max", "column": "lines.amount"},
        "profit": {"kind": "formula", "expression": "sales - cost"},
        "margin": {"kind": "ratio", "of": "profit", "to": "sales"},
    },
}

LINES = pd.DataFrame(
    [
        ("ann", "tea", "P1", dt.date(2023, 11, 3), 10.10, 4.0),
        ("ann", "bread", "P1", dt.date(2023, 12, 24), 2.20, 1.0),
        ("bob", "tea", "P2", dt.date(2024, 1, 2), 5.05, 2.0),
        ("bob", "milk", "P2", dt.date(2024, 1, 9), 1.10, 0.5),
        ("cat", "bread", "P3", dt.date(2024, 2, 1), 4.40, 2.0),
        ("cat", "tea", "P3", dt.date(2024, 2, 2), 20.20, 8.0),
        ("dan", "milk", "P1", dt.date(2024, 3, 3), 3.30, 1.5),
    ],
    columns=["customer", "item", "place", "sold_on", "amount", "cost"],
)
GOODS = pd.DataFrame(
    [("tea", "Drink"), ("milk", "Drink"), ("bread", "Food"), ("jam", "Food")],
    columns=["item", "family"],
)
# two towns of one name in different states
PLACES = pd.DataFrame(
    [("P1", "North", "Ash"), ("P2", "South", "Ash"), ("P3", "South", "Bay")],
    columns=["place", "state", "town"],
)


def shop_connection(lines=LINES, goods=GOODS, places=PLACES):
    connection = duckdb.connect()
    for name, frame in (("lines", lines), ("goods", goods), ("places", places)):
        connection.register("given", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
    connection.execute("ALTER TABLE lines ALTER sold_on TYPE DATE")
    return connection


def declared(**changes):
    return CubeDeclaration.model_validate({**SHOP, **changes})


@pytest.fixture
def cube():
    return Cube(declared(), shop_connection())


@pytest.fixture
def lines():
    """The detail with everything that the joins find."""
    return LINES.merge(GOODS, on="item").merge(PLACES, on="place")


@pytest.fixture
def shop():
    """Build a shop from other tables or declarations."""

    def build(*, lines=LINES, goods=GOODS, places=PLACES, **changes):
        return Cube(declared(**changes), shop_connection(lines, goods, places))

    return build
