"""Attributes of customers, items and campaigns as they were, from all files that state them."""

from collections.abc import Mapping, Sequence
from typing import Any

from features.sources.canonical import KEYS
from features.sources.sql import identifier, literal
from features.warehouse.tables import HISTORIES, create_table, stored_table

__all__ = ["build_history", "reject_second_records"]

_BEFORE = "OVER (PARTITION BY {key} ORDER BY valid_from NULLS FIRST ROWS UNBOUNDED PRECEDING)"
_ORDER = "ORDER BY source, source_file, source_line"


def reject_second_records(connection: Any, table: str) -> None:
    """Keep one record of a name (and moment) of all files: the first by source, file and line.

    The others stay in the stored table, out of sight, and are listed in `rejected`; which of them
    these are is told anew whenever a file comes or goes.
    """
    key, stored = KEYS[table], identifier(stored_table(table))
    moment = ", valid_from" if table in HISTORIES else ""
    connection.execute(f"""
        INSERT INTO rejected
        SELECT source, source_line,
            {literal(f"{key}: ")} || chr(39) || {key} || chr(39) || ' stands in another '
                || CASE WHEN source = holder.source THEN 'file' ELSE 'source' END,
            CAST(to_json(again) AS VARCHAR), {literal(f"{key} is given twice")},
            source_file, TRUE
        FROM (
            SELECT *,
                first_value({{source: source, file: source_file}}) OVER same AS holder,
                row_number() OVER same AS place
            FROM {stored}
            WINDOW same AS (PARTITION BY {key}{moment} {_ORDER})
        ) AS again
        WHERE place > 1
    """)


def build_history(
    connection: Any, table: str, columns: Mapping[str, str], speakers: Mapping[str, Sequence[str]]
) -> None:
    """Derive ``<table>_history`` and the latest state, ``<table>``.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With the stored rows and the table `doubts`.
    table : {'customers', 'items', 'campaigns'}
        Which.
    columns : mapping of str to str
        Columns of the stored table, without its origin, and their types.
    speakers : mapping of str to sequence of str
        The sources that map each column. A source says nothing about the other columns: there the
        last word of another one holds on.

    Notes
    -----
    A record is valid from the moment it states to the next one that differs. Who opted out
    according to the last word of any source has opted out. A rejected row that may say so counts as
    such a word.
    """
    key = KEYS[table]
    attributes = [name for name in columns if name not in (key, "valid_from", "opt_out")]
    opted = ["opt_out"] if table == "customers" else []
    voices = [*speakers.get("opt_out", ())] if opted else []
    moments = _moments(table, key, attributes, voices)
    shown = [*opted, *attributes]
    state = ", ".join([*map(identifier, shown), "declared"])
    connection.execute(f"""
        CREATE OR REPLACE TABLE {table}_history AS
        WITH moments AS ({moments}),
        carried AS (
            SELECT {key}, valid_from, {_carried(key, attributes, voices, bool(opted), speakers)}
            FROM moments
        ),
        compared AS (
            SELECT *, lag(row({state})) {_before(key)} AS former,
                row_number() {_before(key)} = 1 AS is_first
            FROM carried
        )
        SELECT {key}, {state}, valid_from,
            lead(valid_from) OVER (PARTITION BY {key} ORDER BY valid_from NULLS FIRST) AS valid_to
        FROM compared WHERE is_first OR row({state}) IS DISTINCT FROM former
    """)
    latest = {key: "VARCHAR", **{name: columns[name] for name in shown}, "declared": "BOOLEAN"}
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    create_table(connection, table, latest)
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT {key}, {state} FROM {table}_history "
        "WHERE valid_to IS NULL"
    )


def _before(key: str) -> str:
    return _BEFORE.format(key=key)


def _moments(table: str, key: str, attributes: Sequence[str], voices: Sequence[str]) -> str:
    """Give one row a name and moment: what the first file told, and what each source said."""
    told = ", ".join(f"{literal(name)}: {identifier(name)}" for name in ["source", *attributes])
    said = "".join(
        f", bool_or(opt_out) FILTER (WHERE source = {literal(voice)}) AS said_{i}"
        for i, voice in enumerate(voices)
    )
    rows = f"SELECT *, TRUE AS stated FROM {stored_table(table)}"
    if voices:
        rows += (
            " UNION ALL BY NAME SELECT customer_id, valid_from, source, source_file,"
            " TRUE AS opt_out, FALSE AS stated FROM doubts"
        )
    return f"""
        SELECT {key}, valid_from, bool_or(stated) AS is_stated,
            first({{{told}}} {_ORDER}) FILTER (WHERE stated) AS told{said}
        FROM ({rows}) GROUP BY ALL
    """


def _carried(
    key: str,
    attributes: Sequence[str],
    voices: Sequence[str],
    has_opted: bool,
    speakers: Mapping[str, Sequence[str]],
) -> str:
    columns = []
    if has_opted:
        words = [
            f"coalesce(last_value(said_{i} IGNORE NULLS) {_before(key)}, FALSE)"
            for i in range(len(voices))
        ]
        columns.append(f"{' OR '.join(words) or 'FALSE'} AS opt_out")
    for name in attributes:
        names = ", ".join(literal(speaker) for speaker in speakers.get(name, ())) or "NULL"
        word = f"CASE WHEN told.source IN ({names}) THEN {{'said': told.{identifier(name)}}} END"
        columns.append(f"last_value({word} IGNORE NULLS) {_before(key)}.said AS {identifier(name)}")
    columns.append(f"bool_or(is_stated) {_before(key)} AS declared")
    return ", ".join(columns)
