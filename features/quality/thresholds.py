"""What the contract of a source demands of the quality of a column."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.catalog.opening import columns_of

__all__ = ["Threshold", "stored_thresholds", "thresholds_of"]

_DEMANDS = ("completeness", "unique", "fresh_within")
_OWN = "own:"


@dataclass(frozen=True)
class Threshold:
    """Demands on one column.

    Attributes
    ----------
    table, column : str
        The column of the warehouse.
    completeness : float or None
        Lowest share of rows with a value.
    unique : bool or None
        Whether no value may stand twice.
    fresh_within : int or None
        Most days between the latest value and the day of the check.
    """

    table: str
    column: str
    completeness: float | None = None
    unique: bool | None = None
    fresh_within: int | None = None


def thresholds_of(sources: Iterable[Any]) -> list[Threshold]:
    """Collect the demands that sources declare.

    Parameters
    ----------
    sources : iterable of SourceBase
        As `pipelines.config.load` or a person gives them.
    """
    return [
        threshold
        for source in sources
        for threshold in _of_columns(
            source.table, {name: vars(spec) for name, spec in source.columns.items()}
        )
    ]


def stored_thresholds(connection: Any) -> list[Threshold]:
    """Collect the demands that the loaded files came with; none in an older warehouse."""
    if "declaration" not in columns_of(connection, "loads"):
        return []
    rows = connection.execute(
        "SELECT DISTINCT declaration FROM loads WHERE declaration IS NOT NULL ORDER BY 1"
    ).fetchall()
    declared = [json.loads(text) for (text,) in rows]
    found = [one for each in declared for one in _of_columns(each["table"], each["columns"])]
    return list(dict.fromkeys(found))


def _of_columns(table: str, columns: Mapping[str, Mapping[str, Any]]) -> list[Threshold]:
    named = table.removeprefix(_OWN)
    asked = {
        name: {demand: spec.get(demand) for demand in _DEMANDS} for name, spec in columns.items()
    }
    return [
        Threshold(named, name, **demands)
        for name, demands in asked.items()
        if any(demands[demand] is not None for demand in _DEMANDS)
    ]
