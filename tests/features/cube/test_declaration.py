"""A declaration that cannot be used is refused with everything that is wrong, and the nearest."""

import pytest
from pydantic import ValidationError

from features.cube import Cube, CubeDeclaration
from features.cube.checking import problems_in
from features.cube.expressions import names_in, to_sql
from lodeworks.errors import ConfigError, DataError


def problems(declared):
    return {".".join(map(str, path)): text for path, text in problems_in(declared)}


def test_all_wrong_names_are_told_at_once(shop):
    with pytest.raises(ConfigError) as caught:
        shop(
            fact="lnes",
            dimensions={"p": {"levels": {"a": "good.family"}}},
            measures={
                "sales": {"kind": "sum", "column": "lines.amount"},
                "margin": {"kind": "ratio", "of": "sale - 1", "to": "sales"},
            },
        )
    told = str(caught.value)
    assert "unknown table 'lnes'; did you mean 'lines'?" in told
    assert "unknown table 'good'; did you mean 'goods'?" in told
    assert "unknown measure 'sale'; did you mean 'sales'?" in told
    assert len(caught.value.problems) >= 3


def changed(**changes):
    base = {
        "name": "t",
        "tables": {"t": "t", "u": "u"},
        "fact": "t",
        "joins": [{"from": "t.k", "to": "u.k"}],
        "dimensions": {
            "d": {"levels": {"a": "u.a", "b": "u.b"}},
            "time": {"time": {"column": "t.at"}},
        },
        "measures": {"s": {"kind": "sum", "column": "t.x"}, "n": {"kind": "count"}},
    }
    return CubeDeclaration.model_validate({**base, **changes})


SUM = {"kind": "sum", "column": "t.x"}


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"joins": []}, "dimensions.d.levels.a", "no join leads from 't' to 'u'"),
        (
            {"joins": [{"from": "t.k", "to": "u.k"}, {"from": "t.l", "to": "u.k"}]},
            "joins.1.to",
            "two ways lead to 'u'; declare the table under a second name",
        ),
        (
            {"dimensions": {"d": {"levels": {"a": "u.a", "b": {"column": "u.b", "within": "c"}}}}},
            "dimensions.d.levels.b",
            "unknown coarser level 'c'",
        ),
        (
            {"measures": {"s": {"kind": "formula", "expression": "r"},
                          "r": {"kind": "formula", "expression": "s + 1"}}},
            "measures.s",
            "is made of itself",
        ),
        (
            {"measures": {"s": {"kind": "formula", "expression": "__import__('os')"}}},
            "measures.s",
            "is not allowed",
        ),
        (
            {"measures": {"s": SUM, "r": {"kind": "rank", "of": "z"}}},
            "measures.r.of",
            "unknown measure 'z'",
        ),
        (
            {"measures": {"s": {"kind": "min", "column": "t.x"},
                          "r": {"kind": "running_total", "of": "s"}}},
            "measures.r.of",
            "does not add up over time",
        ),
        ({"privacy": {"min_group": 5, "count": "s"}}, "privacy.count", "'s' counts nothing"),
        (
            {"wallet": {"own": "s", "customer": "d.z", "peers": "d.a"}},
            "wallet.customer",
            "unknown level 'z'",
        ),
        (
            {"scenarios": {"up": [{"measures": ["n"], "scale": 2}]}},
            "scenarios.up.0.measures",
            "'n' cannot be changed, only a sum or a balance can",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_wrong_name_has_its_sentence(changes, place, message):
    assert message in problems(changed(**changes))[place]


def test_a_right_declaration_has_no_problems():
    assert problems_in(changed()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measurs": {}}, "Extra inputs"),
        ({"measures": {"s": {"kind": "median", "column": "t.x"}}}, "does not match any"),
        ({"measures": {"s": SUM | {"format": ",.2q"}}}, "not a format of numbers"),
        ({"measures": {"s; --": SUM}}, "should match pattern"),
        ({"tables": {"t": {"table": "t", "path": "t.csv"}}}, "not both"),
        ({"tables": {"t": {"path": "t.xlsx"}}}, "a file .parquet, .csv or .csv.gz is needed"),
        ({"dimensions": {"d": {}}}, "exactly one of levels, time, parent_child is needed"),
        ({"scenarios": {"u": [{"measures": ["s"]}]}}, "exactly one of scale, replace, share"),
        ({"wallet": {"own": "s", "customer": "d.a"}}, "estimated from peers: name a level"),
    ],
)
def test_shapes_are_strict(changes, message):
    with pytest.raises(ValidationError, match=message):
        changed(**changes)


@pytest.mark.parametrize(
    "text", ["a if b else c", "a ** 2", "f(a)", "a.b", "a[0]", "'a'", "True", "a; b", "", "1e400"]
)
def test_expressions_hold_measures_and_arithmetic_only(text):
    with pytest.raises(ValueError, match="is not"):
        names_in(text)


def test_expressions_become_sql_that_divides_by_zero_into_nothing():
    assert to_sql("-a + 2 * b", lambda n: n) == ("((-a) + (CAST(2 AS DOUBLE) * CAST(b AS DOUBLE)))")
    assert "NULLIF" in to_sql("a / b", lambda n: n)


def test_missing_tables_and_columns_are_told_with_the_nearest(shop):
    with pytest.raises(DataError, match="unknown table 'gods'; did you mean 'goods'"):
        shop(tables={"lines": "lines", "goods": "gods", "places": "places"})
    with pytest.raises(DataError, match="unknown column 'amont'; did you mean 'amount'"):
        shop(measures={"s": {"kind": "sum", "column": "lines.amont"}})
    with pytest.raises(DataError, match=r"lines\.customer is VARCHAR; a number is needed"):
        shop(measures={"s": {"kind": "sum", "column": "lines.customer"}})
    with pytest.raises(DataError, match=r"lines\.item is VARCHAR; a date or timestamp is needed"):
        shop(dimensions={"time": {"time": {"column": "lines.item"}}})


def test_a_cube_reads_files_without_a_warehouse(tmp_path):
    (tmp_path / "l.csv").write_text("shop;id;amount\nA;007;1.10\nB;008;2.20\n")
    declared = CubeDeclaration.model_validate(
        {
            "name": "files",
            "tables": {
                "l": {"path": str(tmp_path / "l.csv"), "delimiter": ";", "types": {"id": "text"}}
            },
            "fact": "l",
            "dimensions": {"shop": {"levels": {"shop": "l.shop", "id": "l.id"}}},
            "measures": {"s": {"kind": "sum", "column": "l.amount"}},
        }
    )
    cube = Cube(declared)
    assert cube.members("shop", "id") == ["007", "008"]
    assert cube.view.result().to_pandas()["s"].item() == pytest.approx(3.3)


def test_a_file_that_is_not_there_is_named(shop, tmp_path):
    tables = {"lines": {"path": str(tmp_path / "no.csv")}, "goods": "goods", "places": "places"}
    with pytest.raises(DataError, match=r"table 'lines': there is no file .*no\.csv"):
        shop(tables=tables)
