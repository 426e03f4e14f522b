"""Two stages: cheap recommenders propose, a boosted ranker (LightGBM) puts them in order."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd

from models.recommend.base import NEVER, Reason, Recommender, State, check_parts
from models.recommend.batches import batches
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.pairs import PairMaker
from models.recommend.ranker_boosting import OBJECTIVES, Boosting
from models.recommend.ranker_windows import (
    fewest_buyers,
    with_items_known_then,
    with_windows_between,
)
from models.recommend.sources import POPULAR
from models.recommend.training import TrainingPairs, training_pairs
from models.search import FloatRange, IntRange, Range

__all__ = ["Ranker"]

ALL_OBJECTIVES = "both"
# A small shop must be able to split its few pairs at all.
FEWEST = 40


class Ranker(Recommender):
    """Order the candidates of several cheap recommenders with boosted trees.

    Each earlier window gives training pairs: what was known then, and whether the customer bought
    the item afterwards. The cheap recommenders are fitted anew for each window, on what was known
    then; items that too few customers had bought by then are left out of it. Items outside the
    candidates are never offered.

    Parameters
    ----------
    target : {'new', 'all'}, default 'new'
        Candidates: items the customer never bought, or all items. Choose what the list may hold:
        'new' when items owned are left out of it, else 'all'.
    objective : {'both', 'lambdarank', 'xendcg'}, default 'both'
        What is learned; 'both' averages rankers of the two.
    repeats : int, default 1
        Rankers of each objective, which differ in their seed and are averaged.
    between : int, default 1
        Further training windows cut from the history in each gap between two earlier windows.
    width : int, default 60
        Candidates taken from each source; twice as many of the customer's own purchases.
    rounds : int, default 150
        Trees of each ranker.
    learning_rate : float, default 0.05
        Weight of each tree.
    leaves : int, default 15
        Leaves of a tree.
    min_leaf : int, default 100
        Smallest number of training pairs in a leaf; smaller when there are fewer than 40 times as
        many pairs.
    max_customers : int, default 8000
        Customers learned from, over all windows; above it a random sample.
    negatives : int, default 50
        Candidates not bought that are learned from, of each customer.
    n_jobs : int, default 1
        Threads of LightGBM.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    maker_ : PairMaker
        Proposes and describes candidates, fitted on the latest history.
    model_ : Boosting
        The trees of each ranker, in LightGBM's text format, and the scale of its scores.
    importance_ : pandas.DataFrame
        ``feature`` and ``gain``, the share of all gain.

    References
    ----------
    C. Burges, "From RankNet to LambdaRank to LambdaMART: an overview", MSR-TR-2010-82;
    S. Bruch, "An alternative cross entropy loss for learning-to-rank", WWW (2021).
    """

    family: ClassVar[str] = "tree"
    complexity: ClassVar[int] = 5
    search_space: ClassVar[Mapping[str, Range]] = {
        "rounds": IntRange(75, 250, log=True),
        "learning_rate": FloatRange(0.03, 0.1, log=True),
        "leaves": IntRange(7, 31, log=True),
        "min_leaf": IntRange(20, 500, log=True),
    }

    maker_: PairMaker
    model_: Boosting
    importance_: pd.DataFrame

    def __init__(
        self,
        target: Literal["new", "all"] = "new",
        objective: Literal["both", "lambdarank", "xendcg"] = "both",
        repeats: int = 1,
        between: int = 1,
        width: int = 60,
        rounds: int = 150,
        learning_rate: float = 0.05,
        leaves: int = 15,
        min_leaf: int = 100,
        max_customers: int = 8_000,
        negatives: int = 50,
        n_jobs: int = 1,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.objective = objective
        self.repeats = repeats
        self.between = between
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
        windows = with_windows_between(history, past, self.between)
        fewest = fewest_buyers(history)
        known = [with_items_known_then(window, history.items, fewest) for window in windows]
        pairs = training_pairs(
            known,
            self._maker,
            max_customers=self.max_customers,
            negatives=self.negatives,
            random_state=self.random_state,
        )
        self.items_ = history.items
        self.maker_ = self._maker().fit(history)
        self.model_ = self._trained(pairs)
        self.importance_ = self.model_.importance()
        return self

    def _check(self) -> None:
        one_of(("new", "all"), target=self.target)
        one_of((ALL_OBJECTIVES, *OBJECTIVES), objective=self.objective)
        at_least(0, between=self.between)
        at_least(1, repeats=self.repeats)
        at_least(1, width=self.width, rounds=self.rounds, max_customers=self.max_customers)
        at_least(2, leaves=self.leaves)
        at_least(1, min_leaf=self.min_leaf, negatives=self.negatives)

    def _maker(self) -> PairMaker:
        return PairMaker(self.target == "new", self.width, self.random_state)

    def _trained(self, pairs: TrainingPairs) -> Boosting:
        params: dict[str, object] = {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": min(self.min_leaf, max(1, len(pairs.bought) // FEWEST)),
            "num_threads": self.n_jobs,
        }
        names = list(OBJECTIVES) if self.objective == ALL_OBJECTIVES else [self.objective]
        seed = self.random_state
        return Boosting.train(pairs, names, self.repeats, self.rounds, params, seed)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Score the candidates with the trees; everything else is never offered."""
        scores = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        for places in batches(np.arange(len(rows))):
            pairs = self.maker_.candidates(history.of_customers(rows[places]))
            if len(pairs.row):
                found = self.model_.predict(pairs.features, self.n_jobs)
                scores[places[pairs.row], pairs.item] = found
        return scores

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Give the sentence of the source whose features added most to the score."""
        item = np.asarray(item)
        source = self._spoke(history, np.asarray(customer), item)
        return self.maker_.sources.explain(history, np.asarray(customer), item, names, source)

    def _spoke(self, history: History, customer: np.ndarray, item: np.ndarray) -> np.ndarray:
        """Name the source that added most to the score of each pair, some customers at a time."""
        source = np.full(len(item), POPULAR, dtype=object)
        for some in batches(np.unique(customer)):
            mine = np.flatnonzero((customer >= some[0]) & (customer <= some[-1]))
            row = np.searchsorted(some, customer[mine])
            table = self.maker_.pairs(history.of_customers(some), row, item[mine]).features
            parts = self.model_.contributions(table, self.n_jobs)
            source[mine] = self.maker_.sources.strongest(table, parts)
        return source

    def get_state(self) -> State:
        """Give the sources' tables, the trees as text and the scale of each ranker."""
        own: State = {
            "models": self.model_.texts,
            "spreads": self.model_.spreads,
            "importance": self.importance_,
        }
        return self.maker_.get_state() | own

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        own = {"models", "spreads", "importance"}
        self.maker_ = self._maker()
        check_parts(type(self).__name__, state, self.maker_.parts | own)
        self.maker_.set_state({name: part for name, part in state.items() if name not in own})
        self.items_ = self.maker_.sources.items
        texts, spreads, importance = state["models"], state["spreads"], state["importance"]
        assert isinstance(texts, list)
        assert isinstance(spreads, list)
        assert isinstance(importance, pd.DataFrame)
        self.model_, self.importance_ = Boosting(texts, spreads), importance
        return self
