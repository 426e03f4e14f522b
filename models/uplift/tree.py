"""A tree that splits where the effect of a treatment differs, and a small forest of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.utils.validation import check_is_fitted

from models.uplift.base import Experiment, UpliftModel, feature_matrix
from models.uplift.growing import CRITERIA, Criterion, Cuts, Sums, best_split, sums_of

__all__ = ["UpliftForest", "UpliftTree"]

COLUMNS = (
    "parent", "feature", "threshold", "left", "right",
    "effect", "error", "treated", "control", "treated_mean", "control_mean",
)  # fmt: skip
LEAF = -1
WHOLE = {"parent", "feature", "left", "right"}


class UpliftTree(UpliftModel):
    """One tree over customers; each leaf holds the effect measured there.

    Parameters
    ----------
    criterion : {"kl", "euclid", "t"}, default "t"
        What a split makes large: the divergence or the distance between the arms' outcomes, or
        the t statistic of the difference between the two effects. ``kl`` needs outcomes 0 and 1.
    depth : int, default 3
        Questions asked at most.
    min_leaf : int, default 200
        Fewest customers of either arm in a leaf.
    honest : bool, default True
        Choose the splits on one half of the customers and measure the effects on the other, so
        that the effects of the leaves are not flattered by having been chosen.
    random_state : int, default 0
        Seed of the halves.

    Attributes
    ----------
    nodes_ : pandas.DataFrame
        One row a node, the root first.

    Notes
    -----
    Athey and Imbens (2016), *Recursive partitioning for heterogeneous causal effects*, for honesty.
    """

    complexity: ClassVar[int] = 2

    nodes_: pd.DataFrame

    def __init__(
        self,
        criterion: Criterion = "t",
        depth: int = 3,
        min_leaf: int = 200,
        honest: bool = True,
        random_state: int = 0,
    ) -> None:
        self.criterion = criterion
        self.depth = depth
        self.min_leaf = min_leaf
        self.honest = honest
        self.random_state = random_state

    def _learn(self, seen: Experiment) -> None:
        _check_tree(self.criterion, self.depth, self.min_leaf, seen)
        random = np.random.RandomState(self.random_state)
        grown, measured = _halves(seen, random) if self.honest else (seen, seen)
        terms = Terms(self.criterion, self.depth, self.min_leaf, seen.x.shape[1])
        self.nodes_ = _grow(grown, measured, terms, random)

    def _effect(self, x: np.ndarray) -> np.ndarray:
        return self.nodes_["effect"].to_numpy()[_leaf_of(self.nodes_, x)]

    def leaf(self, X: pd.DataFrame) -> np.ndarray:
        """Give the number of the node that each row ends in."""
        check_is_fitted(self, "nodes_")
        return _leaf_of(self.nodes_, feature_matrix(self.encoder_, X))

    def leaves(self, level: float = 0.95) -> pd.DataFrame:
        """Describe the leaves in words, largest effect first.

        Returns
        -------
        pandas.DataFrame
            ``node``, ``segment`` (conditions), ``treated``, ``control`` (customers measured),
            ``treated_mean``, ``control_mean``, ``effect``, ``low``, ``high``.
        """
        check_is_fitted(self, "nodes_")
        ends = self.nodes_[self.nodes_["feature"] == LEAF]
        reach = stats.norm.ppf((1 + level) / 2) * ends["error"]
        table = pd.DataFrame(
            {
                "node": ends.index,
                "segment": [self._path(int(node)) for node in ends.index],
                **{name: ends[name] for name in COLUMNS[7:]},
                "effect": ends["effect"],
                "low": ends["effect"] - reach,
                "high": ends["effect"] + reach,
            }
        )
        order = table.sort_values(["effect", "node"], ascending=[False, True])
        return order.reset_index(drop=True)

    def _path(self, node: int) -> str:
        said: list[str] = []
        parents, left = self.nodes_["parent"].to_numpy(), self.nodes_["left"].to_numpy()
        feature, threshold = (self.nodes_[name].to_numpy() for name in ("feature", "threshold"))
        while (parent := int(parents[node])) != LEAF:
            said.append(self._said(int(feature[parent]), threshold[parent], left[parent] == node))
            node = parent
        return " and ".join(reversed(said)) or "everybody"

    def _said(self, feature: int, threshold: float, left: bool) -> str:
        name = self.names_[feature]
        if feature >= len(self.encoder_.numbers_):
            return name.replace(" = ", " is not ", 1) if left else name.replace(" = ", " is ", 1)
        return f"{name} {'up to' if left else 'above'} {threshold:.6g}"

    def _state(self) -> dict[str, Any]:
        return {"nodes": self.nodes_}

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.nodes_ = _as_nodes(state["nodes"])


class UpliftForest(UpliftModel):
    """The mean of many uplift trees, each grown on half the customers and some of the features.

    Parameters
    ----------
    trees : int, default 40
    criterion, depth, min_leaf, honest, random_state
        As of `UpliftTree`.

    Attributes
    ----------
    nodes_ : pandas.DataFrame
        The nodes of all trees, with their ``tree``.
    """

    complexity: ClassVar[int] = 4

    nodes_: pd.DataFrame

    def __init__(
        self,
        trees: int = 40,
        criterion: Criterion = "t",
        depth: int = 4,
        min_leaf: int = 100,
        honest: bool = True,
        random_state: int = 0,
    ) -> None:
        self.trees = trees
        self.criterion = criterion
        self.depth = depth
        self.min_leaf = min_leaf
        self.honest = honest
        self.random_state = random_state

    def _learn(self, seen: Experiment) -> None:
        if self.trees < 1:
            raise ValueError(f"trees must be at least 1 but got {self.trees!r}")
        _check_tree(self.criterion, self.depth, self.min_leaf, seen)
        random = np.random.RandomState(self.random_state)
        features = max(1, int(np.ceil(seen.x.shape[1] / 2)))
        terms = Terms(self.criterion, self.depth, self.min_leaf, features)
        grown = []
        for number in range(self.trees):
            some, _ = _halves(seen, random)
            parts = _halves(some, random) if self.honest else (some, some)
            grown.append(_grow(*parts, terms, random).assign(tree=number))
        self.nodes_ = pd.concat(grown, ignore_index=True)

    def _effect(self, x: np.ndarray) -> np.ndarray:
        effects = [
            nodes["effect"].to_numpy()[_leaf_of(nodes.reset_index(drop=True), x)]
            for _, nodes in self.nodes_.groupby("tree", sort=True)
        ]
        return np.asarray(np.mean(effects, axis=0))

    def _state(self) -> dict[str, Any]:
        return {"nodes": self.nodes_}

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.nodes_ = _as_nodes(state["nodes"])


def _check_tree(criterion: str, depth: int, min_leaf: int, seen: Experiment) -> None:
    if criterion not in CRITERIA:
        raise ValueError(f"criterion must be one of {', '.join(CRITERIA)} but got {criterion!r}")
    if criterion == "kl" and not seen.binary:
        raise ValueError("criterion 'kl' needs outcomes 0 and 1; take 'euclid' or 't' for amounts")
    if depth < 0 or min_leaf < 1:
        raise ValueError(
            f"depth must be at least 0 and min_leaf at least 1 but got {depth!r}, {min_leaf!r}"
        )


def _halves(seen: Experiment, random: np.random.RandomState) -> tuple[Experiment, Experiment]:
    """Part the customers by chance, either arm in halves."""
    first = np.zeros(len(seen.y), dtype=bool)
    for arm in (seen.treated, ~seen.treated):
        rows = np.flatnonzero(arm)
        first[random.permutation(rows)[: (len(rows) + 1) // 2]] = True
    both = first, ~first if (~first).any() else first
    return seen.take(both[0]), seen.take(both[1])


@dataclass(frozen=True)
class Terms:
    """How a tree may grow; `features` are tried at each node, drawn by chance."""

    criterion: Criterion
    depth: int
    min_leaf: int
    features: int


def _grow(
    grown: Experiment, measured: Experiment, terms: Terms, random: np.random.RandomState
) -> pd.DataFrame:
    """Grow a tree breadth first and measure the effect of every node."""
    cuts = Cuts.of(grown.x)
    nodes: list[dict[str, float]] = []
    everybody = np.arange(len(grown.y)), np.arange(len(measured.y))
    waiting = [(LEAF, 0, *everybody, sums_of(measured))]
    while waiting:
        parent, level, rows, held, above = waiting.pop(0)
        found = sums_of(measured.take(held))
        # A node that hardly anybody of the other half reached keeps its parent's effect.
        found = found if found.rows.min() >= max(2, terms.min_leaf // 4) else above
        number = _added(nodes, parent, found)
        split = None
        if level < terms.depth:
            tried = _tried(grown.x.shape[1], terms.features, random)
            node, codes = grown.take(rows), cuts.codes[rows]
            split = best_split(node, codes, cuts, tried, terms.criterion, terms.min_leaf)
        if split is not None:
            _, feature, threshold = split
            nodes[number] |= {"feature": feature, "threshold": threshold}
            goes, also = (_left(x, feature, threshold) for x in (grown.x[rows], measured.x[held]))
            waiting += [
                (number, level + 1, rows[goes], held[also], found),
                (number, level + 1, rows[~goes], held[~also], found),
            ]
    return _as_nodes(pd.DataFrame(nodes, columns=list(COLUMNS)))


def _tried(width: int, features: int, random: np.random.RandomState) -> np.ndarray:
    if features >= width:
        return np.arange(width)
    return np.sort(random.permutation(width)[:features])


def _added(nodes: list[dict[str, float]], parent: int, found: Sums) -> int:
    """Add a node and tell its parent on which side it is; the left one comes first."""
    nodes.append(_node(parent, found))
    if parent != LEAF:
        side = "left" if nodes[parent]["left"] == LEAF else "right"
        nodes[parent][side] = len(nodes) - 1
    return len(nodes) - 1


def _node(parent: int, found: Sums) -> dict[str, float]:
    return {
        "parent": parent,
        "feature": LEAF,
        "threshold": 0.0,
        "left": LEAF,
        "right": LEAF,
        "effect": float(found.effect[0]),
        "error": float(np.sqrt(found.variance[0])),
        "treated": float(found.rows[1, 0]),
        "control": float(found.rows[0, 0]),
        "treated_mean": float(found.mean[1, 0]),
        "control_mean": float(found.mean[0, 0]),
    }


def _as_nodes(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {name: np.int64 if name in {*WHOLE, "tree"} else np.float64 for name in table}
    return table.astype(kinds)


def _left(x: np.ndarray, feature: int, threshold: float) -> np.ndarray:
    """Tell who goes left; a missing value does."""
    return ~(x[:, feature] > threshold)


def _leaf_of(nodes: pd.DataFrame, x: np.ndarray) -> np.ndarray:
    feature, threshold = nodes["feature"].to_numpy(), nodes["threshold"].to_numpy()
    left, right = nodes["left"].to_numpy(), nodes["right"].to_numpy()
    place = np.zeros(len(x), dtype=np.int64)
    rows = np.arange(len(x))
    while (inner := feature[place] != LEAF).any():
        at, who = place[inner], rows[inner]
        goes = ~(x[who, feature[at]] > threshold[at])
        place[inner] = np.where(goes, left[at], right[at])
    return place
