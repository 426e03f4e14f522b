"""The list is made of the highest scores, in order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from models.recommend.base import NEVER, _best, filled
from models.recommend.top import highest

tables = npst.arrays(
    np.float32,
    st.tuples(st.integers(0, 6), st.integers(1, 12)),
    elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 1.0, 2.0]),
)


@settings(deadline=None)
@given(scores=tables, n=st.integers(1, 15))
def test_best_equals_sorting(scores, n):
    found = _best(scores, np.arange(len(scores)) + 100, n)
    expected = [
        (row + 100, item, rank, float(scores[row, item]))
        for row in range(len(scores))
        for rank, item in enumerate(
            sorted(range(scores.shape[1]), key=lambda i: (-scores[row, i], i))[:n], start=1
        )
        if scores[row, item] > NEVER
    ]
    assert list(found.itertuples(index=False, name=None)) == expected


def test_highest_passes_over_missing_scores():
    places, values = highest(np.array([[np.nan, 1.0, -np.inf]], dtype=np.float32), 2)
    assert places.tolist() == [[1, -1]]
    assert values.tolist() == [[1.0, -np.inf]]


def test_filled_puts_the_popular_below_all_evidence():
    scores = np.array([[0.0, 0.2, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(filled(scores, np.array([0.1, 0.9, 1.0])), [[-0.9, 0.2, 0.0]])


def test_no_rows_asked_for_is_refused():
    from models.recommend.popularity import Popularity

    model = Popularity()
    model.items_ = np.array(["a"])
    with pytest.raises(ValueError, match="n must be at least 1 but got 0"):
        model.recommend(None, n=0)
