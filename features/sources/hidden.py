"""Sources whose identifiers of persons are to be replaced by keyed hashes."""

from typing import TypeVar

from features.sources.base import SourceBase

__all__ = ["IDENTIFIERS", "hide_identifiers", "hides_customers"]

IDENTIFIERS = ("customer_id", "visitor_id")
"""Columns that name a person, in every table."""

S = TypeVar("S", bound=SourceBase)


def hide_identifiers(source: S) -> S:
    """Declare the identifiers of customers and visitors as pseudonymised.

    Examples
    --------
    >>> from features.sources import CsvSource
    >>> columns = {"customer_id": "who", "item_id": "what", "ordered_at": "when"}
    >>> hidden = hide_identifiers(CsvSource(path="sales.csv", columns=columns))
    >>> hidden.columns["customer_id"].pseudonymise, hidden.columns["item_id"].pseudonymise
    (True, False)
    """
    columns = {
        name: spec.model_copy(update={"pseudonymise": True}) if name in IDENTIFIERS else spec
        for name, spec in source.columns.items()
    }
    return source.model_copy(update={"columns": columns})


def hides_customers(source: SourceBase) -> bool:
    """Tell whether the customers of a source are known by pseudonyms only."""
    spec = source.columns.get("customer_id")
    return spec is not None and spec.pseudonymise
