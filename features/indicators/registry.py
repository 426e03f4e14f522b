"""The families of indicators; a new family is one file and one line here."""

from collections.abc import Callable, Mapping, Sequence

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.cut import Cut
from features.indicators.attributes import PREFIX, attributes
from features.indicators.basket import basket
from features.indicators.category import category
from features.indicators.returns import returns
from features.indicators.rfm import rfm
from features.indicators.rhythm import rhythm
from features.indicators.season import season
from features.indicators.tenure import tenure
from features.marts.registry import MARTS
from lodeworks.errors import did_you_mean

__all__ = ["FAMILIES", "KNOWN", "indicators"]

FAMILIES: Mapping[str, Callable[..., ir.Table | None]] = {
    "rfm": rfm,
    "rhythm": rhythm,
    "basket": basket,
    "category": category,
    "returns": returns,
    "tenure": tenure,
    "season": season,
}
"""Every family by name: a function of a cut that gives a table keyed by ``customer_id``.

They need purchases only, so a bundle can compute them from purchases alone.
"""

KNOWN: Mapping[str, Callable[..., ir.Table | None]] = {
    **FAMILIES,
    "attributes": attributes,
    **MARTS,
}
"""The same, and those that need more than purchases and must be asked for."""

_BY_VALUE = {"category": "category_", "attributes": PREFIX}
"""Families that have a column for each of some values, and how the names of these begin."""


def indicators(
    cut: Cut,
    families: Sequence[str] | None = None,
    *,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compute indicators of every customer who bought something in a cut.

    Parameters
    ----------
    cut : Cut
        Nothing later than its `as_of` is seen.
    families : sequence of str, optional
        Names from `KNOWN`; default: those of `FAMILIES`.
    columns : sequence of str, optional
        Give exactly these columns, as a model was trained on them; a category that nobody
        bought in this cut and a value that nobody has are 0. Default: what the data give.

    Returns
    -------
    pandas.DataFrame of float64
        Indexed by ``customer_id``, sorted; every value is finite.

    Raises
    ------
    ValueError
        When a family is not known, or a column belongs to none of the families.
    """
    chosen = list(FAMILIES) if families is None else list(families)
    _check(chosen)
    buyers = cut.lines.select("customer_id").distinct().to_pandas()["customer_id"]
    index = pd.Index(sorted(buyers), name="customer_id", dtype="str")
    frames = [_family(cut, name, columns, index) for name in KNOWN if name in chosen]
    frame = pd.concat([pd.DataFrame(index=index), *frames], axis=1)
    return frame if columns is None else _exactly(frame, columns, chosen)


def _check(chosen: Sequence[str]) -> None:
    unknown = [name for name in chosen if name not in KNOWN]
    if unknown:
        hints = "; ".join(f"{name!r}: {did_you_mean(name, KNOWN)}" for name in unknown)
        raise ValueError(f"unknown families of indicators: {hints}")


def _family(cut: Cut, name: str, columns: Sequence[str] | None, index: pd.Index) -> pd.DataFrame:
    table = KNOWN[name](cut, columns) if name in _BY_VALUE else KNOWN[name](cut)
    if table is None:
        return pd.DataFrame(index=index)
    frame = table.to_pandas().set_index("customer_id")
    return frame.reindex(index).astype(np.float64).fillna(0.0)


def _exactly(frame: pd.DataFrame, columns: Sequence[str], chosen: Sequence[str]) -> pd.DataFrame:
    open_names = tuple(begin for name, begin in _BY_VALUE.items() if name in chosen)
    foreign = [c for c in columns if c not in frame and not c.startswith(open_names)]
    if foreign:
        raise ValueError(f"no family gives the columns {', '.join(foreign)}")
    return frame.reindex(columns=list(columns), fill_value=0.0)
