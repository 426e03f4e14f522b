import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from models.tabular import Discriminant, Logistic


@pytest.fixture(scope="module")
def numbers():
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.normal(size=(300, 3)), columns=["a", "b", "c"])
    return X, (X["a"] - X["b"] + random.normal(size=300) > 0).astype(int).to_numpy()


def test_logistic_is_that_of_scikit_learn(numbers):
    X, y = numbers
    scaled = (X - X.mean()) / X.std(ddof=0)
    expected = LogisticRegression(C=0.7, tol=1e-8).fit(scaled, y).decision_function(scaled)
    np.testing.assert_allclose(Logistic(C=0.7).fit(X, y).decision_function(X), expected, atol=1e-3)


def test_discriminant_is_that_of_scikit_learn_and_applies_to_new_cases(numbers):
    X, y = numbers
    expected = LinearDiscriminantAnalysis().fit(X[:200], y[:200])
    found = Discriminant(shrinkage=0.0).fit(X[:200], y[:200])
    np.testing.assert_allclose(
        found.decision_function(X[200:]), expected.decision_function(X[200:]), atol=1e-6
    )


def test_knots_let_an_effect_bend():
    random = np.random.default_rng(2)
    x = random.uniform(-3, 3, 1500)
    y = (random.uniform(size=1500) < 1 / (1 + np.exp(2 - x**2))).astype(int)
    X = pd.DataFrame({"x": x})
    straight = log_loss(y, Logistic(C=10).fit(X, y).predict_proba(X)[:, 1])
    bent = log_loss(y, Logistic(C=10, knots=4).fit(X, y).predict_proba(X)[:, 1])
    assert bent < straight - 0.05


def test_contributions_are_exact_and_centred(numbers):
    X, y = numbers
    model = Logistic(knots=2).fit(X, y)
    moved = model.contributions(X)
    np.testing.assert_allclose(moved.mean(), 0.0, atol=1e-9)
    assert moved["a"].corr(X["a"]) > 0.95
    assert moved["b"].corr(X["b"]) < -0.95


def test_discriminant_refuses_weights(numbers):
    X, y = numbers
    with pytest.raises(ValueError, match="takes no weights"):
        Discriminant().fit(X, y, np.arange(1.0, 301.0))
