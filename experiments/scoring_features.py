"""The indicators that a bundle was trained with, computed again from purchases alone."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeworks.errors import BundleError

if TYPE_CHECKING:
    from features.cut import Cut

__all__ = ["indicators_of"]

ITEM_COLUMNS = {
    "item_id": "str",
    "item_name": "str",
    "category": "str",
    "department": "str",
    "price": "float64",
    "margin": "float64",
}


def indicators_of(
    purchases: pd.DataFrame,
    as_of: date,
    *,
    observe: int | None,
    items: pd.DataFrame,
    columns: Sequence[str],
    families: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compute indicators without a warehouse.

    Parameters
    ----------
    purchases : pandas.DataFrame
        ``customer_id``, ``item_id``, ``order_id``, ``ordered_at``, ``quantity``, ``amount``;
        nothing later than `as_of` or earlier than `observe` allows.
    as_of : datetime.date
        The last day that is seen.
    observe : int or None
        Days that are seen.
    items : pandas.DataFrame
        ``item_id`` and, where known, ``item_name``, ``category``, ``department``, ``price``,
        ``margin``.
    columns : sequence of str
        The indicators wanted, as they were named in training.
    families : sequence of str, optional
        The families they belong to; default all.

    Returns
    -------
    pandas.DataFrame of float64
        Indexed by ``customer_id``. Without returned lines, shares of returns are 0.

    Raises
    ------
    BundleError
        When this version does not compute one of `columns`.
    """
    from features.indicators.registry import indicators

    try:
        return indicators(_cut(purchases, as_of, observe, items), families, columns=columns)
    except ValueError as error:
        raise BundleError(f"the bundle needs indicators that are not there: {error}") from error


def _cut(purchases: pd.DataFrame, as_of: date, observe: int | None, items: pd.DataFrame) -> "Cut":
    import ibis

    from features.cut import Cut

    lines = ibis.memtable(_lines(purchases))
    customers = pd.DataFrame({"customer_id": sorted(purchases["customer_id"].unique())})
    return Cut(
        as_of=as_of,
        observe=observe,
        lines=lines.filter(~lines.is_return),
        returns=lines.filter(lines.is_return),
        items=ibis.memtable(_items(items)),
        customers=ibis.memtable(customers.assign(opt_out=False)),
    )


def _lines(purchases: pd.DataFrame) -> pd.DataFrame:
    texts = {name: purchases[name].astype("str") for name in ("customer_id", "order_id", "item_id")}
    pieces = purchases["quantity"].astype(np.float64)
    return pd.DataFrame(
        {
            **texts,
            "ordered_at": purchases["ordered_at"],
            "quantity": pieces,
            "price": purchases["amount"] / pieces.where(pieces > 0),
            "amount": purchases["amount"].astype(np.float64),
            "cost": np.nan,
            "is_return": False,
            "source": "given",
            "source_line": np.arange(len(purchases)),
        }
    )


def _items(items: pd.DataFrame) -> pd.DataFrame:
    whole = items.reindex(columns=list(ITEM_COLUMNS)).drop_duplicates("item_id")
    return whole.astype(ITEM_COLUMNS)
