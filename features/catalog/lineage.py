"""Which indicators and marts read which columns, found in the queries themselves."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from features.sources.canonical import CANONICAL, DUCKDB_TYPES
from features.sources.sql import identifier
from features.warehouse.tables import ORIGIN

__all__ = ["STATED", "columns_read", "read_by", "readers"]

STATED: Mapping[str, tuple[str, ...]] = {
    "recommenders": (
        "lines.customer_id",
        "lines.item_id",
        "lines.order_id",
        "lines.ordered_at",
        "lines.quantity",
        "lines.amount",
        "lines.is_return",
    ),
    "list": ("customers.customer_id", "customers.opt_out", "items.price", "items.margin"),
    "reasons and report": ("items.item_name", "items.category"),
}
"""What is read other than by a query of a family: the lists and what is written about them."""

_OWN = "attribute"  # stands in the small warehouse for every attribute of the user's own
_NOT_OWN = {*CANONICAL["customers"], "declared", "valid_to", *ORIGIN}

# One row, because some families ask which categories or questions there are.
_VALUES = {
    "VARCHAR": "'x'",
    "BOOLEAN": "FALSE",
    "TIMESTAMP": "'2020-01-01'",
    "DATE": "'2020-01-01'",
}


@cache
def readers() -> Mapping[str, tuple[str, ...]]:
    """Give the columns that each reader reads, as ``table.column``, by the name of the reader.

    ``customers.*`` are all attributes that a user declares of customers.

    The families of indicators are asked for their queries over small tables of the right shape, so
    that what is told here cannot differ from what they do.
    """
    from features.indicators.registry import KNOWN
    from features.marts.registry import MARTS

    connection, schema = _small_warehouse()
    cut = _cut(connection)
    found = {
        f"{'mart' if name in MARTS else 'indicators'}: {name}": _whole(
            columns_read(family(cut), schema)
        )
        for name, family in KNOWN.items()
    }
    connection.close()
    return found | dict(STATED)


def read_by(table: str, column: str) -> tuple[str, ...]:
    """Name the readers of one column.

    Examples
    --------
    >>> "indicators: returns" in read_by("lines", "is_return")
    True
    >>> read_by("customers", "town"), read_by("customers", "source_line")
    (('indicators: attributes',), ())
    """
    names = {f"{table}.{column}"}
    if table == "customers" and column not in _NOT_OWN:
        names.add("customers.*")
    return tuple(reader for reader, reads in readers().items() if names & {*reads})


def _whole(reads: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("customers.*" if name == f"customers.{_OWN}" else name for name in reads)


def columns_read(expression: Any, schema: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Find the columns of stored tables that a query needs.

    Parameters
    ----------
    expression : ibis Table or None
        A query; None reads nothing.
    schema : mapping of str to mapping
        Columns and types of each stored table.

    Returns
    -------
    tuple of str
        ``table.column``, sorted. What is selected on the way and never used is left out.
    """
    if expression is None:
        return ()
    import ibis
    import sqlglot
    from sqlglot.optimizer.pushdown_projections import pushdown_projections
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    parsed = sqlglot.parse_one(str(ibis.to_sql(expression, dialect="duckdb")), read="duckdb")
    shape = {table: dict(columns) for table, columns in schema.items()}
    needed = pushdown_projections(qualify(parsed, schema=shape, dialect="duckdb"), schema=shape)
    return tuple(sorted({name for scope in traverse_scope(needed) for name in _stored(scope)}))


def _stored(scope: Any) -> set[str]:
    from sqlglot import expressions

    found = ((scope.sources.get(column.table), column.name) for column in scope.columns)
    return {
        f"{source.name}.{name}" for source, name in found if isinstance(source, expressions.Table)
    }


def _small_warehouse() -> tuple[Any, dict[str, dict[str, str]]]:
    import duckdb

    from features.warehouse.tables import LABELS, LINE_COLUMNS

    connection = duckdb.connect()
    schema = {
        table: {name: DUCKDB_TYPES[kind] for name, kind in columns.items()}
        for table, columns in CANONICAL.items()
    }
    schema["lines"] = LINE_COLUMNS | LABELS
    schema["customers"][_OWN] = "DOUBLE"
    for table, columns in schema.items():
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {identifier(table)} ({body})")
        row = ", ".join(_VALUES.get(kind, "1") for kind in columns.values())
        connection.execute(f"INSERT INTO {identifier(table)} VALUES ({row})")
    return connection, schema


def _cut(connection: Any) -> Any:
    import ibis

    from features.cut import Cut
    from features.warehouse.tables import LINE_COLUMNS, MOMENTS

    tables = ibis.duckdb.from_connection(connection)
    lines = tables.table("lines").select(*LINE_COLUMNS)
    return Cut(
        as_of=date(2020, 6, 30),
        observe=None,
        lines=lines.filter(~lines.is_return),
        returns=lines.filter(lines.is_return),
        items=tables.table("items"),
        customers=tables.table("customers").drop("valid_from"),
        subjects={name: tables.table(name) for name in MOMENTS if name != "lines"},
    )
