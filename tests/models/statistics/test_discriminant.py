"""Discriminant functions of Fisher's irises, and the classes of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from models.statistics import discriminant_analysis


@pytest.fixture(scope="module")
def irises():
    data = load_iris(as_frame=True)
    return data.data, data.target_names[data.target]


def test_the_published_figures_of_the_irises(irises):
    found = discriminant_analysis(*irises)
    functions = found.functions
    assert functions["eigenvalue"].tolist() == pytest.approx([32.1919, 0.2854], abs=1e-4)
    assert functions["canonical_correlation"].tolist() == pytest.approx([0.9848, 0.4712], abs=1e-4)
    assert found.wilks == pytest.approx(0.0234, abs=1e-4)
    assert functions["share"].iloc[0] == pytest.approx(0.9912, abs=1e-4)
    assert functions["df"].tolist() == [8, 3]


@pytest.mark.parametrize("equal", [True, False])
def test_new_cases_get_the_class_of_scikit_learn(irises, equal):
    X, y = irises
    kept = np.r_[0:50, 50:80, 100:150]
    priors = [1 / 3] * 3 if equal else None
    theirs = LinearDiscriminantAnalysis(priors=priors).fit(X.iloc[kept], y[kept])
    ours = discriminant_analysis(X.iloc[kept], y[kept], equal_priors=equal)
    new = X + np.random.default_rng(0).normal(0, 0.5, X.shape)
    assert (ours.predict(new) == theirs.predict(new)).all()


def test_petals_tell_more_than_sepals(irises):
    size = discriminant_analysis(*irises).coefficients["function1"].abs()
    assert size.idxmax() == "petal length (cm)"


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ({"a": [1.0, 2, 3, 4]}, ["x"] * 4, "constant columns"),
        ({"a": [1.0] * 4}, list("xxyy"), "constant columns"),
        ({"a": [1.0, 2, 3]}, list("xyy"), "need more rows"),
        ({"a": [1.0, 2, 5, 4, 7, 6], "b": [2.0, 4, 10, 8, 14, 12]}, list("xxxyyy"), "follows from"),
    ],
)
def test_bad_input(X, y, message):
    with pytest.raises(ValueError, match=message):
        discriminant_analysis(pd.DataFrame(X), y)
