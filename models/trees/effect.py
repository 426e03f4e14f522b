"""What an override costs or brings on records that the tree did not see."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from models.trees.costs import cost_table
from models.trees.tree import ReadableTree

__all__ = ["override_effect"]

Measure = Literal["accuracy", "log loss", "cost"]
Values = NDArray[np.float64]


def override_effect(
    tree: ReadableTree,
    overrides: Mapping[str, Any],
    train: tuple[Any, ArrayLike],
    held_out: tuple[Any, ArrayLike],
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare a tree with overrides to the same tree without, record by record.

    Parameters
    ----------
    tree : ReadableTree
        The settings; it is not fitted or changed.
    overrides : mapping
        What a person says.
    train, held_out : (X, y)
        Records to fit both trees on, and to compare them on.
    level : float, default 0.95
        Of the interval of the mean difference of paired records (normal approximation).

    Returns
    -------
    DataFrame
        One row a measure (accuracy, log loss and, with a cost matrix, cost): without, with,
        difference, low, high, and whether the tree is better with the overrides: 'better',
        'worse' or 'no difference shown'.

    Examples
    --------
    >>> X, y = pd.DataFrame({"age": range(40), "sex": ["f", "m"] * 20}), [0] * 20 + [1] * 20
    >>> effect = override_effect(ReadableTree(), {"forbid": ["age"]}, (X, y), (X, y))
    >>> effect[["measure", "without", "with", "verdict"]].head(1)
        measure  without  with verdict
    0  accuracy      1.0   0.5   worse
    """
    plain, said = clone(tree), clone(tree)
    plain.overrides, said.overrides = None, dict(overrides)
    truth = np.asarray(held_out[1])
    before = _by_record(plain.fit(*train), held_out[0], truth)
    after = _by_record(said.fit(*train), held_out[0], truth)
    rows = [_compare(name, before[name], after[name], level) for name in before]
    return pd.DataFrame(rows)


def _by_record(tree: ReadableTree, X: Any, truth: NDArray[Any]) -> dict[str, Values]:
    answers, probabilities = tree.predict(X), tree.predict_proba(X)
    known = tree.classes_.tolist()
    place = np.array([known.index(value) for value in truth.tolist()])
    chance = np.maximum(probabilities[np.arange(len(truth)), place], 1e-15)
    measures = {"accuracy": (answers == truth).astype(float), "log loss": -np.log(chance)}
    if tree.cost_matrix is not None:
        answered = [known.index(value) for value in answers.tolist()]
        measures["cost"] = cost_table(tree.cost_matrix, known)[place, answered]
    return measures


def _compare(name: str, before: Values, after: Values, level: float) -> dict[str, Any]:
    from scipy.stats import norm

    away = after - before
    half = norm.ppf((1 + level) / 2) * away.std(ddof=1) / np.sqrt(len(away))
    low, high = float(away.mean() - half), float(away.mean() + half)
    sign = 1 if name == "accuracy" else -1
    better, worse = (low > 0, high < 0) if sign > 0 else (high < 0, low > 0)
    verdict = "better" if better else "worse" if worse else "no difference shown"
    return {
        "measure": name, "without": float(before.mean()), "with": float(after.mean()),
        "difference": float(away.mean()), "low": low, "high": high, "verdict": verdict,
    }  # fmt: skip
