"""The warehouse on pages."""


def test_tables_loads_and_rejected_rows(viewer):
    text = viewer.get("/data").text
    for said in ("lines", "bought and returned lines", "Files that were loaded", "Rejected rows"):
        assert said in text
    assert "Look at the rows" not in text


def test_a_table_says_what_its_columns_mean_and_which_are_personal(viewer):
    text = viewer.get("/data/tables/customers").text
    assert "life_stage" in text
    assert "personal" in text


def test_an_unknown_table_is_said_with_the_nearest(viewer):
    answer = viewer.get("/data/tables/line")
    assert answer.status == 400
    assert "lines" in answer.text


def test_quality_is_measured(viewer):
    text = viewer.get("/data/quality").text
    assert "Contradictions" in text
    assert "No column demands anything." in text


def test_rejected_rows_in_full_are_for_owners(owner, workspace, kit):
    answer = owner.get("/data/rejected?rows=5&page=2")
    assert "6 to 10 of" in answer.text
    (entry,) = kit.audit_of(workspace)
    assert (entry["action"], entry["what"]) == ("view rejected rows", "page 2")
