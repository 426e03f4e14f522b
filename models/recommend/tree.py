"""One readable decision tree over pairs of customer and item."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numba
import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from models.recommend.base import NEVER, Reason, Recommender, State, check_parts
from models.recommend.batches import batches, in_batches
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.pairs import LABELS, PairMaker
from models.recommend.ranker_windows import fewest_buyers, with_items_known_then
from models.recommend.training import TrainingPairs, training_pairs
from models.search import IntRange, Range

__all__ = ["Tree"]

# What they add up can be said in words; the others are weighed sums of everything bought.
READABLE = ("own", "alike", "together", "taste", "rules", "content", "popular")
DEEPEST = 5
TOLD = 3
LEAF = -1


class Tree(Recommender):
    """Score candidates by the purchase rate in their leaf of a single small tree.

    Candidates come from those of the ranker's sources that a person can follow. It learns from
    earlier windows, without the items that too few customers had bought by then. Within a leaf,
    the pairs are ordered by their popularity, which decides only between equal rates.

    Parameters
    ----------
    target : {'new', 'all'}, default 'new'
        Candidates: items the customer never bought, or all items.
    depth : int, default 5
        Questions asked at most, 1 to 5.
    min_leaf : int, default 200
        Smallest number of training pairs in a leaf.
    width : int, default 60
        Candidates taken from each source.
    max_customers : int, default 1000
        Customers learned from, over all windows; above it a random sample.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    maker_ : PairMaker
        Proposes and describes candidates, fitted on the latest history.
    nodes_ : pandas.DataFrame
        One row a node: ``feature`` (column number, -1 in a leaf), ``threshold``, ``missing_left``
        (0 or 1), ``left``, ``right`` (rows), ``pairs``, ``bought`` (training counts), ``rate``.
    names_ : list of str
        Features in the order of the column numbers.
    """

    family: ClassVar[str] = "tree"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "depth": IntRange(2, DEEPEST),
        "min_leaf": IntRange(50, 2000, log=True),
    }

    maker_: PairMaker
    nodes_: pd.DataFrame
    names_: list[str]

    def __init__(
        self,
        target: Literal["new", "all"] = "new",
        depth: int = 5,
        min_leaf: int = 200,
        width: int = 60,
        max_customers: int = 1_000,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.depth = depth
        self.min_leaf = min_leaf
        self.width = width
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Grow the tree on `past`, then refit the sources on `history`.

        Raises
        ------
        ValueError
            When `past` is empty or nobody bought a candidate in it.
        """
        self._check()
        not_empty(history)
        fewest = fewest_buyers(history)
        pairs = training_pairs(
            [with_items_known_then(window, history.items, fewest) for window in past],
            self._maker,
            max_customers=self.max_customers,
            negatives=1_000_000,
            random_state=self.random_state,
        )
        self.items_ = history.items
        self.maker_ = self._maker().fit(history)
        self._grow(pairs)
        return self

    def _check(self) -> None:
        one_of(("new", "all"), target=self.target)
        at_least(1, depth=self.depth, min_leaf=self.min_leaf, width=self.width)
        at_least(1, max_customers=self.max_customers)
        if self.depth > DEEPEST:
            raise ValueError(f"depth must be at most {DEEPEST} to be readable but got {self.depth}")

    def _maker(self) -> PairMaker:
        return PairMaker(self.target == "new", self.width, self.random_state, READABLE)

    def _grow(self, pairs: TrainingPairs) -> None:
        leaf = min(self.min_leaf, max(1, len(pairs.bought) // 4))
        tree = DecisionTreeClassifier(
            max_depth=self.depth, min_samples_leaf=leaf, random_state=self.random_state
        )
        tree.fit(np.array(pairs.features), pairs.bought)
        self.names_ = list(pairs.features.columns)
        self.nodes_ = _nodes(tree)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Score the candidates by the rate of their leaf; everything else is never offered."""
        scores = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        for places in batches(np.arange(len(rows))):
            pairs = self.maker_.candidates(history.of_customers(rows[places]))
            rate = self.nodes_["rate"].to_numpy()[self._leaves(pairs.features)]
            popular = pairs.features["item_share_30"].to_numpy()
            scores[places[pairs.row], pairs.item] = rate + 1e-3 * popular
        return scores

    def _leaves(self, features: pd.DataFrame) -> np.ndarray:
        nodes = self.nodes_
        return _walk(
            np.ascontiguousarray(features[self.names_].to_numpy(dtype=np.float32)),
            nodes["feature"].to_numpy(),
            nodes["threshold"].to_numpy(),
            nodes["missing_left"].to_numpy(),
            nodes["left"].to_numpy(),
            nodes["right"].to_numpy(),
        )

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the purchase rate of the leaf, and by what the tree came to it."""
        return in_batches(history, customer, item, names, self._explained)

    def _explained(
        self, history: History, row: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        table = self.maker_.pairs(history, row, item).features
        paths = self._paths()
        return [
            self._reason(int(leaf), paths[int(leaf)], names.array[code])
            for leaf, code in zip(self._leaves(table), item, strict=True)
        ]

    def _reason(self, leaf: int, path: list[str], name: str) -> Reason:
        row = self.nodes_.iloc[leaf]
        usual = self.nodes_["rate"].iloc[0]
        times = f", {row['rate'] / usual:.1f} times the usual share" if path and usual > 0 else ""
        text = (
            f"{name}: of {row['pairs']:,.0f} earlier cases among customers who bought again"
            f"{_alike(path)}, {row['rate']:.1%} ended"
            f" in a purchase{times}."
        )
        return Reason(text, f"leaf:{leaf}")

    def _paths(self) -> dict[int, list[str]]:
        """Collect the answers on the way to each node."""
        paths: dict[int, list[str]] = {0: []}
        columns = ("feature", "threshold", "missing_left", "left", "right")
        rows = zip(*(self.nodes_[name].tolist() for name in columns), strict=True)
        for node, (feature, threshold, missing, left, right) in enumerate(rows):
            if feature != LEAF:
                no, yes = _answers(self.names_[feature], threshold, bool(missing))
                paths[left] = [*paths[node], no]
                paths[right] = [*paths[node], yes]
        return paths

    def tree_frame(self) -> pd.DataFrame:
        """Give the nodes for a report.

        Returns
        -------
        pandas.DataFrame
            One row a node, parents before children: ``node``, ``depth``, ``condition`` (the answer
            that leads here), ``split`` (the name of the feature asked next, empty in a leaf),
            ``threshold``, ``pairs``, ``bought``, ``rate``.
        """
        paths = self._paths()
        nodes = self.nodes_
        split = [self.names_[code] if code != LEAF else "" for code in nodes["feature"]]
        return pd.DataFrame(
            {
                "node": np.arange(len(nodes)),
                "depth": [len(paths[node]) for node in range(len(nodes))],
                "condition": [
                    (paths[node] or ["all candidates"])[-1] for node in range(len(nodes))
                ],
                "split": split,
                "threshold": nodes["threshold"],
                "pairs": nodes["pairs"],
                "bought": nodes["bought"],
                "rate": nodes["rate"],
            }
        )

    def rules_text(self) -> str:
        """Write the tree as indented text, one node a line."""
        columns = ("depth", "condition", "bought", "pairs", "rate")
        table = self.tree_frame()
        rows = zip(*(table[name].tolist() for name in columns), strict=True)
        return "\n".join(
            f"{'  ' * depth}{condition}: {bought:,} of {pairs:,} ({rate:.2%})"
            for depth, condition, bought, pairs, rate in rows
        )

    def get_state(self) -> State:
        """Give the sources' tables and the nodes."""
        return self.maker_.get_state() | {"nodes": self.nodes_, "names": self.names_}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        own = {"nodes", "names"}
        self.maker_ = self._maker()
        check_parts(type(self).__name__, state, self.maker_.parts | own)
        self.maker_.set_state({name: part for name, part in state.items() if name not in own})
        self.items_ = self.maker_.sources.items
        nodes, names = state["nodes"], state["names"]
        assert isinstance(nodes, pd.DataFrame)
        assert isinstance(names, list)
        self.nodes_, self.names_ = nodes, names
        return self


def _alike(path: list[str]) -> str:
    """Name the last answers on the way to a leaf; a later one to a question replaces an earlier."""
    kept: dict[str, str] = {}
    for answer in path:
        question = " above " if " above " in answer else " up to "
        kept.pop(answer.split(question)[0] + question, None)
        kept[answer.split(question)[0] + question] = answer
    told = list(kept.values())[-TOLD:]
    more = len(kept) - len(told)
    others = f" and {more} more conditions" if more > 1 else " and 1 more condition" * more
    return f" with {', '.join(told)}{others}" if told else ""


def _answers(name: str, threshold: float, missing_left: bool) -> tuple[str, str]:
    """Put the two answers to a question into words; only own purchases can be missing."""
    words = LABELS.get(name, name.replace("_", " "))
    never = " or never bought" if name.startswith("own_") and name != "own_relative" else ""
    left = f"{words} up to {threshold:.4g}{never if missing_left else ''}"
    return left, f"{words} above {threshold:.4g}{'' if missing_left else never}"


def _nodes(model: DecisionTreeClassifier) -> pd.DataFrame:
    tree = model.tree_
    inner = tree.children_left >= 0
    share = tree.value[:, 0, 1] if len(model.classes_) == 2 else np.full(len(inner), 1.0)
    return pd.DataFrame(
        {
            "feature": np.where(inner, tree.feature, LEAF).astype(np.int32),
            "threshold": np.where(inner, tree.threshold, 0.0),
            "missing_left": (np.asarray(tree.missing_go_to_left) * inner).astype(np.int32),
            "left": tree.children_left.astype(np.int32),
            "right": tree.children_right.astype(np.int32),
            "pairs": tree.n_node_samples.astype(np.int64),
            "bought": np.rint(share * tree.n_node_samples).astype(np.int64),
            "rate": share.astype(np.float64),
        }
    )


@numba.njit(cache=True)
def _walk(
    table: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    missing_left: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
) -> np.ndarray:
    """Find the leaf of each row."""
    leaf = np.zeros(len(table), dtype=np.int64)
    for row in range(len(table)):
        node = 0
        while feature[node] >= 0:
            value = table[row, feature[node]]
            goes_left = missing_left[node] == 1 if np.isnan(value) else value <= threshold[node]
            node = left[node] if goes_left else right[node]
        leaf[row] = node
    return leaf
