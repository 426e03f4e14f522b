"""The warehouse as a file that is replaced whole and read through Ibis."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import duckdb
import ibis
import ibis.expr.types as ir

from features.connections import connect, connect_to_read
from features.privacy.compact import compact
from features.privacy.tombstones import Forgotten
from features.sources.base import SourceBase
from features.warehouse.books import FORMAT, past_loads
from features.warehouse.loading import Order, carry_out, plan_order, unchanged_report
from features.warehouse.report import LoadReport
from features.warehouse.tables import LABELS, LINE_COLUMNS
from lodeworks.errors import BudgetExceeded, ConfigError, DataError, LodeError, did_you_mean
from lodeworks.files import new_file
from lodeworks.progress import Progress, Silent

__all__ = ["Warehouse"]

_ITEM_COLUMNS = ("item_id", *LABELS, "price", "margin")
_LOADING = ".loading-"


class Warehouse:
    """Detail of customers, items and lines; made by `Warehouse.open`.

    The file is opened for reading only, so any number of processes can use it. A load builds a
    new file aside and puts it in place when all went well; readers keep what they had opened.
    `load` makes the content that of the stated sources; `add` adds files to it.

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

    def __init__(
        self,
        path: Path | None,
        memory_limit: str | None,
        timezone: str | None = None,
        currency: str | None = None,
    ) -> None:
        self.path = path
        self._memory_limit = memory_limit
        self._zone, self._currency = timezone, currency
        self._connection: Any = None

    @classmethod
    def open(
        cls,
        path: str | Path | None,
        *,
        memory_limit: str | None = None,
        timezone: str | None = None,
        currency: str | None = None,
    ) -> Self:
        """Open a warehouse that exists, or prepare one that does not.

        Parameters
        ----------
        path : str, Path or None
            The file; nothing is created before the first load. None keeps all in memory.
        memory_limit : str, optional
            Memory that DuckDB may use, such as ``"2GB"``; what does not fit goes to a folder beside
            the file. Default: DuckDB's own limit.
        timezone : str, optional
            IANA name of the zone in which loads store timestamps; default: as they stand.
        currency : str, optional
            ISO code of the money; default: that of the sources.

        Raises
        ------
        LodeError
            When the file is locked by another process or is no warehouse.
        """
        warehouse = cls(Path(path) if path is not None else None, memory_limit, timezone, currency)
        if warehouse.path is not None and warehouse.path.exists():
            warehouse._connect()
        return warehouse

    @property
    def is_loaded(self) -> bool:
        """Whether there is anything to read."""
        return self._connection is not None

    def load(self, sources: Sequence[SourceBase], progress: Progress | None = None) -> LoadReport:
        """Make the content that of `sources` and nothing else, or leave everything as it was.

        Files that the warehouse holds already, as they are and as they are declared, are not read
        again.

        Parameters
        ----------
        sources : sequence of SourceBase
            What to read; at least one feeds `lines`.
        progress : Progress, optional
            Told about every file that is read.

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
        order = Order(tuple(sources), only=True, zone=self._zone, currency=self._currency)
        return self._carry_out(order, progress or Silent())

    def add(
        self,
        sources: Sequence[SourceBase],
        progress: Progress | None = None,
        *,
        replace: bool = False,
    ) -> LoadReport:
        """Add the files of `sources` to what is there, or leave everything as it was.

        A file that was loaded as it is changes nothing; one that changed replaces its own rows.

        Parameters
        ----------
        sources : sequence of SourceBase
            What to read.
        progress : Progress, optional
            Told about every file that is read.
        replace : bool
            Begin with an empty warehouse.

        Raises
        ------
        LodeError
            As `load`; `ConfigError` also when the warehouse is in another time zone or was written
            by another version of the program.
        """
        order = Order(tuple(sources), only=False, zone=self._zone, currency=self._currency)
        if not replace:
            self._refuse_other_kind()
        return self._carry_out(order, progress or Silent(), anew=replace)

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
        """Items in their latest state; derived from all lines when no source declares them."""
        return self._ibis.table("items").select(*_ITEM_COLUMNS)

    @property
    def customers(self) -> ir.Table:
        """Customers in their latest state: ``opt_out`` and their declared attributes."""
        return self._ibis.table("customers").drop("declared")

    def items_at(self, moment: datetime) -> ir.Table:
        """Give the declared items as they were just before `moment`."""
        return self._state_at("items", moment).select(*_ITEM_COLUMNS)

    def customers_at(self, moment: datetime) -> ir.Table:
        """Give the declared customers as they were just before `moment`.

        Returns
        -------
        ibis Table
            The columns of `customers`. Who opted out by now has opted out at any earlier moment
            too: who does not want to be addressed is not.
        """
        then = self._state_at("customers", moment)
        then = then.filter(then.declared).drop("declared")
        out = self.customers.filter(lambda row: row.opt_out).select("customer_id")
        return then.mutate(opt_out=then.opt_out | then.customer_id.isin(out.customer_id))

    def table(self, name: str) -> ir.Table:
        """Give any table, such as ``contacts``, ``dates`` or one of the user's own.

        Raises
        ------
        DataError
            When there is no such table; the nearest one is offered.
        """
        if name not in self.tables:
            hint = did_you_mean(name, self.tables)
            raise DataError(f"the warehouse has no table {name!r}; {hint}")
        return self._ibis.table(name)

    @cached_property
    def tables(self) -> list[str]:
        """Names of all tables, sorted."""
        self._ibis  # noqa: B018  # says so when nothing is loaded
        return sorted(name for (name,) in self._connection.execute("SHOW TABLES").fetchall())

    @property
    def declared_customers(self) -> ir.Table:
        """Identifiers of the customers that a source lists, whether they bought or not."""
        customers = self._ibis.table("customers")
        return customers.filter(customers.declared).select("customer_id")

    @property
    def rejected(self) -> ir.Table:
        """Rejected rows: source, source_line, reason, row (JSON), rule (no value), file."""
        return self._ibis.table("rejected")

    @property
    def loads(self) -> ir.Table:
        """The files that the warehouse holds, with their hashes, declarations and counts."""
        return self._ibis.table("loads")

    @property
    def has_items(self) -> bool:
        """Whether a source declares the items, or they were derived from the lines."""
        return "items" in self._facts["declared"].split(",")

    @property
    def digest(self) -> str:
        """Hash of all content, whatever the order of rows, files and loads."""
        return self._facts["digest"]

    @property
    def first_day(self) -> date:
        """Day of the earliest line."""
        return self._day("first_day")

    @property
    def last_day(self) -> date:
        """Day of the latest line."""
        return self._day("last_day")

    def close(self) -> None:
        """Let go of the file; tables got before no longer answer."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        for remembered in ("_ibis", "_facts", "tables"):
            self.__dict__.pop(remembered, None)

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

    def _day(self, fact: str) -> date:
        if not self._facts[fact]:
            raise DataError("the warehouse holds no lines, so it has no first and no last day")
        return date.fromisoformat(self._facts[fact])

    def campaigns_at(self, moment: datetime) -> ir.Table:
        """Give the declared campaigns as they were just before `moment`, their cost too."""
        return self._state_at("campaigns", moment).drop("declared")

    def _state_at(self, table: str, moment: datetime) -> ir.Table:
        history = self._ibis.table(f"{table}_history")
        begun = history.valid_from.isnull() | (history.valid_from < moment)
        lasts = history.valid_to.isnull() | (history.valid_to >= moment)
        return history.filter(begun & lasts).drop("valid_from", "valid_to")

    def _connect(self) -> None:
        assert self.path is not None
        with _kind_errors(self.path):
            self._connection = connect_to_read(self.path, self._memory_limit)
        tables = {name for (name,) in self._connection.execute("SHOW TABLES").fetchall()}
        if "facts" not in tables:
            self.close()
            raise LodeError(f"{self.path} is a DuckDB file but not a warehouse")

    def _is_current(self) -> bool:
        """Whether what is there was written by this version, in the same time zone and money."""
        if self._connection is None:
            return False
        return all(self._facts.get(name) == value for name, value in self._kind.items())

    @property
    def _kind(self) -> dict[str, str]:
        return {
            "format": FORMAT,
            "timezone": self._zone or "",
            "currency": self._currency or "",
        }

    def _refuse_other_kind(self) -> None:
        if self._connection is None or self._is_current():
            return
        differs = [
            f"{name}: {self._facts.get(name) or 'not stated'} there, {value or 'not stated'} here"
            for name, value in self._kind.items()
            if self._facts.get(name) != value
        ]
        raise ConfigError(
            f"nothing can be added to the warehouse {self.path or 'in memory'}; load all anew",
            differs,
        )

    def _carry_out(self, order: Order, progress: Progress, *, anew: bool = False) -> LoadReport:
        with _kind_errors(self.path):
            if self.path is None:
                return self._load_in_memory(order, progress, anew=anew)
            with _only_one_load(self.path):
                self._see_the_latest()
                return self._load_file(order, progress, anew=anew)

    def _see_the_latest(self) -> None:
        """Read the file as it is now: another process may have loaded since it was opened."""
        assert self.path is not None
        _sweep(self.path)
        if self.path.exists():
            self.close()
            self._connect()

    def _load_file(self, order: Order, progress: Progress, *, anew: bool) -> LoadReport:
        assert self.path is not None
        former = None if anew or not self._is_current() else self._connection
        plan, wanted = plan_order(former, order)
        if former is not None and not plan.changes:
            return unchanged_report(former, wanted, plan)
        with new_file(self.path) as aside:
            past = past_loads(former) if former is not None else []
            forgotten = Forgotten.beside(self.path)
            job = (order, plan, wanted, forgotten, past, progress)
            report = self._build(aside, job, copy=plan.builds_on, forgotten=bool(forgotten))
            self.close()
        self._connect()
        return report

    def _load_in_memory(self, order: Order, progress: Progress, *, anew: bool) -> LoadReport:
        former = None if anew else self._connection
        plan, wanted = plan_order(former, order)
        if former is not None and not plan.changes:
            return unchanged_report(former, wanted, plan)
        used: Any = former if plan.builds_on else connect(None, self._memory_limit)
        # All or nothing: what is there can still be read should this fail.
        used.execute("BEGIN")
        try:
            report = carry_out(used, order, plan, wanted, Forgotten.beside(None), [], progress)
        except BaseException:
            used.execute("ROLLBACK")
            raise
        used.execute("COMMIT")
        if used is not self._connection:
            self.close()
        self._connection = used
        self.__dict__.pop("_facts", None)
        self.__dict__.pop("tables", None)
        return report

    def _build(self, aside: Path, job: Any, *, copy: bool, forgotten: bool) -> LoadReport:
        assert self.path is not None
        with tempfile.TemporaryDirectory(dir=aside.parent, prefix=_LOADING) as folder:
            built = Path(folder) / "warehouse.duckdb"
            if copy:
                shutil.copyfile(self.path, built)
            connection = connect(built, self._memory_limit)
            try:
                report = carry_out(connection, *job)
                connection.execute("CHECKPOINT")  # closing does it too, and hides a full disk
            finally:
                connection.close()
            if forgotten:
                # Whom the load kept out stood in it for a while: leave no block that shows them.
                compact(built)
            built.rename(aside)
        return report


def _sweep(path: Path) -> None:
    """Remove what a load that was killed left behind."""
    for left in path.parent.glob(f"{_LOADING}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        left.unlink(missing_ok=True)


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
