"""What each customer bought, against plain loops over small random lists."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.measuring.days import Days
from pipelines.measuring.given_list import GivenList
from pipelines.measuring.outcomes import (
    OUTCOMES,
    Worth,
    covariates,
    outcomes,
    row_outcomes,
    within,
)
from pipelines.measuring.problems import Problems

CUSTOMERS, ITEMS = ["a", "b", "c", "d"], ["x", "y", "z"]


def given_list(pairs):
    rows = pd.DataFrame(
        {
            "customer_id": [who for who, _ in pairs],
            "item_id": [what for _, what in pairs],
            "rank": 1,
            "probability": 0.2,
            "expected_profit": 1.0,
            "evidence_id": "e",
            "segment": "small",
            "group": ["control" if who == "d" else "target" for who, _ in pairs],
            "model": "m",
            "as_of": "2024-11-30",
        }
    )
    return GivenList(Path("list.csv"), rows, "0" * 64, {})


def bought(lines):
    return pd.DataFrame(
        lines, columns=["customer_id", "item_id", "order_id", "quantity", "amount", "margin"]
    ).assign(ordered_at=pd.Timestamp("2024-12-05"))


pairs = st.lists(
    st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(ITEMS)),
    min_size=1,
    max_size=12,
    unique=True,
)
purchases = st.lists(
    st.tuples(
        st.sampled_from([*CUSTOMERS, "stranger"]),
        st.sampled_from([*ITEMS, "other"]),
        st.sampled_from(["o1", "o2", "o3"]),
        st.integers(1, 5).map(float),
        st.integers(1, 100).map(float),
        st.integers(-5, 50).map(float),
    ),
    max_size=15,
)


@settings(max_examples=25, deadline=None)
@given(pairs, purchases)
def test_sums_agree_with_plain_loops(offers, lines):
    listed = given_list(offers)
    frame = bought(lines)
    rows = row_outcomes(listed, frame)
    cost = pd.Series(0.5, index=listed.customers.index)
    found = outcomes(listed, rows, frame, cost)
    for who in found.index:
        own = {what for person, what in offers if person == who}
        mine = [line for line in lines if line[0] == who]
        of_list = [line for line in mine if line[1] in own]
        told = {
            "response": float(bool(of_list)),
            "units": sum(line[3] for line in of_list),
            "revenue": sum(line[4] for line in of_list),
            "profit": sum(line[5] for line in of_list) - 0.5,
            "any_response": float(bool(mine)),
            "any_units": sum(line[3] for line in mine),
            "any_revenue": sum(line[4] for line in mine),
            "any_profit": sum(line[5] for line in mine) - 0.5,
            "orders": len({line[2] for line in mine}),
        }
        assert found.loc[who].to_dict() == pytest.approx(told)


@settings(max_examples=15, deadline=None)
@given(pairs, purchases)
def test_every_row_of_the_list_stays_and_says_what_was_bought_of_it(offers, lines):
    rows = row_outcomes(given_list(offers), bought(lines))
    assert list(zip(rows["customer_id"], rows["item_id"], strict=True)) == offers
    pairs_bought = {(line[0], line[1]) for line in lines}
    assert rows["bought"].tolist() == [float(pair in pairs_bought) for pair in offers]


def test_nobody_bought_anything():
    listed = given_list([("a", "x"), ("d", "y")])
    frame = bought([])
    found = outcomes(listed, row_outcomes(listed, frame), frame, pd.Series(0.0, index=["a", "d"]))
    assert found[list(OUTCOMES)].to_numpy().sum() == 0


class TestWorth:
    lines = bought([("a", "x", "o", 3.0, 30.0, 0.0), ("b", "y", "o", 1.0, 8.0, 0.0)]).drop(
        columns="margin"
    )

    def test_a_margin_a_piece_goes_before_the_share(self):
        items = pd.DataFrame({"item_id": ["x", "y"], "margin": [2.0, None]})
        assert Worth(items, 0.25).margins(self.lines).tolist() == [6.0, 2.0]

    def test_the_share_alone(self):
        assert Worth(None, 0.5).margins(self.lines).tolist() == [15.0, 4.0]

    def test_what_lacks_both_is_a_problem_that_names_it(self):
        problems = Problems()
        items = pd.DataFrame({"item_id": ["x"], "margin": [2.0]})
        Worth(items, None).priced(self.lines, problems)
        assert len(problems.data) == 1
        assert problems.data[0].startswith("1 items that were bought have no margin (y)")

    def test_only_what_was_bought_must_have_one(self):
        problems = Problems()
        items = pd.DataFrame({"item_id": ["x", "y", "z"], "margin": [2.0, 1.0, None]})
        Worth(items, None).priced(self.lines, problems)
        assert problems.data == []


def test_the_days_measured_include_both_ends():
    days = Days(date(2024, 12, 1), date(2024, 12, 3), date(2024, 12, 3))
    moments = pd.to_datetime(
        [
            *("2024-11-30 23:59:59", "2024-12-01 00:00:00"),
            *("2024-12-03 23:59:59", "2024-12-04 00:00:00"),
        ]
    )
    kept = within(pd.DataFrame({"ordered_at": moments}), days)
    assert kept["ordered_at"].tolist() == list(moments[1:3])


class TestCovariates:
    def past(self, days):
        return pd.DataFrame(
            {
                "customer_id": "a",
                "order_id": [str(n) for n in range(len(days))],
                "ordered_at": pd.to_datetime(days, format="ISO8601"),
                "quantity": 2.0,
                "amount": 10.0,
            }
        )

    def test_by_hand(self):
        listed = given_list([("a", "x"), ("a", "y"), ("b", "x")])
        past = self.past(["2024-11-30 20:00", "2024-11-01", "2024-03-01", "2022-01-01"])
        found = covariates(listed, past)
        # promised twice 1.0; at least one of two at 0.2 each; month 20; year 30, 6 pieces, 3 orders
        logs = np.log1p([20.0, 30.0, 6.0, 3.0])
        assert found[0] == pytest.approx([2.0, 0.36, logs[0], 30.0, *logs[1:]])
        assert found[1] == pytest.approx([1.0, 0.2, 0, 0, 0, 0, 0])

    def test_nothing_after_the_list_is_seen(self):
        listed = given_list([("a", "x")])
        before = self.past(["2024-11-01"])
        later = pd.concat([before, self.past(["2024-12-01"])])
        np.testing.assert_array_equal(covariates(listed, before), covariates(listed, later))


def test_deciles_rank_customers_by_what_was_expected():
    offers = [(f"c{n:02d}", "x") for n in range(20)]
    listed = given_list(offers)
    rows = listed.rows.assign(expected_profit=np.arange(20.0))
    listed = GivenList(listed.path, rows, "", {})
    decile = listed.customers["decile"]
    assert decile["c19"] == decile["c18"] == 1
    assert decile["c00"] == 10
    assert decile.value_counts().eq(2).all()
