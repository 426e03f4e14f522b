"""Cubes to explore."""

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from app.readers.cubes import WAREHOUSE, CubeShelf, personal_levels, warehouse_cube
from app.readers.runs import Gone
from features.cube import Cube
from lodeworks.errors import LodeError

DECLARED = {
    "kind": "cube",
    "name": "people",
    "tables": {"lines": "lines", "customers": "customers"},
    "fact": "lines",
    "joins": [{"from": "lines.customer_id", "to": "customers.customer_id"}],
    "dimensions": {
        "who": {"levels": {"id": "customers.customer_id"}},
        "stage": {"levels": {"stage": "customers.life_stage"}},
        "where": {"levels": {"region": "customers.region"}},
    },
    "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
}


@pytest.fixture
def shelf(workspace):
    opened = CubeShelf(workspace / "warehouse.duckdb")
    yield opened
    opened.close()


def test_any_warehouse_gives_a_cube_that_agrees_with_the_lines(shelf):
    cube = shelf.open(WAREHOUSE)
    with duckdb.connect(str(shelf.warehouse), read_only=True) as connection:
        expected = connection.execute(
            "SELECT sum(amount) FILTER (NOT is_return), count(DISTINCT customer_id) FROM lines"
        ).fetchone()
    cells = cube.view.measures("sales", "customers").result().frame
    assert cells["sales"][0] == pytest.approx(expected[0])
    assert cells["customers"][0] == expected[1]


def test_what_is_tagged_personal_is_no_dimension(shelf):
    levels = set(shelf.open(WAREHOUSE).layout.levels)
    assert "region.region" in levels
    assert not any("life_stage" in key or "customer_id" in key for key in levels)


def test_small_groups_are_hidden(shelf):
    assert shelf.open(WAREHOUSE).declaration.privacy.min_group == 5


def test_a_warehouse_of_lines_alone_gives_a_cube_too():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE lines AS SELECT 'K1' AS customer_id, '1' AS order_id, 'P1' AS item_id,"
        " TIMESTAMP '2024-01-01' AS ordered_at, 1.0 AS quantity, 2.0 AS amount, false AS is_return"
    )
    declaration = warehouse_cube(connection)
    assert list(declaration.dimensions) == ["time", "product"]
    assert list(declaration.dimensions["product"].levels) == ["item"]


def test_a_cube_is_opened_once(shelf):
    assert shelf.open(WAREHOUSE) is shelf.open(WAREHOUSE)


def test_a_replaced_warehouse_is_opened_anew(shelf, tmp_path):
    before = shelf.open(WAREHOUSE)
    aside = shutil.copy(shelf.warehouse, tmp_path / "aside")
    with duckdb.connect(str(aside)) as connection:
        connection.execute("DELETE FROM lines")
    Path(aside).replace(shelf.warehouse)
    after = shelf.open(WAREHOUSE)
    assert after is not before
    assert after.view.measures("customers").result().frame["customers"][0] == 0


def test_what_was_replaced_is_let_go(shelf, tmp_path):
    cube = shelf.open(WAREHOUSE)
    Path(shutil.copy(shelf.warehouse, tmp_path / "aside")).replace(shelf.warehouse)
    shelf.let_go()
    with pytest.raises(duckdb.Error, match="closed"):
        cube._connection.execute("SELECT 1")


def test_another_name_is_gone_and_the_names_are_told(shelf):
    with pytest.raises(Gone, match="There are: warehouse"):
        shelf.open("sales")


def test_declared_cubes_stand_beside_it(workspace, tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text(yaml.safe_dump(DECLARED))
    shelf = CubeShelf(workspace / "warehouse.duckdb", (path,))
    assert shelf.names == [WAREHOUSE, "people"]
    cube = shelf.open("people")
    assert personal_levels(cube, shelf.warehouse) == {"stage.stage", "who.id"}
    shelf.close()


def test_a_declaration_that_was_changed_is_read_anew(workspace, tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text(yaml.safe_dump(DECLARED))
    shelf = CubeShelf(workspace / "warehouse.duckdb", (path,))
    first = shelf.open("people")
    changed = {**DECLARED, "measures": {"lines": {"kind": "count"}}}
    path.write_text(yaml.safe_dump(changed))
    second = shelf.open("people")
    assert (list(first.declaration.measures), list(second.declaration.measures)) == (
        ["sales"], ["lines"]
    )  # fmt: skip
    shelf.close()


def test_a_broken_warehouse_is_said(workspace):
    path = workspace / "warehouse.duckdb"
    path.write_bytes(b"no database")
    with pytest.raises(LodeError):
        CubeShelf(path).open(WAREHOUSE)


@pytest.mark.parametrize(
    ("items", "levels"),
    [
        ("('P1', 'tea', NULL, NULL)", {"item": "items.item_name"}),
        ("('P1', 'tea', 'hot', NULL)", {"category": "items.category", "item": "items.item_name"}),
        ("('P1', NULL, 'hot', 'drinks')",
         {"department": "items.department", "category": "items.category", "item": "lines.item_id"}),
        ("('P1', NULL, NULL, NULL)", {"item": "lines.item_id"}),
    ],
)  # fmt: skip
def test_levels_with_gaps_are_left_out(items, levels):
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE lines AS SELECT 'K1' AS customer_id, '1' AS order_id, 'P1' AS item_id,"
        " TIMESTAMP '2024-01-01' AS ordered_at, 1.0 AS quantity, 2.0 AS amount, false AS is_return"
    )
    connection.execute(
        f"CREATE TABLE items AS SELECT * FROM (VALUES {items})"
        " AS t(item_id, item_name, category, department)"
    )
    declaration = warehouse_cube(connection)
    found = declaration.dimensions["product"].levels
    assert {name: level.column for name, level in found.items()} == levels
    assert Cube(declaration, connection).view.rows("product.item").result() is not None
