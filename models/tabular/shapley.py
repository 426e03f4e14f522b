"""Shapley values of any function of a row, by sampled orders of the columns."""

from collections.abc import Callable

import numpy as np
import pandas as pd

__all__ = ["shapley"]


def shapley(
    answer: Callable[[pd.DataFrame], np.ndarray],
    rows: pd.DataFrame,
    typical: pd.DataFrame,
    *,
    pairs: int = 3,
    seed: int = 0,
) -> np.ndarray:
    """Share the difference between a row's answer and the typical row's among the columns.

    Columns take the row's values one after the other, in orders drawn at random, each with its
    reverse; a column is credited with what the answer changes when it takes its value.

    Parameters
    ----------
    answer : callable
        Gives a number for each row of a table.
    rows : pandas.DataFrame
        What is to be explained.
    typical : pandas.DataFrame
        One row of the same columns.
    pairs : int
        Orders drawn.
    seed : int
        Of the orders; every row sees the same.

    Returns
    -------
    numpy.ndarray of float64, (rows, columns)
        Each row sums to its answer minus the typical one, whatever the number of orders.

    References
    ----------
    E. Strumbelj, I. Kononenko, "Explaining prediction models and individual predictions with
    feature contributions", Knowledge and Information Systems 41 (2014).

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [1.0], "b": [2.0]})
    >>> typical = pd.DataFrame({"a": [0.0], "b": [0.0]})
    >>> shapley(lambda t: (t["a"] + 10 * t["b"]).to_numpy(), rows, typical).tolist()
    [[1.0, 20.0]]
    """
    names = list(rows.columns)
    random, total = np.random.default_rng(seed), np.zeros(rows.shape)
    if not len(rows):
        return total
    base = typical.iloc[np.zeros(len(rows), dtype=int)].set_index(rows.index)[names]
    for _ in range(pairs):
        order = random.permutation(len(names))
        for turn in (order, order[::-1]):
            total += _walked(answer, rows, base.copy(), turn)
    return total / (2 * pairs)


def _walked(
    answer: Callable[[pd.DataFrame], np.ndarray],
    rows: pd.DataFrame,
    mixed: pd.DataFrame,
    order: np.ndarray,
) -> np.ndarray:
    credit = np.zeros(rows.shape)
    before = answer(mixed)
    for place in order:
        name = rows.columns[place]
        mixed[name] = rows[name]
        after = answer(mixed)
        credit[:, place] = after - before
        before = after
    return credit
