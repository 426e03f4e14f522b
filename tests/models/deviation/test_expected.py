"""Predictions by a model that never saw the customer."""

import numpy as np
import pandas as pd
import pytest

from models.deviation import expected_values


def people(n=300):
    rng = np.random.default_rng(0)
    features = pd.DataFrame(
        {"x": rng.normal(size=n), "noise": rng.normal(size=n)}, [f"c{k}" for k in range(n)]
    )
    return features, 3 * features["x"] + rng.normal(0, 0.3, n)


def test_what_can_be_learned_is_predicted():
    features, outcome = people()
    assert np.corrcoef(expected_values(features, outcome), outcome)[0, 1] > 0.95


def test_no_customer_is_predicted_from_itself():
    features, outcome = people()
    random = pd.Series(np.random.default_rng(1).normal(size=len(outcome)), outcome.index)
    assert abs(np.corrcoef(expected_values(features, random), random)[0, 1]) < 0.2


def test_the_order_of_rows_does_not_matter():
    features, outcome = people()
    order = np.random.default_rng(2).permutation(len(features))
    turned = expected_values(features.iloc[order], outcome.iloc[order])
    straight = expected_values(features, outcome)
    assert turned.reindex(features.index).tolist() == straight.tolist()


def test_missing_values_and_constant_columns():
    features, outcome = people()
    features = features.assign(constant=1.0, empty=np.nan)
    assert np.isfinite(expected_values(features, outcome)).all()


@pytest.mark.parametrize(("n", "folds"), [(5, 3), (300, 1)])
def test_too_few_are_refused(n, folds):
    features, outcome = people(n)
    with pytest.raises(ValueError, match="2 folds and 2 customers a fold"):
        expected_values(features, outcome, folds=folds)


def test_others_customers_are_refused():
    features, outcome = people()
    with pytest.raises(ValueError, match="the same customers"):
        expected_values(features, outcome.iloc[::-1])
