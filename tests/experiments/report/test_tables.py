from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.report.tables import Cell, heading, of_counts, table, written


def test_numbers_are_written_by_what_their_column_counts():
    frame = pd.DataFrame(
        {
            "candidate": ["a"],
            "expected_profit": [1234.5],
            "gain": [0.25],
            "customers": [12_000],
            "lift": [2.345],
            "seconds": [61.25],
            "winner": [True],
        }
    )
    row = table(frame, "EUR").rows[0]
    assert [cell.text for cell in row] == [
        "a",
        "€1,234",
        "25%",
        "12,000",
        "2.35",
        "61.2 s",
        "yes",
    ]


def test_a_value_is_shown_with_its_interval():
    frame = pd.DataFrame(
        {"profit": [5.5, 7.0], "profit_low": [1.0, np.nan], "profit_high": [9.0, np.nan]}
    )
    shown = table(frame, "EUR")
    assert shown.headings == ["Profit"]
    assert shown.rows == [[Cell("€5.50", "€1 to €9")], [Cell("€7")]]


def test_a_column_that_only_ends_like_an_interval_stays():
    assert table(pd.DataFrame({"cut_low": [1]}), "EUR").headings == ["Cut low"]


def test_columns_can_be_chosen_and_missing_ones_are_skipped():
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    assert table(frame, "EUR", columns=["c", "nothing", "a"]).headings == ["C", "A"]


def test_kinds_of_columns():
    frame = pd.DataFrame(
        {
            "n": [1.5, 2],
            "text": ["x", "y"],
            "flag": [True, False],
            "day": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "date": [date(2024, 1, 1), date(2024, 1, 2)],
        }
    )
    assert table(frame, "EUR").kinds == ["n", "", "", "d", "d"]


def test_marked_rows():
    frame = pd.DataFrame({"a": [1, 2]})
    assert table(frame, "EUR", mark=frame["a"] == 2).marked == [False, True]


def test_an_empty_frame_is_a_table_without_rows():
    empty = table(pd.DataFrame({"a": []}), "EUR")
    assert (empty.headings, empty.rows) == (["A"], [])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),  # noqa: RUF001
        (np.nan, "–"),  # noqa: RUF001
        (pd.NaT, "–"),  # noqa: RUF001
        (pd.Timestamp("2024-02-03"), "2024-02-03"),
        (pd.Timestamp("2024-02-03 04:05"), "2024-02-03 04:05:00"),
        (("b", "a"), "b, a"),
        ({"b", "a"}, "a, b"),
        (np.int64(1500), "1,500"),
        (np.float64(1500.0), "1,500"),
        (False, ""),
    ],
)
def test_single_values(value, text):
    assert written(value, "anything", "EUR") == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ndcg@10_new", "NDCG@10, new items"),
        ("hit@5_all", "Hit@5, all items"),
        ("rows_rejected", "Rows rejected"),
        ("is_new", "Is new"),
        (3, "3"),
    ],
)
def test_headings_are_words(name, text):
    assert heading(name) == text


def test_counts_stay_counts_whatever_their_columns_are_called():
    frame = pd.DataFrame({"before": ["all"], "2 spend more": [774.0], "share them": [12.0]})
    told = [cell.text for cell in table(of_counts(frame), "GBP").rows[0]]
    assert told == ["all", "774", "12"]
    assert "£774" in [cell.text for cell in table(frame, "GBP").rows[0]]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("mean_value", 161.24, "£161"),
        ("value_each", 0.5, "£0.50"),
        ("off_total", -0.121, "\N{MINUS SIGN}12%"),
        ("precision", 0.947, "95%"),
        ("response", 0.688, "69%"),
        ("value", 0.836, "0.836"),
    ],
)
def test_figures_have_their_unit(name, value, text):
    assert table(pd.DataFrame({name: [value]}), "GBP").rows[0][0].text == text
