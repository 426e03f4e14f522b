"""Tables as addresses."""

import io
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.report.csv_address import csv_address
from experiments.report.tables import MOST_ROWS, table

PREFIX = "data:text/csv;charset=utf-8,"
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)


def read(address):
    assert address.startswith(PREFIX)
    text = unquote(address.removeprefix(PREFIX))
    return pd.read_csv(io.StringIO(text), dtype={"item": str}, keep_default_na=False)


@given(st.lists(st.tuples(words, st.integers(-(10**6), 10**6)), min_size=1, max_size=8))
def test_rows_come_back_as_they_were_but_for_formulas(rows):
    frame = pd.DataFrame(rows, columns=["item", "n"])
    back = read(csv_address(frame))
    kept = [f"'{item}" if item[0] in "=+-@" else item for item in frame["item"]]
    assert back["item"].tolist() == kept
    assert back["n"].tolist() == frame["n"].tolist()


@given(words)
def test_an_address_is_one_word_of_plain_signs(text):
    address = csv_address(pd.DataFrame({text: [text]}))
    assert address.isascii()
    assert not set(address) & set(' "<>\n\r#&')


def test_numbers_keep_their_digits_and_their_sign():
    frame = pd.DataFrame({"profit": [-1.23456789, np.nan]})
    assert unquote(csv_address(frame)).endswith('profit\n-1.23456789\n""\n')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_heading_that_is_a_formula_is_text(start):
    assert f"'{start}x" in unquote(csv_address(pd.DataFrame({f"{start}x": [1]})))


def test_columns_of_the_same_name_are_both_kept():
    frame = pd.DataFrame([["a", "=b"]], columns=["x", "x"])
    assert unquote(csv_address(frame)).endswith("x,x\na,'=b\n")


def test_nothing_is_an_address_too():
    assert csv_address(pd.DataFrame()).startswith(PREFIX)


def test_the_frame_is_not_changed():
    frame = pd.DataFrame({"=x": ["=1"]})
    csv_address(frame)
    assert frame.columns.tolist() == ["=x"]
    assert frame["=x"].tolist() == ["=1"]


def test_a_table_holds_its_rows_with_the_intervals():
    frame = pd.DataFrame({"profit": [2.0], "profit_low": [1.0], "profit_high": [3.0], "x": ["y"]})
    shown = table(frame, "EUR", columns=["x", "profit", "profit_low", "profit_high"])
    assert shown.headings == ["X", "Profit"]
    assert shown.file_name == "x-profit.csv"
    assert unquote(shown.csv).endswith("x,profit,profit_low,profit_high\ny,2.0,1.0,3.0\n")


def test_a_long_table_is_cut_and_says_so():
    shown = table(pd.DataFrame({"n": range(MOST_ROWS + 5)}), "EUR")
    assert (len(shown.rows), shown.total) == (MOST_ROWS, MOST_ROWS + 5)
    assert len(shown.marked) == MOST_ROWS


def test_a_table_without_words_has_a_name_too():
    assert table(pd.DataFrame({"销": [1]}), "EUR").file_name == "table.csv"
