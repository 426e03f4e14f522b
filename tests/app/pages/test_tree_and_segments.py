"""Trees and segments on pages."""

import numpy as np
import pandas as pd
import pytest

from pipelines.config.predict import Money
from pipelines.predicting.records import Records, Sample
from pipelines.predicting.tree import leaves_of, read_tree, write_tree


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


def test_the_map_calls_segments_as_their_cards(workspace, kit):
    points = pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 0.0], "segment": ["0", "1"]})
    points.to_parquet(workspace / "runs" / kit.LATE / "map.parquet")
    assert "Segment 0 Segment 1 Map of the segments" in kit.browser_of(workspace).get(
        "/segments"
    ).text.replace("  ", " ")


@pytest.fixture
def grown(workspace, kit):
    """Give a workspace whose newest run kept a whole tree."""
    rows = 300
    random = np.random.default_rng(0)
    age = random.integers(18, 80, rows).astype(float)
    outcome = (random.uniform(size=rows) < np.where(age <= 40, 0.8, 0.1)).astype(float)
    table = pd.DataFrame({"age": age, "job": random.choice(["clerk", kit.HOSTILE], rows)})
    ids = np.array([f"K{place}" for place in range(rows)])
    one = np.ones(rows)
    part = Records(ids, table, outcome, one, one, 3 * one)
    folder = workspace / "runs" / kit.LATE
    (folder / "tree").mkdir()
    write_tree(folder / "tree", Sample(part, part, part, np.full(rows, -1)), Money(), 0)
    leaves_of(read_tree(folder / "tree"), part).to_parquet(folder / "leaves.parquet")
    return workspace


def test_a_kept_tree_is_drawn_with_its_forms(grown, kit):
    answer = kit.browser_of(grown).get("/tree")
    assert "age is up to" in answer.text
    names = [given.get("name") for _, given in answer.tags]
    assert {"v.age", "place", "column", "threshold"} <= set(names)
    assert "img" not in [tag for tag, _ in answer.tags]


def test_the_path_of_typed_values(grown, kit):
    answer = kit.browser_of(grown, "viewer").get("/tree?show=path&v.age=25")
    assert "The path of this record" in answer.text
    assert "all: 300 records" in answer.text
    assert "on the path" in answer.text


def test_a_value_that_is_no_number_is_told(grown, kit):
    answer = kit.browser_of(grown).get("/tree?show=path&v.age=<b>")
    assert answer.status == 400
    assert "age is a number, not '<b>'" in answer.text


def test_an_override_is_measured(grown, kit):
    answer = kit.browser_of(grown).get("/tree?show=override&place=root&column=&threshold=")
    assert answer.status == 200
    for said in ("Before", "After", "Accuracy", "Profit", "£", "worse"):
        assert said in answer.text
    moved = kit.browser_of(grown).get("/tree?show=override&place=root&column=age&threshold=60")
    assert "What the override does" in moved.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("place=nowhere", "no place 'nowhere'"),
        ("place=root&column=agee", "no column is called 'agee'"),
        ("place=root&column=age&threshold=x", "The threshold is a number"),
        ("place=root&column=job&threshold=3", "job has categories"),
    ],
)
def test_an_override_that_cannot_be_made_is_told(grown, kit, asked, said):
    answer = kit.browser_of(grown).get(f"/tree?show=override&{asked}")
    assert answer.status == 400
    assert said in answer.text


def test_a_viewer_overrides_nothing(grown, kit):
    viewer = kit.browser_of(grown, "viewer")
    assert "Override a split" not in viewer.get("/tree").text
    assert viewer.get("/tree?show=override&place=root").status == 403


def test_an_owner_sees_the_path_of_a_customer_and_it_is_noted(grown, kit):
    answer = kit.browser_of(grown, "owner").get("/tree?show=customer&customer=K7")
    assert "The path of this record" in answer.text
    (entry,) = kit.audit_of(grown)
    assert entry["action"] == "view path in tree"
    assert "K7" not in (grown / "audit.jsonl").read_text()
    assert kit.browser_of(grown, "owner").get("/tree?show=customer&customer=Z").status == 400


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_others_see_the_path_of_no_customer(grown, kit, role):
    browser = kit.browser_of(grown, role)
    assert "Show their path" not in browser.get("/tree").text
    assert browser.get("/tree?show=customer&customer=K7").status == 403
    assert kit.audit_of(grown) == []


def test_a_broken_tree_is_told(grown, kit):
    (grown / "runs" / kit.LATE / "tree" / "tree.json").write_text("{")
    answer = kit.browser_of(grown).get("/tree")
    assert answer.status >= 400
    assert "the tree cannot be read" in answer.text


def test_figures_of_a_card_have_their_unit_and_moves_are_counts(workspace, kit):
    folder = workspace / "runs" / kit.LATE
    card = {"segment": 0, "name": "spend more", "customers": 9, "share": 0.5, "value": 1200.0}
    pd.DataFrame([{**card, "value_share": 0.144}]).to_parquet(folder / "cards.parquet")
    moves = pd.DataFrame({"before": ["spend more"], "spend more": [774], "new": [20]})
    moves.to_parquet(folder / "migration_segments.parquet")
    text = kit.browser_of(workspace).get("/segments").text
    assert "Value £1,200" in text
    assert "Value share 14%" in text
    assert "spend more 774 20" in text
