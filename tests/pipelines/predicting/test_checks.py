import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pipelines.predicting.checks import auc_alone


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=4, max_size=60))
@settings(max_examples=60, deadline=None)
def test_few_values_give_at_least_the_area_of_the_number_itself(rows):
    value, outcome = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    if outcome.min() == outcome.max():
        return
    area = roc_auc_score(outcome, value)
    assert auc_alone(pd.Series(value), outcome) >= max(area, 1 - area) - 0.12


def test_up_and_down_are_both_found():
    value = np.linspace(-1, 1, 400)
    outcome = (np.abs(value) > 0.5).astype(float)
    assert roc_auc_score(outcome, value) == pytest.approx(0.5, abs=0.01)
    assert auc_alone(pd.Series(value), outcome) > 0.99


def test_being_missing_tells():
    outcome = np.repeat([0.0, 1.0], 50)
    assert auc_alone(pd.Series(np.where(outcome == 1, np.nan, 7.0)), outcome) == 1.0


def test_a_name_of_each_record_tells_nothing():
    outcome = np.arange(200) % 2.0
    assert auc_alone(pd.Series([f"n{i}" for i in range(200)]), outcome) == 0.5


def test_chance_stays_near_a_half():
    random = np.random.default_rng(0)
    outcome = random.integers(0, 2, 3000).astype(float)
    assert auc_alone(pd.Series(random.normal(size=3000)), outcome) < 0.56
