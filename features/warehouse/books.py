"""The books of a warehouse: which files it holds, what became of their rows, when, and facts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from features.warehouse.contents import Content, Plan
from features.warehouse.tables import BOOKS, create_table

__all__ = [
    "FORMAT",
    "continue_log",
    "create_books",
    "held_contents",
    "log",
    "past_loads",
    "reasons_of",
    "recount",
    "write_facts",
    "write_loads",
]

FORMAT = "3"
"""Raised when the tables change; a warehouse of another format is loaded anew."""


def create_books(connection: Any) -> None:
    """Create the tables about the loads unless they are there."""
    for table, columns in BOOKS.items():
        create_table(connection, table, columns)


def past_loads(connection: Any) -> list[tuple[Any, ...]]:
    """Give the rows of `load_log`."""
    rows: list[tuple[Any, ...]] = connection.execute("SELECT * FROM load_log").fetchall()
    return rows


def continue_log(connection: Any, past: Sequence[tuple[Any, ...]]) -> None:
    """Write the log of earlier loads into a warehouse that begins empty."""
    (rows,) = connection.execute("SELECT count(*) FROM load_log").fetchone()
    if past and not rows:
        connection.executemany("INSERT INTO load_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", past)


def held_contents(connection: Any) -> list[tuple[Content, str | None]]:
    """List the files that a warehouse knows, and for each the file that holds the same, if any."""
    rows = connection.execute("""
        SELECT source, table_name, kind, path, effective, sha256, fingerprint, declaration,
            rows_in, rows_loaded, rows_rejected, same_as
        FROM loads ORDER BY source, path, effective
    """).fetchall()
    return [(_content(row), row[11]) for row in rows]


def _content(row: tuple[Any, ...]) -> Content:
    source, table, kind, path, effective, sha256, fingerprint, declaration, *counts = row[:11]
    content = Content(source, table, kind, path, effective, sha256, fingerprint, declaration)
    return content.with_counts(*counts)


def reasons_of(connection: Any, content: Content) -> dict[str, int]:
    """Count the rejected rows of a file by reason, the most frequent first."""
    return dict(
        connection.execute(
            "SELECT rule, count(*) FROM rejected WHERE source = ? AND source_file = ? "
            "GROUP BY 1 ORDER BY 2 DESC, 1",
            [content.source, content.label],
        ).fetchall()
    )


def recount(connection: Any, contents: Sequence[Content]) -> list[Content]:
    """Count rejected rows again: another file may have made a record the second of its name."""
    across = {
        (source, file): count
        for source, file, count in connection.execute(
            "SELECT source, source_file, count(*) FROM rejected GROUP BY 1, 2"
        ).fetchall()
    }
    found = []
    for content in contents:
        rows_in, rejected = content.counts[0], across.get((content.source, content.label), 0)
        found.append(content.with_counts(rows_in, rows_in - rejected, rejected))
    return found


def write_loads(
    connection: Any,
    holders: Sequence[Content],
    aliases: Mapping[Content, Content],
    taken: set[tuple[str, str, str]],
) -> None:
    """Write the table `loads`: one row a file; files read earlier keep their time."""
    before = {
        (source, path, str(effective or "")): at
        for source, path, effective, at in connection.execute(
            "SELECT source, path, effective, loaded_at FROM loads"
        ).fetchall()
    }
    (now,) = connection.execute("SELECT now()::TIMESTAMP").fetchone()
    connection.execute("DELETE FROM loads")
    rows: list[tuple[Content, str | None]] = [(content, None) for content in holders]
    rows += [(content, holder.label) for content, holder in aliases.items()]
    for content, same_as in sorted(rows, key=lambda row: row[0].key):
        at = now if content.key in taken else before.get(content.key, now)
        connection.execute(
            "INSERT INTO loads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                content.source, content.table, content.kind, content.path, content.effective,
                content.sha256, content.fingerprint, content.declaration, content.label, same_as,
                *((0, 0, 0) if same_as else content.counts), at,
            ],
        )  # fmt: skip


def log(connection: Any, plan: Plan, holders: Sequence[Content]) -> None:
    """Add to `load_log` what this load did."""
    counted = {content.key: content for content in holders}
    read = {content.key for content in plan.read}
    done = [
        ("replaced" if content.key in plan.replaced else "loaded", counted[content.key])
        for content in plan.read
    ]
    gone = {c.key for c in plan.aliases} | {c.key for c in plan.moved}
    done += [("removed", c) for c in plan.removed if c.key not in read and c.key not in gone]
    done += [("same content", content) for content in plan.aliases]
    for action, content in done:
        connection.execute(
            "INSERT INTO load_log VALUES (now()::TIMESTAMP, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                action, content.source, content.path, content.effective, content.sha256,
                *content.counts,
            ],
        )  # fmt: skip


def write_facts(
    connection: Any, digest: str, tables: Sequence[str], zone: str | None, currency: str | None
) -> None:
    """Write what can be asked without reading the tables."""
    first, last = _span(connection)
    facts = {
        "format": FORMAT,
        "digest": digest,
        "first_day": str(first or ""),
        "last_day": str(last or ""),
        "declared": ",".join(tables),
        "timezone": zone or "",
        "currency": currency or "",
    }
    connection.execute("DELETE FROM facts")
    connection.executemany("INSERT INTO facts VALUES (?, ?)", list(facts.items()))


def _span(connection: Any) -> tuple[date | None, date | None]:
    first, last = connection.execute(
        "SELECT min(ordered_at)::DATE, max(ordered_at)::DATE FROM lines"
    ).fetchone()
    return first, last
