"""One file into its table: every row is kept, as a row of the table or as a rejected one."""

import json
from typing import Any

import duckdb

from features.privacy.pseudonym import key_from_environment, pseudonym
from features.sources.base import SourceBase
from features.sources.canonical import KEYS
from features.sources.contract import checked_query
from features.sources.opening import open_reading
from features.sources.reading import Reading
from features.sources.sql import identifier, literal
from features.warehouse.contents import Content
from features.warehouse.tables import HISTORIES, LINE_COLUMNS, stored_table
from lodeworks.errors import DataError

__all__ = ["open_content", "take_in"]

_MARKS = "row marks"
"""Column of rejected rows while a file is read: rule, detail and the row as JSON, or null."""

_PSEUDONYM = "lode_pseudonym"


def open_content(content: Content) -> Reading:
    """Look at the file; see `features.sources.open_reading`."""
    assert content.spec is not None
    return open_reading(content.spec)


def take_in(connection: Any, content: Content, reading: Reading, zone: str | None) -> Content:
    """Read a file into its stored table, and its bad rows into `rejected`.

    Rows are written once, good and bad ones together, and the bad ones are taken out again: a
    stream can be read only once, and this needs no second copy of a large file.

    Returns
    -------
    Content
        With its rows counted.
    """
    source = content.spec
    assert source is not None
    stored = stored_table(source.table)
    marks = identifier(_MARKS)
    connection.execute(f"ALTER TABLE {identifier(stored)} ADD COLUMN {marks} VARCHAR[]")
    _write(connection, content, source, reading, zone)
    _set_aside(connection, content, source, reading)
    _keep_malformed(connection, content, source, reading)
    connection.execute(f"ALTER TABLE {identifier(stored)} DROP COLUMN {marks}")
    return _counted(connection, content, reading)


def _write(
    connection: Any, content: Content, source: SourceBase, reading: Reading, zone: str | None
) -> None:
    raw = reading.relation(connection)
    checked = f"({checked_query(source, reading.names, reading.types, raw, zone)})"
    try:
        if _has_repeats(source):
            connection.execute(f"CREATE OR REPLACE TEMP TABLE checked AS FROM {checked}")
            _reject_repeats(connection, source, len(reading.names))
            checked = "checked"
        _insert(connection, content, source, reading, checked)
    except duckdb.Error:
        if reading.failure is not None:
            raise reading.failure from None
        raise
    connection.execute("DROP TABLE IF EXISTS temp.checked")


def _has_repeats(source: SourceBase) -> bool:
    return source.duplicates == "reject" or source.table in KEYS


def _insert(
    connection: Any, content: Content, source: SourceBase, reading: Reading, checked: str
) -> None:
    chosen = _line_columns(source) if source.table == "lines" else _plain_columns(source)
    chosen |= _hidden(connection, source)
    if source.table in HISTORIES:
        since = literal(str(content.effective) if content.effective else None)
        stated = ["valid_from"] if "valid_from" in source.columns else []
        chosen["valid_from"] = f"coalesce({', '.join([*stated, f'{since}::TIMESTAMP'])})"
    origin = {"source": content.source, "source_file": content.label}
    chosen |= {name: literal(value) for name, value in origin.items()} | {"source_line": "line"}
    chosen |= {_MARKS: _marks(source, reading)}
    names = ", ".join(map(identifier, chosen))
    connection.execute(
        f"INSERT INTO {identifier(stored_table(source.table))} ({names}) "
        f"SELECT {', '.join(chosen.values())} FROM {checked}"
    )


def _marks(source: SourceBase, reading: Reading) -> str:
    """Give what is kept of a rejected row; of hidden columns neither the value nor its text.

    One list, because three columns that are almost everywhere empty take longer to write.
    """
    secret = {spec.source for spec in source.columns.values() if spec.pseudonymise}
    fields = ", ".join(
        f"{literal(name)}: " + (f"{_PSEUDONYM}(c{i})" if name in secret else f"c{i}")
        for i, name in enumerate(reading.names)
    )
    detail = "rule" if secret else "detail"
    row = f"CAST(to_json({{{fields}}}) AS VARCHAR)"
    return f"CASE WHEN rule IS NOT NULL THEN [rule, {detail}, {row}] END"


def _hidden(connection: Any, source: SourceBase) -> dict[str, str]:
    """Give the pseudonyms that stand for columns declared so."""
    names = [name for name in source.columns if _is_hidden(source, name)]
    if names:
        _teach_pseudonyms(connection)
    return {name: f"{_PSEUDONYM}({identifier(name)})" for name in names}


def _is_hidden(source: SourceBase, name: str) -> bool:
    return source.columns[name].pseudonymise


def _teach_pseudonyms(connection: Any) -> None:
    import pyarrow as pa

    key = key_from_environment(used=_has_pseudonyms(connection))

    def hidden(values: Any) -> Any:
        return pa.array(
            pseudonym(values.to_pandas(), key).astype(object), pa.string(), from_pandas=True
        )

    known = "SELECT count(*) FROM duckdb_functions() WHERE function_name = ?"
    if connection.execute(known, [_PSEUDONYM]).fetchall() == [(0,)]:
        connection.create_function(_PSEUDONYM, hidden, ["VARCHAR"], "VARCHAR", type="arrow")


def _has_pseudonyms(connection: Any) -> bool:
    """Tell whether an earlier load made some."""
    made = "SELECT count(*) > 0 FROM columns WHERE contains(rules, '\"pseudonymise\": true')"
    return bool(connection.execute(made).fetchone()[0])


def _plain_columns(source: SourceBase) -> dict[str, str]:
    return {name: identifier(name) for name in source.columns}


def _line_columns(source: SourceBase) -> dict[str, str]:
    """Give each column of `lines` from what is mapped, derived where it can be."""
    mapped = _plain_columns(source)
    customer = f"{_PSEUDONYM}(customer_id)" if _is_hidden(source, "customer_id") else "customer_id"
    quantity = f"coalesce({mapped['quantity']}, 1.0)" if "quantity" in mapped else "1.0"
    day = "strftime(ordered_at, '%Y-%m-%d')"
    order = f"{customer} || ' ' || {day}"
    price = f"amount / nullif({quantity}, 0)" if "amount" in mapped else "NULL"
    amount = f"{quantity} * price" if "price" in mapped else "0.0"
    derived = {
        "order_id": f"coalesce(order_id, {order})" if "order_id" in mapped else order,
        "quantity": quantity,
        "price": f"coalesce(price, {price})" if "price" in mapped else price,
        "amount": f"coalesce({'amount, ' if 'amount' in mapped else ''}{amount}, 0.0)",
        "is_return": "is_return",
    }
    order_of_columns = [*LINE_COLUMNS, *(name for name in mapped if name not in LINE_COLUMNS)]
    chosen = mapped | derived
    return {name: chosen[name] for name in order_of_columns if name in chosen}


def _reject_repeats(connection: Any, source: SourceBase, width: int) -> None:
    if source.duplicates == "reject" and width:
        _reject_duplicates(connection, width)
    if source.table in KEYS:
        _reject_second_keys(connection, source, KEYS[source.table])


def _reject_duplicates(connection: Any, width: int) -> None:
    """Compare rows exactly, but only those that share a hash: most rows are never sorted."""
    columns = ", ".join(f"c{i}" for i in range(width))
    connection.execute(f"""
        UPDATE checked SET
            rule = 'the row is a duplicate', detail = 'duplicate of line ' || repeat.first
        FROM (
            SELECT line, min(line) OVER (PARTITION BY {columns}) AS first
            FROM checked WHERE hash({columns}) IN (
                SELECT hash({columns}) FROM checked GROUP BY 1 HAVING count(*) > 1
            )
        ) AS repeat
        WHERE checked.line = repeat.line AND repeat.first < repeat.line AND checked.rule IS NULL
    """)


def _reject_second_keys(connection: Any, source: SourceBase, key: str) -> None:
    """Keep the first record of a name; of a history, the first of a name and a moment."""
    since = ", valid_from" if "valid_from" in source.columns else ""
    connection.execute(f"""
        UPDATE checked SET
            rule = '{key} is given twice',
            detail = '{key}: ' || chr(39) || {key} || chr(39) || ' stands in line ' || first
        FROM (
            SELECT line AS again, min(line) OVER (PARTITION BY {key}{since}) AS first
            FROM checked WHERE rule IS NULL
        )
        WHERE line = again AND first < again
    """)


def _set_aside(connection: Any, content: Content, source: SourceBase, reading: Reading) -> None:
    stored = identifier(stored_table(source.table))
    marks = identifier(_MARKS)
    connection.execute(
        f"INSERT INTO rejected SELECT source, source_line, {marks}[2], {marks}[3], {marks}[1],"
        f" source_file, FALSE FROM {stored} WHERE {marks} IS NOT NULL"
    )
    _remember_doubts(connection, source, reading, stored)
    connection.execute(f"DELETE FROM {stored} WHERE {marks} IS NOT NULL")


def _remember_doubts(connection: Any, source: SourceBase, reading: Reading, stored: str) -> None:
    """Note customers whose rejected row says, or may say, that they opted out."""
    if source.table != "customers" or "opt_out" not in source.columns:
        return
    if reading.malformed:
        first = reading.malformed[0]
        raise DataError(
            f"source {source.name!r} ({source.path}) says who opted out, but"
            f" {len(reading.malformed)} of its rows cannot be read, the first in line {first.line}:"
            f" {first.reason}"
        )
    connection.execute(f"""
        INSERT INTO doubts SELECT DISTINCT customer_id, valid_from, source, source_file
        FROM {stored}
        WHERE {identifier(_MARKS)} IS NOT NULL AND customer_id IS NOT NULL
            AND coalesce(opt_out, TRUE)
    """)


def _keep_malformed(
    connection: Any, content: Content, source: SourceBase, reading: Reading
) -> None:
    if not reading.malformed:
        return
    import pyarrow as pa

    secret = any(spec.pseudonymise for spec in source.columns.values())
    bad = pa.table(
        {
            "line": [row.line for row in reading.malformed],
            "reason": [row.rule if secret else row.reason for row in reading.malformed],
            "row": [_as_json(None if secret else row.text) for row in reading.malformed],
            "rule": [row.rule for row in reading.malformed],
        }
    )
    connection.register("malformed_rows", bad)
    connection.execute(
        "INSERT INTO rejected SELECT ?, line, reason, row, rule, ?, FALSE FROM malformed_rows",
        [content.source, content.label],
    )
    connection.unregister("malformed_rows")


def _as_json(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)


def _counted(connection: Any, content: Content, reading: Reading) -> Content:
    asked = "SELECT count(*) FROM {} WHERE source = ? AND source_file = ?"
    loaded, rejected = (
        int(connection.execute(asked.format(table), [content.source, content.label]).fetchone()[0])
        for table in (identifier(stored_table(content.table)), "rejected")
    )
    if reading.rows != loaded + rejected:
        raise DataError(
            f"internal: source {content.source!r} gave {reading.rows} rows, but "
            f"{loaded} were loaded and {rejected} rejected"
        )
    return content.with_counts(reading.rows, loaded, rejected)
