"""Whether the sources feed the families of indicators that were asked for."""

from collections.abc import Iterable
from typing import Any

__all__ = ["unfed_families"]

OF_CUSTOMERS = "attributes"
NO_ATTRIBUTES = {"customer_id", "opt_out", "valid_from"}


def unfed_families(families: Iterable[str], sources: Iterable[Any]) -> list[str]:
    """Say which families lack their source.

    Parameters
    ----------
    families : iterable of str
        Names of families.
    sources : iterable of Source
        Those that are declared.

    Returns
    -------
    list of str
        One sentence a family; empty when every family can be computed.
    """
    from features.marts.registry import DETAIL

    declared = list(sources)
    fed = {str(source.table) for source in declared}
    return [
        f"{name!r} needs a source of the table {DETAIL[name][0]!r}"
        if name in DETAIL
        else f"{name!r} needs a source of the table 'customers' with attributes"
        for name in families
        if (name in DETAIL and DETAIL[name][0] not in fed)
        or (name == OF_CUSTOMERS and not _has_attributes(declared))
    ]


def _has_attributes(sources: Iterable[Any]) -> bool:
    people = [source for source in sources if str(source.table) == "customers"]
    return any(set(source.columns) - NO_ATTRIBUTES for source in people)
