"""The warehouse read for the pages."""

import duckdb
import pytest

from app.readers.items import item_names
from app.readers.warehouse import (
    LINES_SHOWN,
    customer_story,
    customers_like,
    loaded_tables,
    rejected_rows,
)
from lodeworks.errors import DataError


@pytest.fixture(scope="module")
def path(filled):
    return filled / "warehouse.duckdb"


def ask(path, sql, *values):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(scope="module")
def busiest(path):
    return ask(path, "SELECT customer_id FROM lines GROUP BY 1 ORDER BY count(*) DESC, 1")[0][0]


def test_a_story_agrees_with_the_lines(path, busiest):
    story = customer_story(path, busiest)
    (expected,) = ask(
        path,
        "SELECT count(DISTINCT order_id) FILTER (NOT is_return), sum(amount) FILTER "
        "(NOT is_return), count(*) FILTER (is_return) FROM lines WHERE customer_id = ?",
        busiest,
    )
    assert (story.orders, pytest.approx(story.spend), story.returns) == expected
    assert story.months["spend"].sum() == pytest.approx(story.spend)
    assert story.months["month"].is_monotonic_increasing
    assert 0 < len(story.lines) <= LINES_SHOWN
    assert set(story.attributes) == {"customer_id", "opt_out", "region", "life_stage"}


def test_lines_carry_the_names_of_items(path, busiest):
    story = customer_story(path, busiest)
    names = {name for (name,) in ask(path, "SELECT item_name FROM items")}
    assert set(story.lines["item"]) <= names


@pytest.mark.parametrize("customer", ["", "nobody", "x' OR '1'='1", "K1000001\x00", "é" * 100])
def test_nobody_has_no_story(path, customer):
    assert customer_story(path, customer) is None


def test_customers_are_found_by_the_beginning(path):
    found = customers_like(path, "K10")
    assert len(found) == 20
    assert found == sorted(found)
    assert customers_like(path, "%") == []


def test_tables_are_counted(path):
    tables, loads, rejected = loaded_tables(path)
    rows = tables.set_index("table")["rows"]
    assert rows["lines"] == ask(path, "SELECT count(*) FROM lines")[0][0]
    assert set(loads["source"]) == {"lines", "items", "customers"}
    assert rejected["rows"].sum() == ask(path, "SELECT count(*) FROM rejected")[0][0]


def test_rejected_rows_come_in_parts(path):
    _, total = rejected_rows(path, 0, 0)
    first, _ = rejected_rows(path, 0, 3)
    second, _ = rejected_rows(path, 3, 3)
    assert total > 6
    assert len(first) == len(second) == 3
    assert not set(first["line"]) & set(second["line"])


def test_a_missing_warehouse_is_said(tmp_path):
    with pytest.raises(DataError, match="nothing was loaded yet"):
        customer_story(tmp_path / "warehouse.duckdb", "K1")


def test_items_are_named_where_names_are_known(path, tmp_path):
    item, name = ask(path, "SELECT item_id, item_name FROM items ORDER BY 1")[0]
    assert item_names(path, [item, "none"]) == {item: name}
    assert item_names(path, []) == {}
    assert item_names(tmp_path / "warehouse.duckdb", [item]) == {}
