"""One load: from what the warehouse holds to what it is to hold, in a database of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from features.privacy.purge import keep_out
from features.privacy.tombstones import Forgotten
from features.sources.base import SourceBase
from features.sources.canonical import own_name
from features.sources.everything import with_all_columns
from features.sources.money import currency_problems
from features.sources.opening import file_by_file
from features.sources.reading import Reading
from features.sources.sql import identifier, literal
from features.sources.zones import zone_problems
from features.warehouse.books import (
    continue_log,
    create_books,
    held_contents,
    log,
    reasons_of,
    recount,
    write_facts,
    write_loads,
)
from features.warehouse.columns import column_problems, describe_columns, fit_tables
from features.warehouse.contents import Content, Plan, plan_load, tables_of, wanted_content
from features.warehouse.derive import derive, orphans
from features.warehouse.intake import open_content, take_in
from features.warehouse.report import LoadReport, SourceReport
from features.warehouse.tables import RESERVED, content_digest, stored_table
from lodeworks.errors import ConfigError, DataError
from lodeworks.files import did_you_mean_file
from lodeworks.progress import Progress

__all__ = ["Order", "carry_out", "plan_order", "unchanged_report"]

_TOP_REASONS = 5


@dataclass(frozen=True)
class Order:
    """What a load was asked to do.

    Attributes
    ----------
    sources : tuple of SourceBase
        What to read; a source may be many files.
    only : bool
        Whether everything else that the warehouse holds is to go.
    zone, currency : str or None
        Time zone and currency of the warehouse.
    """

    sources: tuple[SourceBase, ...]
    only: bool
    zone: str | None = None
    currency: str | None = None


def plan_order(connection: Any | None, order: Order) -> tuple[Plan, list[Content]]:
    """Find out what must be done, before anything is written.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection or None
        The warehouse as it is; None where there is none.
    order : Order
        What was asked.

    Returns
    -------
    plan : Plan
    wanted : list of Content
        The files of the sources.

    Raises
    ------
    ConfigError
        When the declarations contradict each other, or DuckDB refuses a pattern or a format.
    DataError
        When a file is not there; every file's first problem is reported at once.
    """
    _check_declarations(order)
    files = _each([*order.sources], file_by_file)
    each = [source for found in files for source in found]
    each = _each(each, with_all_columns)
    digests = _each(each, lambda source: [wanted_content(source, order.zone)])
    wanted = [content for found in digests for content in found]
    known = held_contents(connection) if connection is not None else []
    held = [content for content, same_as in known if same_as is None]
    plan = plan_load(held, [content for content, _ in known], wanted, only=order.only)
    if problems := column_problems(plan.holders):
        raise ConfigError("the sources contradict each other", problems)
    return plan, wanted


def _each(sources: Sequence[SourceBase], step: Any) -> list[Any]:
    done: list[Any] = []
    errors: list[DataError] = []
    for source in sources:
        try:
            done.append(step(source))
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            near = f"there is no such file{did_you_mean_file(source.path)}"
            said = near if missing else error.strerror or str(error)
            errors.append(DataError(f"source {source.name!r} ({source.path}): {said}"))
        except DataError as error:
            errors.append(error)
    _raise_all(errors)
    return done


def _raise_all(errors: Sequence[DataError]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DataError(f"{len(errors)} sources cannot be read", [str(error) for error in errors])


def _check_declarations(order: Order) -> None:
    sources = order.sources
    names = [source.name for source in sources]
    problems = [
        f"two sources are named {name!r}; give one of them another name"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    problems += _name_problems(sources)
    problems += currency_problems(sources, order.currency) + zone_problems(sources, order.zone)
    with duckdb.connect() as connection:
        for source in sources:
            problems += _refused_words(connection, source)
    if problems:
        raise ConfigError("the sources cannot be used", problems)


def _name_problems(sources: Sequence[SourceBase]) -> list[str]:
    own = {own_name(source.table) for source in sources} - {None}
    taken = sorted(name for name in own if name and name.lower() in RESERVED)
    return [f"own:{name}: {name!r} is a table of the warehouse" for name in taken]


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


def carry_out(
    connection: Any,
    order: Order,
    plan: Plan,
    wanted: Sequence[Content],
    forgotten: Forgotten,
    past: Sequence[tuple[Any, ...]],
    progress: Progress,
) -> LoadReport:
    """Do what the plan says.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A database that nobody else sees: empty, or a copy of the warehouse as it is.
    order, plan, wanted
        See `plan_order`.
    forgotten : Forgotten
        Customers who must not come back.
    past : sequence of tuple
        The log of earlier loads, for a database that begins empty.
    progress : Progress
        Told about every file.

    Raises
    ------
    DataError
        When a file cannot be used; every file's first problem is reported at once.
    """
    opened = _open_all(plan.read)
    create_books(connection)
    continue_log(connection, past)
    if plan.builds_on:
        _remove(connection, plan.removed)
        _move(connection, plan)
    fit_tables(connection, plan.holders, tables_of(plan.removed))
    taken = {
        content.key: _take(connection, content, reading, order.zone, progress)
        for content, reading in _lines_last(opened)
    }
    keep_out(connection, forgotten)
    derive(connection, plan.holders)
    there = {content.key: content for content in [*plan.kept, *plan.moved.values()]} | taken
    holders = recount(connection, [there[content.key] for content in plan.holders])
    for content in holders:
        if content.key in taken:
            _refuse_poor(connection, content)
    write_loads(connection, holders, plan.aliases, {*taken})
    log(connection, plan, holders)
    describe_columns(connection, holders)
    digest = content_digest(connection)
    write_facts(connection, digest, tables_of(holders), order.zone, order.currency)
    return _report(connection, wanted, holders, plan, {*taken}, digest)


def unchanged_report(connection: Any, wanted: Sequence[Content], plan: Plan) -> LoadReport:
    """Report a load that has nothing to do."""
    holders = [content for content, same_as in held_contents(connection) if same_as is None]
    (digest,) = connection.execute("SELECT value FROM facts WHERE name = 'digest'").fetchone()
    return _report(connection, wanted, holders, plan, set(), digest)


def _open_all(contents: Sequence[Content]) -> list[tuple[Content, Reading]]:
    opened, errors = [], []
    for content in contents:
        try:
            opened.append((content, open_content(content)))
        except DataError as error:
            errors.append(error)
    _raise_all(errors)
    return opened


def _lines_last(opened: Sequence[tuple[Content, Reading]]) -> list[tuple[Content, Reading]]:
    return sorted(opened, key=lambda one: one[0].table == "lines")


def _remove(connection: Any, contents: Sequence[Content]) -> None:
    for content in contents:
        for table in (stored_table(content.table), "rejected", "doubts"):
            connection.execute(
                f"DELETE FROM {identifier(table)} WHERE source = ? AND source_file = ?",
                [content.source, content.label],
            )


def _move(connection: Any, plan: Plan) -> None:
    """Give rows to the file that has the same content; through a name that no file has."""
    steps = [(former.label, f"\0{i}") for i, former in enumerate(plan.moved)]
    steps += [(f"\0{i}", now.label) for i, now in enumerate(plan.moved.values())]
    contents = [*plan.moved, *plan.moved.values()]
    for content, (former, now) in zip(contents, steps, strict=True):
        for table in (stored_table(content.table), "rejected", "doubts"):
            connection.execute(
                f"UPDATE {identifier(table)} SET source_file = ? "
                "WHERE source = ? AND source_file = ?",
                [now, content.source, former],
            )


def _take(
    connection: Any, content: Content, reading: Reading, zone: str | None, progress: Progress
) -> Content:
    task = f"load {content.source}"
    progress.start(task)
    taken = take_in(connection, content, reading, zone)
    _refuse_poor(connection, taken)
    progress.done(task, f"{taken.counts[1]} rows loaded, {taken.counts[2]} rejected")
    return taken


def _refuse_poor(connection: Any, content: Content) -> None:
    source, (rows_in, loaded, rejected) = content.spec, content.counts
    assert source is not None
    where = f"source {source.name!r} ({source.path})"
    if rows_in == 0:
        raise DataError(f"{where} holds no rows")
    if rows_in < source.min_rows:
        raise DataError(f"{where} holds {rows_in} rows; at least {source.min_rows} expected")
    if loaded and rejected / rows_in <= source.max_rejected:
        return
    reasons = list(reasons_of(connection, content).items())[:_TOP_REASONS]
    top = [f"{count} rows: {rule}" for rule, count in reasons]
    if loaded == 0:
        raise DataError(f"{where}: all {rows_in} rows were rejected", top)
    raise DataError(
        f"{where}: {rejected} of {rows_in} rows ({rejected / rows_in:.1%}) were "
        f"rejected; max_rejected allows {source.max_rejected:.1%}",
        top,
    )


def _report(
    connection: Any,
    wanted: Sequence[Content],
    holders: Sequence[Content],
    plan: Plan,
    taken: set[tuple[str, str, str]],
    digest: str,
) -> LoadReport:
    there = {content.key: content for content in holders}
    same = {other.key: holder for other, holder in plan.aliases.items()}
    reports = []
    for content in _lines_last_of(wanted):
        if content.key in same:
            status = f"same content as {same[content.key].label}"
            reports.append(_source_report(content, {}, status))
            continue
        status = "unchanged"
        if content.key in taken:
            status = "replaced" if content.key in plan.replaced else "loaded"
        held = replace(content, counts=there[content.key].counts)
        reports.append(_source_report(held, reasons_of(connection, content), status))
    return LoadReport(tuple(reports), orphans(connection), digest)


def _lines_last_of(contents: Sequence[Content]) -> list[Content]:
    return sorted(contents, key=lambda content: content.table == "lines")


def _source_report(content: Content, reasons: dict[str, int], status: str) -> SourceReport:
    rows_in, loaded, rejected = content.counts
    return SourceReport(
        source=content.source,
        table=content.table,
        path=content.path,
        sha256=content.sha256 or "",
        rows_in=rows_in,
        rows_loaded=loaded,
        rows_rejected=rejected,
        reasons=reasons,
        status=status,
    )
