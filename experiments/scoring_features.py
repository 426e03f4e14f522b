"""The indicators that a bundle was trained with, computed again from frames alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeworks.errors import BundleError

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
_KINDS = {
    "text": "string",
    "integer": "int64",
    "number": "float64",
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
}


def indicators_of(
    purchases: pd.DataFrame,
    as_of: date,
    *,
    observe: int | None,
    items: pd.DataFrame,
    columns: Sequence[str],
    families: Sequence[str] | None = None,
    subjects: Mapping[str, pd.DataFrame] | None = None,
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
        The families they belong to; default all that need purchases only.
    subjects : mapping of str to pandas.DataFrame, optional
        Detail behind the marts among `families`: ``contacts``, ``responses`` and the like, in the
        columns of the warehouse. What happened after `as_of` is left out.

    Returns
    -------
    pandas.DataFrame of float64
        Indexed by ``customer_id``. Without returned lines, shares of returns are 0.

    Raises
    ------
    BundleError
        When this version does not compute one of `columns`, or a mart lacks its detail.
    """
    from features.indicators.registry import indicators

    _refuse_bare_marts(families or (), subjects or {})
    cut = _cut(purchases, as_of, observe, items, subjects or {})
    try:
        return indicators(cut, families, columns=columns)
    except ValueError as error:
        raise BundleError(f"the bundle needs indicators that are not there: {error}") from error


def _refuse_bare_marts(families: Sequence[str], subjects: Mapping[str, pd.DataFrame]) -> None:
    from features.marts.registry import DETAIL

    lacking = [name for name in families if name in DETAIL and DETAIL[name][0] not in subjects]
    if lacking:
        tables = ", ".join(DETAIL[name][0] for name in lacking)
        raise BundleError(
            f"the bundle needs the marts {', '.join(lacking)}, and purchases alone tell nothing of"
            f" them: give the tables {tables}, or score with `lode score`"
        )


def _cut(
    purchases: pd.DataFrame,
    as_of: date,
    observe: int | None,
    items: pd.DataFrame,
    subjects: Mapping[str, pd.DataFrame],
) -> "Cut":
    import ibis

    from features.cut import Cut, cut_subject

    lines = ibis.memtable(_lines(purchases))
    customers = pd.DataFrame({"customer_id": sorted(purchases["customer_id"].unique())})
    return Cut(
        as_of=as_of,
        observe=observe,
        lines=lines.filter(~lines.is_return),
        returns=lines.filter(lines.is_return),
        items=ibis.memtable(_items(items)),
        customers=ibis.memtable(customers.assign(opt_out=False)),
        subjects={
            name: cut_subject(name, _detail(name, frame), as_of, observe)
            for name, frame in subjects.items()
        },
    )


def _detail(name: str, frame: pd.DataFrame) -> "ir.Table":
    import ibis

    from features.sources.canonical import CANONICAL

    kinds = {column: _KINDS[kind] for column, kind in CANONICAL[name].items()}
    return ibis.memtable(frame.reindex(columns=list(kinds))).cast(kinds)


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
