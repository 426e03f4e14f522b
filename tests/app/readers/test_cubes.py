"""Cubes to explore."""

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

import features.cube.cube as cubes
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
    return CubeShelf(workspace / "warehouse.duckdb")


def test_any_warehouse_gives_a_cube_that_agrees_with_the_lines(shelf):
    with duckdb.connect(str(shelf.warehouse), read_only=True) as connection:
        expected = connection.execute(
            "SELECT sum(amount) FILTER (NOT is_return), count(DISTINCT customer_id) FROM lines"
        ).fetchone()
    with shelf.opened(WAREHOUSE) as cube:
        cells = cube.view.measures("sales", "customers").result().frame
    assert cells["sales"][0] == pytest.approx(expected[0])
    assert cells["customers"][0] == expected[1]


def test_what_is_tagged_personal_is_no_dimension(shelf):
    with shelf.opened(WAREHOUSE) as cube:
        levels = set(cube.layout.levels)
    assert "region.region" in levels
    assert not any("life_stage" in key or "customer_id" in key for key in levels)


def test_small_groups_are_hidden(shelf):
    with shelf.opened(WAREHOUSE) as cube:
        assert cube.declaration.privacy.min_group == 5


def test_a_warehouse_of_lines_alone_gives_a_cube_too():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE lines AS SELECT 'K1' AS customer_id, '1' AS order_id, 'P1' AS item_id,"
        " TIMESTAMP '2024-01-01' AS ordered_at, 1.0 AS quantity, 2.0 AS amount, false AS is_return"
    )
    declaration = warehouse_cube(connection)
    assert list(declaration.dimensions) == ["time", "product"]
    assert list(declaration.dimensions["product"].levels) == ["item"]


def cells_of(shelf, cube, name=WAREHOUSE):
    return shelf.cells(name, "customers", lambda: cube.view.measures("customers"))


@pytest.fixture
def statements(monkeypatch):
    """Count the statements that views run."""
    seen, plain = [], Cube.table
    monkeypatch.setattr(Cube, "table", lambda self, asked: seen.append(asked) or plain(self, asked))
    return seen


def test_a_view_is_asked_for_once(shelf, statements):
    for _ in range(3):
        with shelf.opened(WAREHOUSE) as cube:
            cells = cells_of(shelf, cube)
    assert len(statements) == 1
    assert shelf.answers.cells == cells.frame.size


def test_what_was_found_right_is_not_looked_at_again(shelf, monkeypatch):
    looked = []
    for name in ("check_joins", "check_balances", "check_levels"):
        plain = getattr(cubes, name)
        monkeypatch.setattr(
            cubes, name, lambda *given, plain=plain: looked.append(1) or plain(*given)
        )
    for _ in range(3):
        with shelf.opened(WAREHOUSE):
            pass
    assert len(looked) == 3


def test_a_replaced_warehouse_is_asked_anew(shelf, tmp_path):
    with shelf.opened(WAREHOUSE) as cube:
        before = cells_of(shelf, cube).frame["customers"][0]
    aside = shutil.copy(shelf.warehouse, tmp_path / "aside")
    with duckdb.connect(str(aside)) as connection:
        connection.execute("DELETE FROM lines")
    Path(aside).replace(shelf.warehouse)
    with shelf.opened(WAREHOUSE) as cube:
        after = cells_of(shelf, cube).frame["customers"][0]
    assert before > after == 0


def test_nothing_is_held_between_two_pages(shelf):
    with shelf.opened(WAREHOUSE) as cube:
        cells_of(shelf, cube)
    with pytest.raises(duckdb.Error, match="closed"):
        cube._connection.execute("SELECT 1")
    with duckdb.connect(str(shelf.warehouse)) as connection:  # for writing: nobody else has it
        connection.execute("CREATE TABLE new (a INTEGER)")


def test_a_cube_over_files_alone_reads_them_once(tmp_path):
    (tmp_path / "lines.csv").write_text("item,amount\na,1\nb,2\n")
    declared = {
        "kind": "cube", "name": "files", "fact": "lines",
        "tables": {"lines": {"path": str(tmp_path / "lines.csv")}},
        "dimensions": {"product": {"levels": {"item": "lines.item"}}},
        "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    }  # fmt: skip
    path = tmp_path / "files.yaml"
    path.write_text(yaml.safe_dump(declared))
    shelf = CubeShelf(tmp_path / "none.duckdb", (path,))
    with shelf.opened("files") as first, shelf.opened("files") as second:
        assert first is second
        assert second.view.result().frame["sales"][0] == 3


def test_another_name_is_gone_and_the_names_are_told(shelf):
    with pytest.raises(Gone, match="There are: warehouse"):
        shelf.opened("sales").__enter__()


def test_declared_cubes_stand_beside_it(workspace, tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text(yaml.safe_dump(DECLARED))
    shelf = CubeShelf(workspace / "warehouse.duckdb", (path,))
    assert shelf.names == [WAREHOUSE, "people"]
    with shelf.opened("people") as cube:
        assert personal_levels(cube, shelf.warehouse) == {"stage.stage", "who.id"}


def test_a_declaration_that_was_changed_is_read_anew(workspace, tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text(yaml.safe_dump(DECLARED))
    shelf = CubeShelf(workspace / "warehouse.duckdb", (path,))
    with shelf.opened("people") as cube:
        first = list(cube.declaration.measures)
    changed = {**DECLARED, "measures": {"lines": {"kind": "count"}}}
    path.write_text(yaml.safe_dump(changed))
    with shelf.opened("people") as cube:
        assert (first, list(cube.declaration.measures)) == (["sales"], ["lines"])


def test_a_broken_warehouse_is_said(workspace):
    path = workspace / "warehouse.duckdb"
    path.write_bytes(b"no database")
    with pytest.raises(LodeError):
        CubeShelf(path).opened(WAREHOUSE).__enter__()


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
