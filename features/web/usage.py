"""A log worked up once: every table of web usage in one database that may spill to disk."""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.privacy.pseudonym import pseudonym
from features.web.log import load_hits
from features.web.requests import with_kind
from features.web.robots import PAGES_A_MINUTE, too_fast
from features.web.sessions import INACTIVITY, sessions, with_sessions
from features.web.visitors import USER, VisitorBy, visitors, with_key
from lodeworks.errors import BudgetExceeded, DataError
from lodeworks.progress import Progress

__all__ = ["WebUsage"]

MEMORY = "1GB"
_BATCH = 100_000


class WebUsage:
    """Requests, visitors, page views and sessions of access logs; made by `WebUsage.open`.

    Attributes
    ----------
    lines : int
        Lines read.
    hits : ibis Table
        Requests with ``page`` and ``kind``.
    rejected : ibis Table
        Lines that are no requests: ``file``, ``line``, ``reason``.
    visitors : ibis Table
        ``visitor``, ``visitor_id``, ``first_seen``, ``robot_by`` (``agent``, ``robots.txt``,
        ``speed`` or null), ``is_robot``.
    views : ibis Table
        Page views with ``visitor_id``, ``session_id``, ``position``, ``at`` (UTC), ``page``,
        ``referrer``, ``user``, ``is_robot``.
    sessions : ibis Table
        See `features.web.sessions`.
    """

    def __init__(self, database: Any, lines: int) -> None:
        self._tables = ibis.duckdb.from_connection(database)
        self.lines = lines

    @classmethod
    @contextmanager
    def open(
        cls,
        paths: Sequence[Path],
        *,
        inactivity: timedelta = INACTIVITY,
        visitor_by: VisitorBy = "agent",
        pages_a_minute: int = PAGES_A_MINUTE,
        key: bytes | None = None,
        memory_limit: str = MEMORY,
        progress: Progress | None = None,
    ) -> "Iterator[WebUsage]":
        """Read logs into a database that is gone at the end of the block.

        Parameters
        ----------
        paths : sequence of Path
            See `features.web.load_hits`.
        inactivity : datetime.timedelta
            Longest pause within a session.
        visitor_by : {'agent', 'user'}
            See `features.web.with_key`.
        pages_a_minute : int
            More than these within a minute are a robot's.
        key : bytes, optional
            Visitors are named by a keyed hash, the same in every log; default: by their number
            in these logs.
        memory_limit : str
            Memory that DuckDB may use; what is more goes to a temporary folder.
        progress : Progress, optional
            Told about every file.

        Raises
        ------
        DataError
            When a file cannot be used.
        BudgetExceeded
            When the memory does not suffice.
        """
        with _database(memory_limit) as database:
            lines = load_hits(database, paths, progress)
            usage = cls(database, lines)
            usage._work_up(database, inactivity, visitor_by, pages_a_minute, key)
            yield usage

    @property
    def hits(self) -> ir.Table:
        """Requests."""
        return with_kind(self._tables.table("hits"))

    @property
    def rejected(self) -> ir.Table:
        """Lines that are no requests."""
        return self._tables.table("rejected")

    @property
    def visitors(self) -> ir.Table:
        """Who made the requests."""
        return self._tables.table("visitors").drop("key")

    @property
    def views(self) -> ir.Table:
        """Views of pages."""
        return self._tables.table("views")

    @property
    def sessions(self) -> ir.Table:
        """Visits."""
        return self._tables.table("sessions")

    @property
    def users(self) -> list[str]:
        """Signed-in users who are visitors; none unless visitors are told apart by user."""
        keys = self._tables.table("visitors").key
        named = keys.execute()
        return [key.removeprefix(USER) for key in named if key.startswith(USER)]

    def leave_out(self, users: Collection[str]) -> None:
        """Take users out of the visitors, views and sessions; counts of requests stay."""
        keys = pa.table({"key": pa.array([USER + user for user in users], pa.string())})
        out = self._tables.con.cursor()
        out.register("left_out", keys)
        visitors = "SELECT visitor_id FROM visitors SEMI JOIN left_out USING (key)"
        for table in ("views", "sessions", "visitors"):
            out.execute(f"DELETE FROM {table} WHERE visitor_id IN ({visitors})")

    def _work_up(
        self,
        database: Any,
        inactivity: timedelta,
        by: VisitorBy,
        pages_a_minute: int,
        key: bytes | None,
    ) -> None:
        hits = with_key(self.hits, by)
        people = self._kept("people", visitors(hits))
        seen = self._kept("seen", _viewed(hits, people))
        _name(database, key)
        fast = self._kept("fast", too_fast(seen, pages_a_minute))
        named = people.inner_join(self._tables.table("names"), "visitor")
        self._kept("visitors", _judged(named, fast))
        viewed = seen.inner_join(
            self.visitors.select("visitor", "visitor_id", "is_robot"), "visitor"
        )
        self._kept("views", with_sessions(viewed, inactivity).drop("visitor"))
        self._kept("sessions", sessions(self.views))

    def _kept(self, name: str, table: ir.Table) -> ir.Table:
        return self._tables.create_table(name, table)


def _viewed(hits: ir.Table, people: ir.Table) -> ir.Table:
    pages = hits.filter(hits.kind == "page")
    return pages.inner_join(people.select("key", "visitor"), "key").select(
        "visitor", "place", "at", "page", "referrer", "user"
    )


def _judged(people: ir.Table, fast: ir.Table) -> ir.Table:
    quick = people.visitor.isin(fast.visitor).ifelse("speed", None)
    judged = people.mutate(robot_by=people.robot_by.coalesce(quick))
    return judged.mutate(is_robot=judged.robot_by.notnull())


def _name(database: Any, key: bytes | None) -> None:
    """Give every visitor a name that does not tell the address."""
    if key is None:
        database.execute(
            "CREATE TABLE names AS SELECT visitor, 'v' || visitor AS visitor_id FROM people"
        )
        return
    database.execute("CREATE TABLE names (visitor BIGINT, visitor_id VARCHAR)")
    rows = database.cursor().sql("SELECT visitor, key FROM people")
    for batch in rows.to_arrow_reader(_BATCH):
        names = pseudonym(batch["key"].to_pylist(), key)
        arrow = pa.table({"visitor": batch["visitor"], "visitor_id": names.tolist()})
        database.register("named", arrow)
        database.execute("INSERT INTO names SELECT visitor, visitor_id FROM named")
        database.unregister("named")


@contextmanager
def _database(memory_limit: str) -> Iterator[Any]:
    """Give an empty database on disk, and put its failures into words."""
    with tempfile.TemporaryDirectory(prefix="lode-web-") as folder:
        connection = duckdb.connect(
            str(Path(folder) / "web.duckdb"), config={"memory_limit": memory_limit}
        )
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        try:
            yield connection
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except duckdb.OutOfMemoryException as error:
            raise BudgetExceeded(
                f"the logs need more memory than {memory_limit}: {error}"
            ) from error
        except duckdb.Error as error:
            raise DataError(f"the logs cannot be worked up: {error}") from error
        finally:
            connection.close()
