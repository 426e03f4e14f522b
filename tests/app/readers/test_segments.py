"""Segments that runs described."""

import pandas as pd
import pytest

from app.readers.runs import RunStore
from app.readers.segments import MOST_POINTS, segments_of


@pytest.fixture
def run(workspace, kit):
    return RunStore(workspace / "runs").get(kit.LATE)


def test_a_card_has_a_name_a_size_and_what_is_said(run):
    cards = segments_of(run).cards
    assert [card.title for card in cards[:2]] == ["Segment 0", "Segment 1"]
    assert (cards[0].customers, cards[0].share) == (60, 0.6)
    assert cards[0].told == [("orders", 2.5), ("buys more than others", "tea")]


def test_a_run_without_segments_has_none(run):
    (run.folder / "segments.parquet").unlink()
    assert segments_of(run) is None


def test_a_table_of_something_else_is_no_segments(run):
    pd.DataFrame({"x": [1]}).to_parquet(run.folder / "segments.parquet")
    assert segments_of(run) is None


def test_a_map_is_thinned(run):
    n = MOST_POINTS * 3 + 1
    frame = pd.DataFrame({"x": range(n), "y": range(n), "segment": "a", "customer_id": "K1"})
    frame.to_parquet(run.folder / "map.parquet")
    found = segments_of(run).map
    assert len(found) <= MOST_POINTS
    assert list(found.columns) == ["x", "y", "segment"]


def test_a_map_of_other_columns_is_not_drawn(run):
    pd.DataFrame({"a": [1]}).to_parquet(run.folder / "map.parquet")
    assert segments_of(run).map is None


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"from": ["a", "a", "b"], "to": ["a", "b", "b"], "customers": [5, 2, 7]}),
        pd.DataFrame({"before": ["a", "b"], "a": [5, 0], "b": [2, 7]}),
    ],
)
def test_moves_are_read_long_or_wide(run, frame):
    frame.to_parquet(run.folder / "migration.parquet")
    moves = segments_of(run).moves
    assert moves.to_numpy().tolist() == [[5, 2], [0, 7]]
    assert list(moves.columns) == ["a", "b"]


def test_cards_of_a_segmentation_are_preferred_to_who_belongs_where(run):
    people = pd.DataFrame({"customer_id": ["K1"], "segment": [0]})
    people.to_parquet(run.folder / "segments.parquet")
    assert segments_of(run) is None
    cards = pd.DataFrame({"segment": [0], "name": ["loyal"], "customers": [9], "share": [0.5]})
    cards.assign(traits="often").to_parquet(run.folder / "cards.parquet")
    (card,) = segments_of(run).cards
    assert (card.title, card.told) == ("loyal", [("traits", "often")])


def test_moves_between_segments_come_before_moves_between_other_classes(run):
    for name, count in (("ABC", 1), ("segments", 5), ("value_pyramid", 9)):
        frame = pd.DataFrame({"before": ["a"], "a": [count], "b": [0]})
        frame.to_parquet(run.folder / f"migration_{name}.parquet")
    assert segments_of(run).moves.to_numpy().tolist() == [[5, 0]]
