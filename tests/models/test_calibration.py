"""Calibrated probabilities: true to the rate, monotone, sober with few purchases."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from models.calibration import PurchaseCalibrator


def offers(seed: int = 0, size: int = 20_000) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Draw offers with a known probability of purchase."""
    random = np.random.RandomState(seed)
    level = random.random_sample(size)
    rows = pd.DataFrame(
        {
            "score": np.exp(6 * level),
            "rank": random.randint(1, 11, size),
            "recency_days": random.exponential(60, size).round(),
            "frequency": random.geometric(0.3, size).astype(float),
        }
    )
    odds = -3.5 + 2.5 * level - 0.3 * np.log(rows["rank"]) + 0.4 * np.log1p(rows["frequency"])
    chance = 1 / (1 + np.exp(-(odds - 0.2 * np.log1p(rows["recency_days"]))))
    return rows, chance.to_numpy(), (random.random_sample(size) < chance).astype(int).to_numpy()


def calibration_error(predicted: np.ndarray, bought: np.ndarray, bins: int = 10) -> float:
    parts = np.array_split(np.argsort(predicted, kind="stable"), bins)
    return sum(
        len(part) / len(bought) * abs(predicted[part].mean() - bought[part].mean())
        for part in parts
    )


def test_probabilities_agree_with_rates_on_rows_not_learned_from():
    rows, _, bought = offers(0)
    fresh, chance, outcome = offers(1)
    predicted = PurchaseCalibrator().fit(rows, bought).predict_proba(fresh)
    assert calibration_error(predicted, outcome) < 0.01
    assert np.abs(predicted - chance).mean() < 0.01


def test_a_constant_prediction_would_fail_that_bound():
    _, _, outcome = offers(1)
    rows, chance, _ = offers(1)
    by_score = np.where(rows["score"] > rows["score"].median(), 0.0, 2 * chance.mean())
    assert calibration_error(by_score, outcome) > 0.01


@settings(max_examples=30, deadline=None)
@given(
    scores=st.lists(st.floats(-50, 50), min_size=2, max_size=20),
    rank=st.integers(1, 10),
    recency=st.floats(0, 400),
    frequency=st.floats(0, 50),
    seed=st.integers(0, 20),
)
def test_never_falls_as_the_score_rises(scores, rank, recency, frequency, seed):
    random = np.random.RandomState(seed)
    rows = offers(seed, 200)[0].assign(score=random.standard_normal(200) * 20)
    model = PurchaseCalibrator(penalty=0.01).fit(rows, random.randint(0, 2, 200))
    one = pd.DataFrame({"score": sorted(scores)}).assign(
        rank=rank, recency_days=recency, frequency=frequency
    )
    assert (np.diff(model.predict_proba(one)) >= -1e-12).all()


def test_scale_of_scores_does_not_matter():
    rows, _, bought = offers(0, 2000)
    plain = PurchaseCalibrator().fit(rows, bought).predict_proba(rows)
    other = rows.assign(score=rows["score"] * 1e6 - 3)
    np.testing.assert_allclose(
        PurchaseCalibrator().fit(other, bought).predict_proba(other), plain, atol=1e-4
    )


def test_without_a_purchase_the_shrunk_base_rate_is_given():
    rows, _, bought = offers(0, 80)
    model = PurchaseCalibrator(prior=0.05, prior_rows=20).fit(rows, bought * 0)
    np.testing.assert_allclose(model.predict_proba(rows), 0.05 * 20 / (80 + 20))


def test_with_purchases_only_it_stays_below_one():
    rows, _, bought = offers(0, 80)
    model = PurchaseCalibrator(prior=0.05, prior_rows=20).fit(rows, bought * 0 + 1)
    np.testing.assert_allclose(model.predict_proba(rows), (80 + 1) / 100)


def test_one_purchase_moves_the_mean_little():
    rows, _, _ = offers(0, 500)
    one = np.zeros(500)
    one[7] = 1
    predicted = PurchaseCalibrator().fit(rows, one).predict_proba(rows)
    assert predicted.min() > 0
    assert predicted.max() < 0.1
    assert predicted.mean() == pytest.approx(1 / 500, rel=0.2)


def test_no_rows_give_the_prior():
    empty = pd.DataFrame({name: [] for name in ("score", "rank", "recency_days", "frequency")})
    model = PurchaseCalibrator(prior=0.02).fit(empty, [])
    np.testing.assert_allclose(model.predict_proba(offers(0, 3)[0]), 0.02)


def test_missing_indicators_and_equal_scores_are_borne():
    rows, _, bought = offers(0, 300)
    rows = rows.assign(score=1.0, recency_days=np.nan)
    predicted = PurchaseCalibrator().fit(rows, bought).predict_proba(rows)
    assert np.isfinite(predicted).all()


def test_row_order_is_irrelevant_and_input_is_kept():
    rows, _, bought = offers(0, 400)
    before = rows.copy()
    order = np.random.RandomState(1).permutation(400)
    one = PurchaseCalibrator().fit(rows, bought).predict_proba(rows)
    other = PurchaseCalibrator().fit(rows.iloc[order], bought[order]).predict_proba(rows)
    np.testing.assert_allclose(one, other, atol=1e-5)
    pd.testing.assert_frame_equal(rows, before)


def test_state_survives_json():
    rows, _, bought = offers(0, 400)
    model = PurchaseCalibrator().fit(rows, bought)
    state = json.loads(json.dumps(model.get_state()))
    twin = clone(model).set_state(state)
    np.testing.assert_array_equal(twin.predict_proba(rows), model.predict_proba(rows))
    with pytest.raises(ValueError, match="missing or unknown parts: grid_"):
        twin.set_state({name: part for name, part in state.items() if name != "grid_"})


@pytest.mark.parametrize(
    ("change", "y", "message"),
    [
        ({"drop": "rank"}, [0, 1, 0], "rows lack rank"),
        ({}, [0, 1], r"y has shape \(2,\) but there are 3 rows"),
        ({}, [0, 1, 2], "y must hold 0 and 1 only"),
    ],
)
def test_wrong_arguments_are_refused(change, y, message):
    rows = offers(0, 3)[0]
    rows = rows.drop(columns=change["drop"]) if change else rows
    with pytest.raises(ValueError, match=message):
        PurchaseCalibrator().fit(rows, y)


def test_prior_outside_zero_and_one_is_refused():
    rows, _, bought = offers(0, 3)
    with pytest.raises(ValueError, match="prior must lie between 0 and 1 but got 0"):
        PurchaseCalibrator(prior=0).fit(rows, bought)
