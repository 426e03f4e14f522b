"""A cut in parts: files that each hold everything about some of its customers, and no one else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.indicators.category import categories_of
from features.sources.sql import literal

__all__ = ["Parted", "Weight", "split"]


@dataclass(frozen=True)
class Weight:
    """How much fits into a part.

    Attributes
    ----------
    customer, line : float
        What a customer and a purchased line count.
    most : float
        What a part may count; one with a single customer may count more.
    """

    customer: float = 1.0
    line: float = 0.0
    most: float = 50_000.0


@dataclass(frozen=True)
class Parted:
    """What `split` wrote.

    Attributes
    ----------
    folder : Path
        Where the files are.
    sizes : tuple of int
        Customers of each part; parts follow one another by the identifiers of their customers.
    as_of : datetime.date
        The last day that can be seen.
    observe : int or None
        Days that can be seen.
    tables : tuple of str
        The tables that were split.
    categories : tuple of str
        See `Cut`.
    """

    folder: Path
    sizes: tuple[int, ...]
    as_of: date
    observe: int | None
    tables: tuple[str, ...]
    categories: tuple[str, ...]

    def table(self, number: int, name: str, backend: Any) -> ir.Table:
        """Give the rows of a table that are about the customers of one part."""
        parts = self.folder / name / f"part={number}"
        files = [self.folder / f"{name}.parquet", *sorted(parts.glob("*.parquet"))]
        return backend.read_parquet([str(file) for file in files], hive_partitioning=False)

    def cut(self, number: int, backend: Any) -> Cut:
        """Give the cut of one part, as Ibis tables of a DuckDB backend of its own."""
        lines = self.table(number, "lines", backend)
        held = {name: self.table(number, name, backend) for name in self.tables}
        return Cut(
            as_of=self.as_of,
            observe=self.observe,
            lines=lines.filter(~lines.is_return),
            returns=lines.filter(lines.is_return),
            items=backend.read_parquet(str(self.folder / "items.parquet")),
            customers=held["customers"],
            subjects={
                name.removeprefix("subject_"): table
                for name, table in held.items()
                if name.startswith("subject_")
            },
            categories=self.categories,
        )


def split(
    cut: Cut, folder: Path, weight: Weight, others: Mapping[str, ir.Table] | None = None
) -> Parted:
    """Write the tables of a cut in parts, customer by customer in the order of identifiers.

    DuckDB does it in the memory that it may use, whatever the size of the tables.

    Parameters
    ----------
    cut : Cut
        Of a warehouse in DuckDB. Only customers who bought something are kept.
    folder : Path
        Empty.
    weight : Weight
        Where a part ends.
    others : mapping of str to ibis Table, optional
        Further tables with a ``customer_id``.
    """
    backend = cut.lines.get_backend()
    connection = backend.con
    connection.execute(f"SET temp_directory = {literal(str(folder / 'spilled'))}")
    _number(connection, cut, weight)
    tables = {
        "lines": cut.lines.union(cut.returns),
        "customers": cut.customers,
        **{f"subject_{name}": table for name, table in cut.subjects.items()},
        **(others or {}),
    }
    kept = {name: table for name, table in tables.items() if "customer_id" in table.columns}
    for name, table in kept.items():
        _write(connection, name, table, folder)
    items = ibis.to_sql(cut.items.select("item_id", "item_name", "category", "department"))
    _copy(connection, items, folder / "items.parquet")
    sizes = connection.execute(
        "SELECT count(*) FROM temp.parts GROUP BY part ORDER BY part"
    ).fetchall()
    return Parted(
        folder=folder,
        sizes=tuple(size for (size,) in sizes),
        as_of=cut.as_of,
        observe=cut.observe,
        tables=tuple(kept),
        categories=tuple(categories_of(cut)),
    )


def _number(connection: Any, cut: Cut, weight: Weight) -> None:
    """Give every customer a part; each begins where the former is full."""
    lines = ibis.to_sql(cut.lines.select("customer_id"))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE parts AS
        WITH weights AS (
            SELECT customer_id, {weight.customer} + {weight.line} * count(*) AS weight
            FROM ({lines}) GROUP BY customer_id
        ), places AS (
            SELECT customer_id, weight,
                floor((sum(weight) OVER (ORDER BY customer_id) - weight) / {weight.most}) AS place
            FROM weights
        )
        SELECT customer_id, dense_rank() OVER (ORDER BY place) - 1 AS part FROM places
    """)


def _write(connection: Any, name: str, table: ir.Table, folder: Path) -> None:
    query = ibis.to_sql(table)
    _copy(connection, f"SELECT * FROM ({query}) LIMIT 0", folder / f"{name}.parquet")
    connection.execute(f"""
        COPY (
            SELECT rows.*, parts.part FROM ({query}) AS rows JOIN temp.parts USING (customer_id)
        ) TO {literal(str(folder / name))} (FORMAT parquet, PARTITION_BY (part))
    """)


def _copy(connection: Any, query: str, path: Path) -> None:
    connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")
