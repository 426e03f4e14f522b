"""Quantile levels of indicators."""

import numpy as np
import pandas as pd

from models.recommend.scaling import quantile_levels, quantile_points


def test_levels_keep_the_order_and_stay_inside():
    values = pd.DataFrame({"spend": np.random.RandomState(0).pareto(0.5, 1000)})
    levels = quantile_levels(values, quantile_points(values)).ravel()
    order = np.argsort(values["spend"].to_numpy())
    assert (np.diff(levels[order]) >= 0).all()
    assert levels.min() == -0.5
    assert levels.max() == 0.5


def test_equal_values_stand_in_their_middle_and_missing_at_zero():
    values = pd.DataFrame({"times": [1.0] * 60 + [2.0] * 40})
    points = quantile_points(values)
    levels = quantile_levels(pd.DataFrame({"times": [1.0, 2.0, np.nan]}), points).ravel()
    np.testing.assert_allclose(levels, [-0.2, 0.3, 0.0], atol=0.01)
    assert quantile_levels(pd.DataFrame({"other": [1.0]}), points).tolist() == [[0.0]]
