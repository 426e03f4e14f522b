"""K-medoids against every possible choice, and over mixed kinds of attributes."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cdist

from models.segments import AttributeSpace, KMedoids, faster_pam

places = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 9), st.just(2)), elements=st.integers(0, 30)
)


def loss(apart, chosen):
    return apart[:, list(chosen)].min(axis=1).sum()


@settings(deadline=None, max_examples=60)
@given(places, st.integers(1, 4))
def test_no_single_swap_helps(X, k):
    apart, k = cdist(X, X, "cityblock"), min(k, len(X))
    chosen, found = faster_pam(apart, k)
    assert len(set(chosen.tolist())) == k
    assert found == pytest.approx(loss(apart, chosen))
    for place in range(k):
        for row in set(range(len(X))) - set(chosen.tolist()):
            swapped = [*chosen[:place], row, *chosen[place + 1 :]]
            assert loss(apart, swapped) >= found - 1e-9


@settings(deadline=None, max_examples=60)
@given(places)
def test_near_the_best_of_all_choices(X):
    apart = cdist(X, X)
    best = min(loss(apart, chosen) for chosen in combinations(range(len(X)), 2))
    found = faster_pam(apart, 2)[1]
    assert best - 1e-9 <= found <= 5 * best + 1e-9  # PAM's optimum is at most 5 times the best


@settings(deadline=None)
@given(places)
def test_one_medoid_is_the_best_of_all(X):
    apart = cdist(X, X)
    assert faster_pam(apart, 1)[1] == pytest.approx(apart.sum(axis=0).min())


def test_usually_it_is_the_best_choice():
    hits = 0
    for seed in range(40):
        X = np.random.default_rng(seed).normal(size=(12, 2))
        apart = cdist(X, X)
        best = min(loss(apart, chosen) for chosen in combinations(range(12), 3))
        hits += faster_pam(apart, 3)[1] <= best + 1e-9
    assert hits >= 30  # a local optimum by contract


@pytest.mark.parametrize(
    ("apart", "k", "message"),
    [
        (np.zeros((2, 3)), 1, r"a square table of distances is needed, not \(2, 3\)"),
        (np.zeros((2, 2)), 3, "k must be from 1 to 2 but got 3"),
        (np.zeros((2, 2)), 0, "k must be from 1 to 2 but got 0"),
    ],
)
def test_wrong_arguments_are_told(apart, k, message):
    with pytest.raises(ValueError, match=message):
        faster_pam(apart, k)


def test_gower_takes_numbers_and_categories_together():
    frame = pd.DataFrame(
        {
            "age": [20, 22, 24, 21, 60, 62, 64, 61.0],
            "land": ["UK", "UK", "UK", None, "FR", "FR", "FR", "FR"],
        }
    )
    space = AttributeSpace().fit(frame)
    categories = tuple(np.flatnonzero(space.is_category_).tolist())
    fitted = KMedoids(k=2, metric="gower", categories=categories).fit(space.mixed(frame))
    assert fitted.form == "mixed"
    assert len(set(fitted.labels_[:4].tolist())) == 1
    assert fitted.labels_[0] != fitted.labels_[4]
    new = pd.DataFrame({"age": [23.0, np.nan], "land": [None, "FR"]})
    assert fitted.predict(space.mixed(new)).tolist() == [fitted.labels_[0], fitted.labels_[4]]


def test_a_sample_bounds_the_memory():
    X = np.random.default_rng(0).normal(size=(500, 2))
    fitted = KMedoids(k=3, max_rows=50).fit(X)
    assert len(fitted.labels_) == 500


def test_an_unknown_metric_is_told():
    with pytest.raises(ValueError, match="gower but got 'cosine'"):
        KMedoids(metric="cosine").fit([[0.0], [1.0]])
