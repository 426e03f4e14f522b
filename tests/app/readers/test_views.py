"""Views in addresses, and as tables that can be clicked."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from app.readers.cubes import WAREHOUSE, CubeShelf
from app.readers.views import Asked, grid_of, turned, turns_of
from features.cube.conditions import read_condition
from lodeworks.errors import ConfigError


def request(address):
    query = address.partition("?")[2]
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def asked(address):
    return Asked.of(request(address), WAREHOUSE)


@pytest.fixture(scope="module")
def cube(filled):
    with CubeShelf(filled / "warehouse.duckdb").opened(WAREHOUSE) as opened:
        yield opened


names = st.sampled_from(["product.department", "time.quarter", "region.region"])
views = st.builds(
    Asked,
    cube=st.just(WAREHOUSE),
    rows=st.lists(names, max_size=2, unique=True).map(tuple),
    columns=st.lists(names, max_size=2, unique=True).map(tuple),
    measures=st.lists(st.sampled_from(["sales", "orders"]), unique=True).map(tuple),
    where=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
        .filter(str.strip),
        max_size=2,
        unique=True,
    ).map(tuple),
    totals=st.booleans(),
    share=st.booleans(),
    rank=st.booleans(),
)  # fmt: skip


@given(views)
def test_an_address_gives_back_the_view_it_was_made_of(view):
    assert asked(view.address()) == view


@pytest.mark.parametrize(
    ("query", "percent"),
    [("10", 10), ("-5", -5), ("+7", 7), ("x", 0), ("", 0), ("1e9", 0), ("99999", 1000)],
)
def test_a_change_is_a_number_within_bounds(query, percent):
    assert asked(f"/explore?if_percent={query.replace('+', '%2B')}").if_percent == percent


def test_what_is_supposed_is_said_as_the_cube_reads_it(cube):
    view = asked("/explore?if_measure=sales&if_percent=-5&if_where=product.department%3DSport")
    assert view.scenario == ("supposed: sales -5% where product.department=Sport",)
    assert "product.department" in view.levels
    assert turned(cube, view).scenarios[0].name == "supposed"


def test_levels_behind_every_kind_of_condition_are_named():
    view = asked("/explore?rows=a.b&where=c.d!%3Dx&where=e.f%3D1..3&if_where=g.h%3D1 and i.j%3D2")
    assert view.levels == {"a.b", "c.d", "e.f", "g.h", "i.j"}


def grid(cube, address):
    view = asked(address)
    return grid_of(cube, view, turned(cube, view).result(), request(address))


def test_a_click_on_a_member_leads_to_what_it_is_made_of(cube):
    table = grid(cube, "/explore?rows=product.department&measures=sales")
    first = table.rows[0]
    deeper = grid(cube, first.labels[0].address)
    assert deeper.names == ["product.department", "product.category"]
    assert {row.labels[0].text for row in deeper.rows} == {first.labels[0].text}
    total = sum(
        float(row.values[0].replace(",", "")) for row in deeper.rows if row.values[0] != "*"
    )
    assert total == pytest.approx(float(first.values[0].replace(",", "")), abs=len(deeper.rows))


def test_the_finest_level_leads_nowhere(cube):
    table = grid(cube, "/explore?rows=time.day&measures=sales")
    assert {row.labels[0].address for row in table.rows} == {""}


def test_totals_lead_nowhere_and_stand_out(cube):
    table = grid(cube, "/explore?rows=product.department&measures=sales&totals=yes")
    assert table.rows[-1].total
    assert table.rows[-1].labels[0].address == ""
    assert not table.rows[0].total


def test_columns_lead_deeper_too(cube):
    table = grid(cube, "/explore?rows=product.department&columns=time.year&measures=sales")
    years = [head for head in table.heads[0] if head.address]
    assert [head.text for head in years] == ["2023", "2024"]
    deeper = asked(years[0].address)
    assert deeper.columns == ("time.quarter",)
    assert deeper.where == ("time.year=2023",)


def test_heads_over_several_columns_are_joined(cube):
    table = grid(
        cube, "/explore?columns=time.year&columns=time.quarter&measures=sales&measures=orders"
    )
    assert [head.span for head in table.heads[0]] == [8, 8]
    assert [head.span for head in table.heads[1]] == [2] * 8
    assert len(table.heads[2]) == 16


@pytest.fixture(scope="module")
def detail(filled, tmp_path_factory):
    """Open a cube that hides nothing."""
    path = tmp_path_factory.mktemp("cube") / "detail.yaml"
    declared = {
        "kind": "cube",
        "name": "detail",
        "tables": {"lines": "lines"},
        "fact": "lines",
        "dimensions": {
            "product": {"levels": {"item": "lines.item_id"}},
            "time": {"time": {"column": "lines.ordered_at"}},
        },
        "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    }
    path.write_text(yaml.safe_dump(declared))
    with CubeShelf(filled / "warehouse.duckdb", (path,)).opened("detail") as opened:
        yield opened


def test_many_rows_come_in_pages_and_many_columns_are_cut(detail):
    table = grid(detail, "/explore?rows=product.item&columns=time.day&measures=sales&lines=50000")
    assert len(table.rows) == 200 == table.part.size
    assert table.part.total > 200
    assert max(len(row.values) for row in table.rows) == 60
    assert "The first 60 of" in " ".join(table.notes)


@pytest.mark.parametrize(
    "text", ["product.item=0\r0", 'product.item="a', "nonsense", "a.b=1", "=", "product.item="]
)
def test_a_condition_that_cannot_be_read_is_refused(cube, text):
    with pytest.raises(ConfigError):
        turned(cube, Asked(WAREHOUSE, rows=("product.department",), where=(text,)))


def test_the_ways_to_turn(cube):
    view = asked("/explore?rows=product.category&columns=time.year")
    ways = {head.text: asked(head.address) for head in turns_of(cube, view)}
    assert ways["Swap rows and columns"].rows == ("time.year",)
    assert ways["Roll up product"].rows == ("product.department",)
    assert ways["Drill down product"].rows == ("product.category", "product.item")
    assert ways["Drill down time"].columns == ("time.year", "time.quarter")
    assert "Roll up time" in ways


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text not in ("(none)", "Total")))  # fmt: skip
def test_any_member_is_quoted_so_that_it_is_read_as_one(text):
    from app.readers.views import _quoted

    ((_, condition),) = [read_condition(f"product.item={_quoted(text)}")]
    assert condition.values == (text,)
