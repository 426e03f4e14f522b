"""A view is one statement, and what a person types is never part of it."""

import duckdb
import pandas as pd
import pytest

from features.cube import Cube, CubeDeclaration, Interval, Scenario
from features.cube.answer import Answering
from lodeworks.errors import ConfigError, DataError

NASTY = [
    "x'; DROP TABLE lines; --",
    'a" OR 1=1 --',
    "'); ATTACH 'evil.db'; --",
    "$v0",
    "?",
    "a\\'b",
    "%s {0}",
    "null\0byte",
    "=1+1",
]


def statement(view):
    return view.cube.statement(Answering(view.cube, view).asked())


def test_rows_columns_totals_shares_and_scenarios_are_one_statement(cube):
    view = cube.view.rows("place.town").columns("time.month").totals()
    view = view.share_of_parent("sales").what_if("a: sales * 2", "b: cost +10%")
    (parsed,) = duckdb.extract_statements(statement(view.where("product.family=Drink")).sql)
    assert parsed.type == duckdb.StatementType.SELECT
    assert statement(view).sql.count("GROUPING SETS") == 2  # sums, and distinct customers


def test_only_the_joins_that_are_needed_are_made(cube):
    sql = statement(cube.view.rows("time.year").measures("sales")).sql
    assert "JOIN" not in sql


def nasty_cube(members):
    connection = duckdb.connect()
    frame = pd.DataFrame({"name": members, "amount": range(1, len(members) + 1)})
    connection.register("given", frame)
    connection.execute("CREATE TABLE lines AS SELECT * FROM given")
    declared = CubeDeclaration.model_validate(
        {
            "name": "nasty",
            "tables": {"lines": "lines"},
            "fact": "lines",
            "dimensions": {"d": {"levels": {"name": "lines.name"}}},
            "measures": {"s": {"kind": "sum", "column": "lines.amount"}},
        }
    )
    return Cube(declared, connection), connection


@pytest.mark.parametrize("place", range(len(NASTY)))
def test_sql_in_a_member_is_a_member(place):
    cube, connection = nasty_cube(NASTY)
    view = cube.view.dice({"d.name": NASTY[place]})
    assert NASTY[place] not in statement(view).sql.replace("$v0", "")
    assert view.result().frame["s"].item() == place + 1
    scenario = cube.view.what_if(
        Scenario(
            name="s", changes=[{"measures": ["s"], "scale": 0, "where": {"d.name": NASTY[place]}}]
        )
    )
    total = sum(range(1, len(NASTY) + 1))
    assert scenario.result().frame["s [s]"].item() == total - place - 1
    assert connection.execute("SELECT count(*) FROM lines").fetchone() == (len(NASTY),)


@pytest.mark.parametrize("text", NASTY)
def test_sql_that_is_no_member_is_refused_and_harms_nothing(text):
    cube, connection = nasty_cube(["plain"])
    with pytest.raises(ConfigError, match="has no member"):
        cube.view.dice({"d.name": text})
    with pytest.raises(ConfigError, match="unknown dimension"):
        cube.view.rows(f"{text.replace('.', '')}.name")
    with pytest.raises(ConfigError, match="unknown measure"):
        cube.view.measures(text)
    interval = cube.view.dice({"d.name": Interval(text, text)})
    assert interval.result().frame["s"].item() == 0
    assert connection.execute("SELECT count(*) FROM lines").fetchone() == (1,)


def test_sql_in_the_name_of_a_column_is_a_column():
    connection = duckdb.connect()
    connection.execute('CREATE TABLE t AS SELECT 1.5 AS "x""; DROP TABLE t; --", 1 AS k')
    declared = CubeDeclaration.model_validate(
        {
            "name": "c",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {"d": {"levels": {"k": "t.k"}}},
            "measures": {
                "s": {
                    "kind": "sum",
                    "column": 't.x"; DROP TABLE t; --',
                    "only": {"t.k": ["1'); DROP TABLE t; --", 1]},
                }
            },
        }
    )
    with pytest.raises(Exception, match="Could not convert"):
        Cube(declared, connection).view.result()
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_sums_of_doubles_are_exact_and_large_ones_too():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE t AS SELECT 0.1 AS small, 1e15::DOUBLE AS large, 1 AS k FROM range(1000)"
    )
    declared = CubeDeclaration.model_validate(
        {
            "name": "c",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {"d": {"levels": {"k": "t.k"}}},
            "measures": {
                "small": {"kind": "sum", "column": "t.small"},
                "large": {"kind": "sum", "column": "t.large"},
            },
        }
    )
    row = Cube(declared, connection).view.result().frame.iloc[0]
    assert (row["small"], row["large"]) == (100.0, 1e18)


def test_a_value_that_is_no_amount_is_a_refusal_in_words():
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT 'nan'::DOUBLE AS x, 1 AS k")
    declared = CubeDeclaration.model_validate(
        {
            "name": "c",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {"d": {"levels": {"k": "t.k"}}},
            "measures": {"s": {"kind": "sum", "column": "t.x"}},
        }
    )

    with pytest.raises(DataError, match="cube 'c' cannot be answered"):
        Cube(declared, connection).view.result()


def test_several_readers_get_the_same_answer_at_once(cube):
    from concurrent.futures import ThreadPoolExecutor

    view = cube.view.rows("place.town").columns("time.month").totals()
    expected = view.result().to_pandas()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: view.result().to_pandas(), range(8)))
    for answer in answers:
        pd.testing.assert_frame_equal(answer, expected)
