"""One load: stage each source, judge its rows, keep the good ones and the bad ones."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis

from features.sources.contract import checked_query
from features.sources.csv import CsvReading
from features.sources.parquet import ParquetReading
from features.sources.reading import Reading
from features.sources.spec import CsvSource, ParquetSource, SourceBase
from features.sources.sql import identifier, literal
from features.warehouse.labels import derived_items
from features.warehouse.report import LoadReport, SourceReport
from features.warehouse.tables import LINE_COLUMNS, TABLES, content_digest
from lodeworks.errors import ConfigError, DataError
from lodeworks.files import file_digest
from lodeworks.progress import Progress

__all__ = ["fill"]

_TOP_REASONS = 5
_KEYS = {"items": "item_id", "customers": "customer_id"}


@dataclass(frozen=True)
class _Opened:
    source: SourceBase
    reading: Reading


def fill(connection: Any, sources: Sequence[SourceBase], progress: Progress) -> LoadReport:
    """Fill an empty database from `sources`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An empty database with a second, empty one attached as ``staging``.
    sources : sequence of SourceBase
        At least one of them feeds `lines`.
    progress : Progress
        Told about every source.

    Raises
    ------
    ConfigError
        When the declarations contradict each other or DuckDB refuses a pattern or a format.
    DataError
        When a file cannot be used; every file's first problem is reported at once.
    """
    _check_declarations(connection, sources)
    opened = _open_all(sources)
    _create_tables(connection, sources)
    reports = tuple(_load(connection, one, progress) for one in _lines_last(opened))
    declared = {one.source.table for one in opened}
    _derive(connection, declared)
    orphans = _orphans(connection, declared)
    report = LoadReport(reports, orphans, content_digest(connection))
    _remember(connection, report, declared)
    return report


def _check_declarations(connection: Any, sources: Sequence[SourceBase]) -> None:
    names = [source.name for source in sources]
    problems = [
        f"two sources are named {name!r}; give one of them another name"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if not any(source.table == "lines" for source in sources):
        problems.append("no source feeds the table 'lines'")
    for source in sources:
        problems += _refused_words(connection, source)
    if problems:
        raise ConfigError("the sources cannot be used", problems)


def _refused_words(connection: Any, source: SourceBase) -> list[str]:
    """Ask DuckDB about every pattern and format, before any data is touched."""
    conditions = [*source.rules, *([source.returns] if source.returns else [])]
    patterns = [c.matches or c.not_matches for c in conditions if c.matches or c.not_matches]
    formats = [column.format for column in source.columns.values() if column.format]
    problems = []
    for query, words in (("regexp_matches('', {})", patterns), ("try_strptime('', {})", formats)):
        for word in words:
            try:
                connection.execute(f"SELECT {query.format(literal(word))}").fetchall()
            except duckdb.Error as error:
                problems.append(f"source {source.name!r}: {word!r} is refused: {error}")
    return problems


def _open_all(sources: Sequence[SourceBase]) -> list[_Opened]:
    opened, errors = [], []
    for source in sources:
        try:
            opened.append(_Opened(source, _reading(source)))
        except DataError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DataError(f"{len(errors)} sources cannot be read", [str(error) for error in errors])
    return opened


def _reading(source: SourceBase) -> Reading:
    if isinstance(source, ParquetSource):
        return ParquetReading(source)
    assert isinstance(source, CsvSource)
    return CsvReading(source)


def _lines_last(opened: Sequence[_Opened]) -> list[_Opened]:
    return sorted(opened, key=lambda one: one.source.table == "lines")


def _create_tables(connection: Any, sources: Sequence[SourceBase]) -> None:
    columns = {table: dict(of) for table, of in TABLES.items()}
    for source in sources:
        if source.table == "customers":
            kinds = {name: _ATTRIBUTES[source.type_of(name)] for name in source.columns}
            columns["customers"] |= {k: v for k, v in kinds.items() if k not in TABLES["customers"]}
    for table, of in columns.items():
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in of.items())
        connection.execute(f"CREATE TABLE {identifier(table)} ({body})")


_ATTRIBUTES = {
    "text": "VARCHAR",
    "integer": "DOUBLE",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


def _load(connection: Any, one: _Opened, progress: Progress) -> SourceReport:
    source, reading = one.source, one.reading
    task = f"load {source.name}"
    progress.start(task)
    sha256 = file_digest(source.path)
    _stage(connection, source, reading)
    _reject_repeats(connection, source, len(reading.names))
    loaded = _move(connection, source, reading)
    _remember_doubts(connection, source, reading)
    report = _count(connection, source, reading, loaded, sha256)
    connection.execute("DROP TABLE staging.checked")
    _refuse_poor(source, report)
    progress.done(task, f"{report.rows_loaded} rows loaded, {report.rows_rejected} rejected")
    return report


def _stage(connection: Any, source: SourceBase, reading: Reading) -> None:
    raw = reading.relation(connection)
    query = checked_query(source, reading.names, reading.types, raw)
    try:
        connection.execute(f"CREATE TABLE staging.checked AS {query}")
    except duckdb.Error:
        if reading.failure is not None:
            raise reading.failure from None
        raise


def _reject_repeats(connection: Any, source: SourceBase, width: int) -> None:
    if source.duplicates == "reject" and width:
        _reject_duplicates(connection, width)
    if source.table in _KEYS:
        _reject_second_keys(connection, source.table, _KEYS[source.table])


def _reject_duplicates(connection: Any, width: int) -> None:
    """Compare rows exactly, but only those that share a hash: most rows are never sorted."""
    columns = ", ".join(f"c{i}" for i in range(width))
    connection.execute(f"""
        UPDATE staging.checked SET
            rule = 'the row is a duplicate', detail = 'duplicate of line ' || repeat.first
        FROM (
            SELECT line, min(line) OVER (PARTITION BY {columns}) AS first
            FROM staging.checked WHERE hash({columns}) IN (
                SELECT hash({columns}) FROM staging.checked GROUP BY 1 HAVING count(*) > 1
            )
        ) AS repeat
        WHERE checked.line = repeat.line AND repeat.first < repeat.line AND checked.rule IS NULL
    """)


def _reject_second_keys(connection: Any, table: str, key: str) -> None:
    connection.execute(f"""
        UPDATE staging.checked SET
            rule = '{key} is given twice',
            detail = '{key}: ' || chr(39) || {key} || chr(39) || ' stands in line ' || first
        FROM (
            SELECT line AS again, min(line) OVER (PARTITION BY {key}) AS first
            FROM staging.checked WHERE rule IS NULL
        )
        WHERE line = again AND first < again
    """)
    connection.execute(f"""
        UPDATE staging.checked SET
            rule = '{key} is given twice',
            detail = '{key}: ' || chr(39) || {key} || chr(39) || ' stands in another source'
        WHERE rule IS NULL AND {key} IN (SELECT {key} FROM {table})
    """)


def _move(connection: Any, source: SourceBase, reading: Reading) -> int:
    columns = {"lines": _line_columns, "items": _item_columns, "customers": _customer_columns}
    chosen = columns[source.table](source)
    names = ", ".join(map(identifier, chosen))
    (loaded,) = connection.execute(
        f"INSERT INTO {source.table} ({names}) "
        f"SELECT {', '.join(chosen.values())} FROM staging.checked WHERE rule IS NULL"
    ).fetchone()
    fields = ", ".join(f"{literal(name)}: c{i}" for i, name in enumerate(reading.names))
    connection.execute(
        f"INSERT INTO rejected SELECT {literal(source.name)}, line, detail, "
        f"CAST(to_json({{{fields}}}) AS VARCHAR), rule FROM staging.checked WHERE rule IS NOT NULL"
    )
    _keep_malformed(connection, source, reading)
    return int(loaded)


def _remember_doubts(connection: Any, source: SourceBase, reading: Reading) -> None:
    """Note customers whose rejected row says, or may say, that they opted out."""
    connection.execute("CREATE TABLE IF NOT EXISTS staging.doubtful (customer_id VARCHAR)")
    if source.table != "customers" or "opt_out" not in source.columns:
        return
    if reading.malformed:
        first = reading.malformed[0]
        raise DataError(
            f"source {source.name!r} ({source.path}) says who opted out, but"
            f" {len(reading.malformed)} of its rows cannot be read, the first in line {first.line}:"
            f" {first.reason}"
        )
    connection.execute("""
        INSERT INTO staging.doubtful SELECT DISTINCT customer_id FROM staging.checked
        WHERE rule IS NOT NULL AND customer_id IS NOT NULL AND coalesce(opt_out, TRUE)
    """)


def _keep_malformed(connection: Any, source: SourceBase, reading: Reading) -> None:
    if not reading.malformed:
        return
    import pyarrow as pa

    bad = pa.table(
        {
            "line": [row.line for row in reading.malformed],
            "reason": [row.reason for row in reading.malformed],
            "row": [json.dumps(row.text, ensure_ascii=False) for row in reading.malformed],
        }
    )
    connection.register("malformed_rows", bad)
    connection.execute(
        f"INSERT INTO rejected SELECT {literal(source.name)}, line, reason, row, "
        "'wrong number of fields' FROM malformed_rows"
    )
    connection.unregister("malformed_rows")


def _line_columns(source: SourceBase) -> dict[str, str]:
    """Give each column of `lines` from what is mapped, derived where it can be."""
    mapped = {name: identifier(name) for name in source.columns}
    quantity = f"coalesce({mapped['quantity']}, 1.0)" if "quantity" in mapped else "1.0"
    day = "strftime(ordered_at, '%Y-%m-%d')"
    order = f"customer_id || ' ' || {day}"
    price = f"amount / nullif({quantity}, 0)" if "amount" in mapped else "NULL"
    amount = f"{quantity} * price" if "price" in mapped else "0.0"
    derived = {
        "order_id": f"coalesce(order_id, {order})" if "order_id" in mapped else order,
        "quantity": quantity,
        "price": f"coalesce(price, {price})" if "price" in mapped else price,
        "amount": f"coalesce({'amount, ' if 'amount' in mapped else ''}{amount}, 0.0)",
        "source": literal(source.name),
        "source_line": "line",
        "is_return": "is_return",
    }
    order_of_columns = [*LINE_COLUMNS, *(name for name in mapped if name not in LINE_COLUMNS)]
    chosen = mapped | derived
    return {name: chosen[name] for name in order_of_columns if name in chosen}


def _item_columns(source: SourceBase) -> dict[str, str]:
    return {name: identifier(name) for name in source.columns}


def _customer_columns(source: SourceBase) -> dict[str, str]:
    chosen = {name: identifier(name) for name in source.columns} | {"declared": "TRUE"}
    chosen["opt_out"] = "coalesce(opt_out, FALSE)" if "opt_out" in source.columns else "FALSE"
    return chosen


def _count(
    connection: Any, source: SourceBase, reading: Reading, loaded: int, sha256: str
) -> SourceReport:
    counted = connection.execute(
        "SELECT rule, count(*) FROM rejected WHERE source = ? GROUP BY 1 ORDER BY 2 DESC, 1",
        [source.name],
    ).fetchall()
    report = SourceReport(
        source=source.name,
        table=source.table,
        path=source.path,
        sha256=sha256,
        rows_in=reading.rows,
        rows_loaded=loaded,
        rows_rejected=sum(count for _, count in counted),
        reasons=dict(counted),
    )
    if report.rows_in != report.rows_loaded + report.rows_rejected:
        raise DataError(
            f"internal: source {source.name!r} gave {report.rows_in} rows, but "
            f"{report.rows_loaded} were loaded and {report.rows_rejected} rejected"
        )
    return report


def _refuse_poor(source: SourceBase, report: SourceReport) -> None:
    where = f"source {source.name!r} ({source.path})"
    top = [f"{count} rows: {rule}" for rule, count in list(report.reasons.items())[:_TOP_REASONS]]
    if report.rows_in == 0:
        raise DataError(f"{where} holds no rows")
    if report.rows_in < source.min_rows:
        raise DataError(f"{where} holds {report.rows_in} rows; at least {source.min_rows} expected")
    if report.rows_loaded == 0:
        raise DataError(f"{where}: all {report.rows_in} rows were rejected", top)
    share = report.rows_rejected / report.rows_in
    if share > source.max_rejected:
        raise DataError(
            f"{where}: {report.rows_rejected} of {report.rows_in} rows ({share:.1%}) were "
            f"rejected; max_rejected allows {source.max_rejected:.1%}",
            top,
        )


def _derive(connection: Any, declared: Collection[str]) -> None:
    if "items" not in declared:
        lines = ibis.duckdb.from_connection(connection).table("lines")
        connection.execute(f"INSERT INTO items BY NAME {ibis.to_sql(derived_items(lines))}")
    connection.execute("""
        INSERT INTO customers (customer_id, opt_out, declared)
        SELECT DISTINCT customer_id, FALSE, FALSE FROM lines
        WHERE customer_id NOT IN (SELECT customer_id FROM customers)
    """)
    # Who may have opted out counts as opted out.
    connection.execute("""
        UPDATE customers SET opt_out = TRUE
        WHERE customer_id IN (SELECT customer_id FROM staging.doubtful)
    """)


def _orphans(connection: Any, declared: Collection[str]) -> dict[str, int]:
    queries = {
        "items": ("item_id", "SELECT item_id FROM items"),
        "customers": ("customer_id", "SELECT customer_id FROM customers WHERE declared"),
    }
    counted = {}
    for table, (key, known) in queries.items():
        if table in declared:
            query = f"SELECT count(*) FROM lines WHERE {key} NOT IN ({known})"
            (counted[key],) = connection.execute(query).fetchone()
    return {key: count for key, count in counted.items() if count}


def _remember(connection: Any, report: LoadReport, declared: Collection[str]) -> None:
    for one in report.sources:
        row = [one.source, one.path, one.sha256, one.rows_in, one.rows_loaded, one.rows_rejected]
        connection.execute("INSERT INTO loads VALUES (?, ?, ?, ?, ?, ?, now()::TIMESTAMP)", row)
    first, last = connection.execute(
        "SELECT min(ordered_at)::DATE, max(ordered_at)::DATE FROM lines"
    ).fetchone()
    facts = {
        "digest": report.digest,
        "first_day": str(first),
        "last_day": str(last),
        "declared": ",".join(sorted(declared)),
    }
    connection.executemany("INSERT INTO facts VALUES (?, ?)", list(facts.items()))
