"""Pairs with a known outcome, from earlier windows: what rankers learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from models.recommend.history import LabelledWindow
from models.recommend.pairs import PairMaker, Pairs

__all__ = ["TrainingPairs", "training_pairs"]

BATCH = 1024


@dataclass(frozen=True)
class TrainingPairs:
    """Candidates of earlier windows and whether they were bought.

    Attributes
    ----------
    features : pandas.DataFrame of float32
        One row a pair; the pairs of a customer stand together.
    bought : numpy.ndarray of int8
        1 when the customer bought the item in the outcome window.
    group : numpy.ndarray of int
        Pairs of each customer, in order.
    """

    features: pd.DataFrame
    bought: np.ndarray
    group: np.ndarray

    def only_new(self) -> "TrainingPairs | None":
        """Keep items that the customer never bought; None when nobody bought one of them."""
        who = np.repeat(np.arange(len(self.group)), self.group)
        new = self.features["own_times"].isna().to_numpy()
        hits = np.bincount(who, self.bought * new, minlength=len(self.group))
        keep = new & (hits[who] > 0)
        if not keep.any():
            return None
        group = np.unique(who[keep], return_counts=True)[1]
        return TrainingPairs(self.features[keep], self.bought[keep], group)


def training_pairs(
    past: Sequence[LabelledWindow],
    maker: Callable[[], PairMaker],
    *,
    max_customers: int,
    negatives: int,
    random_state: int,
) -> TrainingPairs:
    """Collect the candidates of customers who bought one of theirs.

    Parameters
    ----------
    past : sequence of LabelledWindow
        Earlier windows; at least one.
    maker : callable
        Gives a fresh, unfitted maker of pairs.
    max_customers : int
        Customers learned from, over all windows; above it a random sample.
    negatives : int
        Candidates not bought that are kept of each customer, drawn at random.
    random_state : int
        Seed.

    Raises
    ------
    ValueError
        When there is no earlier window, or nobody bought a candidate.
    """
    if not past:
        raise ValueError("learning to rank needs at least one earlier window, but past is empty")
    share = max(1, max_customers // len(past))
    parts = [
        part
        for window in past
        for part in _derived(window, maker(), share, negatives, random_state)
    ]
    if not parts:
        raise ValueError("nobody bought a candidate in the earlier windows: nothing to learn from")
    return TrainingPairs(
        pd.concat([part.features for part in parts], ignore_index=True),
        np.concatenate([part.bought for part in parts]),
        np.concatenate([part.group for part in parts]),
    )


def _derived(
    window: LabelledWindow, maker: PairMaker, most: int, negatives: int, random_state: int
) -> list[TrainingPairs]:
    """Take the pairs that were made before with the same settings: trials share them.

    Rankers of new items share them with rankers of all items, whose candidates include theirs.
    """
    key = ("pairs", maker.width, maker.random_state, most, negatives, random_state)
    if key not in window.derived:
        random = check_random_state(random_state)
        every = PairMaker(new_only=False, width=maker.width, random_state=maker.random_state)
        window.derived[key] = _of_window(window, every, most, negatives, random)
    parts: list[TrainingPairs] = window.derived[key]
    return (
        [new for part in parts if (new := part.only_new()) is not None] if maker.new_only else parts
    )


def _of_window(
    window: LabelledWindow,
    maker: PairMaker,
    most: int,
    negatives: int,
    random: np.random.RandomState,
) -> list[TrainingPairs]:
    buyers = np.flatnonzero(np.diff(window.bought.indptr))
    if not len(window.history.lines) or not len(buyers):
        return []
    maker.fit(window.history)
    if len(buyers) > most:
        buyers = np.sort(random.choice(buyers, most, replace=False))
    parts = []
    for start in range(0, len(buyers), BATCH):
        some = buyers[start : start + BATCH]
        pairs = maker.candidates(window.history.of_customers(some))
        bought = window.bought[some].toarray()[pairs.row, pairs.item] > 0
        if bought.any():
            parts.append(_kept(pairs, bought, negatives, random))
    return parts


def _kept(
    pairs: Pairs, bought: np.ndarray, negatives: int, random: np.random.RandomState
) -> TrainingPairs:
    """Leave out customers without a purchase among the candidates, and surplus candidates."""
    hits = np.bincount(pairs.row, bought)[pairs.row]
    order = np.lexsort((random.random_sample(len(bought)), ~bought, pairs.row))
    place = np.empty(len(order), dtype=np.int64)
    first = np.searchsorted(pairs.row, pairs.row)
    place[order] = np.arange(len(order)) - first
    keep = (hits > 0) & (place < hits + negatives)
    return TrainingPairs(
        pairs.features[keep],
        bought[keep].astype(np.int8),
        np.unique(pairs.row[keep], return_counts=True)[1],
    )
