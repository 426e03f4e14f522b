"""Curves give the certified values of NIST's reference data sets."""

import numpy as np
import pytest

from models.statistics import CURVES, Curve, CurveRegression

# NIST Statistical Reference Datasets, nonlinear regression: data, certified values and errors.
MISRA = (
    [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1,
     760.0],
    [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47,
     81.78],
)  # fmt: skip
DANWOOD = (
    [1.309, 1.471, 1.490, 1.565, 1.611, 1.680],
    [2.138, 3.421, 3.597, 4.340, 4.882, 5.660],
)
RATKOWSKY = (
    [9, 14, 21, 28, 42, 57, 63, 70, 79],
    [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08],
)


@pytest.mark.parametrize(
    ("curve", "data", "values", "errors", "sigma"),
    [
        ("saturation", MISRA, [2.3894212918e2, 5.5015643181e-4], [2.7070075241, 7.2668688436e-6],
         1.0187876330e-1),
        ("power", DANWOOD, [7.6886226176e-1, 3.8604055871], [1.8281973860e-2, 5.1726610913e-2],
         3.2853114039e-2),
        ("logistic", RATKOWSKY, [7.2462237576e1, 2.6180768402, 6.7359200066e-2],
         [1.7340283401, 8.8295217536e-2, 3.4465663377e-3], 1.1587725499),
    ],
)  # fmt: skip
def test_certified_values(curve, data, values, errors, sigma):
    model = CurveRegression(curve).fit(*data)
    assert model.parameters_["estimate"].tolist() == pytest.approx(values, rel=1e-5)
    assert model.parameters_["se"].tolist() == pytest.approx(errors, rel=1e-3)
    assert model.sigma_ == pytest.approx(sigma, rel=1e-5)


PLANTED = {
    "exponential": [2.0, 0.3], "power": [1.5, 0.7], "saturation": [10.0, 0.4],
    "logistic": [50.0, 3.0, 0.8], "gompertz": [40.0, 4.0, 0.5],
}  # fmt: skip


@pytest.mark.parametrize("curve", sorted(CURVES))
def test_planted_parameters_are_found_from_the_data_alone(curve):
    x = np.linspace(0.5, 12, 40)
    y = CURVES[curve].value(x, *PLANTED[curve])
    model = CurveRegression(curve).fit(x, y)
    assert model.parameters_["estimate"].tolist() == pytest.approx(PLANTED[curve], rel=1e-4)
    assert model.r2_ == pytest.approx(1)
    assert model.predict(x) == pytest.approx(y)


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 10, 30)
    truth = CURVES["logistic"].value(x, 50, 3, 0.8)
    hits = np.zeros(3)
    for _ in range(200):
        model = CurveRegression("logistic").fit(x, truth + rng.normal(0, 2, 30))
        inside = (model.parameters_["low"] <= [50, 3, 0.8]) & (
            model.parameters_["high"] >= [50, 3, 0.8]
        )
        hits += inside.to_numpy()
    assert ((hits / 200 > 0.9) & (hits / 200 < 0.99)).all()


def test_the_interval_of_a_new_observation_is_wider_and_covers():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 10, 60)
    truth = CURVES["gompertz"].value(x, 40, 4, 0.5)
    found = CurveRegression("gompertz").fit(x, truth + rng.normal(0, 1, 60)).intervals(x)
    assert ((found["new_high"] - found["new_low"]) > (found["high"] - found["low"])).all()
    later = truth + np.random.default_rng(1).normal(0, 1, 60)
    assert ((found["new_low"] <= later) & (later <= found["new_high"])).mean() > 0.88


def test_the_interval_of_a_straight_line_is_the_known_one():
    line = Curve("a + b x", ("a", "b"), lambda x, a, b: a + b * x, lambda x, y: [0.0, 1.0])
    rng = np.random.default_rng(0)
    x = np.arange(20.0)
    model = CurveRegression(line).fit(x, 3 + 2 * x + rng.normal(size=20))
    from statsmodels.api import OLS, add_constant

    y = 3 + 2 * x + np.random.default_rng(0).normal(size=20)
    expected = OLS(y, add_constant(x)).fit().get_prediction(add_constant(x)).summary_frame()
    found = model.intervals(x)
    assert found["low"].tolist() == pytest.approx(expected["mean_ci_lower"].tolist(), abs=1e-6)
    assert found["new_high"].tolist() == pytest.approx(expected["obs_ci_upper"].tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("curve", "x", "y", "message"),
    [
        ("logistik", [1, 2, 3, 4], [1, 2, 3, 4], "did you mean 'logistic'"),
        ("power", [1, 2], [1, 2], "2 rows cannot tell 2 parameters"),
        ("power", [1, 2, np.nan], [1, 2, 3], "finite"),
        ("power", [2, 2, 2], [1, 2, 3], "x is constant"),
        ("power", [[1, 2], [3, 4]], [1, 2], "one column"),
        ("power", [1, 2, 3], [1, 2], "x has"),
    ],
)
def test_bad_input(curve, x, y, message):
    with pytest.raises(ValueError, match=message):
        CurveRegression(curve).fit(x, y)
