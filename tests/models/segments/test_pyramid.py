"""The value pyramid: five levels, every customer in one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.segments import ValuePyramid
from models.segments.pyramid import LEVELS


def test_the_shares_of_the_pyramid():
    spend = pd.Series(np.arange(0, 1001, dtype=float))
    levels = pd.Series(ValuePyramid().fit(spend).predict(spend)).value_counts()
    assert levels.to_dict() == {
        "top": 10,
        "large": 40,
        "medium": 150,
        "small": 800,
        "inactive": 1,
    }


def test_new_customers_are_assigned_by_the_cuts_learned():
    pyramid = ValuePyramid().fit(pd.Series(np.arange(0, 1001, dtype=float)))
    given = pd.Series([10_000.0, 990.5, 960.0, 900.0, 10.0, 0.0, np.nan])
    assert pyramid.predict(given).tolist() == [
        "top",
        "large",
        "large",
        "medium",
        "small",
        "inactive",
        "inactive",
    ]


def test_nobody_bought():
    spend = pd.Series([0.0, np.nan])
    assert ValuePyramid().fit(spend).predict(spend).tolist() == ["inactive", "inactive"]


def test_shares_above_one_are_refused():
    with pytest.raises(ValueError, match="sum to 1 at most"):
        ValuePyramid(top=0.9, large=0.2).fit(pd.Series([1.0]))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_levels_follow_spend(values):
    spend = pd.Series(values)
    order = {level: place for place, level in enumerate(reversed(LEVELS))}
    levels = pd.Series(ValuePyramid().fit(spend).predict(spend)).map(order)
    assert levels[spend.sort_values().index].is_monotonic_increasing
