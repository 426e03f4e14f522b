"""Two stages: cheap recommenders propose, a boosted ranker (LightGBM) puts them in order."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd

from models.recommend.base import NEVER, Reason, Recommender, State, check_parts
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.pairs import PairMaker
from models.recommend.training import TrainingPairs, training_pairs
from models.search import FloatRange, IntRange, Range

__all__ = ["Ranker"]

FIXED = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class Ranker(Recommender):
    """Order the candidates of several cheap recommenders with boosted trees (LambdaRank).

    Each earlier window gives training pairs: what was known then, and whether the customer bought
    the item afterwards. Items outside the candidates are never offered.

    Parameters
    ----------
    target : {'new', 'all'}, default 'new'
        Candidates: items the customer never bought, or all items.
    width : int, default 60
        Candidates taken from each source.
    rounds : int, default 150
        Trees.
    learning_rate : float, default 0.05
        Weight of each tree.
    leaves : int, default 15
        Leaves of a tree.
    min_leaf : int, default 100
        Smallest number of training pairs in a leaf.
    max_customers : int, default 10000
        Customers learned from, over all windows; above it a random sample.
    negatives : int, default 200
        Candidates not bought that are learned from, of each customer.
    n_jobs : int, default 1
        Threads of LightGBM.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    maker_ : PairMaker
        Proposes and describes candidates, fitted on the latest history.
    model_ : str
        The trees in LightGBM's text format.
    importance_ : pandas.DataFrame
        ``feature`` and ``gain``, the share of all gain.

    References
    ----------
    C. Burges, "From RankNet to LambdaRank to LambdaMART: an overview", MSR-TR-2010-82.
    """

    family: ClassVar[str] = "tree"
    complexity: ClassVar[int] = 5
    search_space: ClassVar[Mapping[str, Range]] = {
        "rounds": IntRange(50, 300, log=True),
        "learning_rate": FloatRange(0.02, 0.2, log=True),
        "leaves": IntRange(7, 63, log=True),
        "min_leaf": IntRange(20, 500, log=True),
    }

    maker_: PairMaker
    model_: str
    importance_: pd.DataFrame

    def __init__(
        self,
        target: Literal["new", "all"] = "new",
        width: int = 60,
        rounds: int = 150,
        learning_rate: float = 0.05,
        leaves: int = 15,
        min_leaf: int = 100,
        max_customers: int = 10_000,
        negatives: int = 200,
        n_jobs: int = 1,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.width = width
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.min_leaf = min_leaf
        self.max_customers = max_customers
        self.negatives = negatives
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn the order from `past`, then refit the sources on `history`.

        Raises
        ------
        ValueError
            When `past` is empty or nobody bought a candidate in it.
        """
        self._check()
        not_empty(history)
        known = [window.with_items(history.items) for window in past]
        pairs = training_pairs(
            known,
            self._maker,
            max_customers=self.max_customers,
            negatives=self.negatives,
            random_state=self.random_state,
        )
        self.items_ = history.items
        self.maker_ = self._maker().fit(history)
        self._train(pairs)
        return self

    def _check(self) -> None:
        one_of(("new", "all"), target=self.target)
        at_least(1, width=self.width, rounds=self.rounds, max_customers=self.max_customers)
        at_least(2, leaves=self.leaves)
        at_least(1, min_leaf=self.min_leaf, negatives=self.negatives)

    def _maker(self) -> PairMaker:
        return PairMaker(self.target == "new", self.width, self.random_state)

    def _train(self, pairs: TrainingPairs) -> None:
        import lightgbm

        chosen = {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_leaf,
            "num_threads": self.n_jobs,
            "seed": self.random_state,
        }
        data = lightgbm.Dataset(pairs.features, pairs.bought, group=pairs.group)
        booster = lightgbm.train(FIXED | chosen, data, num_boost_round=self.rounds)
        gain = booster.feature_importance("gain")
        table = pd.DataFrame(
            {"feature": booster.feature_name(), "gain": gain / max(gain.sum(), 1e-12)}
        )
        self.importance_ = table.sort_values(["gain", "feature"], ascending=[False, True])
        self.importance_ = self.importance_.reset_index(drop=True)
        self.model_ = booster.model_to_string()

    def _booster(self) -> Any:
        import lightgbm

        cached = self.__dict__.get("_loaded")
        if cached is None or cached[0] is not self.model_:
            cached = (self.model_, lightgbm.Booster(model_str=self.model_))
            self._loaded = cached
        return cached[1]

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Score the candidates with the trees; everything else is never offered."""
        scores = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        pairs = self.maker_.candidates(history.of_customers(rows))
        if len(pairs.row):
            scores[pairs.row, pairs.item] = self._predicted(pairs.features)
        return scores

    def _predicted(self, features: pd.DataFrame) -> np.ndarray:
        return np.asarray(self._booster().predict(features, num_threads=self.n_jobs))

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Give the sentence of the source without which the score would fall most."""
        who, at = np.unique(customer, return_inverse=True)
        some = history.of_customers(who)
        table = self.maker_.pairs(some, at, np.asarray(item)).features
        source = self.maker_.sources.strongest(table, self._predicted)
        return self.maker_.sources.explain(some, at, np.asarray(item), names, source)

    def get_state(self) -> State:
        """Give the sources' tables and the trees as text."""
        return self.maker_.get_state() | {"model": self.model_, "importance": self.importance_}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        own = {"model", "importance"}
        self.maker_ = self._maker()
        check_parts(type(self).__name__, state, self.maker_.parts | own)
        self.maker_.set_state({name: part for name, part in state.items() if name not in own})
        self.items_ = self.maker_.sources.items
        importance = state["importance"]
        assert isinstance(importance, pd.DataFrame)
        self.model_, self.importance_ = str(state["model"]), importance
        return self
