"""Pairs with a known outcome, from earlier windows: what rankers learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from models.recommend.batches import batches
from models.recommend.history import LabelledWindow
from models.recommend.pairs import PairMaker, Pairs
from models.recommend.shelf import SHELF

__all__ = ["TrainingPairs", "training_pairs"]


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

    def new(self) -> np.ndarray:
        """Mark items that the customer never bought, where the customer bought one of them."""
        who = np.repeat(np.arange(len(self.group)), self.group)
        new = self.features["own_times"].isna().to_numpy()
        hits = np.bincount(who, self.bought * new, minlength=len(self.group))
        return np.asarray(new & (hits[who] > 0))

    @classmethod
    def joined(
        cls, parts: Sequence["TrainingPairs"], kept: Sequence[np.ndarray]
    ) -> "TrainingPairs":
        """Put the pairs of `parts` that are marked in `kept` one after the other."""
        total = sum(int(np.count_nonzero(keep)) for keep in kept)
        names = parts[0].features.columns
        table, end = np.empty((total, len(names)), dtype=np.float32), 0
        for part, keep in zip(parts, kept, strict=True):
            begin, end = end, end + int(np.count_nonzero(keep))
            np.compress(keep, part.features.to_numpy(), axis=0, out=table[begin:end])
        pairs = list(zip(parts, kept, strict=True))
        return cls(
            pd.DataFrame(table, columns=names, copy=False),
            np.concatenate([part.bought[keep] for part, keep in pairs]),
            np.concatenate([_sizes(part.group, keep) for part, keep in pairs]),
        )


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
    share, fresh = max(1, max_customers // len(past)), maker()
    parts = [_shelved(window, fresh, share, negatives, random_state) for window in past]
    parts = [part for part in parts if len(part.group)]
    kept = [part.new() if fresh.new_only else np.ones(len(part.bought), bool) for part in parts]
    if not any(keep.any() for keep in kept):
        raise ValueError("nobody bought a candidate in the earlier windows: nothing to learn from")
    return TrainingPairs.joined(parts, kept)


def _shelved(
    window: LabelledWindow, maker: PairMaker, most: int, negatives: int, random_state: int
) -> TrainingPairs:
    """Take the pairs that were made before of an equal window with the same settings.

    Rankers of new items share them with rankers of all items, whose candidates include theirs.
    """
    buyers = np.flatnonzero(np.diff(window.bought.indptr))
    most = min(most, len(buyers))
    settings = (maker.width, maker.random_state, maker.names, most, negatives, random_state)

    def make() -> TrainingPairs:
        random = check_random_state(random_state)
        return _of_window(window, buyers, maker.of_everything(), most, negatives, random)

    return SHELF.get(("pairs", window.fingerprint, settings), make)


def _of_window(
    window: LabelledWindow,
    buyers: np.ndarray,
    maker: PairMaker,
    most: int,
    negatives: int,
    random: np.random.RandomState,
) -> TrainingPairs:
    if not len(window.history.lines) or not len(buyers):
        return NOTHING
    maker.fit(window.history)
    if len(buyers) > most:
        buyers = np.sort(random.choice(buyers, most, replace=False))
    parts = []
    for some in batches(buyers):
        pairs = maker.candidates(window.history.of_customers(some))
        bought = window.bought[some].toarray()[pairs.row, pairs.item] > 0
        parts.append(_kept(pairs, bought, negatives, random))
    return TrainingPairs.joined(parts, [np.ones(len(part.bought), bool) for part in parts])


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
        pd.DataFrame(pairs.features.to_numpy()[keep], columns=pairs.features.columns, copy=False),
        bought[keep].astype(np.int8),
        np.unique(pairs.row[keep], return_counts=True)[1],
    )


def _sizes(group: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Count the pairs kept of each customer who has any."""
    counts = np.bincount(np.repeat(np.arange(len(group)), group), keep, minlength=len(group))
    return np.asarray(counts[counts > 0], dtype=np.int64)


NOTHING = TrainingPairs(pd.DataFrame(), np.zeros(0, np.int8), np.zeros(0, np.int64))
