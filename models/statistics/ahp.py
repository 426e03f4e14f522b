"""The analytic hierarchy process: weights from comparisons in pairs, with their consistency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import did_you_mean

__all__ = ["MAX_RATIO", "RANDOM_INDEX", "AhpWeights", "comparison_matrix", "weigh_criteria"]

Values = NDArray[np.float64]

# Saaty, *The Analytic Hierarchy Process* (1980): the mean index of random matrices of size 1 to 15.
RANDOM_INDEX = (
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
)  # fmt: skip
MAX_RATIO = 0.10


@dataclass(frozen=True, eq=False)
class AhpWeights:
    """Weights of criteria.

    Parameters
    ----------
    weights : Series
        By criterion; they sum to 1.
    largest_eigenvalue : float
    index : float
        Consistency index, (eigenvalue - n) / (n - 1).
    ratio : float
        Index by Saaty's random index; up to 0.10 the comparisons are consistent enough.
    worst : tuple of str, or None
        The two criteria whose comparison fits the others least.
    """

    weights: pd.Series
    largest_eigenvalue: float
    index: float
    ratio: float
    worst: tuple[str, str] | None

    @property
    def is_consistent(self) -> bool:
        """Whether the ratio is 0.10 at most."""
        return self.ratio <= MAX_RATIO

    def require_consistent(self) -> pd.Series:
        """Give the weights, or refuse them.

        Raises
        ------
        ValueError
            When the consistency ratio is above 0.10; it names the comparison to look at.
        """
        if not self.is_consistent:
            raise ValueError(
                f"the comparisons contradict each other: consistency ratio {self.ratio:.2f} is"
                f" above {MAX_RATIO:.2f}; look at {' against '.join(self.worst or ())} first"
            )
        return self.weights


def weigh_criteria(comparisons: ArrayLike, names: Sequence[str] | None = None) -> AhpWeights:
    """Give the weights of criteria from their comparisons in pairs.

    The weights are the principal eigenvector of the matrix.

    Parameters
    ----------
    comparisons : array, shape (n, n)
        Entry (i, j): how many times as important i is as j, 1/9 to 9; see `comparison_matrix`.
    names : sequence of str, optional
        Of the criteria.

    Raises
    ------
    ValueError
        When the matrix is not square, positive and reciprocal, or larger than 15.

    Examples
    --------
    >>> found = weigh_criteria([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    >>> found.weights.round(3).tolist(), round(found.ratio, 3)
    ([0.637, 0.258, 0.105], 0.033)
    """
    matrix = _checked(comparisons)
    n = len(matrix)
    labels = list(names) if names is not None else [f"c{i + 1}" for i in range(n)]
    if len(labels) != n:
        raise ValueError(f"{n} criteria and {len(labels)} names")
    values, vectors = np.linalg.eig(matrix)
    best = int(np.argmax(values.real))
    weights = np.abs(vectors[:, best].real)
    weights = weights / weights.sum()
    largest = float(values[best].real)
    index = max((largest - n) / (n - 1), 0.0) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if n > 2 else 0.0
    return AhpWeights(
        pd.Series(weights, index=labels), largest, index, ratio, _worst(matrix, weights, labels)
    )


def comparison_matrix(
    pairs: Mapping[str, Mapping[str, float]], names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Build the matrix from one comparison of each pair, as YAML holds them.

    Parameters
    ----------
    pairs : mapping of mappings
        `pairs[first][second]`: how many times as important the first is as the second. Each pair
        once, either way round.
    names : sequence of str, optional
        The order of the criteria; default: as they come.

    Raises
    ------
    ValueError
        When a pair is missing, comes twice, or compares a criterion with itself.

    Examples
    --------
    >>> comparison_matrix({"price": {"service": 3}}).values.round(2).tolist()
    [[1.0, 3.0], [0.33, 1.0]]
    """
    found = list(dict.fromkeys([*pairs, *(n for row in pairs.values() for n in row)]))
    order = list(names) if names is not None else found
    if unknown := [name for name in found if name not in order]:
        raise ValueError(f"unknown criterion {unknown[0]!r}; {did_you_mean(unknown[0], order)}")
    matrix = pd.DataFrame(np.nan, index=order, columns=order)
    for first, row in pairs.items():
        for second, times in row.items():
            _enter(matrix, first, second, times)
    for name in order:
        matrix.loc[name, name] = 1.0
    gaps = np.argwhere(matrix.isna().to_numpy())
    if len(gaps):
        lost = [f"{order[i]} against {order[j]}" for i, j in gaps if i < j]
        raise ValueError(f"comparisons that are missing: {', '.join(lost)}")
    return matrix


def _enter(matrix: pd.DataFrame, first: str, second: str, times: Any) -> None:
    if first == second:
        raise ValueError(f"{first!r} is compared with itself")
    if not times > 0:
        raise ValueError(f"{first} against {second}: a positive number is needed, not {times!r}")
    if not np.isnan(matrix.loc[[first], [second]].to_numpy()[0, 0]):
        raise ValueError(f"{first} against {second} comes twice")
    matrix.loc[first, second], matrix.loc[second, first] = float(times), 1 / float(times)


def _checked(comparisons: ArrayLike) -> Values:
    matrix = np.asarray(comparisons, float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"comparisons are a square matrix, not of shape {matrix.shape}")
    if len(matrix) > len(RANDOM_INDEX):
        raise ValueError(f"{len(RANDOM_INDEX)} criteria at most, not {len(matrix)}: group them")
    if not (np.isfinite(matrix).all() and (matrix > 0).all()):
        raise ValueError("comparisons are positive numbers")
    wrong = np.argwhere(~np.isclose(matrix * matrix.T, 1, rtol=0.02))
    if len(wrong):
        i, j = wrong[0]
        raise ValueError(
            f"entry ({i + 1}, {j + 1}) is {matrix[i, j]:g}, but ({j + 1}, {i + 1}) is"
            f" {matrix[j, i]:g}: one must be the inverse of the other"
        )
    return matrix


def _worst(matrix: Values, weights: Values, names: list[str]) -> tuple[str, str] | None:
    away = np.abs(np.log(matrix / np.outer(weights, 1 / weights)))
    if away.max() < 1e-9:
        return None
    i, j = np.unravel_index(int(np.argmax(np.triu(away, 1))), away.shape)
    return names[int(i)], names[int(j)]
