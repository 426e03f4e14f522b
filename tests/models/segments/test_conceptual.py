"""Conceptual clustering: every segment is exactly its conditions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.segments import ConceptualSegments
from models.segments.separation import dispersion

places = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 20), st.integers(1, 3)), elements=st.integers(-5, 5)
)


@settings(deadline=None, max_examples=60)
@given(places, st.integers(1, 6))
def test_everybody_meets_the_conditions_of_one_segment_only(X, k):
    fitted = ConceptualSegments(k=k).fit(X)
    inside = (X[:, None] > fitted.low_) & (X[:, None] <= fitted.high_)
    meets = inside.all(axis=2)
    assert meets.sum(axis=1).tolist() == [1] * len(X)
    assert meets.argmax(axis=1).tolist() == fitted.labels_.tolist()
    anywhere = np.random.default_rng(0).uniform(-9, 9, (50, X.shape[1]))
    held = ((anywhere[:, None] > fitted.low_) & (anywhere[:, None] <= fitted.high_)).all(axis=2)
    assert held.sum(axis=1).tolist() == [1] * 50


@settings(deadline=None, max_examples=60)
@given(places)
def test_the_first_cut_is_the_best_of_all_cuts(X):
    best = min(
        (
            dispersion(X, (X[:, j] <= cut).astype(int))
            for j in range(X.shape[1])
            for cut in np.unique(X[:, j])[:-1]
        ),
        default=dispersion(X, np.zeros(len(X))),
    )
    found = ConceptualSegments(k=2, min_share=0).fit(X)
    assert dispersion(X, found.labels_) == pytest.approx(best, abs=1e-9)


def test_more_segments_are_never_less_tight():
    X = np.random.default_rng(0).normal(size=(300, 4))
    tight = [dispersion(X, ConceptualSegments(k=k).fit(X).labels_) for k in range(1, 8)]
    assert tight == sorted(tight, reverse=True)


def test_no_segment_is_smaller_than_its_least_share():
    X = np.append(np.random.default_rng(0).normal(size=200), [1e6, 2e6])[:, None]
    assert np.bincount(ConceptualSegments(k=4, min_share=0.1).fit(X).labels_).min() >= 20
    assert np.bincount(ConceptualSegments(k=2, min_share=0).fit(X).labels_).tolist() == [200, 2]


def test_a_wrong_share_is_told():
    with pytest.raises(ValueError, match="min_share must be from 0 to 1 but got 1"):
        ConceptualSegments(min_share=1).fit([[1.0], [2.0]])
