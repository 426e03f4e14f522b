"""The warehouse as a file that is replaced whole and read through Ibis."""

import fcntl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import duckdb
import ibis
import ibis.expr.types as ir

from features.sources.spec import SourceBase
from features.warehouse.loading import fill
from features.warehouse.report import LoadReport
from features.warehouse.tables import LABELS, LINE_COLUMNS
from lodeworks.errors import BudgetExceeded, DataError, LodeError
from lodeworks.files import new_file
from lodeworks.progress import Progress, Silent

__all__ = ["Warehouse"]


class Warehouse:
    """Detail of customers, items and lines; made by `Warehouse.open`.

    The file is opened for reading only, so any number of processes can use it. A load builds a
    new file aside and puts it in place when all went well; readers keep what they had opened.

    Attributes
    ----------
    path : Path or None
        The file; None for a warehouse in memory.

    Examples
    --------
    >>> with Warehouse.open(None) as warehouse:
    ...     warehouse.is_loaded
    False
    """

    def __init__(self, path: Path | None, memory_limit: str | None) -> None:
        self.path = path
        self._memory_limit = memory_limit
        self._connection: Any = None

    @classmethod
    def open(cls, path: str | Path | None, *, memory_limit: str | None = None) -> Self:
        """Open a warehouse that exists, or prepare one that does not.

        Parameters
        ----------
        path : str, Path or None
            The file; nothing is created before the first load. None keeps all in memory.
        memory_limit : str, optional
            Memory that DuckDB may use, such as ``"2GB"``; default: DuckDB's own limit.

        Raises
        ------
        LodeError
            When the file is locked by another process or is no warehouse.
        """
        warehouse = cls(Path(path) if path is not None else None, memory_limit)
        if warehouse.path is not None and warehouse.path.exists():
            warehouse._connect()
        return warehouse

    @property
    def is_loaded(self) -> bool:
        """Whether there is anything to read."""
        return self._connection is not None

    def load(self, sources: Sequence[SourceBase], progress: Progress | None = None) -> LoadReport:
        """Replace the whole content by that of `sources`, or leave everything as it was.

        Parameters
        ----------
        sources : sequence of CsvSource or ParquetSource
            What to read; at least one feeds `lines`.
        progress : Progress, optional
            Told about every source.

        Raises
        ------
        ConfigError
            When the declarations cannot be used.
        DataError
            When a file cannot be used.
        BudgetExceeded
            When DuckDB runs out of its memory.
        LodeError
            When another process is loading, or the disk is full.
        """
        with _kind_errors(self.path):
            if self.path is None:
                return self._load_in_memory(sources, progress or Silent())
            with _only_one_load(self.path), new_file(self.path) as aside:
                report = self._build(aside, sources, progress or Silent())
                self.close()
        self._connect()
        return report

    @property
    def lines(self) -> ir.Table:
        """Bought and returned lines, in their canonical columns."""
        return self.labelled_lines.select(*LINE_COLUMNS)

    @property
    def labelled_lines(self) -> ir.Table:
        """The same with what each line said about its item: name, category, department."""
        return self._ibis.table("lines").select(*LINE_COLUMNS, *LABELS)

    @property
    def items(self) -> ir.Table:
        """Items; derived from all lines when no source declares them."""
        return self._ibis.table("items")

    @property
    def customers(self) -> ir.Table:
        """Customers with ``opt_out`` and their declared attributes."""
        return self._ibis.table("customers").drop("declared")

    @property
    def declared_customers(self) -> ir.Table:
        """Identifiers of the customers that a source lists, whether they bought or not."""
        customers = self._ibis.table("customers")
        return customers.filter(customers.declared).select("customer_id")

    @property
    def rejected(self) -> ir.Table:
        """Rejected rows: source, source_line, reason, row (JSON), rule (reason without value)."""
        return self._ibis.table("rejected")

    @property
    def loads(self) -> ir.Table:
        """The sources of the last load with their hashes and counts."""
        return self._ibis.table("loads")

    @property
    def has_items(self) -> bool:
        """Whether a source declares the items, or they were derived from the lines."""
        return "items" in self._facts["declared"].split(",")

    @property
    def digest(self) -> str:
        """Hash of lines, items and customers, whatever the order of rows."""
        return self._facts["digest"]

    @property
    def first_day(self) -> date:
        """Day of the earliest line."""
        return date.fromisoformat(self._facts["first_day"])

    @property
    def last_day(self) -> date:
        """Day of the latest line."""
        return date.fromisoformat(self._facts["last_day"])

    def close(self) -> None:
        """Let go of the file; tables got before no longer answer."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self.__dict__.pop("_ibis", None)
        self.__dict__.pop("_facts", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def _ibis(self) -> Any:
        if self._connection is None:
            where = "in memory" if self.path is None else f"at {self.path}"
            raise DataError(f"the warehouse {where} is empty: load sources first")
        return ibis.duckdb.from_connection(self._connection)

    @cached_property
    def _facts(self) -> dict[str, str]:
        self._ibis  # noqa: B018  # says so when nothing is loaded
        return dict(self._connection.execute("SELECT name, value FROM facts").fetchall())

    def _connect(self) -> None:
        with _kind_errors(self.path):
            self._connection = _connect(self.path, self._memory_limit, read_only=True)
        tables = {name for (name,) in self._connection.execute("SHOW TABLES").fetchall()}
        if "facts" not in tables:
            self.close()
            raise LodeError(f"{self.path} is a DuckDB file but not a warehouse")

    def _load_in_memory(self, sources: Sequence[SourceBase], progress: Progress) -> LoadReport:
        connection = _connect(None, self._memory_limit)
        connection.execute("ATTACH ':memory:' AS staging")
        report = fill(connection, sources, progress)
        connection.execute("DETACH staging")
        self.close()
        self._connection = connection
        return report

    def _build(self, aside: Path, sources: Sequence[SourceBase], progress: Progress) -> LoadReport:
        with tempfile.TemporaryDirectory(dir=aside.parent, prefix=".loading-") as folder:
            built = Path(folder) / "warehouse.duckdb"
            connection = _connect(built, self._memory_limit)
            try:
                staging = str(built.with_name("staging.duckdb")).replace("'", "''")
                connection.execute(f"ATTACH '{staging}' AS staging")
                report = fill(connection, sources, progress)
            finally:
                connection.close()
            built.rename(aside)
        return report


def _connect(path: Path | None, memory_limit: str | None, *, read_only: bool = False) -> Any:
    settings: dict[str, Any] = {"memory_limit": memory_limit} if memory_limit else {}
    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=settings)
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@contextmanager
def _only_one_load(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        _take(lock, path)
        yield


def _take(lock: IO[str], path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LodeError(f"another process is loading {path}; try again when it is done") from error


@contextmanager
def _kind_errors(path: Path | None) -> Iterator[None]:
    where = "the warehouse in memory" if path is None else f"the warehouse {path}"
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise BudgetExceeded(f"{where} needs more memory than allowed: {error}") from error
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise LodeError(f"{where} is in use by another process") from error
        raise LodeError(f"{where} cannot be read or written: {error}") from error
    except OSError as error:
        raise LodeError(f"{where} cannot be read or written: {error}") from error
    except duckdb.Error as error:
        raise LodeError(f"{where} cannot be built: {error}") from error
