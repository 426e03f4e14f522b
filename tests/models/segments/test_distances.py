"""Distances against their formulas, written out."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.segments.distances import METRICS, distances, gower, power_distances

places = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(3)), elements=st.floats(-9, 9))


def by_hand(metric, x, y, p, r):
    apart = [abs(a - b) for a, b in zip(x, y, strict=True)]
    return {
        "euclidean": sum(d**2 for d in apart) ** 0.5,
        "manhattan": sum(apart),
        "chebyshev": max(apart),
        "power": sum(d**p for d in apart) ** (1 / r),
    }[metric]


@pytest.mark.parametrize("metric", METRICS)
@settings(deadline=None)
@given(places, places)
def test_each_pair_follows_the_formula(metric, X, Y):
    found = distances(X, Y, metric, p=3.0, r=2.0)
    expected = [[by_hand(metric, x, y, 3.0, 2.0) for y in Y] for x in X]
    assert found == pytest.approx(np.array(expected), abs=1e-9)


@pytest.mark.parametrize(("p", "other"), [(1.0, "manhattan"), (2.0, "euclidean")])
@settings(deadline=None)
@given(X=places)
def test_the_power_distance_holds_the_others(p, other, X):
    assert distances(X, X, "power", p=p, r=p) == pytest.approx(distances(X, X, other), abs=1e-6)


def test_p_and_r_are_separate():
    found = [
        float(distances([[0, 0]], [[3, 4]], "power", p=p, r=r)[0, 0]) for p, r in ((2, 1), (1, 2))
    ]
    assert found == pytest.approx([25.0, 7**0.5])


def test_blocks_do_not_change_the_result(monkeypatch):
    X = np.random.default_rng(0).normal(size=(23, 4))
    whole = power_distances(X, X, 1.5, 2.5)
    monkeypatch.setattr(sys.modules[power_distances.__module__], "_CELLS", 200)
    assert power_distances(X, X, 1.5, 2.5).tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "cosine"}, "euclidean, manhattan, chebyshev, power but got 'cosine'"),
        ({"metric": "power", "p": 0}, "p and r must be above 0 but got p=0"),
        ({"metric": "power", "r": -1}, "r=-1"),
    ],
)
def test_wrong_arguments_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        distances([[0.0]], [[1.0]], **arguments)


def test_gower_by_hand():
    # age over a span of 40, sex, land; the second has no age, the third no land.
    X = np.array([[20.0, 0, 0], [np.nan, 0, 1], [60.0, 1, np.nan], [30.0, 0, 0]])
    spans, is_category = np.array([40.0, 0, 0]), np.array([False, True, True])
    found = gower(X, X, spans, is_category)
    assert found[0].tolist() == pytest.approx([0, 1 / 2, (1 + 1) / 2, (10 / 40) / 3])
    assert found[1, 2] == 1.0
    assert found.tolist() == found.T.tolist()


def test_gower_without_anything_in_common_is_one():
    X = np.array([[1.0, np.nan], [np.nan, 2.0]])
    found = gower(X, X, np.array([1.0, 1.0]), np.array([False, False]))
    assert found.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_gower_leaves_out_a_constant_number():
    X = np.array([[7.0, 0.0], [7.0, 1.0]])
    assert gower(X, X, np.array([0.0, 0.0]), np.array([False, True]))[0, 1] == 1.0
