"""Tables and queries of SQL databases, fetched in batches over SQLAlchemy and never written to."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from features.sources.reading import missing_columns
from features.sources.spec import SqlSource
from features.sources.stream import Arrays, StreamedReading, columns_of
from features.sources.values import as_text
from lodeworks.errors import DataError, NotInstalled, did_you_mean
from lodeworks.files import did_you_mean_file

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult

__all__ = ["SqlReading"]

_HIDDEN = "***"


class SqlReading(StreamedReading):
    """Rows of a database that has the mapped columns; see `features.sources.reading.Reading`.

    The rows come over one cursor, so that memory holds one batch. What was fetched before a
    connection breaks is not loaded. Rows are numbered as they come.

    Parameters
    ----------
    source : SqlSource
        What was declared about the database.

    Raises
    ------
    DataError
        When the database does not answer, refuses the query, or lacks the table or mapped columns.
    NotInstalled
        When SQLAlchemy or the driver is missing.
    """

    def __init__(self, source: SqlSource) -> None:
        self._source = source
        self._where = f"source {source.name!r} ({source.path})"
        self._url = self._address()
        with self._connected() as connection:
            result = self._asked(connection)
            names = list(result.keys())
            result.close()
        super().__init__(names, self._where)
        self._check_columns()
        formats = {spec.source: spec.format for spec in source.columns.values()}
        self._formats = [formats.get(name) for name in names]

    def _check_columns(self) -> None:
        wanted = [column.source for column in self._source.columns.values()]
        twice = sorted({name for name in wanted if list(self.names).count(name) > 1})
        if twice:
            raise DataError(f"{self._where} has more than one column named {', '.join(twice)}")
        error = missing_columns(wanted, self.names, self._where)
        if error is not None:
            raise error

    def _address(self) -> "URL":
        try:
            from sqlalchemy import exc, make_url
        except ImportError as error:
            raise NotInstalled(
                f"{self._where}: databases need the extra 'sql': pip install 'lodeworks[sql]'"
            ) from error
        try:
            url = make_url(self._stated())
        except (exc.ArgumentError, ValueError):
            raise DataError(f"{self._where}: the url cannot be understood") from None
        if url.get_backend_name() == "sqlite":
            self._check_file(url.database)
        if url.drivername == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        return url

    def _stated(self) -> str:
        """Give the address, looked up in the environment where only its name is stated."""
        url = self._source.url
        if not url.startswith("${"):
            return url
        name = url[2:-1]
        if not os.environ.get(name):
            raise DataError(f"{self._where}: the environment variable {name} is not set")
        return os.environ[name]

    def _check_file(self, database: str | None) -> None:
        """Refuse a missing file, which SQLite would make."""
        if database and database != ":memory:" and not Path(database).is_file():
            raise DataError(f"{self._where}: there is no such file{did_you_mean_file(database)}")

    def _arrays(self) -> Iterator[Arrays]:
        yield from columns_of(self._rows(), len(self.names))

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        number = 0
        with self._connected() as connection:
            result = self._asked(connection)
            if list(result.keys()) != list(self.names):
                raise DataError(f"{self._where} changed its columns while it was read")
            for batch in result.partitions(self._source.batch_rows):
                for row in batch:
                    number += 1
                    cells = zip(row, self._formats, strict=True)
                    yield number, [as_text(value, format_) for value, format_ in cells]

    @contextmanager
    def _connected(self) -> "Iterator[Connection]":
        from sqlalchemy import create_engine, exc
        from sqlalchemy.pool import NullPool

        try:
            engine = create_engine(self._url, poolclass=NullPool, hide_parameters=True)
            with engine.connect() as connection:
                _use_only_to_read(connection)
                yield connection.execution_options(
                    stream_results=True,
                    max_row_buffer=self._source.batch_rows,
                    **({"postgresql_readonly": True} if self._is_postgresql else {}),
                )
        except (exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise self._no_driver(error) from None
        except (exc.SQLAlchemyError, ValueError, OverflowError) as error:
            raise self._failed(error) from None

    @property
    def _is_postgresql(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    def _asked(self, connection: "Connection") -> "CursorResult[Any]":
        from sqlalchemy import text

        if self._source.query is not None:
            result = connection.execute(text(self._query()))
        else:
            result = connection.execute(self._whole_table(connection))
        if not result.returns_rows:
            raise DataError(f"{self._where}: the query gives no rows; it must be a SELECT")
        return result

    def _query(self) -> str:
        """Give the query with its colons kept: nothing in it is a parameter."""
        return str(self._source.query).strip().rstrip(";").replace(":", "\\:")

    def _whole_table(self, connection: "Connection") -> Any:
        from sqlalchemy import inspect, select, table, text

        schema, _, name = str(self._source.table_name).rpartition(".")
        inspector = inspect(connection)
        known = [
            *inspector.get_table_names(schema or None),
            *inspector.get_view_names(schema or None),
        ]
        if name not in known:
            hint = did_you_mean(name, known) if known else "it has no tables"
            raise DataError(f"{self._where} has no table {name!r}; {hint}")
        return select(text("*")).select_from(table(name, schema=schema or None))

    def _no_driver(self, error: Exception) -> Exception:
        module = getattr(error, "name", None)
        if module is None:
            return DataError(f"{self._where}: SQLAlchemy knows no such dialect")
        return NotInstalled(f"{self._where} needs the driver {module!r}: pip install {module}")

    def _failed(self, error: Exception) -> DataError:
        """Say what the driver said, without who signed in or with what."""
        said = str(getattr(error, "orig", None) or error)
        said = " ".join(self._masked(said).split())
        if getattr(error, "connection_invalidated", False) and getattr(self, "names", None):
            return DataError(f"{self._where}: the connection was lost: {said}")
        return DataError(f"{self._where} cannot be read: {said}")

    def _masked(self, text: str) -> str:
        url = self._url
        secrets = {self._stated(), url.render_as_string(hide_password=False)}
        for word in (url.username, url.password, *_options(url)):
            secrets |= {str(word), quote(str(word)), quote_plus(str(word))} if word else set()
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text


def _options(url: "URL") -> list[str]:
    """Give what stands after the question mark and may be a secret: a number is none."""
    values = [value for values in url.normalized_query.values() for value in values]
    return [value for value in values if not value.isdecimal()]


def _use_only_to_read(connection: "Connection") -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
