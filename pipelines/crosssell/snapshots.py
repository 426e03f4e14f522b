"""What was known at a date and what was bought afterwards, as every candidate learns it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from features.cut import Cut
from features.indicators import indicators
from features.items import item_features
from features.parted import Parted, Weight, split
from features.privacy.consent import refused
from features.purchases import bought_earlier, earlier_pairs, outcomes, purchases
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import DataError
from models.recommend.history import History, LabelledWindow
from pipelines.lists.restrictions import Restrictions

__all__ = [
    "STALE_DAYS",
    "TABLES",
    "Snapshot",
    "Truth",
    "load_snapshot",
    "part_warehouse",
    "save_snapshot",
    "take_part",
    "take_snapshot",
    "take_snapshot_for",
    "window_of",
]

# A shop may be closed for some days; more than that is a feed that stopped.
STALE_DAYS = 7
TABLES = ("purchases", "customers", "items", "outcomes", "earlier", "people", "labels")
LABELS = ("item_id", "item_name", "category", "department")


@dataclass(frozen=True)
class Snapshot:
    """All tables of one window, as pandas frames.

    Attributes
    ----------
    window : Window
        The dates.
    purchases : pandas.DataFrame
        Lines bought in the observed span: ``customer_id``, ``item_id``, ``order_id``,
        ``ordered_at``, ``quantity``, ``amount``.
    customers, items : pandas.DataFrame of float64
        Indicators by ``customer_id`` and attributes by ``item_id``, known at ``window.as_of``.
    outcomes : pandas.DataFrame
        ``customer_id``, ``item_id``, ``quantity``, ``amount`` of the outcome window; empty for a
        snapshot that is only scored.
    earlier : pandas.DataFrame
        ``customer_id``, ``item_id``: pairs bought before the observed span; they are owned too.
    people : pandas.DataFrame
        Attributes of customers as their source states them, by ``customer_id``.
    labels : pandas.DataFrame
        ``item_id``, ``item_name``, ``category``, ``department``.
    """

    window: Window
    purchases: pd.DataFrame
    customers: pd.DataFrame
    items: pd.DataFrame
    outcomes: pd.DataFrame
    earlier: pd.DataFrame
    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    labels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(LABELS)))

    def vocabulary(self, min_customers: int) -> pd.Index:
        """Reduce the items to those that at least `min_customers` customers bought."""
        pairs = self.purchases[["customer_id", "item_id"]].drop_duplicates()
        buyers = pairs["item_id"].value_counts()
        kept: list[str] = sorted(buyers.index[buyers >= min_customers])
        return pd.Index(kept, dtype="object")

    def history(self, items: pd.Index) -> History:
        """Encode the purchases over a vocabulary of items."""
        return History.from_purchases(
            self.purchases,
            pd.Timestamp(self.window.as_of),
            customer_features=self.customers,
            item_features=self.items,
            item_texts=self.labels.set_index("item_id")["item_name"],
            items=items,
        )

    def labelled(self, items: pd.Index) -> LabelledWindow:
        """Encode the purchases and what followed."""
        history = self.history(items)
        customer = history.customers.get_indexer(pd.Index(self.outcomes["customer_id"]))
        item = items.get_indexer(pd.Index(self.outcomes["item_id"]))
        known = (customer >= 0) & (item >= 0)
        bought = sparse.csr_matrix(
            (np.ones(known.sum(), dtype=np.float32), (customer[known], item[known])),
            shape=history.shape,
        )
        bought.data[:] = 1.0
        return LabelledWindow(history, bought)

    def forbidden(
        self, history: History, restrictions: Restrictions, labels: pd.DataFrame | None = None
    ) -> sparse.csr_matrix | None:
        """Give the pairs that must not be offered at this date.

        Parameters
        ----------
        history : History
            Of this snapshot, over the vocabulary that the matrix is to have.
        restrictions : Restrictions
            The rules.
        labels : pandas.DataFrame, optional
            Which item belongs where; default what the data of this snapshot say.
        """
        known = self.labels if labels is None else labels
        return restrictions.forbidden(
            history, self.people, known, self.earlier, self.window.observe
        )

    def truth(self, history: History) -> "Truth":
        """Encode what known customers bought, with the items that `history` does not know."""
        return Truth.of(self, history)


@dataclass(frozen=True)
class Truth:
    """What known customers bought in the outcome window.

    Attributes
    ----------
    all, new : pandas.DataFrame
        ``customer`` and ``item`` codes, every item apart from those the customer bought before in
        ``new``. Items outside the vocabulary have negative codes: nobody can recommend them, and
        they still count among the items bought.
    """

    all: pd.DataFrame
    new: pd.DataFrame

    @classmethod
    def of(cls, snapshot: Snapshot, history: History) -> "Truth":
        """Encode the outcomes of `snapshot` in the codes of `history`."""
        bought = snapshot.outcomes[["customer_id", "item_id"]].drop_duplicates()
        customer = history.customers.get_indexer(pd.Index(bought["customer_id"]))
        bought, customer = bought[customer >= 0], customer[customer >= 0]
        item = history.items.get_indexer(pd.Index(bought["item_id"]))
        unknown = -1 - pd.factorize(bought["item_id"], sort=True)[0]
        coded = pd.DataFrame({"customer": customer, "item": np.where(item >= 0, item, unknown)})
        pairs = [snapshot.purchases[["customer_id", "item_id"]], snapshot.earlier]
        owned = pd.MultiIndex.from_frame(pd.concat(pairs))
        is_new = ~pd.MultiIndex.from_frame(bought).isin(owned.unique())
        return cls(all=coded.reset_index(drop=True), new=coded[is_new].reset_index(drop=True))


def take_snapshot(
    warehouse: Warehouse,
    window: Window,
    families: Sequence[str],
    columns: Sequence[str] | None,
    *,
    labelled: bool,
) -> Snapshot:
    """Read one window from the warehouse.

    Parameters
    ----------
    warehouse : Warehouse
        Loaded.
    window : Window
        The dates.
    families : sequence of str
        Families of indicators.
    columns : sequence of str, optional
        Names of the indicators, so that all snapshots of a run have the same; None: those that
        this window has.
    labelled : bool
        Whether the outcome is read.

    Raises
    ------
    DataError
        When nobody bought in the observed span, or in the outcome window of a labelled snapshot.
    """
    cut = Cut.of(warehouse, window)
    bought = purchases(cut)
    if bought.empty:
        raise DataError(_nobody(window, warehouse))
    followed = outcomes(warehouse, window) if labelled else _no_outcomes()
    if labelled and followed.empty:
        raise DataError(
            f"there are no purchases in the outcome window after {window.as_of} "
            f"({window.outcome_from.date()} to {_last_day(window)}); "
            f"the data spans {warehouse.first_day} to {warehouse.last_day}; "
            "set window.as_of earlier, or 'latest'"
        )
    known = indicators(cut, families, columns=columns)
    before = bought_earlier(warehouse, window)
    people = cut.customers.drop("opt_out").to_pandas().set_index("customer_id").sort_index()
    labels = cut.items.select(*LABELS).to_pandas().sort_values("item_id", ignore_index=True)
    return Snapshot(window, bought, known, item_features(cut), followed, before, people, labels)


def take_snapshot_for(meta: Mapping[str, Any], warehouse: Warehouse, as_of: date) -> Snapshot:
    """Read what a bundle must know to make a list for the day `as_of`; see ``Bundle.meta``."""
    families, columns = meta["families"], meta["customer_features"]
    return take_snapshot(warehouse, window_of(meta, as_of), families, columns, labelled=False)


def take_part(
    parted: Parted,
    number: int,
    backend: Any,
    meta: Mapping[str, Any],
    labels: pd.DataFrame,
) -> tuple[Snapshot, frozenset[str]]:
    """Read what a bundle must know of some customers; see `take_snapshot_for`.

    Parameters
    ----------
    parted : Parted
        What `part_warehouse` gave.
    number : int
        Which part.
    backend : ibis DuckDB backend
        A database of one's own.
    meta : mapping
        ``Bundle.meta``.
    labels : pandas.DataFrame
        Of all items.

    Returns
    -------
    snapshot : Snapshot
        Without attributes of items, which lists take from the bundle.
    refused : frozenset of str
        Customers who do not want to be addressed, according to the data.
    """
    cut = parted.cut(number, backend)
    known = indicators(cut, meta["families"], columns=meta["customer_features"])
    earlier = parted.table(number, "earlier", backend).order_by("customer_id", "item_id")
    people = cut.customers.drop("opt_out").to_pandas().set_index("customer_id").sort_index()
    refusals = parted.table(number, "refused", backend).to_pandas()["customer_id"]
    window = window_of(meta, parted.as_of)
    snapshot = Snapshot(
        window,
        purchases(cut),
        known,
        pd.DataFrame(),
        _no_outcomes(),
        earlier.to_pandas(),
        people,
        labels,
    )
    return snapshot, frozenset(refusals)


def part_warehouse(
    warehouse: Warehouse, meta: Mapping[str, Any], as_of: date, folder: Path, weight: Weight
) -> tuple[Cut, Parted]:
    """Split what a bundle must know to make a list for the day `as_of`; see `take_part`.

    Raises
    ------
    DataError
        When nobody bought in the observed span.
    """
    window = window_of(meta, as_of)
    cut = Cut.of(warehouse, window)
    others = {
        "earlier": earlier_pairs(warehouse, window),
        "refused": refused(warehouse.customers),
    }
    parted = split(cut, folder, weight, others)
    if not parted.sizes:
        raise DataError(_nobody(window, warehouse))
    return cut, parted


def window_of(meta: Mapping[str, Any], as_of: date) -> Window:
    """Give the window of a bundle's list for the day `as_of`."""
    span = meta["window"]
    return Window(as_of, span["observe"], span["gap"], span["outcome"])


def save_snapshot(snapshot: Snapshot, folder: Path) -> None:
    """Write the tables of a snapshot as Parquet."""
    for name in TABLES:
        getattr(snapshot, name).to_parquet(folder / f"{name}.parquet")


def load_snapshot(folder: Path, window: Window) -> Snapshot:
    """Read what `save_snapshot` wrote."""
    return Snapshot(window, *(pd.read_parquet(folder / f"{name}.parquet") for name in TABLES))


def _nobody(window: Window, warehouse: Warehouse) -> str:
    return (
        f"nobody bought anything from {window.seen_from.date()} to {window.as_of}; "
        f"the data spans {warehouse.first_day} to {warehouse.last_day}"
    )


def _no_outcomes() -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": pd.Series(dtype="str"), "item_id": pd.Series(dtype="str")}
    ).assign(quantity=0.0, amount=0.0)


def _last_day(window: Window) -> object:
    return (window.outcome_until - pd.Timedelta(days=1)).date()
