"""Gamma-Gamma: the published estimates, the expectation, and what it leaves out."""

import json

import numpy as np
import pandas as pd
import pytest

from models.value import GammaGamma, purchase_histories
from models.value.gammagamma import _curvature, _usable


def drawn(n=4000, p=6.0, q=4.0, gamma=15.0, seed=0):
    random = np.random.RandomState(seed)
    x = random.randint(1, 9, n).astype(float)
    scale = random.gamma(q, 1 / gamma, n)
    return pd.DataFrame({"frequency": x, "spend": random.gamma(p * x) / scale / x})


@pytest.mark.real
def test_the_published_estimates(cdnow_log):
    fitted = GammaGamma().fit(purchase_histories(cdnow_log, "1997-09-30"))
    assert fitted.n_customers_ == 946
    rounded = {name: round(value, 2) for name, value in fitted.parameters_.items()}
    assert rounded == {"p": 6.25, "q": 3.74, "gamma": 15.44}


def test_drawn_parameters_are_found_again():
    fitted = GammaGamma().fit(drawn())
    for name, value in {"p": 6.0, "q": 4.0, "gamma": 15.0}.items():
        assert abs(fitted.parameters_[name] - value) < 3 * fitted.standard_errors_[name]


def test_slope_and_hessian_are_those_of_the_likelihood():
    x, mean, count = _usable(drawn(300), None)
    parameters = np.array([5.0, 3.0, 14.0])
    _, slope, hessian = _curvature(parameters, x, mean, count)
    for place, step in enumerate(np.diag([1e-5] * 3)):
        up, down = (_curvature(parameters + sign * step, x, mean, count) for sign in (1, -1))
        assert slope[place] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-5)
        assert hessian[place] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-5)


def test_the_expectation_is_a_weighted_mean_of_own_and_all():
    """Fader and Hardie, equation 5: weights (q - 1) and p x."""
    fitted = GammaGamma().fit(drawn())
    p, q, gamma = fitted.parameters_.values()
    everybody = p * gamma / (q - 1)
    X = pd.DataFrame({"frequency": [1.0, 5.0, 0.0], "spend": [80.0, 80.0, np.nan]})
    weight = (q - 1) / (p * X["frequency"] + q - 1)
    by_hand = weight * everybody + (1 - weight) * X["spend"].fillna(0)
    assert fitted.expected_spend(X) == pytest.approx(by_hand.to_numpy(), rel=1e-12)


def test_money_in_other_units_gives_the_same_answer():
    rows = drawn()
    pence = rows.assign(spend=100 * rows["spend"])
    pounds, hundredths = GammaGamma().fit(rows), GammaGamma().fit(pence)
    assert hundredths.expected_spend(pence) == pytest.approx(100 * pounds.expected_spend(rows))
    assert hundredths.log_likelihood_ == pytest.approx(
        pounds.log_likelihood_ - len(rows) * np.log(100)
    )


def test_who_spent_nothing_is_left_out_and_gets_the_mean_of_all():
    rows = drawn()
    more = pd.DataFrame({"frequency": [0.0, 2.0, 3.0], "spend": [np.nan, 0.0, -4.0]})
    fitted = GammaGamma().fit(pd.concat([rows, more]))
    assert fitted.parameters_ == GammaGamma().fit(rows).parameters_
    assert len(set(fitted.expected_spend(more))) == 1


def test_a_weight_is_so_many_customers():
    rows = drawn(200)
    weight = np.random.RandomState(0).randint(0, 3, 200)
    weighted = GammaGamma().fit(rows, sample_weight=weight)
    repeated = GammaGamma().fit(rows.loc[rows.index.repeat(weight)])
    assert weighted.parameters_ == pytest.approx(repeated.parameters_, rel=1e-6)


def test_the_order_of_the_rows_does_not_matter_to_the_last_bit():
    rows = drawn(500)
    shuffled = rows.sample(frac=1, random_state=2)
    assert GammaGamma().fit(rows).parameters_ == GammaGamma().fit(shuffled).parameters_


def test_the_state_goes_through_json():
    fitted = GammaGamma().fit(drawn(300))
    again = GammaGamma().set_state(json.loads(json.dumps(fitted.get_state(), sort_keys=True)))
    assert list(again.standard_errors_) == list(again.parameters_) == ["p", "q", "gamma"]
    assert again.get_state() == fitted.get_state()
    with pytest.raises(ValueError, match="needs p, q and gamma above 0"):
        GammaGamma().set_state({"parameters_": {"p": 1.0}})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"frequency": [1.0], "spend": [3.0]}, "at least 2 customers .* there are 1 of 1"),
        ({"frequency": [1.0, 2.0], "spend": [np.nan, 0.0]}, "there are 0 of 2"),
        ({"frequency": [1.0]}, "histories lack spend"),
    ],
)
def test_too_little_is_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        GammaGamma().fit(pd.DataFrame(rows))
