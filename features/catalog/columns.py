"""Every column of a warehouse with what was declared about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from features.catalog.meanings import MEANINGS
from features.catalog.opening import columns_of, tables_of
from features.privacy.personal import BY_NATURE
from features.sources.sql import identifier

__all__ = ["ColumnFacts", "column_facts", "untagged"]


@dataclass(frozen=True)
class ColumnFacts:
    """One column.

    Attributes
    ----------
    table, column, type : str
        Its name and DuckDB type.
    meaning : str or None
        As declared, or as the warehouse always means it.
    tag : str or None
        ``none``, ``personal`` or ``sensitive``; None when nobody said.
    sources : tuple of tuple
        Pairs of source and its column.
    rules : tuple of str
        What a value must keep to be loaded.
    """

    table: str
    column: str
    type: str
    meaning: str | None = None
    tag: str | None = None
    sources: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = field(default=())


def column_facts(connection: Any) -> list[ColumnFacts]:
    """List the columns of all tables; an older warehouse, without `columns`, has fewer facts."""
    declared = _declared(connection)
    return [
        _facts(table, name, kind, declared.get((_declared_as(table), name), []))
        for table in tables_of(connection)
        for name, kind in columns_of(connection, table).items()
    ]


def untagged(
    facts: list[ColumnFacts], tags: Mapping[tuple[str, str], str] | None = None
) -> dict[str, list[str]]:
    """Give the columns about which nobody has said whether they are personal, by table.

    Parameters
    ----------
    facts : list of ColumnFacts
        What `column_facts` gave.
    tags : mapping of (table, column) to str, optional
        Further tags, such as those of a configuration that is not loaded yet.
    """
    found: dict[str, list[str]] = {}
    for one in facts:
        if one.tag is None and (one.table, one.column) not in (tags or {}):
            found.setdefault(one.table, []).append(one.column)
    return found


def _declared_as(table: str) -> str:
    """Give the table of which a history, or the stored rows behind it, is another form."""
    return table.removesuffix("_history").removesuffix("_rows")


def _declared(connection: Any) -> dict[tuple[str, str], list[dict[str, Any]]]:
    if "columns" not in tables_of(connection):
        return {}
    names = list(columns_of(connection, "columns"))
    listed = ", ".join(map(identifier, names))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in connection.execute(f'SELECT {listed} FROM "columns" ORDER BY ALL').fetchall():
        told = dict(zip(names, row, strict=True))
        found.setdefault((told["table_name"], told["column_name"]), []).append(told)
    return found


def _facts(table: str, name: str, kind: str, told: list[dict[str, Any]]) -> ColumnFacts:
    sources = {(one["source"], one["source_column"]) for one in told if one["source"]}
    rules = [rule for one in told for rule in _rules(one["rules"])]
    return ColumnFacts(
        table=table,
        column=name,
        type=kind,
        meaning=_first(told, "meaning") or MEANINGS.get(name),
        tag=_first(told, "tag") or ("personal" if name in BY_NATURE else None),
        sources=tuple(sorted((source, column or "") for source, column in sources)),
        rules=tuple(dict.fromkeys(rules)),
    )


def _first(told: list[dict[str, Any]], what: str) -> str | None:
    return next((str(one[what]) for one in told if one[what] is not None), None)


def _rules(text: str | None) -> list[str]:
    """Put the declared rules into words: ``required: true``, ``above: 0``."""
    found = json.loads(text) if text else {}
    each = found if isinstance(found, list) else [found]
    return [
        word
        for one in each
        for name, value in (one.items() if isinstance(one, dict) else [("rule", one)])
        for word in (_rules(json.dumps(value)) if name == "rules" else [f"{name}: {_said(value)}"])
    ]


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
