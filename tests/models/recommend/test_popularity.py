"""Popularity counted by hand."""

import numpy as np
import pytest

from models.recommend.popularity import Popularity, share_of_customers


def test_shares(small):
    assert share_of_customers(small).tolist() == [0.75, 0.5, 0.25, 0.25]
    assert share_of_customers(small, 11).tolist() == [0.5, 0, 0, 0.25]


def test_lately_comes_first_then_ever(small):
    table = Popularity(days=11).fit(small).recommend(small, exclude_owned=False, rows=np.array([0]))
    assert small.items[table["item"]].tolist() == ["apple", "dates", "bread", "cream"]


def test_reason_tells_the_share(small, names):
    model = Popularity(days=30).fit(small)
    reason = model.explain(small, np.array([3]), np.array([0]), names)[0]
    assert reason.text == "75.0% of all customers bought APPLE in the last 30 days."
    assert reason.evidence_id == "popular:apple"


def test_days_below_one_are_refused(small):
    with pytest.raises(ValueError, match="days must be at least 1 but got 0"):
        Popularity(days=0).fit(small)
