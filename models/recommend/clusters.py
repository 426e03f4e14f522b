"""Segments of customers: what a segment buys is offered to those of its members who lack it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted

from models.recommend.base import Reason, Recommender
from models.recommend.checks import at_least, not_empty
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.recommend.scaling import quantile_levels, quantile_points
from models.recommend.steady import steady_product
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["Clusters"]


class Clusters(Recommender):
    """Group customers by indicators and assortment (k-means), then rank what each group buys.

    Indicators have heavy tails, so each is replaced by its quantile among the customers learned
    from; a missing one counts as the middle. The assortment is the customer's place on the leading
    factors of the customers x items matrix. Every customer belongs to exactly one segment; segments
    are numbered from the largest.

    Parameters
    ----------
    segments : int, default 20
        Number of segments; fewer when there are fewer customers.
    factors : int, default 16
        Factors of the assortment; 0 leaves it out.
    assortment_weight : float, default 3
        Variance of the assortment against that of the indicators.
    days : int or None, default 30
        How far back purchases count as what a segment buys; None counts all.
    prior : float, default 20
        Customers of the average behaviour added to each segment, so that small ones stay sober.
    max_customers : int, default 50000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    centres_ : numpy.ndarray of float64, (segments, dimensions)
        Means of the segments.
    quantiles_ : pandas.DataFrame
        The 0, 1, ... 100 % points of each indicator.
    factors_ : numpy.ndarray of float32, (items, factors)
        From items bought to factors, scaled.
    offset_ : numpy.ndarray of float64, (factors,)
        Means of the factors.
    share_ : numpy.ndarray of float64, (segments, items)
        Share of a segment who bought the item lately, drawn towards that of all.
    overall_ : numpy.ndarray of float64, (items,)
        Share of all customers who bought it lately.
    labels_ : numpy.ndarray of int32, (customers,)
        Segment of each customer of the history fitted on (not part of the state).
    """

    family: ClassVar[str] = "clustering"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "segments": IntRange(3, 60, log=True),
        "factors": IntRange(2, 32, log=True),
        "assortment_weight": FloatRange(0.25, 8, log=True),
        "days": IntRange(15, 180, log=True),
    }
    learned: ClassVar[tuple[str, ...]] = (
        "centres_",
        "quantiles_",
        "factors_",
        "offset_",
        "share_",
        "overall_",
    )

    centres_: np.ndarray
    quantiles_: pd.DataFrame
    factors_: np.ndarray
    offset_: np.ndarray
    share_: np.ndarray
    overall_: np.ndarray
    labels_: np.ndarray

    def __init__(
        self,
        segments: int = 20,
        factors: int = 16,
        assortment_weight: float = 3.0,
        days: int | None = 30,
        prior: float = 20.0,
        max_customers: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.segments = segments
        self.factors = factors
        self.assortment_weight = assortment_weight
        self.days = days
        self.prior = prior
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Find the segments and what they buy; `past` is not used."""
        at_least(1, segments=self.segments, days=self.days, max_customers=self.max_customers)
        at_least(0, factors=self.factors, assortment_weight=self.assortment_weight)
        at_least(0, prior=self.prior)
        not_empty(history)
        self.items_ = history.items
        some = sample(history, self.max_customers, self.random_state)
        self.quantiles_ = quantile_points(some.customer_features)
        self._learn_assortment(some)
        self.centres_ = self._centres(self._place(some))
        self.labels_ = self.assign(history)
        self._learn_shares(history)
        return self

    def _learn_assortment(self, history: History) -> None:
        owned = _shares(history)
        rank = min(self.factors, *owned.shape)
        if rank == 0:
            self.factors_ = np.zeros((len(self.items_), 0), dtype=np.float32)
            self.offset_ = np.zeros(0)
            return
        _, _, right = randomized_svd(owned, rank, random_state=self.random_state)
        place = np.asarray(owned @ right.T, dtype=np.float64)
        spread = np.sqrt(place.var(axis=0).sum())
        width = self.quantiles_.shape[1]
        target = np.sqrt(self.assortment_weight * max(width, 1) / 12.0)
        scale = target / spread if spread > 0 else 0.0
        self.factors_ = np.ascontiguousarray(right.T * scale, dtype=np.float32)
        self.offset_ = place.mean(axis=0) * scale

    def _place(self, history: History) -> np.ndarray:
        """Give every customer's coordinates: indicators' quantiles, then factors."""
        levels = quantile_levels(history.customer_features, self.quantiles_)
        factors = np.asarray(_shares(history) @ self.factors_, dtype=np.float64) - self.offset_
        return np.hstack([levels, factors])

    def _centres(self, place: np.ndarray) -> np.ndarray:
        distinct = len(np.unique(place, axis=0))
        if place.shape[1] == 0 or distinct == 1 or self.segments == 1:
            return place.mean(axis=0, keepdims=True)
        count = min(self.segments, distinct)
        means = KMeans(count, n_init=3, random_state=self.random_state).fit(place)
        size = np.bincount(means.labels_, minlength=count)
        return means.cluster_centers_[np.argsort(-size, kind="stable")]

    def _learn_shares(self, history: History) -> None:
        count = len(self.centres_)
        size = np.bincount(self.labels_, minlength=count).astype(np.float64)
        age = history.lines["age"].to_numpy()
        recent = np.ones(len(age)) if self.days is None else age < self.days
        bought = history.weighted(recent)
        bought.data[:] = 1.0
        buyers = (_membership(self.labels_, count) @ bought).toarray().astype(np.float64)
        self.overall_ = share_of_customers(history, self.days)
        self.share_ = (buyers + self.prior * self.overall_) / (size + self.prior)[:, None]

    def assign(self, history: History) -> np.ndarray:
        """Find the segment of each customer, also of customers never seen before.

        Parameters
        ----------
        history : History
            With the indicators learned from, in the vocabulary of `items_` or any other.

        Returns
        -------
        numpy.ndarray of int32, (customers,)
            From 0 (the largest when fitted).
        """
        check_is_fitted(self, "centres_")
        history = history.with_items(self.items_)
        total = len(history.customers)
        labels = np.zeros(total, dtype=np.int32)
        for start in range(0, total, 16_384):
            rows = np.arange(start, min(start + 16_384, total))
            labels[rows] = self._nearest(self._place(history.of_customers(rows)))
        return labels

    def _nearest(self, place: np.ndarray) -> np.ndarray:
        squares = (self.centres_**2).sum(axis=1)
        likeness = steady_product(2.0 * place, self.centres_.T)
        return np.argmin(squares - likeness, axis=1).astype(np.int32)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give each customer the shares of the segment."""
        labels = self.assign(history.of_customers(rows))
        return self.share_[labels].astype(np.float32)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the share of the segment who bought the item, and of all."""
        who, at = np.unique(customer, return_inverse=True)
        labels = self.assign(history.of_customers(who))[at]
        return [
            self._reason(int(label), code, names.array[code])
            for label, code in zip(labels, item, strict=True)
        ]

    def _reason(self, label: int, item: int, name: str) -> Reason:
        share, overall = self.share_[label, item], self.overall_[item]
        when = "so far" if self.days is None else f"in the last {self.days} days"
        text = f"{share:.1%} of similar customers bought {name} {when} ({overall:.1%} of all)."
        return Reason(text, f"segment:{label}>{self.items_[item]}")

    def describe(self, history: History, top: int = 5) -> pd.DataFrame:
        """Describe the segments in the customers' own indicators and purchases.

        Parameters
        ----------
        history : History
            The customers to describe, usually those fitted on.
        top : int
            Items to name.

        Returns
        -------
        pandas.DataFrame
            One row a segment: ``segment``, ``customers``, ``share``; for each indicator its mean
            and ``<indicator>_vs_all``, the ratio to the mean of all; ``top_items`` (identifiers,
            those with at least five buyers in the segment, the highest lift first) and
            ``top_lifts``.
        """
        history = history.with_items(self.items_)
        labels = self.assign(history)
        count = len(self.centres_)
        size = np.bincount(labels, minlength=count)
        table = pd.DataFrame({"segment": np.arange(count), "customers": size})
        table["share"] = size / max(size.sum(), 1)
        features = history.customer_features
        for name in features:
            means = features[name].groupby(labels).mean().reindex(range(count))
            table[name] = means
            table[f"{name}_vs_all"] = means / features[name].mean()
        items, lifts = self._top(history, labels, size, top)
        table["top_items"], table["top_lifts"] = pd.Series(items), pd.Series(lifts)
        return table

    def _top(
        self, history: History, labels: np.ndarray, size: np.ndarray, top: int
    ) -> tuple[list[list[str]], list[list[float]]]:
        owned = history.owned()
        buyers = (_membership(labels, len(size)) @ owned).toarray().astype(np.float64)
        overall = np.maximum(buyers.sum(axis=0) / max(len(labels), 1), 1e-12)
        lift = np.where(buyers >= 5, buyers / np.maximum(size, 1)[:, None] / overall, 0.0)
        order = np.argsort(-lift, axis=1, kind="stable")[:, :top]
        chosen = [row[lift[label, row] > 1] for label, row in enumerate(order)]
        items = [list(self.items_[row]) for row in chosen]
        return items, [lift[label, row].tolist() for label, row in enumerate(chosen)]


def _shares(history: History) -> sparse.csr_matrix:
    """Scale each customer's binary purchases to length one."""
    owned = history.owned()
    count = np.diff(owned.indptr)
    owned.data /= np.repeat(np.sqrt(count), count).astype(np.float32)
    return owned


def _membership(labels: np.ndarray, count: int) -> sparse.csr_matrix:
    places = (labels, np.arange(len(labels)))
    shape = (count, len(labels))
    return sparse.csr_matrix((np.ones(len(labels), np.float32), places), shape=shape)
