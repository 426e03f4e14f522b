"""Trees and segments on pages."""

import pandas as pd


def test_the_tree_of_the_newest_run_is_drawn(viewer, kit):
    answer = viewer.get("/tree")
    assert kit.LATE in answer.text
    assert "young 4 of 5 (80.00%)" in answer.text
    assert viewer.get(f"/tree?run={kit.EARLY}").text.count(kit.EARLY) >= 1


def test_a_condition_with_markup_is_text(workspace, kit):
    path = workspace / "runs" / kit.LATE / "tree.parquet"
    pd.DataFrame({"line": [f"{kit.HOSTILE}: 1 of 2 (50.00%)"]}).to_parquet(path)
    answer = kit.browser_of(workspace).get("/tree")
    assert "img" not in [tag for tag, _ in answer.tags]
    assert "alert('x')" in answer.text


def test_segments_are_cards(viewer):
    text = viewer.get("/segments").text
    for said in ("Segment 0", "60 60% of customers", "Buys more than others: milk"):
        assert said in text


def test_two_segments_side_by_side(viewer, kit):
    text = viewer.get(f"/segments?run={kit.LATE}&segment=0&segment=1").text
    assert "Segment 0 against Segment 1" in text
    assert "Orders 2.5 9" in text


def test_one_segment_is_no_pair(viewer, kit):
    assert "against" not in viewer.get(f"/segments?run={kit.LATE}&segment=0").text


def test_a_map_and_moves_are_drawn_where_there_are_some(workspace, kit):
    folder = workspace / "runs" / kit.LATE
    points = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [1.0, 0.0, 2.0], "segment": ["a", "b", "a"]})
    points.to_parquet(folder / "map.parquet")
    moves = pd.DataFrame({"from": ["a", "b"], "to": ["b", "b"], "customers": [3, 4]})
    moves.to_parquet(folder / "migration.parquet")
    answer = kit.browser_of(workspace).get("/segments")
    dots = [given for tag, given in answer.tags if "point" in given.get("class", "")]
    assert len(dots) == 3
    assert "Who moved" in answer.text
