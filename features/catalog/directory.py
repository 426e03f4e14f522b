"""The information directory: what there is, what it means, where it is from, who reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from features.catalog.columns import ColumnFacts, column_facts
from features.catalog.lineage import read_by
from features.catalog.meanings import TABLES
from features.catalog.opening import columns_of, tables_of
from features.catalog.page import page, text_table
from features.quality.columns import column_quality
from features.sources.sql import identifier
from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["Column", "Directory", "TableFacts", "directory"]

_LOADS = ("source", "path", "sha256", "rows_in", "rows_loaded", "rows_rejected", "loaded_at")
_QUALITY = ("completeness", "validity", "uniqueness", "latest")


@dataclass(frozen=True)
class Column:
    """One column: what was declared, how good it is, and who reads it.

    Attributes
    ----------
    facts : ColumnFacts
        Meaning, tag, sources, rules.
    quality : mapping
        ``rows``, ``filled``, ``completeness``, ``validity``, ``distinct``, ``uniqueness``,
        ``latest``.
    read_by : tuple of str
        Families of indicators, marts and lists.
    """

    facts: ColumnFacts
    quality: Mapping[str, Any]
    read_by: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        plain = asdict(self.facts) | {"quality": dict(self.quality), "read_by": list(self.read_by)}
        return plain | {"sources": [list(pair) for pair in self.facts.sources]}


@dataclass(frozen=True)
class TableFacts:
    """One table.

    Attributes
    ----------
    name, meaning : str
        What it is.
    rows : int
        How many it has.
    columns : tuple of Column
        In their order.
    """

    name: str
    meaning: str
    rows: int
    columns: tuple[Column, ...]

    @property
    def sources(self) -> list[str]:
        """Names of the sources that feed it."""
        return sorted({source for column in self.columns for source, _ in column.facts.sources})

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "name": self.name,
            "meaning": self.meaning,
            "rows": self.rows,
            "sources": self.sources,
            "columns": [column.to_dict() for column in self.columns],
        }


@dataclass(frozen=True)
class Directory:
    """What was asked about: all tables, one table, or one column of it.

    Attributes
    ----------
    tables : tuple of TableFacts
        The tables, or the one that was asked for.
    loads : pandas.DataFrame
        The files that the content came from.
    column : str or None
        The column that was asked for.
    """

    tables: tuple[TableFacts, ...]
    loads: pd.DataFrame = field(repr=False)
    column: str | None = None
    whole: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        loads = self.loads.astype(object).where(self.loads.notna(), None).to_dict("records")
        return {"tables": [table.to_dict() for table in self.tables], "loads": loads}

    def text(self) -> str:
        """Give it as text for a person."""
        if self.whole:
            return "\n".join([text_table(_table_list(self.tables)), "", text_table(self._files())])
        (table,) = self.tables
        if self.column is not None:
            return _one_column(table.columns[0])
        lead = f"{table.name}: {table.meaning} ({table.rows} rows)"
        return "\n".join([lead, "", text_table(_column_list(table.columns))])

    def html(self) -> str:
        """Give it as one page that needs nothing else."""
        sections = [("Tables", _table_list(self.tables)), ("Loads", self._files())]
        sections += [(f"Table {one.name}", _column_list(one.columns)) for one in self.tables]
        return page("Information directory", [], sections)

    def _files(self) -> pd.DataFrame:
        short = self.loads.copy()
        if "sha256" in short:
            short["sha256"] = short["sha256"].astype("string").str[:12]
        return short


def directory(
    connection: Any, table: str | None = None, column: str | None = None, *, today: date
) -> Directory:
    """Describe a warehouse.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse of any version; see `features.catalog.open_read_only`.
    table, column : str, optional
        Describe only this; default: everything.
    today : datetime.date
        The day that quality is judged on.

    Raises
    ------
    ConfigError
        When there is no such table or column; the nearest name is offered.
    """
    names = _asked(tables_of(connection), table)
    facts = [one for one in column_facts(connection) if one.table in names]
    if column is not None:
        _refuse_unknown(column, [one.column for one in facts], f"column of {table!r}")
        facts = [one for one in facts if one.column == column]
    figures = column_quality(connection, names, today).set_index(["table", "column"])
    described = tuple(_describe(connection, name, facts, figures) for name in names)
    return Directory(described, _loads(connection, table), column, whole=table is None)


def _asked(known: list[str], table: str | None) -> list[str]:
    if table is None:
        return known
    _refuse_unknown(table, known, "table")
    return [table]


def _refuse_unknown(given: str, known: list[str], what: str) -> None:
    if given not in known:
        raise ConfigError(f"there is no {what} called {given!r}; {did_you_mean(given, known)}")


def _describe(
    connection: Any, table: str, facts: list[ColumnFacts], figures: pd.DataFrame
) -> TableFacts:
    (rows,) = connection.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone()
    columns = tuple(
        Column(one, _figures(figures, table, one.column), _read_by(table, one.column))
        for one in facts
        if one.table == table
    )
    return TableFacts(table, TABLES.get(table, "a table of your own"), rows, columns)


def _figures(figures: pd.DataFrame, table: str, column: str) -> dict[str, Any]:
    found: Any = figures.loc[(table, column)]
    wanted = ("rows", "filled", "completeness", "validity", "distinct", "uniqueness", "latest")
    return {name: None if pd.isna(found[name]) else _plain(found[name]) for name in wanted}


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _read_by(table: str, column: str) -> tuple[str, ...]:
    stored = table.removesuffix("_history").removesuffix("_rows")
    return read_by(stored, column)


def _loads(connection: Any, table: str | None) -> pd.DataFrame:
    known = columns_of(connection, "loads")
    listed = ", ".join(name for name in _LOADS if name in known)
    of_table = table is not None and "table_name" in known
    where = "WHERE replace(table_name, 'own:', '') = ?" if of_table else ""
    asked = f"SELECT {listed} FROM loads {where} ORDER BY ALL"
    return connection.execute(asked, [table] if of_table else []).df()


def _table_list(tables: Iterable[TableFacts]) -> pd.DataFrame:
    rows = [
        (one.name, one.rows, len(one.columns), ", ".join(one.sources), one.meaning)
        for one in tables
    ]
    return pd.DataFrame(rows, columns=["table", "rows", "columns", "sources", "meaning"])


def _column_list(columns: Iterable[Column]) -> pd.DataFrame:
    rows = [
        (
            one.facts.column,
            one.facts.type,
            one.facts.tag or "undeclared",
            *(one.quality[name] for name in _QUALITY),
            ", ".join(name.removeprefix("indicators: ") for name in one.read_by),
            one.facts.meaning,
        )
        for one in columns
    ]
    return pd.DataFrame(rows, columns=["column", "type", "tag", *_QUALITY, "read by", "meaning"])


def _one_column(column: Column) -> str:
    facts = column.facts
    told = {
        "column": f"{facts.table}.{facts.column}",
        "type": facts.type,
        "meaning": facts.meaning or "not declared",
        "tag": facts.tag or "undeclared",
        "sources": ", ".join(f"{source}: {name}" for source, name in facts.sources) or "derived",
        "rules": "; ".join(facts.rules) or "none",
        "read by": ", ".join(column.read_by) or "nothing",
        **{name: value for name, value in column.quality.items() if value is not None},
    }
    return "\n".join(f"{name:<12}  {value}" for name, value in told.items())
