"""What each customer was expected to do, predicted by a model that never saw the customer."""

import lightgbm
import numpy as np
import pandas as pd

__all__ = ["expected_values"]

_PARAMS = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
_ROUNDS = 150


def expected_values(
    features: pd.DataFrame, outcome: pd.Series, *, folds: int = 5, random_state: int = 0
) -> pd.Series:
    """Predict a number for every customer from the others (boosted trees, cross-fitted).

    Parameters
    ----------
    features : pandas.DataFrame of numbers
        What was known before, by customer.
    outcome : pandas.Series of float
        What happened, by the same index.
    folds : int, default 5
        Parts; each is predicted by a model that learned from the others.
    random_state : int, default 0
        Seed.

    Returns
    -------
    pandas.Series of float64
        By the same index, whatever the order of the rows.

    Raises
    ------
    ValueError
        When there are fewer than two customers a fold, or the two do not belong together.
    """
    if not features.index.equals(outcome.index) or not features.index.is_unique:
        raise ValueError("features and outcome must name the same customers once each")
    if folds < 2 or len(features) < 2 * folds:
        raise ValueError(
            f"2 folds and 2 customers a fold are needed, not {folds} and {len(features)}"
        )
    order = np.argsort(features.index.astype(str), kind="stable")
    X = features.to_numpy(dtype=np.float64, na_value=np.nan)[order]
    y = outcome.to_numpy(dtype=np.float64)[order]
    fold = np.random.default_rng(random_state).permutation(len(y)) % folds
    found = np.empty(len(y))
    for part in range(folds):
        held = fold == part
        data = lightgbm.Dataset(X[~held], y[~held], params={"verbose": -1})
        params = {**_PARAMS, "seed": random_state}
        found[held] = np.asarray(lightgbm.train(params, data, _ROUNDS).predict(X[held]))
    values = np.empty(len(y))
    values[order] = found
    return pd.Series(values, features.index)
