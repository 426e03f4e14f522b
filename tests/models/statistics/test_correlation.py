"""Correlations with the intervals of R, and partial ones against residuals."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from models.association.significance import benjamini_hochberg, holm
from models.statistics import correlation_matrix, correlations


def test_weight_and_mileage_of_cars(cars):
    """R: cor.test(mtcars$mpg, mtcars$wt)."""
    row = correlations(cars, ["mpg", "wt"]).iloc[0]
    assert row["r"] == pytest.approx(-0.8676594, abs=1e-7)
    assert (row["low"], row["high"]) == pytest.approx((-0.9338264, -0.7440872), abs=1e-7)
    assert row["p_value"] == pytest.approx(1.294e-10, rel=1e-3)


def test_pearson_and_spearman_are_those_of_scipy(cars):
    for method, oracle in (("pearson", pearsonr), ("spearman", spearmanr)):
        found = correlations(cars, method=method)
        for row in found.itertuples():
            expected = oracle(cars[row.first], cars[row.second])
            assert (row.r, row.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_partial_correlation_is_that_of_residuals(cars):
    found = correlations(cars, ["mpg", "wt", "hp"], method="partial")
    row = found.set_index(["first", "second"]).loc[("mpg", "wt")]
    design = np.column_stack([np.ones(len(cars)), cars["hp"]])
    rest = [
        cars[name] - design @ np.linalg.lstsq(design, cars[name], rcond=None)[0]
        for name in ("mpg", "wt")
    ]
    r = np.corrcoef(*rest)[0, 1]
    assert row["r"] == pytest.approx(r)
    statistic = r * np.sqrt((len(cars) - 3) / (1 - r**2))
    from scipy.stats import t

    assert row["p_value"] == pytest.approx(2 * t.sf(abs(statistic), len(cars) - 3))


@pytest.mark.parametrize(("name", "oracle"), [("holm", holm), ("bh", benjamini_hochberg)])
def test_p_values_are_corrected_for_all_pairs(cars, name, oracle):
    found = correlations(cars, correction=name)
    assert found["q_value"].tolist() == pytest.approx(oracle(found["p_value"]).tolist())
    assert len(found) == 6


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_intervals_cover_as_often_as_they_say(method):
    rng = np.random.default_rng(0)
    rho = 0.6
    # For normal pairs the rank correlation is 6/pi asin(rho/2).
    truth = rho if method == "pearson" else 6 / np.pi * np.arcsin(rho / 2)
    hits = 0
    for _ in range(150):
        pair = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 50)
        row = correlations(pd.DataFrame(pair, columns=["a", "b"]), method=method).iloc[0]
        hits += row["low"] <= truth <= row["high"]
    assert 0.9 <= hits / 150 <= 0.99


def test_the_square(cars):
    pairs = correlations(cars)
    square = correlation_matrix(pairs)
    assert square.loc[cars.columns, cars.columns].to_numpy() == pytest.approx(cars.corr())
    p = correlation_matrix(pairs, "p_value")
    assert (np.diag(p) == 0).all()
    assert (p == p.T).all().all()


def test_missing_values_are_left_out_by_pair(cars):
    gaps = cars.assign(wt=cars["wt"].mask(cars.index < 4))
    found = correlations(gaps, ["mpg", "wt", "hp"])
    assert found["n"].tolist() == [28, 32, 28]


def test_a_perfect_correlation_is_certain():
    table = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 4, 6, 8, 10]})
    row = correlations(table).iloc[0]
    assert (row["r"], row["low"], row["high"], row["p_value"]) == pytest.approx((1, 1, 1, 0))


@pytest.mark.parametrize(
    ("table", "method", "message"),
    [
        ({"a": [1, 2, 3, 4]}, "pearson", "two columns of numbers or more"),
        ({"a": [1, 2, 3, 4], "b": [1, 1, 1, 1]}, "pearson", "constant columns"),
        ({"a": [1, 2, 3, 4], "b": [np.nan] * 4}, "pearson", "all missing"),
        ({"a": [1, 2, 3], "b": [1, 2, 1]}, "pearson", "3 complete rows are too few"),
        ({"a": range(9), "b": range(9), "c": [1, 3, 2] * 3}, "partial", "follows from the others"),
        ({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4]}, "kendall", "method is"),
    ],
)
def test_bad_input(table, method, message):
    with pytest.raises(ValueError, match=message):
        correlations(pd.DataFrame(table), method=method)
