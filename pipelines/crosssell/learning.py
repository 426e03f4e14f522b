"""What a candidate learns from, and its offers; made once and shared by all trials."""

import operator
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from lodeworks.errors import DataError
from models.recommend.base import Recommender
from models.recommend.history import History, LabelledWindow
from models.recommend.registry import create
from pipelines.crosssell.snapshots import Snapshot, Truth
from pipelines.lists.restrictions import Restrictions

__all__ = ["Learnable", "make_recommender"]

# The date that is tuned at and the date that is measured at, in turns.
KEPT = 2


@dataclass(frozen=True)
class Learnable:
    """A date to fit at, in the codes that recommenders take.

    Attributes
    ----------
    snapshot : Snapshot
        The date to fit at.
    history : History
        What was known then.
    past : tuple of LabelledWindow
        Earlier dates whose outcome is known, latest last.
    """

    snapshot: Snapshot
    history: History
    past: tuple[LabelledWindow, ...]

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot], min_customers: int) -> Self:
        """Encode the first snapshot, and those after it as earlier windows.

        Asked for the same snapshots again, it gives the same object while it is among the latest:
        the candidates of a run share it.

        Parameters
        ----------
        snapshots : sequence of Snapshot
            The date to fit at, then earlier ones whose outcome is known, latest first.
        min_customers : int
            Customers who must have bought an item for it to be offered.

        Raises
        ------
        DataError
            When no item has enough customers.
        """
        for given, fewest, known in _LATEST:
            if fewest == min_customers and _are_same(given, snapshots) and type(known) is cls:
                return known
        made = cls._made(snapshots, min_customers)
        _LATEST.append((tuple(snapshots), min_customers, made))
        return made

    @classmethod
    def _made(cls, snapshots: Sequence[Snapshot], min_customers: int) -> Self:
        now, *before = snapshots
        items = now.vocabulary(min_customers)
        if items.empty:
            raise DataError(
                f"no item was bought by {min_customers} customers or more up to "
                f"{now.window.as_of}; lower items.min_customers or widen window.observe"
            )
        past = tuple(snapshot.labelled(items) for snapshot in reversed(before))
        return cls(now, now.history(items), past)

    @cached_property
    def truth(self) -> Truth:
        """What was bought after the date."""
        return self.snapshot.truth(self.history)

    @cached_property
    def _owned_earlier(self) -> sparse.csr_matrix | None:
        """Pairs bought before the observed span, which the history does not know."""
        pairs, history = self.snapshot.earlier, self.history
        customer = history.customers.get_indexer(pd.Index(pairs["customer_id"]))
        item = history.items.get_indexer(pd.Index(pairs["item_id"]))
        known = (customer >= 0) & (item >= 0)
        if not known.any():
            return None
        ones = np.ones(known.sum(), dtype=np.float32)
        return sparse.csr_matrix((ones, (customer[known], item[known])), shape=history.shape)

    def fit(self, kind: str, params: Mapping[str, Any], scope: str, seed: int) -> Recommender:
        """Fit a recommender at the date; see `make_recommender`.

        Raises
        ------
        DataError
            When there is too little for this kind to learn from.
        """
        recommender = make_recommender(kind, params, scope, seed)
        try:
            return recommender.fit(self.history, self.past)
        except ValueError as error:
            raise DataError(
                f"the candidate {kind} cannot learn from what is known on "
                f"{self.snapshot.window.as_of}: {error}; leave it out of the candidates, or give "
                "more data or more window.backtests"
            ) from error

    def offers(self, recommender: Recommender, scope: str, depth: int) -> pd.DataFrame:
        """Recommend to every customer; items new to the customer, or all items."""
        if scope == "all":
            return recommender.recommend(self.history, n=depth, exclude_owned=False)
        return recommender.recommend(self.history, n=depth, excluded=self._owned_earlier)

    def offers_for_list(
        self, recommender: Recommender, restrictions: Restrictions, depth: int
    ) -> pd.DataFrame:
        """Recommend what a list of this date could offer."""
        return recommender.recommend(
            self.history,
            n=depth,
            exclude_owned=not restrictions.offers_owned,
            excluded=self.snapshot.forbidden(self.history, restrictions),
        )

    def marked(self, offers: pd.DataFrame, scope: str) -> pd.DataFrame:
        """Add ``bought``, 1.0 where the offered item was bought after the date."""
        truth = pd.MultiIndex.from_frame(getattr(self.truth, scope))
        pairs = pd.MultiIndex.from_frame(offers[["customer", "item"]])
        return offers.assign(bought=pairs.isin(truth).astype(np.float64))


_LATEST: deque[tuple[tuple[Snapshot, ...], int, Learnable]] = deque(maxlen=KEPT)


def _are_same(some: Sequence[Snapshot], others: Sequence[Snapshot]) -> bool:
    """Tell whether these are the very same objects; their tables are not compared."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


def make_recommender(kind: str, params: Mapping[str, Any], scope: str, seed: int) -> Recommender:
    """Build an unfitted recommender.

    Parameters
    ----------
    kind, params
        What to make.
    scope : {"new", "all"}
        Which items it is to rank; told to those that can be.
    seed : int
        Told to those with a ``random_state``.
    """
    recommender = create(kind, **params)
    known = recommender.get_params()
    given = {"target": scope, "random_state": seed}
    fixed = {name: value for name, value in given.items() if name in known and name not in params}
    recommender.set_params(**fixed)
    return recommender
