"""Cells as frame, table, JSON and pivot: the same values, members in their order, totals last."""

import json

import numpy as np
import pyarrow as pa
import pytest

from features.cube.cells import Shown


@pytest.fixture
def cells(cube):
    view = cube.view.rows("product.family").columns("time.year", "time.month")
    return view.measures("sales", "customers").totals().result()


def test_every_form_has_the_same_values(cells):
    frame, table, plain = cells.to_pandas(), cells.to_arrow(), cells.to_json()
    assert isinstance(table, pa.Table)
    assert table.column("sales").to_pylist() == frame["sales"].tolist()
    assert [cell["sales"] for cell in plain["cells"]] == frame["sales"].tolist()
    assert json.loads(json.dumps(plain)) == plain


def test_a_pivot_puts_totals_last_and_periods_in_order(cells):
    pivot = cells.pivot()
    assert pivot.index.tolist() == ["Drink", "Food", "Total"]
    months = list(dict.fromkeys(column[:2] for column in pivot.columns))
    assert months == [
        ("2023", "11"), ("2023", "12"), ("2023", "Total"),
        ("2024", "1"), ("2024", "2"), ("2024", "3"), ("2024", "Total"), ("Total", "Total"),
    ]  # fmt: skip
    assert pivot.columns.names == ["time.year", "time.month", "measure"]


def test_a_pivot_has_the_value_of_every_cell_and_nothing_else(cells):
    pivot = cells.pivot()
    assert pivot.loc["Drink", ("2024", "1", "sales")] == 6.15
    assert pivot.loc["Total", ("Total", "Total", "customers")] == 4
    assert np.isnan(pivot.loc["Food", ("2023", "11", "sales")])
    assert pivot.notna().to_numpy().sum() == len(cells) * 2


def test_grain_names_the_levels_of_a_cell(cells):
    assert set(cells.to_pandas()["grain"]) == {
        "product.family, time.year, time.month",
        "product.family, time.year",
        "product.family",
        "time.year, time.month",
        "time.year",
        "Total",
    }


def test_the_frame_that_is_given_away_is_a_copy(cells):
    given = cells.to_pandas()
    given.loc[:, "sales"] = 0.0
    assert cells.to_pandas()["sales"].sum() > 0


def test_levels_keep_their_types(cube):
    cells = cube.view.rows("time.day", "product.family").totals().measures("sales").result()
    assert cells.to_json()["cells"][0]["time.day"] == "2023-11-03"
    years = cube.view.rows("time.year").totals().measures("sales").result().to_json()["cells"]
    assert [cell["time.year"] for cell in years] == [2023, 2024, None]


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        (Shown(".1%"), 0.256, "25.6%"),
        (Shown(), 1234.0, "1,234"),
        (Shown(), 0.12345, "0.1235"),
        (Shown(",.2f"), float("nan"), ""),
    ],
)
def test_values_are_written_by_their_format(shown, value, text):
    assert shown.text(value) == text
