"""Runs, candidates, one run, its tables; comparing two."""

import json
import shutil

import pandas as pd
import pytest

from pipelines.workspace import Workspace


def test_the_leaderboard_says_what_every_run_answered(viewer, kit):
    answer = viewer.get("/")
    assert answer.text.index("1 February 2025") < answer.text.index("1 January 2025")
    for said in ("2 finished", "Contact 3 customers", "£150", "£110 to £190", "rules", "12 s"):
        assert said in answer.text
    assert f"/runs/{kit.LATE}/report.html" in answer.links
    assert f"/lists/{kit.LATE}" in answer.links


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=0201", ["LATE"]),
        ("q=RULES", ["LATE", "EARLY"]),
        ("kind=predict", []),
        ("kind=cross-sell&order=figure", ["LATE", "EARLY"]),
        ("order=nonsense", ["LATE", "EARLY"]),
        ("q=nothing", []),
        ("page=99", ["LATE", "EARLY"]),
    ],
)
def test_runs_are_filtered_and_ordered(viewer, kit, query, shown):
    answer = viewer.get(f"/?{query}")
    boxes = [given["value"] for tag, given in answer.tags if given.get("name") == "run"]
    assert boxes == [getattr(kit, name) for name in shown]
    assert ("No run fits" in answer.text) == (not shown)


def test_a_run_that_goes_on_is_told_with_its_progress(workspace, kit):
    browser = kit.browser_of(workspace)
    assert browser.get("/running").html == '{"running":null}'
    with Workspace(workspace).locked():
        state = json.loads(browser.get("/running").html)["running"]
        answer = browser.get("/")
    assert (state["done"], state["of"]) == (0, 2)
    assert "A run is going on" in answer.text
    assert "A run is going on" not in browser.get("/").text


def test_every_page_works_while_a_writer_holds_the_workspace(workspace, kit):
    browser = kit.browser_of(workspace, "owner")
    with Workspace(workspace).locked():
        for path in ("/", "/explore", "/rules", "/segments", "/tree", "/lists", "/findings",
                     "/data", "/customer?id=K1000001", f"/lists/{kit.LATE}/rows"):  # fmt: skip
            assert browser.get(path).status == 200, path
        finding = browser.app.state.bench.findings.all()[0].id
        assert browser.post(f"/findings/{finding}/note", {"note": "meanwhile"}).status == 303


def test_a_link_to_the_tracking_server_needs_its_address(workspace, kit):
    assert "MLflow" not in kit.browser_of(workspace).get("/").text
    tracked = kit.browser_of(workspace, mlflow="https://tracking.example/")
    assert "https://tracking.example/#/runs/abc123" in tracked.get("/").links


def test_an_address_that_is_no_web_page_is_no_link(workspace, kit):
    tracked = kit.browser_of(workspace, mlflow="javascript:alert(1)")
    assert not [link for link in tracked.get("/").links if "javascript" in link]


def test_candidates_of_all_runs_stand_on_one_board(viewer, kit):
    answer = viewer.get("/candidates")
    places = [answer.text.index(amount) for amount in ("£150 ", "£100 ", "£75 ", "£50 ")]
    assert places == sorted(places)
    marked = [given for tag, given in answer.tags if given.get("class") == "marked"]
    assert len(marked) == 2


def test_one_run_says_how_it_was_made(viewer, kit):
    text = viewer.get(f"/runs/{kit.LATE}").text
    for said in ("Mind the gap.", "abc123", "mine: rules", "kind: cross-sell", "300 MB", "£6"):
        assert said in text


def test_a_run_of_an_unknown_question_is_shown(workspace, kit):
    folder = workspace / "runs" / "20250401-080000-odd"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    browser = kit.browser_of(workspace)
    assert browser.get("/runs/20250401-080000-odd").status == 200
    assert browser.get("/").status == 200
    assert browser.get(f"/compare?run=20250401-080000-odd&run={kit.LATE}").status == 200


def test_the_report_is_given_as_it_was_written(viewer, kit, filled):
    answer = viewer.get(f"/runs/{kit.LATE}/report.html")
    assert answer.body == (filled / "runs" / kit.LATE / "report.html").read_bytes()


def test_fifty_thousand_rows_at_once_are_paged(workspace, kit):
    path = workspace / "runs" / kit.LATE / "rows.parquet"
    pd.DataFrame({"n": range(50_000)}).to_parquet(path)
    browser = kit.browser_of(workspace)
    answer = browser.get(f"/runs/{kit.LATE}/tables/rows?rows=50000")
    cells = [tag for tag, _ in answer.tags if tag == "td"]
    assert len(cells) == 200
    assert "50,000 at once are too many for a page, so 200 are shown" in answer.text
    assert "1 to 200 of 50,000" in answer.text
    assert len(answer.body) < 60_000
    last = browser.get(f"/runs/{kit.LATE}/tables/rows?rows=200&page=9999").text
    assert "49,801 to 50,000 of 50,000" in last


def test_a_table_with_markup_and_formulas_is_text_and_safe_to_save(viewer, kit):
    answer = viewer.get(f"/runs/{kit.LATE}/tables/rules")
    (saved,) = [link for link in answer.links if link.startswith("data:text/csv")]
    assert "<script" not in saved
    assert "if%20bought" in saved


def test_a_run_deleted_while_it_is_looked_at(workspace, kit):
    browser = kit.browser_of(workspace)
    for path in (f"/runs/{kit.LATE}", f"/lists/{kit.LATE}", f"/runs/{kit.LATE}/report.html"):
        assert browser.get(path).status == 200
    shutil.rmtree(workspace / "runs" / kit.LATE)
    for path in (f"/runs/{kit.LATE}", f"/lists/{kit.LATE}", f"/runs/{kit.LATE}/report.html"):
        answer = browser.get(path)
        assert answer.status == 404
        assert "it may have been deleted" in answer.text
    assert kit.EARLY in browser.get("/").html


def test_two_runs_side_by_side(viewer, kit):
    answer = viewer.get(f"/compare?run={kit.LATE}&run={kit.EARLY}")
    assert answer.text.index(kit.EARLY) < answer.text.index(kit.LATE)
    for said in ("economics.contact_cost 0.1 0.3", "Expected profit £100 £150 £50"):
        assert said in answer.text
    lines = [given for tag, given in answer.tags if tag == "polyline"]
    assert [line["class"] for line in lines] == ["line c1", "line c2"]


@pytest.mark.parametrize("query", ["", "run=a", "run=a&run=a", "run=a&run=b&run=c"])
def test_other_numbers_of_runs_are_refused(viewer, query):
    answer = viewer.get(f"/compare?{query}")
    assert answer.status == 400
    assert "Choose two runs to compare" in answer.text


def test_runs_without_curves_are_compared_all_the_same(workspace, kit):
    (workspace / "runs" / kit.EARLY / "profit_curves.parquet").unlink()
    answer = kit.browser_of(workspace).get(f"/compare?run={kit.EARLY}&run={kit.LATE}")
    assert answer.status == 200
    assert "Profit curves" not in answer.text
