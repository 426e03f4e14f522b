"""Every figure here was computed by hand."""

from datetime import date
from itertools import chain
from math import log

import numpy as np
import pytest

from features.cut import Cut
from features.indicators import FAMILIES, indicators

AS_OF = date(2011, 12, 31)
FIRST = "customer,order,item,when,pieces,price,group"
COLUMNS = {
    "customer_id": "customer",
    "order_id": "order",
    "item_id": "item",
    "ordered_at": "when",
    "quantity": "pieces",
    "price": "price",
    "category": "group",
}
LINES = (
    # a: three days (gaps of 10 and 20), the last 31 December; 2011-12-31 is a Saturday.
    "a,o1,x,2011-12-01 10:00:00,1,10,Tea & Co",
    "a,o1,y,2011-12-01 10:00:00,2,5,cup",
    "a,o2,x,2011-12-11 10:00:00,3,10,Tea & Co",
    "a,o3,x,2011-12-31 10:00:00,1,10,Tea & Co",
    "a,C1,x,2011-12-31 11:00:00,-1,10,Tea & Co",
    # b: once, in the first quarter.
    "b,o4,y,2011-03-07 12:00:00,4,5,cup",
    # c: two orders on one day, then nothing recent; spends nothing in one.
    "c,o5,x,2011-06-30 12:00:00,1,10,Tea & Co",
    "c,o6,y,2011-06-30 13:00:00,1,0,cup",
    "c,o7,z,2011-12-21 13:00:00,1,30,",
    "z,o8,x,2012-01-01 00:00:00,1,10,Tea & Co",
)
MORE = {"returns": {"column": "quantity", "below": 0}, "columns": COLUMNS, "first": FIRST}


@pytest.fixture
def cut(loaded):
    return Cut.at(loaded(*LINES, **MORE), AS_OF, 270 + 95)


def of(cut, family):
    frame = indicators(cut, [family])
    assert list(frame.index) == ["a", "b", "c"]
    return frame


def close(frame, expected):
    assert set(frame.columns) == set(expected)
    for column, values in expected.items():
        assert frame[column].tolist() == pytest.approx(values), column


def test_rfm(cut):
    # The recent part is 90 days (October 3 on). c: 40 days... 30 / 90 a day against
    # 10 over the 95 days from June 30 to October 2.
    recent, before = 30 / 90, 10 / 95
    close(
        of(cut, "rfm"),
        {
            "recency_days": [0, 299, 10],
            "frequency": [3, 1, 3],
            "monetary": [60, 20, 40],
            "spend_trend": [0, -1, (recent - before) / (recent + before)],
        },
    )


def test_rhythm(cut):
    close(
        of(cut, "rhythm"),
        {
            "gap_mean": [15, 299, 174],
            "gap_std": [5, 0, 0],
            "gap_last": [20, 299, 174],
            "overdue": [0, 1, 10 / 174],
        },
    )


def test_rhythm_of_a_first_purchase_today(loaded):
    frame = indicators(Cut.at(loaded("a,o,x,2011-12-31,1,1"), AS_OF), ["rhythm"])
    assert frame.loc["a"].tolist() == [1, 0, 1, 0]


def test_rhythm_spread_is_the_population_deviation(loaded):
    days = [1, 2, 4, 9, 10]  # gaps 1, 2, 5, 1
    rows = [f"a,o{d},x,2011-01-{d:02},1,1" for d in days]
    frame = indicators(Cut.at(loaded(*rows), AS_OF), ["rhythm"])
    assert frame.loc["a", "gap_std"] == pytest.approx(np.std([1, 2, 5, 1]))


def test_basket(cut):
    close(
        of(cut, "basket"),
        {
            "basket_items": [4 / 3, 1, 1],
            "basket_pieces": [7 / 3, 4, 1],
            "basket_amount": [20, 20, 40 / 3],
        },
    )


def test_category(cut):
    shares = [5 / 6, 0, 1]
    close(
        of(cut, "category"),
        {
            "category_tea_co": shares,
            "category_cup": [1 / 6, 1, 0],
            "category_entropy": [-(5 / 6) * log(5 / 6) - (1 / 6) * log(1 / 6), 0, 0],
        },
    )


def test_category_is_left_out_when_no_item_has_one(loaded):
    cut = Cut.at(loaded("a,o,x,2011-12-31,1,1"), AS_OF)
    assert indicators(cut, ["category"]).shape == (1, 0)


def test_category_gives_the_columns_asked_for(cut):
    asked = ["category_cup", "monetary", "category_gone", "category_entropy"]
    frame = indicators(cut, columns=asked)
    assert list(frame.columns) == asked
    assert frame["category_cup"].tolist() == pytest.approx([1 / 6, 1, 0])
    assert frame["category_gone"].tolist() == [0, 0, 0]


def test_only_the_largest_categories_get_a_share(loaded, monkeypatch):
    monkeypatch.setattr("features.indicators.category.TOP_CATEGORIES", 1)
    frame = indicators(Cut.at(loaded(*LINES, **MORE), AS_OF), ["category"])
    assert list(frame.columns) == ["category_tea_co", "category_entropy"]


def test_categories_with_one_plain_name_are_numbered(loaded):
    rows = ["a,o,x,2011-12-31,1,1,A b", "a,o,y,2011-12-31,1,2,a-b", "a,o,z,2011-12-31,1,5,Entropy"]
    frame = indicators(Cut.at(loaded(*rows, **MORE), AS_OF), ["category"])
    assert frame.loc["a"].to_dict() == pytest.approx(
        {
            "category_a_b": 1 / 8,
            "category_a_b_2": 2 / 8,
            "category_entropy_2": 5 / 8,
            "category_entropy": -sum(p * log(p) for p in (1 / 8, 2 / 8, 5 / 8)),
        }
    )


def test_returns(cut):
    close(
        of(cut, "returns"),
        {"return_share_lines": [1 / 5, 0, 0], "return_share_amount": [10 / 70, 0, 0]},
    )


def test_tenure(cut):
    close(of(cut, "tenure"), {"tenure_days": [30, 299, 184], "active_months": [1, 1, 2]})


def test_season(cut):
    close(
        of(cut, "season"),
        {
            "spend_share_q1": [0, 1, 0],
            "spend_share_q2": [0, 0, 1 / 4],
            "spend_share_q3": [0, 0, 0],
            "spend_share_q4": [1, 0, 3 / 4],
            "spend_share_weekend": [40 / 60, 0, 0],
        },
    )


def test_all_families_together_are_finite_floats(cut):
    frame = indicators(cut)
    assert frame.index.name == "customer_id"
    assert set(frame.dtypes) == {np.dtype("float64")}
    assert np.isfinite(frame.to_numpy()).all()
    assert frame.columns.is_unique
    parts = [list(indicators(cut, [family]).columns) for family in FAMILIES]
    assert list(frame.columns) == list(chain.from_iterable(parts))


def test_a_customer_who_spent_nothing_has_finite_figures(loaded):
    frame = indicators(Cut.at(loaded("a,o,x,2011-01-31,1,0,tea", **MORE), AS_OF))
    assert np.isfinite(frame.to_numpy()).all()
    assert frame.loc["a", "monetary"] == 0


def test_a_cut_before_all_lines_is_empty(loaded):
    cut = Cut.at(loaded(*LINES, **MORE), date(2000, 1, 1))
    assert indicators(cut).empty


def test_wrong_names_are_refused(cut):
    with pytest.raises(ValueError, match="'rhytm': did you mean 'rhythm'"):
        indicators(cut, ["rhytm"])
    with pytest.raises(ValueError, match="no family gives the columns monetery"):
        indicators(cut, columns=["monetery"])


def test_spread_is_exact_for_equal_gaps(loaded):
    rows = [f"a,o{d},x,2011-01-{d:02},1,1" for d in (1, 8, 15, 22)]
    assert indicators(Cut.at(loaded(*rows), AS_OF), ["rhythm"]).loc["a", "gap_std"] == 0
