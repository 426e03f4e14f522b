"""What customers bought up to a moment, in integer codes: the one input of every recommender."""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

if TYPE_CHECKING:
    from models.recommend.crowd import Crowd

__all__ = ["History", "LabelledWindow"]

LINE_COLUMNS = ("customer", "item", "basket", "age", "quantity", "amount")


@dataclass(frozen=True)
class History:
    """Purchases up to the end of the day `as_of`.

    Attributes
    ----------
    as_of : pandas.Timestamp
        The last day (midnight) that anything in here may come from.
    customers, items : pandas.Index of str
        Identifiers; a code is a position in these, both are sorted and unique.
    lines : pandas.DataFrame
        One row a purchased line, sorted by customer, then oldest first. ``customer``, ``item`` and
        ``basket`` are int32 codes, ``age`` is whole days before `as_of` (0 = on the day itself),
        ``quantity`` pieces and ``amount`` money, both float64.
    customer_features : pandas.DataFrame of float64
        Indicators at `as_of`, in the order of `customers`.
    item_features : pandas.DataFrame of float64
        Attributes of items (``price``, ``margin``, category codes ...), in the order of `items`.
    item_texts : pandas.Series of str or None
        What is written about each item, its name to begin with, in the order of `items`; empty
        text where nothing is known. None: nothing was given.
    crowd : models.recommend.crowd.Crowd or None
        What all customers bought, where these are a part of them; None: these are all.
    """

    as_of: pd.Timestamp
    customers: pd.Index
    items: pd.Index
    lines: pd.DataFrame
    customer_features: pd.DataFrame
    item_features: pd.DataFrame
    item_texts: pd.Series | None = None
    crowd: "Crowd | None" = None

    @classmethod
    def from_purchases(
        cls,
        purchases: pd.DataFrame,
        as_of: pd.Timestamp,
        *,
        customer_features: pd.DataFrame | None = None,
        item_features: pd.DataFrame | None = None,
        items: pd.Index | None = None,
        item_texts: pd.Series | None = None,
    ) -> Self:
        """Encode a frame of purchases.

        Parameters
        ----------
        purchases : pandas.DataFrame
            Columns ``customer_id``, ``item_id``, ``order_id`` (text), ``ordered_at`` (timestamp),
            ``quantity`` and ``amount`` (numbers).
        as_of : pandas.Timestamp
            End of what may be seen; a later purchase is refused.
        customer_features, item_features : pandas.DataFrame, optional
            Indexed by identifier. Customers without a purchase are kept when they have features.
        items : pandas.Index, optional
            The vocabulary; lines of other items are left out. Items in it that nobody bought yet
            can be offered by methods that go by texts and attributes. Default: every item bought.
        item_texts : pandas.Series of str, optional
            Indexed by identifier.

        Raises
        ------
        ValueError
            When a purchase happened after the day `as_of`.
        """
        day = pd.Timestamp(as_of).normalize()
        age = (day - purchases["ordered_at"].dt.normalize()).dt.days.to_numpy(dtype=np.int32)
        if (age < 0).any():
            raise ValueError(f"{(age < 0).sum()} purchases are later than as_of {day.date()}")
        vocabulary = pd.Index(sorted(purchases["item_id"].unique())) if items is None else items
        known = set(purchases["customer_id"].unique())
        if customer_features is not None:
            known.update(customer_features.index)
        customers = pd.Index(sorted(known), dtype=object)
        lines = pd.DataFrame(
            {
                "customer": customers.get_indexer(pd.Index(purchases["customer_id"])).astype(
                    np.int32
                ),
                "item": vocabulary.get_indexer(pd.Index(purchases["item_id"])).astype(np.int32),
                "basket": pd.factorize(purchases["order_id"], sort=True)[0].astype(np.int32),
                "age": age,
                "quantity": purchases["quantity"].to_numpy(dtype=np.float64),
                "amount": purchases["amount"].to_numpy(dtype=np.float64),
            }
        )
        lines = lines[lines["item"] >= 0].sort_values(
            ["customer", "age", "basket", "item", "quantity", "amount"],
            ascending=[True, False, True, True, True, True],
            ignore_index=True,
        )
        return cls(
            as_of=day,
            customers=customers,
            items=vocabulary,
            lines=lines,
            customer_features=_aligned(customer_features, customers),
            item_features=_aligned(item_features, vocabulary),
            item_texts=_texts(item_texts, vocabulary),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of customers and of items."""
        return len(self.customers), len(self.items)

    @cached_property
    def starts(self) -> np.ndarray:
        """Give where each customer's lines begin in `lines`; one more is the end (int64)."""
        counts = np.bincount(self.lines["customer"], minlength=len(self.customers))
        return np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def first_in_basket(self) -> np.ndarray:
        """Mark the first line of each item in each basket: repeats are one act of buying."""
        codes = self.lines[["customer", "age", "basket", "item"]].to_numpy()
        first = np.ones(len(codes), dtype=bool)
        first[1:] = (codes[1:] != codes[:-1]).any(axis=1)
        return first

    @cached_property
    def fingerprint(self) -> str:
        """Hash what recommenders learn from: equal for equal purchases, items, texts, attributes.

        The customers' identifiers and indicators do not count, nor does how baskets are numbered,
        only their order.
        """
        lines = self.lines.assign(basket=np.unique(self.lines["basket"], return_inverse=True)[1])
        texts = [] if self.item_texts is None else self.item_texts.tolist()
        words = [self.as_of, len(self.customers), *self.items, None, *texts, *self.item_features]
        hashed = hashlib.blake2b(repr(words).encode(), digest_size=16)
        for name in LINE_COLUMNS:
            hashed.update(lines[name].to_numpy().tobytes())
        hashed.update(self.item_features.to_numpy(dtype=np.float64).tobytes())
        return hashed.hexdigest()

    def decay(self, half_life: float) -> np.ndarray:
        """Weigh each line by its age: one today, a half after `half_life` days (float32).

        The second and later lines of an item in the same basket weigh nothing.
        """
        age = self.lines["age"].to_numpy(dtype=np.float32)
        return np.exp2(-age / np.float32(half_life)) * self.first_in_basket

    def owned(self, rows: np.ndarray | None = None) -> sparse.csr_matrix:
        """Tell who bought what at least once, as a binary customers x items matrix (float32)."""
        some = self if rows is None else self.of_customers(rows)
        matrix = some.weighted(np.ones(len(some.lines), dtype=np.float32))
        matrix.data[:] = 1.0
        return matrix

    def orders(self) -> sparse.csr_matrix:
        """Tell what lies in each basket, as a binary baskets x items matrix (float32).

        Baskets without an item of the vocabulary are left out.
        """
        basket, item = (self.lines[name].to_numpy() for name in ("basket", "item"))
        shape = (int(basket.max(initial=-1)) + 1, len(self.items))
        matrix = sparse.csr_matrix((np.ones(len(item), np.float32), (basket, item)), shape=shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return sparse.csr_matrix(matrix[np.diff(matrix.indptr) > 0])

    def weighted(self, weights: np.ndarray) -> sparse.csr_matrix:
        """Sum one weight a line into a customers x items matrix (float32); zeros are left out."""
        item = self.lines["item"].to_numpy(dtype=np.int32).copy()
        weights = np.array(weights, dtype=np.float32)
        matrix = sparse.csr_matrix((weights, item, self.starts), shape=self.shape)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix

    def with_items(self, items: pd.Index) -> Self:
        """Recode to another vocabulary of items; lines of items not in it are left out."""
        if items is self.items or items.equals(self.items):
            return self
        code = items.get_indexer(self.items).astype(np.int32)[self.lines["item"].to_numpy()]
        lines = self.lines.assign(item=code)[code >= 0].reset_index(drop=True)
        return replace(
            self,
            items=items,
            lines=lines,
            item_features=self.item_features.reindex(items).astype(np.float64),
            item_texts=_texts(self.item_texts, items),
            crowd=None if self.crowd is None else self.crowd.with_items(items),
        )

    def of_customers(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Keep the customers at the positions `rows`, in that order, and their lines.

        Only those lines are touched, so that a small batch of a large history is cheap.
        """
        rows = np.asarray(rows, dtype=np.int64)
        counts = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(self.starts[rows] - ends + counts, counts)
        code = np.repeat(np.arange(len(rows), dtype=np.int32), counts)
        return replace(
            self,
            customers=self.customers[rows],
            lines=self.lines.take(places).reset_index(drop=True).assign(customer=code),
            customer_features=self.customer_features.iloc[rows],
        )


@dataclass(frozen=True)
class LabelledWindow:
    """A history and what its customers bought in the outcome window that followed.

    Attributes
    ----------
    history : History
        What was known at the earlier date.
    bought : scipy.sparse.csr_matrix
        Binary customers x items (float32), in the codes of `history`.
    derived : dict
        What a recommender derived from the window at some cost and may use again, under a key that
        names everything it depends on besides the window.
    """

    history: History
    bought: sparse.csr_matrix
    derived: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """Hash both parts; see `History.fingerprint`."""
        row, item = self.bought.nonzero()
        hashed = hashlib.blake2b(self.history.fingerprint.encode(), digest_size=16)
        hashed.update(np.stack([row, item]).astype(np.int64).tobytes())
        return hashed.hexdigest()

    def with_items(self, items: pd.Index) -> "LabelledWindow":
        """Recode both parts to another vocabulary of items."""
        if items.equals(self.history.items):
            return self
        position = self.history.items.get_indexer(items)
        columns = self.bought.tocsc()
        known = sparse.diags_array((position >= 0).astype(np.float32))
        bought = sparse.csr_matrix(columns[:, np.maximum(position, 0)] @ known)
        bought.eliminate_zeros()
        return LabelledWindow(self.history.with_items(items), bought)


def _aligned(features: pd.DataFrame | None, index: pd.Index) -> pd.DataFrame:
    if features is None:
        return pd.DataFrame(index=index)
    return features.reindex(index).astype(np.float64)


def _texts(texts: pd.Series | None, index: pd.Index) -> pd.Series | None:
    return None if texts is None else texts.reindex(index).fillna("").astype(str)
