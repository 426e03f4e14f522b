"""The cube on a page."""

import csv
import io

import pytest
import yaml


def test_the_first_view_shows_something(viewer):
    answer = viewer.get("/explore")
    assert "Groceries" in answer.text
    assert [tag for tag, given in answer.tags if given.get("class") == "bar"]


def test_a_view_over_time_is_drawn_as_lines(viewer):
    answer = viewer.get("/explore?rows=product.department&columns=time.quarter&measures=sales")
    lines = [given for tag, given in answer.tags if tag == "polyline"]
    assert len(lines) == 6
    assert "2023 Q1" in answer.text


def test_a_click_leads_on(viewer):
    answer = viewer.get("/explore?rows=product.department&measures=sales")
    (address,) = [link for link in answer.links if "where=product.department%3DGroceries" in link]
    deeper = viewer.get(address)
    assert deeper.status == 200
    assert "product.category" in deeper.text


def test_a_filter_can_be_taken_away(viewer):
    answer = viewer.get("/explore?rows=product.category&where=product.department%3DGroceries")
    away = [given["href"] for _, given in answer.tags if given.get("title", "").startswith("Take")]
    assert len(away) == 1
    assert "where" not in away[0]


def test_what_if_stands_beside_the_facts(viewer):
    text = viewer.get("/explore?rows=product.department&if_measure=sales&if_percent=10").text
    assert "Sales [supposed]" in text
    assert "Sales [supposed] difference" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rows=produkt.item", "did you mean 'product'"),
        ("measures=sale", "did you mean 'sales'"),
        ("where=product.department%3DGrocery", "Groceries"),
        ("where=%22", ""),
        ("where=product.item%3D0%0D0", "cannot be read"),
        ("rows=product.item&rows=product.department", "from coarse to fine"),
        ("if_measure=sales_per_order&if_percent=5", "cannot be changed"),
        ("if_measure=sales&if_percent=5&if_where=x", ""),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_form(viewer, query, said):
    answer = viewer.get(f"/explore?{query}")
    assert answer.status == 400
    assert "That cannot be asked" in answer.text
    assert said in answer.text
    assert "Measures" in answer.text


def test_an_unknown_cube_is_gone(viewer):
    answer = viewer.get("/explore?cube=sales")
    assert answer.status == 404
    assert "There are: warehouse" in answer.text


def test_the_cells_can_be_saved(viewer):
    answer = viewer.get("/explore.csv?rows=product.department&measures=sales&measures=orders")
    rows = list(csv.DictReader(io.StringIO(answer.html)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(rows[0]) == ["product.department", "grain", "sales", "orders"]
    assert "Groceries" in [row["product.department"] for row in rows]


@pytest.fixture
def people(tmp_path):
    declared = {
        "kind": "cube",
        "name": "people",
        "tables": {"lines": "lines", "customers": "customers"},
        "fact": "lines",
        "joins": [{"from": "lines.customer_id", "to": "customers.customer_id"}],
        "dimensions": {
            "who": {"levels": {"id": "lines.customer_id"}},
            "stage": {"levels": {"stage": "customers.life_stage"}},
            "where": {"levels": {"region": "customers.region"}},
        },
        "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    }
    path = tmp_path / "people.yaml"
    path.write_text(yaml.safe_dump(declared))
    return path


ASKING = ("rows=who.id", "columns=stage.stage", "rows=where.region&where=who.id%3DK1000001",
          "rows=where.region&if_measure=sales&if_percent=5&if_where=stage.stage%3Dfamily",
          "rows=where.region,who.id")  # fmt: skip


@pytest.mark.parametrize("query", ASKING)
@pytest.mark.parametrize("page", ["/explore", "/explore.csv"])
def test_personal_levels_are_for_owners_in_every_place(kit, workspace, people, query, page):
    analyst = kit.browser_of(workspace, "analyst", cubes=(people,))
    answer = analyst.get(f"{page}?cube=people&measures=sales&{query}")
    assert answer.status == 403
    assert "owners see it" in answer.text
    owner = kit.browser_of(workspace, "owner", cubes=(people,))
    assert owner.get(f"{page}?cube=people&measures=sales&{query}").status == 200
    assert [entry["action"] for entry in kit.audit_of(workspace)] == ["explore personal columns"]


def test_they_are_not_offered_to_others(kit, workspace, people):
    page = "/explore?cube=people&rows=where.region"
    analyst = kit.browser_of(workspace, "analyst", cubes=(people,)).get(page)
    owner = kit.browser_of(workspace, "owner", cubes=(people,)).get(page)
    offered = [
        {given.get("value") for tag, given in answer.tags if tag == "option"}
        for answer in (analyst, owner)
    ]
    assert offered[1] - offered[0] == {"who.id", "stage.stage"}


def test_a_large_table_is_paged(kit, workspace, people):
    owner = kit.browser_of(workspace, "owner", cubes=(people,))
    answer = owner.get("/explore?cube=people&rows=who.id&measures=sales&lines=50000")
    assert len([tag for tag, given in answer.tags if tag == "tr"]) <= 201
