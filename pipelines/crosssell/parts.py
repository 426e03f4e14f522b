"""One part of the customers: its rows are the same whoever else is in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from experiments.bundle import Bundle
from models.recommend.history import History
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.snapshots import Snapshot
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.vetoes import pairs_of
from pipelines.lists.bundled import item_features_of
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.make import CrossSellList, ListSpec, Scorer, candidates, make_list
from pipelines.lists.policy import Refusals

__all__ = ["PartScorer"]

ACTIVITY = ("recency_days", "frequency")


@dataclass(frozen=True)
class PartScorer:
    """All that turns the tables of some customers into their rows of the list.

    It can be sent to another process. Made by `PartScorer.of`.

    Attributes
    ----------
    scorer : Scorer
        The fitted parts.
    spec : ListSpec
        Policy and control group.
    exclusions : Exclusions
        Who and what must not be listed, by files; refusals in the data come with each part.
    facts : Facts
        Of all customers.
    item_features, item_labels : pandas.DataFrame
        What the bundle knows of the items.
    vetoes : tuple of PurchaseRule
        Rejected rules.
    """

    scorer: Scorer
    spec: ListSpec
    exclusions: Exclusions
    facts: Facts
    item_features: pd.DataFrame
    item_labels: pd.DataFrame
    vetoes: tuple[PurchaseRule, ...] = ()

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        scorer: Scorer,
        spec: ListSpec,
        exclusions: Exclusions,
        facts: Facts,
        vetoes: tuple[PurchaseRule, ...] = (),
    ) -> Self:
        """Put together what a bundle, the terms of a list and the facts say."""
        baseline = replace(scorer.baseline, shares=facts.shares)
        labels = bundle.items.reindex(columns=["item_id", "category", "department"])
        features = item_features_of(bundle)
        scorer = replace(scorer, baseline=baseline)
        return cls(scorer, spec, exclusions, facts, features, labels, vetoes)

    @property
    def is_final(self) -> bool:
        """Whether no limit holds for all customers together, so that a part decides for itself."""
        return self.spec.policy.is_personal

    def history(self, snapshot: Snapshot) -> History:
        """Encode the purchases of some customers in the vocabulary of the model."""
        items = self.scorer.recommender.items_
        part = replace(snapshot, items=self.item_features).history(items)
        return replace(_with_activity(part, self.facts.oldest), crowd=self.facts.crowd)

    def listed(
        self, snapshot: Snapshot, refused: frozenset[str] = frozenset()
    ) -> tuple[CrossSellList, int]:
        """Make the list of some customers, where no limit holds for all together.

        Parameters
        ----------
        snapshot : Snapshot
            All tables of these customers, and of no others; `labels` of all items.
        refused : frozenset of str
            Customers who do not want to be addressed, according to the data.

        Returns
        -------
        listed : CrossSellList
        vetoed : int
            Pairs that rejected rules forbid.

        Raises
        ------
        ValueError
            When a limit holds for all customers together.
        """
        if not self.is_final:
            raise ValueError("a limit holds for all customers together: no part can be final")
        history = self.history(snapshot)
        bounds, vetoed = self._bounds(snapshot, history)
        exclusions = self.exclusions.with_customers(refused)
        listed = make_list(self.scorer, history, self.spec, exclusions, forbidden=bounds)
        return listed, vetoed

    def rows(self, snapshot: Snapshot, refused: frozenset[str] = frozenset()) -> pd.DataFrame:
        """Give the finished rows of some customers: the columns of the list, sorted."""
        listed, _ = self.listed(snapshot, refused)
        return pd.concat(listed.batches(), ignore_index=True)

    def candidates(
        self, snapshot: Snapshot, refused: frozenset[str] = frozenset()
    ) -> tuple[pd.DataFrame, History, int]:
        """Give what might be offered to some customers, priced, before any limit.

        Returns
        -------
        offers : pandas.DataFrame
            See `pipelines.lists.make.candidates`; ``customer`` is a position in the history.
        history : History
        vetoed : int
        """
        history = self.history(snapshot)
        bounds, vetoed = self._bounds(snapshot, history)
        exclusions = self.exclusions.with_customers(refused)
        offers = candidates(self.scorer, history, self.spec, exclusions, forbidden=bounds)
        return offers, history, vetoed

    def told(self, history: History, chosen: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Give names and reasons to rows that were chosen among the candidates of a part."""
        nothing = Refusals()
        return CrossSellList(chosen, history, self.scorer, nothing, 0, self.spec).batches()

    def _bounds(self, snapshot: Snapshot, history: History) -> tuple[sparse.csr_matrix | None, int]:
        """Give the pairs that must not be offered, and how many of them rejected rules forbid."""
        forbidden = snapshot.forbidden(history, self.spec.restrictions, self.item_labels)
        pairs = pairs_of(self.vetoes, history)
        if pairs is None:
            return forbidden, 0
        both = pairs if forbidden is None else sparse.csr_matrix(forbidden + pairs)
        return both, pairs.nnz


def _with_activity(history: History, oldest: int) -> History:
    """Tell recency and frequency where no family of indicators does.

    Prices need them; a customer without a known purchase counts as the oldest of all.
    """
    known = history.customer_features
    if set(ACTIVITY) <= set(known.columns):
        return history
    by_customer = history.lines.groupby("customer")
    everybody = range(len(history.customers))
    recency = by_customer["age"].min().reindex(everybody).fillna(float(oldest))
    frequency = by_customer["basket"].nunique().reindex(everybody).fillna(0)
    told = {"recency_days": recency, "frequency": frequency}
    values = {name: one.to_numpy(np.float64) for name, one in told.items()}
    return replace(history, customer_features=known.assign(**values))
