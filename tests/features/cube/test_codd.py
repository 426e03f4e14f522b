"""What the rules of Codd ask of a cube and no other test shows; the page on OLAP names them."""

import duckdb
import pandas as pd
import pytest

from features.cube import Cube, CubeDeclaration
from features.cube.answer import Answering


def stored(tmp_path, lines, kinds):
    """Give the same two tables in four ways of keeping them."""
    lines.to_csv(tmp_path / "lines.csv", index=False)
    lines.to_parquet(tmp_path / "lines.parquet")
    kinds.to_csv(tmp_path / "kinds.csv.gz", index=False)
    connection = duckdb.connect()
    for name, frame in (("lines", lines), ("kinds", kinds)):
        connection.register("given", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    csv, parquet = str(tmp_path / "lines.csv"), str(tmp_path / "lines.parquet")
    other = {"path": str(tmp_path / "kinds.csv.gz")}
    return connection, [
        {"lines": "lines", "kinds": "kinds"},
        {"lines": {"path": csv}, "kinds": other},
        {"lines": {"path": parquet}, "kinds": "kinds"},
        {"lines": {"path": parquet}, "kinds": other},
    ]


def test_files_and_a_warehouse_give_the_same_cells(tmp_path):
    lines = pd.DataFrame({"item": ["a", "b", "a", "c"], "amount": [1.5, 2.25, 3.0, 0.1]})
    kinds = pd.DataFrame({"item": ["a", "b", "c"], "kind": ["x", "x", "y"]})
    connection, ways = stored(tmp_path, lines, kinds)
    answers = []
    for tables in ways:
        declared = CubeDeclaration.model_validate(
            {
                "name": "same",
                "tables": tables,
                "fact": "lines",
                "joins": [{"from": "lines.item", "to": "kinds.item"}],
                "dimensions": {"product": {"levels": {"kind": "kinds.kind", "item": "kinds.item"}}},
                "measures": {"amount": {"kind": "sum", "column": "lines.amount"}},
            }
        )
        cube = Cube(declared, connection)
        answers.append(cube.view.rows("product.kind", "product.item").totals().result())
    for answer in answers:
        assert answer.to_json() == answers[0].to_json()
    assert answers[0].to_pandas()["amount"].tolist() == [4.5, 2.25, 6.75, 0.1, 0.1, 6.85]


def test_dimensions_that_are_not_asked_for_cost_nothing(shop):
    few = shop(dimensions={"place": {"levels": {"state": "places.state"}}})
    many = shop()
    sql = [
        cube.statement(Answering(cube, cube.view.rows("place.state")).asked()).sql
        for cube in (few, many)
    ]
    assert sql[0] == sql[1]


AXES = ["product.family", "place.state", "time.year"]


@pytest.mark.parametrize("row", AXES)
@pytest.mark.parametrize("column", AXES)
def test_every_dimension_can_do_what_every_other_can(cube, row, column):
    if row == column:
        return
    third = next(key for key in AXES if key not in (row, column))
    member = cube.members(*third.split("."))[0]
    view = cube.view.rows(row).columns(column).measures("sales").totals()
    view = view.slice({third: member}).share_of_parent("sales", along=row.partition(".")[0])
    view = view.rank("sales", along=column.partition(".")[0])
    result = view.result()
    whole = cube.view.where({third: member}).measures("sales").result().frame["sales"].item()
    assert result.frame["sales"].iloc[-1] == whole
    assert result.frame["sales share"].iloc[-1] == 1


def test_only_cells_with_rows_are_kept(cube, lines):
    view = cube.view.rows("product.item", "place.town").columns("time.day")
    result = view.result()
    combinations = lines[["item", "state", "town", "sold_on"]].drop_duplicates()
    assert len(result) == len(combinations) == 7
    assert len(result) < 4 * 3 * 7


def test_totals_of_one_dimension_compare_with_members_of_another(cube):
    """A formula, a share along the rows and a rank along the columns, in one view."""
    view = cube.view.rows("product.family").columns("place.state").measures("margin").totals()
    view = view.share_of_parent("sales", along="product").rank("sales", along="place")
    frame = view.result().frame
    total = frame[frame["product.family"].isna()]
    assert total["sales share"].tolist() == [1.0, 1.0, 1.0]
    assert total["sales rank"].tolist()[:2] == [2.0, 1.0]
    assert total["margin"].iloc[-1] == pytest.approx(27.35 / 46.35)


def test_twenty_dimensions_and_a_hierarchy_of_thirty_levels():
    connection = duckdb.connect()
    columns = ", ".join(f"(range // {2**i}) % 2 AS d{i}" for i in range(20))
    deep = ", ".join(f"'m' || (range // {1 + 5 * (29 - i)}) AS l{i:02d}" for i in range(30))
    connection.execute(
        f"CREATE TABLE t AS SELECT {columns}, {deep}, range * 0.01 AS x FROM range(200)"
    )
    dimensions = {f"d{i}": {"levels": {"m": f"t.d{i}"}} for i in range(20)}
    levels = {"l00": "t.l00"}
    levels |= {
        f"l{i:02d}": {"column": f"t.l{i:02d}", "within": f"l{i - 1:02d}"} for i in range(1, 30)
    }
    declared = CubeDeclaration.model_validate(
        {
            "name": "large",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {**dimensions, "deep": {"levels": levels}},
            "measures": {"x": {"kind": "sum", "column": "t.x"}},
        }
    )
    cube = Cube(declared, connection)
    wide = cube.view.rows(*(f"d{i}.m" for i in range(20))).totals().result().frame
    assert wide["x"].iloc[-1] == 199.0
    assert wide.loc[wide["grouping"] == 0, "x"].sum() == pytest.approx(199.0)
    view = cube.view.rows("deep.l00")
    for _ in range(29):
        view = view.drill_down("deep")
    assert view.result().frame["x"].sum() == pytest.approx(199.0)
