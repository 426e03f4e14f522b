"""Regressions give the figures of R's examples, and predict what they tell."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from models.statistics import linear_regression, logistic_regression

SPEED = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15,
         15, 15, 16, 16, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24,
         24, 24, 25]  # fmt: skip
DIST = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80,
        20, 26, 54, 32, 40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70,
        92, 93, 120, 85]  # fmt: skip


def test_braking_cars():
    """R: summary(lm(dist ~ speed, cars))."""
    found = linear_regression(pd.DataFrame({"speed": SPEED}), DIST)
    assert found.table["estimate"].tolist() == pytest.approx([-17.5791, 3.9324], abs=1e-4)
    assert found.table["se"].tolist() == pytest.approx([6.7584, 0.4155], abs=1e-4)
    assert found.figures["r2"] == pytest.approx(0.6511, abs=1e-4)
    assert found.figures["adjusted_r2"] == pytest.approx(0.6438, abs=1e-4)
    assert found.figures["f"] == pytest.approx(89.57, abs=0.01)
    assert found.figures["sigma"] == pytest.approx(15.38, abs=0.005)
    assert found.table.loc["speed", ["low", "high"]].tolist() == pytest.approx(
        [3.096964, 4.767853], abs=1e-5
    )


def test_a_category_becomes_differences_of_means():
    X = pd.DataFrame({"shop": list("aabbcc")})
    found = linear_regression(X, [1, 3, 4, 6, 10, 12.0])
    assert found.table["estimate"].to_dict() == pytest.approx(
        {"constant": 2, "shop = b": 3, "shop = c": 9}
    )
    assert found.predict(pd.DataFrame({"shop": ["b"]})) == pytest.approx([5])
    assert found.predict(pd.DataFrame({"shop": ["c", "a"]})) == pytest.approx([11, 2])


def test_the_odds_ratio_of_a_table_of_two_by_two():
    """Closed form: log odds ratio with error sqrt(1/a + 1/b + 1/c + 1/d)."""
    a, b, c, d = 30, 70, 15, 85
    X = pd.DataFrame({"group": [1] * 100 + [0] * 100})
    y = [1] * a + [0] * b + [1] * c + [0] * d
    row = logistic_regression(X, y).table.loc["group"]
    ratio, error = a * d / (b * c), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert row["odds_ratio"] == pytest.approx(ratio, rel=1e-6)
    assert row["se"] == pytest.approx(error, rel=1e-5)
    half = norm.ppf(0.975) * error
    assert row["odds_low"] == pytest.approx(ratio * np.exp(-half), rel=1e-4)
    assert row["odds_high"] == pytest.approx(ratio * np.exp(half), rel=1e-4)


def test_manual_cars_are_light(cars):
    """R: glm(am ~ wt, binomial, mtcars): 12.040 and -4.024, standard errors 4.510 and 1.436."""
    found = logistic_regression(cars[["wt"]], cars["am"])
    assert found.table["estimate"].tolist() == pytest.approx([12.040, -4.024], abs=1e-3)
    assert found.table["se"].tolist() == pytest.approx([4.510, 1.436], abs=1e-3)
    assert found.figures["log_likelihood"] == pytest.approx(-19.176 / 2, abs=1e-3)


def test_probabilities_are_those_of_scikit_learn(cars):
    X = cars[["hp"]]
    found = logistic_regression(X, np.where(cars["am"] == 1, "manual", "other"), target="manual")
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, cars["am"])
    assert found.predict(X) == pytest.approx(theirs.predict_proba(X)[:, 1], abs=1e-4)


def test_robust_errors_are_larger_where_the_spread_grows():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, 500)
    X, y = pd.DataFrame({"x": x}), x + rng.normal(0, 0.1 + x**3 / 50)
    plain, robust = (linear_regression(X, y, errors=e).table.loc["x"] for e in ("plain", "HC3"))
    assert robust["estimate"] == plain["estimate"]
    assert robust["se"] > 1.05 * plain["se"]


def test_missing_rows_are_left_out_and_counted(cars):
    gaps = cars.assign(wt=cars["wt"].mask(cars.index < 3))
    found = linear_regression(gaps[["wt"]], gaps["mpg"])
    assert (found.figures["n_rows"], found.figures["n_left_out"]) == (29, 3)
    whole = linear_regression(cars[["wt"]].iloc[3:], cars["mpg"].iloc[3:])
    assert found.table.equals(whole.table)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ({"a": [1.0] * 8}, r"constant columns tell nothing: \['a'\]"),
        ({"a": [np.nan] * 8}, r"all missing: columns \['a'\]"),
        ({"a": range(8), "b": range(0, 16, 2)}, r"follow from others: \['b'\]"),
        ({f"c{i}": np.random.default_rng(i).normal(size=8) for i in range(9)}, "10 coefficients"),
    ],
)
def test_bad_columns(X, message):
    with pytest.raises(ValueError, match=message):
        linear_regression(pd.DataFrame(X), [1, 3, 2, 5, 4, 6, 8, 7])


def test_classes_that_are_parted_perfectly_are_refused():
    X = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6.0]})
    with pytest.raises(ValueError, match="part the classes perfectly"):
        logistic_regression(X, [0, 0, 0, 1, 1, 1])


def test_one_class_or_three_are_refused():
    X = pd.DataFrame({"a": [1, 2, 3.0]})
    with pytest.raises(ValueError, match="two classes are needed, not 1"):
        logistic_regression(X, [1, 1, 1])
    with pytest.raises(ValueError, match="two classes are needed, not 3"):
        logistic_regression(X, [1, 2, 3])
    with pytest.raises(ValueError, match="target 'x' is not a class"):
        logistic_regression(X, list("aba"), target="x")
