"""Observed against predicted: p-values that are right, whatever the distribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.deviation import Residuals


def test_p_by_counting():
    judge = Residuals(parts=1).fit([1.0, -2.0, 3.0], [0.0, 0.0, 0.0])
    found = judge.predict([2.0, 10.0, 0.0], [0.0, 0.0, 0.0])
    assert found["p"].tolist() == [3 / 4, 1 / 4, 1.0]
    assert found["residual"].tolist() == [2.0, 10.0, 0.0]


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_p_is_even_for_customers_like_those_learned_from(seed):
    rng = np.random.default_rng(seed)
    judge = Residuals(parts=1).fit(rng.standard_cauchy(400), np.zeros(400))
    p = judge.predict(rng.standard_cauchy(400), np.zeros(400))["p"]
    assert abs((p <= 0.1).mean() - 0.1) < 0.09
    assert p.min() >= 1 / 401


def test_errors_that_grow_are_judged_within_their_part():
    rng = np.random.default_rng(0)
    predicted = rng.uniform(1, 1000, 5000)
    observed = predicted + predicted * rng.normal(0, 0.1, 5000)
    judge = Residuals(parts=10).fit(observed, predicted)
    small, large = judge.predict([80.0, 1030.0], [30.0, 980.0])["p"]
    assert small < 0.01
    assert large > 0.5


def test_z_and_adjusted_p():
    rng = np.random.default_rng(0)
    judge = Residuals(parts=1).fit(rng.normal(size=2000), np.zeros(2000))
    found = judge.predict([3.0, 0.0, 0.1], np.zeros(3))
    assert found["z"].iloc[0] == pytest.approx(3.0, abs=0.15)
    assert (found["p_adjusted"] >= found["p"] - 1e-12).all()


def test_equal_predictions_make_one_part():
    judge = Residuals(parts=5).fit(np.arange(20.0), np.zeros(20))
    assert judge.predict([19.0], [0.0])["p"].iloc[0] == pytest.approx(2 / 21)


def test_no_spread():
    judge = Residuals(parts=1).fit(np.ones(10), np.ones(10))
    found = judge.predict([1.0, 2.0], [1.0, 1.0])
    assert found["p"].tolist() == [1.0, 1 / 11]
    assert found["z"].tolist() == [0.0, 0.0]


def test_nothing_to_judge():
    judge = Residuals().fit([1.0, 2.0], [0.0, 0.0])
    assert len(judge.predict([], [])) == 0


@pytest.mark.parametrize(
    ("observed", "predicted", "parts", "message"),
    [
        ([], [], 1, "no residuals to learn from"),
        ([1.0], [1.0, 2.0], 1, "one prediction an observation"),
        ([np.nan], [1.0], 1, "must be finite"),
        ([1.0], [1.0], 0, "parts must be at least 1 but got 0"),
    ],
)
def test_bad_input_is_told(observed, predicted, parts, message):
    with pytest.raises(ValueError, match=message):
        Residuals(parts).fit(observed, predicted)


def test_the_sentence():
    assert Residuals.sentence("next_spend", 0.0, 412.3, 0.0004) == (
        "next spend was 0, expected 412; only under 0.1% of customers lie this far off"
    )
