"""Lists: depth, control, outcome, rows, file."""

import json

import pandas as pd
import pytest


def test_all_lists_with_what_they_promise(viewer, kit):
    answer = viewer.get("/lists")
    assert answer.text.count("not yet") == 2
    assert "£6 £1 to £9" in answer.text
    assert f"/lists/{kit.LATE}" in answer.links


def test_a_list_without_a_name_of_a_customer(viewer, kit):
    answer = viewer.get(f"/lists/{kit.LATE}")
    for said in ("target 3 4", "control 1 1", "Bought tea.", "3 customers promise £6"):
        assert said in answer.text
    assert "K10000" not in answer.html
    assert "Only an owner sees and downloads them" in answer.text


@pytest.mark.parametrize(
    ("depth", "said"),
    [("1", "1 customers promise £4"), ("2", "2 customers promise £5.50"),
     ("999", "3 customers promise £6"), ("0", "1 customers promise £4"),
     ("x", "3 customers promise £6")],
)  # fmt: skip
def test_the_depth_is_in_the_address(viewer, kit, depth, said):
    assert said in viewer.get(f"/lists/{kit.LATE}?depth={depth}").text


def test_the_script_gets_the_curve_that_is_drawn(viewer, kit):
    (place,) = [g for _, g in viewer.get(f"/lists/{kit.LATE}").tags if "data-depth" in g]
    assert json.loads(place["data-customers"]) == [1, 2, 3]
    assert json.loads(place["data-profit"]) == [4.0, 5.5, 6.0]


def test_a_measured_list_says_what_it_caused(workspace, kit):
    folder = workspace / "runs" / kit.LATE / "list.measured"
    folder.mkdir()
    (folder / "measure.json").write_text(json.dumps({"headline": "It paid <b>well</b>."}))
    browser = kit.browser_of(workspace)
    for path in ("/lists", f"/lists/{kit.LATE}"):
        assert "It paid <b>well</b>." in browser.get(path).text


def test_an_owner_downloads_the_file_and_it_is_noted(owner, workspace, kit):
    answer = owner.get(f"/lists/{kit.LATE}/file")
    assert answer.body == (workspace / "runs" / kit.LATE / "list.parquet").read_bytes()
    named = f'attachment; filename="{kit.LATE}-list.parquet"'
    assert answer.headers["content-disposition"] == named
    (entry,) = kit.audit_of(workspace)
    assert (entry["action"], entry["what"]) == ("download list", kit.LATE)


def test_an_owner_looks_at_rows_in_pages(owner, workspace, kit):
    text = owner.get(f"/lists/{kit.LATE}/rows?rows=2&page=3").text
    assert "K1000004" in text
    assert "K1000001" not in text
    (entry,) = kit.audit_of(workspace)
    assert (entry["action"], entry["what"]) == ("view list", f"{kit.LATE}, page 3")


def test_a_run_without_a_list_has_no_list(workspace, kit):
    (workspace / "runs" / kit.LATE / "list.parquet").unlink()
    browser = kit.browser_of(workspace, "owner")
    for path in ("", "/rows", "/file"):
        answer = browser.get(f"/lists/{kit.LATE}{path}")
        assert answer.status == 404
        assert "has no list" in answer.text
    assert kit.audit_of(workspace) == []


def test_a_list_of_another_question_is_shown_as_it_is(workspace, kit):
    folder = kit.make_run(workspace, "20250301-080000-stay", kind="predict")
    frame = pd.DataFrame({"record": ["K1", "K2"], "probability": [0.9, 0.1], "act": [True, False]})
    frame.to_parquet(folder / "list.parquet")
    analyst = kit.browser_of(workspace, "analyst").get(f"/lists/{folder.name}")
    assert (analyst.status, "K1" in analyst.text) == (200, False)
    assert "2 rows" in analyst.text
    owner = kit.browser_of(workspace, "owner").get(f"/lists/{folder.name}/rows")
    assert "K1 90% yes" in owner.text
    table = kit.browser_of(workspace, "analyst").get(f"/runs/{folder.name}/tables/list")
    assert table.status == 403


def test_a_broken_list_is_said(workspace, kit):
    (workspace / "runs" / kit.LATE / "list.parquet").write_bytes(b"no")
    browser = kit.browser_of(workspace, "owner")
    for path in ("", "/rows"):
        answer = browser.get(f"/lists/{kit.LATE}{path}")
        assert answer.status == 503
        assert "cannot be read" in answer.text
    assert browser.get("/lists").status == 200
