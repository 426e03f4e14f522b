from itertools import permutations

import numpy as np
import pandas as pd

from models.tabular.shapley import shapley

ROWS = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 0.0], "c": [0.0, 1.0]})
TYPICAL = pd.DataFrame({"a": [0.0], "b": [1.0], "c": [0.5]})


def answer(table):
    return (table["a"] * table["b"] + np.sin(table["c"]) * table["a"]).to_numpy()


def exact(row):
    total = np.zeros(3)
    for order in permutations(range(3)):
        mixed = TYPICAL.copy()
        before = answer(mixed)[0]
        for place in order:
            mixed.iloc[0, place] = row.iloc[place]
            total[place] += answer(mixed)[0] - before
            before = answer(mixed)[0]
    return total / 6


def test_many_orders_come_near_the_exact_values():
    found = shapley(answer, ROWS, TYPICAL, pairs=200)
    np.testing.assert_allclose(found, [exact(row) for _, row in ROWS.iterrows()], atol=0.15)


def test_few_orders_still_add_up():
    found = shapley(answer, ROWS, TYPICAL, pairs=1)
    np.testing.assert_allclose(found.sum(axis=1), answer(ROWS) - answer(TYPICAL))


def test_a_sum_is_shared_exactly_and_no_rows_give_none():
    found = shapley(lambda t: (t["a"] - 2 * t["b"]).to_numpy(), ROWS, TYPICAL, pairs=1)
    np.testing.assert_allclose(found, [[1, -4, 0], [2, 2, 0]])
    assert shapley(answer, ROWS.iloc[:0], TYPICAL).shape == (0, 3)
