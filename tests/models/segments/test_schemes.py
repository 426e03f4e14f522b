"""RFM, ABC, weighted criteria and the two grids, against figures made by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import AbcClasses, RfmScores, WeightedScore, cross_table, portfolio, rfm_name


def rfm_frame(n=100):
    return pd.DataFrame(
        {"recency": np.arange(n), "frequency": np.arange(n)[::-1], "monetary": np.arange(n) * 2.0},
        index=[f"c{k}" for k in range(n)],
    )


def test_scores_are_fifths():
    scores = RfmScores().fit(rfm_frame()).predict(rfm_frame())
    assert scores["r"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
    assert scores["f"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
    assert scores.loc["c0", ["r", "f", "m", "rfm"]].tolist() == [5, 5, 1, "551"]
    assert scores.loc["c99", "rfm"] == "115"


def test_equal_values_have_equal_scores_and_missing_ones_the_lowest():
    frame = pd.DataFrame(
        {
            "recency": [5, 5, 5, 5, np.nan],
            "frequency": [1, 1, 2, 9, np.nan],
            "monetary": [0.0, 0, 0, 0, np.nan],
        }
    )
    scores = RfmScores().fit(frame).predict(frame)
    assert scores["f"].iloc[0] == scores["f"].iloc[1] < scores["f"].iloc[3]
    assert scores.iloc[4][["r", "f", "m"]].tolist() == [1, 1, 1]


def test_every_score_has_a_name():
    names = {rfm_name(*score) for score in product(range(1, 6), repeat=3)}
    assert len(names) == 9
    assert {rfm_name(*score, bins=3) for score in product(range(1, 4), repeat=3)} <= names


def test_rfm_state_and_new_customers():
    fitted = RfmScores().fit(rfm_frame())
    again = RfmScores().set_state(fitted.get_state())
    new = pd.DataFrame({"recency": [-5, 900], "frequency": [500, 0], "monetary": [1e9, -1.0]})
    assert again.predict(new)["rfm"].tolist() == ["555", "111"]


def test_rfm_refuses_missing_columns_and_bins():
    with pytest.raises(ValueError, match="'monetary' is missing"):
        RfmScores().fit(rfm_frame().drop(columns="monetary"))
    with pytest.raises(ValueError, match="bins must be from 2 to 9 but got 10"):
        RfmScores(bins=10).fit(rfm_frame())


def test_rfm_without_any_value():
    frame = pd.DataFrame({"recency": [np.nan], "frequency": [np.nan], "monetary": [np.nan]})
    assert RfmScores().fit(frame).predict(frame)["rfm"].tolist() == ["111"]


def test_abc_by_hand():
    value = pd.Series([50, 30, 10, 5, 3, 2, 0, -4], dtype=float)
    assert "".join(AbcClasses().fit(value).predict(value)) == "AABBCCCC"


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_class_a_brings_its_share_and_no_smaller_one_does(values):
    value = pd.Series(values)
    classes = AbcClasses().fit(value).predict(value)
    total, of_a = value.sum(), value[classes == "A"]
    assert of_a.sum() >= 0.8 * total - 1e-6 * total
    assert not len(of_a) or value[classes != "A"].max() < of_a.min() or (classes == "A").all()


def test_abc_of_nothing_and_of_wrong_shares():
    value = pd.Series([0.0, np.nan])
    assert AbcClasses().fit(value).predict(value).tolist() == ["C", "C"]
    with pytest.raises(ValueError, match=r"got a=0.9 and b=0.8"):
        AbcClasses(a=0.9, b=0.8).fit(value)


def test_weighted_score_by_hand():
    frame = pd.DataFrame({"spend": [0.0, 100.0], "visits": [0.0, 10.0], "returns": [0.0, 5.0]})
    fitted = WeightedScore({"spend": 2, "visits": 1, "returns": -1}).fit(frame)
    fitted.set_state({"ends": {"spend": [0, 100], "visits": [0, 10], "returns": [0, 5]}})
    assert fitted.parts(frame).iloc[0].tolist() == [0.0, 0.0, 25.0]
    assert fitted.predict(frame).tolist() == [25.0, 75.0]


def test_a_missing_value_counts_as_the_worse_end():
    frame = pd.DataFrame({"spend": [0.0, 10.0, np.nan], "returns": [0.0, 9.0, np.nan]})
    score = WeightedScore({"spend": 1, "returns": -1}).fit(frame).predict(frame)
    assert score.iloc[2] == 0.0


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"spend": 0.0, "age": 0.0}, "sum to 0: there is nothing to weigh"),
        ({}, "sum to 0"),
        ({"spend": float("nan")}, "weights must be finite"),
        ({"land": 1.0, "spend": 1.0, "gone": 1.0}, "in the columns land, gone"),
    ],
)
def test_bad_weights_are_told(weights, message):
    frame = pd.DataFrame({"spend": [1.0, 2.0], "age": [3, 4], "land": ["a", "b"]})
    with pytest.raises(ValueError, match=message):
        WeightedScore(weights).fit(frame)


def test_a_constant_criterion_gives_everybody_half():
    frame = pd.DataFrame({"spend": [3.0, 3.0]})
    assert WeightedScore({"spend": 1}).fit(frame).predict(frame).tolist() == [50.0, 50.0]


def test_value_by_need_counts_customers_and_money():
    value = pd.Series(["high", "low", "low", "low"], name="worth")
    need = pd.Series(["gifts", "gifts", "home", "home"], name="need")
    money = pd.Series([70.0, 10.0, 20.0, np.nan])
    table = cross_table(value, need, money, row_order=["low", "high"])
    assert table["customers"].tolist() == [1, 2, 1]
    assert table["value_share"].tolist() == [0.1, 0.2, 0.7]
    assert table["share"].sum() == pytest.approx(1)


def test_a_class_cannot_be_called_like_a_figure():
    with pytest.raises(ValueError, match="cannot be called value: these are figures"):
        cross_table(pd.Series(["a"], name="value"), pd.Series(["b"], name="need"))


def test_a_grid_needs_every_customer_on_both_sides():
    with pytest.raises(ValueError, match="the same customers in the same order"):
        cross_table(pd.Series(["a"], index=[1]), pd.Series(["b"], index=[2]))
    with pytest.raises(ValueError, match="every customer needs a class"):
        cross_table(pd.Series([None]), pd.Series(["b"]))


def test_portfolio_uses_the_mean_of_loyalty_unless_told():
    profit, months = pd.Series([1.0, 1.0, -1.0, np.nan]), pd.Series([1.0, 9.0, 9.0, np.nan])
    assert portfolio(profit, months).tolist() == [
        "butterflies",
        "true friends",
        "barnacles",
        "strangers",
    ]
    assert portfolio(profit, months, least_loyalty=1).iloc[0] == "true friends"
    with pytest.raises(ValueError, match="the same customers"):
        portfolio(profit, months.iloc[:2])
