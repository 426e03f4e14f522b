"""The leaderboard of a case that can be counted by hand."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipelines.crosssell.evaluate import Intervals, evaluate, profit_of
from pipelines.crosssell.mine import Candidate, Measured

# Codes of the vocabulary: A 0, B 1, C 2; of the customers: ann 0, bob 1, cyd 2, dan 3.
BOUGHT = "ann:A ann:B bob:A bob:C cyd:A cyd:B dan:C"
FOLLOWED = "ann:C bob:B dan:A dan:new"


def measured(name, rows, complexity):
    """Make offers of (customer, item, probability, bought), one a customer."""
    offers = pd.DataFrame(rows, columns=["customer", "item", "probability", "bought"])
    offers = offers.assign(rank=1, score=offers["probability"], margin=2.0, category=-1)
    offers = offers.assign(expected_margin=offers["probability"] * 2.0)
    return Measured(
        candidate=Candidate(name, "popularity", {}, {}),
        params={},
        calibrator=None,
        trials=pd.DataFrame(),
        offers={"new": offers, "all": offers, "list": offers},
        complexity=complexity,
        family="baseline",
        seconds=1.0,
        key=name,
        folder=Path(),
    )


@pytest.fixture
def good():
    """Three right offers; the fourth would not pay for the contact."""
    return measured("good", [(0, 2, 0.9, 1.0), (1, 1, 0.8, 1.0), (2, 2, 0.1, 0.0)], 5)


@pytest.fixture
def poor():
    """One offer that hits, three that do not."""
    rows = [(0, 2, 0.3, 1.0), (1, 1, 0.1, 1.0), (2, 2, 0.9, 0.0), (3, 1, 0.8, 0.0)]
    return measured("poor", rows, 1)


@pytest.fixture
def snapshot(snapshot_of):
    return snapshot_of(BOUGHT, FOLLOWED)


@pytest.fixture
def found(good, poor, snapshot, settings):
    return evaluate([poor, good], snapshot, settings, Intervals(resamples=200), "GBP")


def test_the_profit_of_every_customer_is_sales_less_contacts(good, poor, snapshot, settings):
    history = snapshot.history(snapshot.vocabulary(2))
    # A contact costs 0.5 and a sale brings 2; who promises less than 0.5 is not contacted.
    assert profit_of(good.offers, history, settings).tolist() == [1.5, 1.5, 0.0, 0.0]
    assert profit_of(poor.offers, history, settings).tolist() == [1.5, 0.0, -0.5, -0.5]


def test_the_most_profitable_stands_first_with_its_figures(found):
    board = found.leaderboard.set_index("candidate")
    assert board.index.tolist() == ["good", "poor"]
    assert board["expected_profit"].tolist() == [3.0, 0.5]
    assert board["customers"].tolist() == [2, 3]
    # Of the items new to those who bought: ann 1 of 1, bob 1 of 1, dan 0 of 2.
    assert board.loc["good", "recall@1_new"] == pytest.approx(2 / 3)
    assert board.loc["good", "coverage"] == pytest.approx(2 / 3)


def test_a_simpler_candidate_wins_only_where_it_is_not_measurably_worse(
    good, snapshot, settings, found
):
    assert found.choice.best == "good"
    simple = replace(good, candidate=Candidate("simple", "popularity", {}, {}), complexity=1)
    again = evaluate([good, simple], snapshot, settings, Intervals(resamples=200), "GBP")
    assert again.choice.winner == "simple"
    assert again.leaderboard.loc[again.leaderboard["winner"], "candidate"].tolist() == ["simple"]


def test_the_curve_and_the_gains_count_the_same_customers(found):
    curve = found.curves["good"]
    assert curve["customers"].tolist() == [0, 1, 2, 3]
    assert curve["realised_profit"].tolist() == [0.0, 1.5, 3.0, 2.5]
    gains = found.gains["good"]
    assert gains["cumulative_contacted"].iloc[-1] == 4
    assert gains["cumulative_responses"].tolist() == [1, 2, 2, 2]
    assert gains["gain"].tolist() == [0.5, 1.0, 1.0, 1.0]


def test_rows_beyond_the_list_earn_nothing(snapshot, settings):
    deep = measured("deep", [(0, 0, 0.9, 1.0), (0, 1, 0.5, 1.0), (0, 2, 0.8, 1.0)], 1)
    history = snapshot.history(snapshot.vocabulary(2))
    # Two rows are listed: two sales at 2 for one contact at 0.5.
    assert profit_of(deep.offers, history, settings).tolist() == [3.5, 0.0, 0.0, 0.0]


def test_every_candidate_is_measured_in_both_scopes(found):
    assert set(found.per_customer) == {"new/good", "all/good", "new/poor", "all/poor"}
    assert len(found.per_customer["new/good"]) == 3
