"""Figures in sentences."""

import math

import pytest

from experiments.evaluation.bootstrap import Interval
from pipelines.lists.words import list_sentence, load_sentence, money_text, money_values


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.0, "0.00"), (999.994, "999.99"), (1000.0, "1,000"), (-1234567.8, "-1,234,568")],
)
def test_money_has_pence_below_a_thousand(amount, text):
    assert money_text(amount) == text


def test_a_load_is_a_sum():
    load = {"rows_in": 541909, "rows_loaded": 396337, "rows_rejected": 145572}
    assert load_sentence(load) == "rows in 541,909 = loaded 396,337 + rejected 145,572"


COUNTS = {"rows": 1200, "target_customers": 300, "control_customers": 30}


def test_a_list_is_told_with_its_interval():
    money = money_values(Interval(1500.0, -20.5, 2500.0, n=9, level=0.95), "GBP")
    assert list_sentence(COUNTS, money) == (
        "list: 1,200 rows for 300 customers, and a control group of 30; "
        "expected profit 1,500 GBP (-20.50 to 2,500), "
        "gross: purchases that would be made without the offer count too"
    )


def test_a_list_says_what_was_taken_off():
    money = money_values(Interval(1500.0, 1.0, 2500.0), "GBP", "organic")
    assert list_sentence(COUNTS, money).endswith("less what customers usually buy of each item")


def test_an_interval_that_is_not_known_is_said_to_be_so():
    money = money_values(Interval(3.0, math.nan, math.nan, n=0, level=0.95), "EUR")
    ends = {"mean": 3.0, "low": None, "high": None}
    assert money == {**ends, "currency": "EUR", "baseline": "none"}
    assert "expected profit 3.00 EUR (its interval is not known), " in list_sentence(COUNTS, money)
