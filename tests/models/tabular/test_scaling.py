import numpy as np
import pytest

from models.tabular.base import sigmoid
from models.tabular.scaling import Platt


def test_it_finds_the_stretch_and_the_shift_that_were_put_in():
    random = np.random.default_rng(0)
    truth = random.normal(size=20_000)
    outcome = (random.uniform(size=20_000) < sigmoid(truth)).astype(int)
    found = Platt.fit(3.0 * truth + 1.0, outcome)
    assert found.slope == pytest.approx(1 / 3, rel=0.05)
    assert found.intercept == pytest.approx(-1 / 3, abs=0.05)
    assert found.probabilities(3.0 * truth + 1.0).mean() == pytest.approx(outcome.mean(), abs=1e-3)


def test_the_order_stays():
    log_odds = np.array([-3.0, -1.0, 0.0, 2.0, 2.5])
    found = Platt.fit(log_odds, np.array([0, 1, 0, 1, 1]))
    assert (np.diff(found.probabilities(log_odds)) > 0).all()


def test_scores_that_say_the_contrary_are_not_turned_round():
    found = Platt.fit(np.array([-2.0, -1.0, 1.0, 2.0] * 20), np.array([1, 1, 0, 0] * 20))
    assert found.slope == 0.0
    np.testing.assert_allclose(found.probabilities(np.array([-5.0, 5.0])), 0.5, atol=0.01)


def test_equal_scores_give_the_rate():
    found = Platt.fit(np.zeros(100), np.repeat([0, 1], [80, 20]))
    assert found.probabilities(np.zeros(1))[0] == pytest.approx(0.2, abs=0.02)


def test_a_weight_counts_as_records():
    log_odds, outcome = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0, 1, 0, 1])
    weight = np.array([4, 1, 2, 3])
    weighted = Platt.fit(log_odds, outcome, weight)
    repeated = Platt.fit(np.repeat(log_odds, weight), np.repeat(outcome, weight))
    assert weighted.slope == pytest.approx(repeated.slope, abs=1e-4)
    assert weighted.intercept == pytest.approx(repeated.intercept, abs=1e-4)
