"""Groups of attributes that say the same, and one attribute to stand for each group."""

from typing import Self

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["VariableClusters"]


class VariableClusters(BaseEstimator):
    """Cluster attributes by their correlation.

    Parameters
    ----------
    method : {'hierarchical', 'principal'}, default 'hierarchical'
        ``hierarchical`` joins attributes by average linkage on ``1 - |r|``. ``principal`` starts
        with one group and splits the one whose second principal component has the largest
        eigenvalue, as long as it is above `eigenvalue`, the manner of SAS PROC VARCLUS [1]_.
    least : float, default 0.5
        With ``hierarchical``: groups whose mean ``|r|`` would be lower are not joined.
    eigenvalue : float, default 1
        With ``principal``: the largest second eigenvalue that is left unsplit.

    Attributes
    ----------
    table_ : pandas.DataFrame
        One row an attribute: ``variable``, ``group`` (from 0, the largest first), ``r2_own`` and
        ``r2_next`` (squared correlation with the first component of its own group and of the
        nearest other one), ``ratio`` ((1 - r2_own) / (1 - r2_next); small is clear) and
        ``stands_for_group`` (the smallest ratio of the group).
    left_out_ : list of str
        Attributes that are constant, empty or not numbers.

    References
    ----------
    .. [1] Sarle, The VARCLUS procedure, SAS/STAT User's Guide, 1990.
    """

    def __init__(
        self, method: str = "hierarchical", least: float = 0.5, eigenvalue: float = 1.0
    ) -> None:
        self.method = method
        self.least = least
        self.eigenvalue = eigenvalue

    def fit(self, frame: pd.DataFrame, y: None = None) -> Self:
        """Find the groups; a missing number counts as the mean.

        Raises
        ------
        ValueError
            When a parameter is out of range, or no attribute varies.
        """
        self._check()
        kept, self.left_out_ = _varying(frame)
        if not len(kept.columns):
            raise ValueError("no attribute varies: there is nothing to group")
        values = (kept - kept.mean()).fillna(0.0)
        scaled = (values / values.std(ddof=0)).to_numpy(dtype=np.float64)
        correlation = np.clip(scaled.T @ scaled / len(scaled), -1, 1)
        groups = self._groups(correlation)
        self.table_ = _table([str(name) for name in kept], groups, scaled)
        return self

    @property
    def representatives_(self) -> list[str]:
        """Give the attribute that stands for each group."""
        check_is_fitted(self, "table_")
        return list(self.table_.loc[self.table_["stands_for_group"], "variable"])

    def _check(self) -> None:
        if self.method not in ("hierarchical", "principal"):
            raise ValueError(f"method must be hierarchical or principal but got {self.method!r}")
        if not 0 <= self.least <= 1 or not self.eigenvalue > 0:
            raise ValueError(
                "least must be from 0 to 1 and eigenvalue above 0 but got"
                f" {self.least} and {self.eigenvalue}"
            )

    def _groups(self, correlation: np.ndarray) -> np.ndarray:
        if len(correlation) == 1:
            return np.zeros(1, dtype=np.int64)
        if self.method == "principal":
            return _split(correlation, self.eigenvalue)
        apart = np.maximum(1 - np.abs(correlation), 0.0)
        np.fill_diagonal(apart, 0.0)
        joined = linkage(squareform(apart, checks=False), "average")
        return np.asarray(fcluster(joined, 1 - self.least, "distance")) - 1


def _varying(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    numbers = frame.select_dtypes(["number", "bool"]).astype(np.float64)
    numbers = numbers.replace([np.inf, -np.inf], np.nan)
    kept = numbers.loc[:, numbers.nunique() > 1]
    return kept, [str(name) for name in frame if name not in kept]


def _split(correlation: np.ndarray, eigenvalue: float) -> np.ndarray:
    groups = np.zeros(len(correlation), dtype=np.int64)
    while True:
        values = {group: _second(correlation, groups == group) for group in np.unique(groups)}
        worst = max(values, key=lambda group: (values[group], -group))
        if values[worst] <= eigenvalue:
            return groups
        members = np.flatnonzero(groups == worst)
        moved = _nearer_second(correlation[np.ix_(members, members)])
        if not 0 < moved.sum() < len(members):
            return groups
        groups[members[moved]] = groups.max() + 1


def _second(correlation: np.ndarray, is_member: np.ndarray) -> float:
    if is_member.sum() < 2:
        return 0.0
    return float(np.linalg.eigvalsh(correlation[np.ix_(is_member, is_member)])[-2])


def _nearer_second(correlation: np.ndarray) -> np.ndarray:
    """Tell which variables are nearer to the second of two components, turned by quartimax."""
    values, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))
    x, y = loadings[:, 1], loadings[:, 0]
    u, v = x**2 - y**2, 2 * x * y
    angle = np.arctan2(2 * (u * v).sum(), (u**2 - v**2).sum()) / 4
    turned_x = x * np.cos(angle) + y * np.sin(angle)
    turned_y = y * np.cos(angle) - x * np.sin(angle)
    return np.abs(turned_y) > np.abs(turned_x)


def _table(names: list[str], groups: np.ndarray, scaled: np.ndarray) -> pd.DataFrame:
    size = np.bincount(groups)
    first = [int(np.flatnonzero(groups == group)[0]) for group in range(len(size))]
    order = sorted(range(len(size)), key=lambda group: (-size[group], first[group]))
    place = np.empty(len(size), dtype=np.int64)
    place[order] = np.arange(len(order))
    groups = place[groups]
    squared = np.column_stack([_with_component(scaled, groups == g) for g in range(len(order))])
    own = squared[np.arange(len(groups)), groups]
    squared[np.arange(len(groups)), groups] = 0.0
    following = squared.max(axis=1)
    ratio = (1 - own) / np.maximum(1 - following, 1e-12)
    table = pd.DataFrame(
        {"variable": names, "group": groups, "r2_own": own, "r2_next": following, "ratio": ratio}
    )
    table["stands_for_group"] = False
    table.loc[table.groupby("group")["ratio"].idxmin(), "stands_for_group"] = True
    return table.sort_values(["group", "ratio", "variable"], ignore_index=True)


def _with_component(scaled: np.ndarray, is_member: np.ndarray) -> np.ndarray:
    """Give the squared correlation of every variable with the component of a group."""
    members = scaled[:, is_member]
    direction = np.linalg.svd(members, full_matrices=False)[2][0]
    component = members @ direction
    return np.asarray((scaled.T @ component) ** 2 / (len(scaled) * (component**2).sum()))
