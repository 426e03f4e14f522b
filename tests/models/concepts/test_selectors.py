"""Selectors are true conditions on every column."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.concepts import selectors
from models.concepts.selectors import selector_masks
from models.trees import holds

values = st.lists(st.one_of(st.none(), st.integers(0, 20).map(float)), min_size=1, max_size=40)


@settings(deadline=None)
@given(values, st.integers(1, 6))
def test_selectors_of_a_number(numbers, n_bins):
    frame = pd.DataFrame({"a": np.array(numbers, float)})
    every = selectors(frame, n_bins=n_bins)
    masks = selector_masks(every, frame)
    assert masks.shape == (len(every), len(frame))
    for condition, mask in zip(every, masks, strict=True):
        assert mask.any()
        assert not mask.all() or frame["a"].isna().any()
        assert (mask == holds([condition], frame)).all()


@settings(deadline=None)
@given(values)
def test_up_to_and_above_are_opposites_of_known_values(numbers):
    frame = pd.DataFrame({"a": np.array(numbers, float)})
    every = selectors(frame)
    lows = {c.high: holds([c], frame) for c in every if np.isinf(c.low) and np.isfinite(c.high)}
    highs = {c.low: holds([c], frame) for c in every if np.isinf(c.high) and np.isfinite(c.low)}
    assert lows.keys() == highs.keys()
    for cut, mask in lows.items():
        assert (mask ^ highs[cut] == frame["a"].notna()).all()


def test_the_most_frequent_values_of_a_category():
    frame = pd.DataFrame({"job": [*"aaabbc", None]})
    assert [c.text for c in selectors(frame, max_values=2)] == ["job is a", "job is b"]


def test_codes_are_categories_when_named():
    frame = pd.DataFrame({"area": [1, 2, 2]})
    assert [c.text for c in selectors(frame, categorical=["area"])] == ["area is 1", "area is 2"]


def test_missing_is_a_selector_only_where_something_is_missing():
    full, gaps = pd.DataFrame({"a": [1.0, 2]}), pd.DataFrame({"a": [1.0, 2, None]})
    assert "a is missing" not in [c.text for c in selectors(full)]
    assert "a is missing" in [c.text for c in selectors(gaps)]
