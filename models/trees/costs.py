"""What a wrong answer costs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CostMatrix", "cost_table", "mean_cost"]

Values = NDArray[np.float64]
CostMatrix = ArrayLike | Mapping[Any, Mapping[Any, float]]


def cost_table(given: CostMatrix, classes: Sequence[Any]) -> Values:
    """Read a cost matrix.

    Parameters
    ----------
    given : array, shape (n_classes, n_classes), or mapping of mappings
        Row: the true class; column: the answer. A mapping names both; what it leaves out costs
        nothing.
    classes : sequence
        In the order of rows and columns.

    Returns
    -------
    ndarray of float

    Raises
    ------
    ValueError
        When a class is unknown, the shape is wrong, or a cost is negative or not finite.

    Examples
    --------
    >>> cost_table({"bad": {"good": 5}, "good": {"bad": 1}}, ["bad", "good"]).tolist()
    [[0.0, 5.0], [1.0, 0.0]]
    """
    names = list(classes)
    table = _named(given, names) if isinstance(given, Mapping) else np.asarray(given, float)
    if table.shape != (len(names), len(names)):
        wanted = f"{len(names)} x {len(names)}"
        raise ValueError(f"a cost matrix of {names} is {wanted}, not {table.shape}")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("costs are finite and not negative")
    return table


def mean_cost(truth: ArrayLike, answers: ArrayLike, costs: CostMatrix) -> float:
    """Give the mean cost of answers.

    Examples
    --------
    >>> costs = {"bad": {"good": 5}, "good": {"bad": 1}}
    >>> mean_cost(["bad", "good", "good"], ["good", "bad", "good"], costs)
    2.0
    """
    first, second = np.asarray(truth), np.asarray(answers)
    classes = np.unique(np.concatenate([first, second]))
    if isinstance(costs, Mapping):
        named = {key for row in costs.items() for key in (row[0], *row[1])}
        classes = np.array(sorted(named | set(classes.tolist()), key=str))
        place = {name: i for i, name in enumerate(classes.tolist())}
        i, j = ([place[value] for value in side.tolist()] for side in (first, second))
    else:
        i, j = (np.searchsorted(classes, side).tolist() for side in (first, second))
    return float(cost_table(costs, classes.tolist())[i, j].mean())


def _named(given: Mapping[Any, Mapping[Any, float]], names: list[Any]) -> Values:
    asked = {key for row in given.items() for key in (row[0], *row[1])}
    if unknown := sorted(asked - set(names), key=str):
        raise ValueError(f"costs of unknown classes: {unknown}; allowed: {names}")
    table = np.zeros((len(names), len(names)))
    for truth, row in given.items():
        for answer, cost in row.items():
            table[names.index(truth), names.index(answer)] = cost
    return table
