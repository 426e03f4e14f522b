"""Content: items whose texts and attributes are like those bought, new items included."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.base import Reason, Recommender, filled, popularity_reason
from models.recommend.checks import at_least, not_empty
from models.recommend.history import History, LabelledWindow
from models.recommend.knn import nearest, unit_rows
from models.recommend.popularity import share_of_customers
from models.search import FloatRange, IntRange, Range

__all__ = ["Content", "describe_items"]

BANDS = 8
SEVERAL = 2


class Content(Recommender):
    """Rank items by the likeness of their words, category and price to the customer's purchases.

    It needs no purchase of the item itself: items that nobody bought yet are offered when they are
    in the vocabulary of the history and have a text (``History.item_texts``) or attributes. They
    are taken to be in demand like the items that they resemble.

    Parameters
    ----------
    half_life : float, default 90
        Days after which a purchase of the customer counts half.
    neighbours : int, default 20
        Items of most likeness that speak for an item.
    attributes : float, default 0.3
        Weight of category, department and price band against the words.
    demand : float, default 0.8
        Power of the item's recent popularity that multiplies the likeness; 0 leaves it out.

    Attributes
    ----------
    vectors_ : scipy.sparse.csr_matrix of float32, (items, terms)
        What each item consists of; rows of length one.
    terms_ : list of str
        What the columns mean: words, pairs of words, ``category_code 3``, ``price band 5`` ...
    likeness_ : scipy.sparse.csr_matrix of float32, (items, items)
        Row: an item offered; columns: items bought that speak for it.
    demand_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days; for items not bought so far,
        the mean over those they resemble.

    References
    ----------
    P. Lops, M. de Gemmis, G. Semeraro, "Content-based recommender systems: state of the art and
    trends", Recommender Systems Handbook (2011); G. Salton, C. Buckley, "Term-weighting approaches
    in automatic text retrieval", Information Processing & Management 24 (1988).
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 2
    search_space: ClassVar[Mapping[str, Range]] = {
        "half_life": FloatRange(15, 720, log=True),
        "neighbours": IntRange(10, 200, log=True),
        "attributes": FloatRange(0.0, 1.0),
        "demand": FloatRange(0.0, 1.0),
    }
    learned: ClassVar[tuple[str, ...]] = ("vectors_", "terms_", "likeness_", "demand_")

    vectors_: sparse.csr_matrix
    terms_: list[str]
    likeness_: sparse.csr_matrix
    demand_: np.ndarray

    def __init__(
        self,
        half_life: float = 90.0,
        neighbours: int = 20,
        attributes: float = 0.3,
        demand: float = 0.8,
    ) -> None:
        self.half_life = half_life
        self.neighbours = neighbours
        self.attributes = attributes
        self.demand = demand

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Describe the items and compare them; `past` is not used."""
        at_least(1e-3, half_life=self.half_life)
        at_least(1, neighbours=self.neighbours)
        at_least(0, attributes=self.attributes, demand=self.demand)
        not_empty(history)
        self.items_ = history.items
        self.vectors_, self.terms_ = describe_items(history, self.attributes)
        self.likeness_ = _likeness(self.vectors_, self.neighbours)
        self.demand_ = _expected_demand(history, self.likeness_)
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Sum likeness times the weight of the purchase, and multiply by the item's demand."""
        some = history.of_customers(rows)
        bought = some.weighted(some.decay(self.half_life))
        found = (bought @ self.likeness_.T).toarray()
        found *= (self.demand_ + 1e-4).astype(np.float32) ** np.float32(self.demand)
        return filled(found, self.demand_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchase that contributed most, and what the two have in common."""
        who, at = np.unique(customer, return_inverse=True)
        some = history.of_customers(who)
        weights = some.weighted(some.decay(self.half_life))
        parts = weights[at].multiply(self.likeness_[item]).tocsr()
        best = np.asarray(parts.argmax(axis=1)).ravel()
        found = parts.max(axis=1).toarray().ravel() > 0
        return [
            self._reason(code, int(because) if seen else None, names)
            for code, because, seen in zip(item, best, found, strict=True)
        ]

    def _reason(self, item: int, because: int | None, names: pd.Series) -> Reason:
        name, known = names.array[item], self.items_[item]
        if because is None:
            return popularity_reason(self.demand_[item], name, known)
        common = " and ".join(self._in_common(item, because))
        text = f"Bought {names.array[because]}; {name} is like it ({common})."
        return Reason(text, f"content:{self.items_[because]}>{known}")

    def _in_common(self, one: int, other: int) -> list[str]:
        """Name the terms that make up most of the likeness."""
        both = self.vectors_[one].multiply(self.vectors_[other]).tocsr()
        order = np.lexsort((both.indices, -both.data))[:SEVERAL]
        return [self.terms_[both.indices[place]] for place in order]


def describe_items(history: History, attributes: float) -> tuple[sparse.csr_matrix, list[str]]:
    """Weigh the words of the items' texts, and their categories and price bands.

    Parameters
    ----------
    history : History
        Of `item_texts`, words and pairs of words that at least two items have; of `item_features`,
        columns that end in ``_code`` and ``price``; without a price, that of the lines.
    attributes : float
        Weight of an attribute against all words together.

    Returns
    -------
    vectors : scipy.sparse.csr_matrix of float32, (items, terms)
        Rows of length one, or empty where nothing is known.
    terms : list of str
    """
    words, terms = _words(history)
    parts, labels = [words], [*terms]
    for name, codes in _attributes(history):
        one, places = _one_hot(codes)
        parts.append(one * np.float32(attributes))
        labels += [f"{name} {place}" for place in places]
    whole = sparse.csr_matrix(sparse.hstack(parts, format="csr"), dtype=np.float32)
    whole.eliminate_zeros()
    return unit_rows(whole), labels


def _words(history: History) -> tuple[sparse.csr_matrix, list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [] if history.item_texts is None else history.item_texts.tolist()
    counter = TfidfVectorizer(ngram_range=(1, 2), min_df=SEVERAL, sublinear_tf=True)
    try:
        matrix = counter.fit_transform(texts)
    except ValueError:  # no word, or none that two items share
        return sparse.csr_matrix(np.empty((len(history.items), 0), dtype=np.float32)), []
    return sparse.csr_matrix(matrix, dtype=np.float32), list(counter.get_feature_names_out())


def _attributes(history: History) -> Iterator[tuple[str, np.ndarray]]:
    """Give a code for each item and attribute, NaN where it is unknown."""
    features = history.item_features
    for name in map(str, features):
        if name.endswith("_code"):
            yield name.removesuffix("_code"), features[name].to_numpy()
    prices = features["price"] if "price" in features else pd.Series(_paid(history))
    yield "price band", _bands(prices.to_numpy(dtype=np.float64))


def _paid(history: History) -> np.ndarray:
    lines = history.lines
    price = lines["amount"] / lines["quantity"].where(lines["quantity"] > 0)
    median = price.groupby(lines["item"]).median()
    return median.reindex(range(len(history.items))).to_numpy(dtype=np.float64)


def _bands(prices: np.ndarray) -> np.ndarray:
    known = prices[np.isfinite(prices)]
    if not len(known):
        return np.full(len(prices), np.nan)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BANDS + 1)[1:-1]))
    return np.where(np.isfinite(prices), np.searchsorted(edges, prices, side="right") + 1, np.nan)


def _one_hot(codes: np.ndarray) -> tuple[sparse.csr_matrix, list[int]]:
    known = np.flatnonzero(np.isfinite(codes))
    places, column = np.unique(codes[known].astype(np.int64), return_inverse=True)
    shape = (len(codes), len(places))
    ones = np.ones(len(known), dtype=np.float32)
    return sparse.csr_matrix((ones, (known, column)), shape=shape), places.tolist()


def _likeness(vectors: sparse.csr_matrix, neighbours: int) -> sparse.csr_matrix:
    """Keep for each item the most alike; an item does not speak for itself."""
    found = nearest(vectors, vectors, neighbours + 1)
    found.setdiag(0.0)
    found.eliminate_zeros()
    return found


def _expected_demand(history: History, likeness: sparse.csr_matrix) -> np.ndarray:
    share = share_of_customers(history, 30)
    never = share_of_customers(history) == 0
    known = likeness @ (~never).astype(np.float64)
    mean = np.divide(likeness @ share, known, out=np.zeros_like(share), where=known > 0)
    return np.where(never, mean, share)
