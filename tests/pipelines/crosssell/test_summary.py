"""What is told when a run is over, to people and to programs."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipelines.crosssell.summary import RunSummary, board, plain_rows


@pytest.fixture
def leaderboard():
    measures = {
        f"{name}@{k}_{scope}": [0.25, 0.125]
        for name in ("recall", "ndcg")
        for k in (5, 12)
        for scope in ("new", "all")
    }
    return pd.DataFrame(
        {
            "candidate": ["rules", "tree"],
            "winner": [False, True],
            "expected_profit": [1234.56, 99.5],
            "expected_profit_low": [-5.0, float("nan")],
            "expected_profit_high": [2000.0, 120.0],
            "customers": [1200, 7],
            **measures,
            "coverage": [0.5, 0.25],
            "seconds": [1.23, 4.0],
        }
    )


@pytest.fixture
def summary(leaderboard):
    return RunSummary(
        name="shop",
        run_id="20240101-000000-shop",
        load={"rows_in": 1200, "rows_loaded": 1000, "rows_rejected": 200},
        leaderboard=leaderboard,
        winner="tree",
        reason="tree wins.",
        list_counts={"rows": 9, "target_customers": 3, "control_customers": 1},
        expected_profit={"mean": 12.0, "low": None, "high": None, "currency": "GBP"},
        promotion=None,
        paths={"list": Path("runs/list.parquet")},
        seconds=61.4,
        peak_memory_mb=1234.5,
    )


def promotion(status):
    return {
        "name": "shop",
        "version": "2",
        "status": status,
        "champion": "1",
        "reason": "So it is.",
        "alias": "champion",
    }


def test_the_board_shows_money_and_the_length_nearest_to_ten(leaderboard):
    lines = board(leaderboard).splitlines()
    assert lines[0].split()[:5] == ["candidate", "profit", "from", "to", "contacts"]
    assert "recall@12 new" in lines[0]
    assert "recall@5" not in lines[0]
    assert lines[1].split()[:5] == ["rules", "1,235", "-5.00", "2,000", "1,200"]
    assert lines[2].split()[:2] == ["*", "tree"]


def test_the_page_tells_rows_list_and_places(summary):
    text = summary.text()
    assert "rows in 1,200 = loaded 1,000 + rejected 200" in text
    assert "list: 9 rows for 3 customers, and a control group of 1" in text
    assert "its interval is not known" in text
    assert "list      runs/list.parquet" in text
    assert text.endswith("done in 61 s, peak memory 1,234 MB")
    assert "champion" not in text


def test_a_promotion_and_a_refusal_are_told(summary):
    fine = replace(summary, promotion=promotion("better")).text()
    assert "champion: models:/shop@champion is version 2. So it is." in fine
    refused = replace(summary, promotion=promotion("refused")).text()
    assert "promotion refused: version 1 stays champion of shop. So it is." in refused
    assert "the bundle is the refused version 2" in refused


def test_notes_are_told(summary):
    assert "mind the gap" in replace(summary, notes=["mind the gap"]).text()


def test_programs_get_plain_values(summary):
    values = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert values["rows_in"] == 1200
    assert values["leaderboard"][1]["expected_profit_low"] is None
    assert values["leaderboard"][0]["winner"] is False
    assert values["paths"] == {"list": "runs/list.parquet"}


def test_rows_without_a_value_have_none():
    frame = pd.DataFrame({"a": [1.5, float("nan")], "b": ["x", None]})
    assert plain_rows(frame) == [{"a": 1.5, "b": "x"}, {"a": None, "b": None}]
