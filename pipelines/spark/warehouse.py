"""The warehouse's tables in Spark: the same expressions over them give the same numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

import ibis
import ibis.expr.types as ir

from features.warehouse import Warehouse
from features.warehouse.tables import HISTORIES, MOMENTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["READ", "SparkWarehouse"]

READ = frozenset({*MOMENTS, *HISTORIES, "items"} | {f"{table}_history" for table in HISTORIES})
"""The tables that features read."""


class SparkWarehouse(Warehouse):
    """A loaded warehouse whose tables Spark reads; made by `SparkWarehouse.of`.

    Loading, and the contract of the data that goes with it, stay with the embedded warehouse. What
    is known of its content (days, digest, names of tables) is taken from there.
    """

    @classmethod
    def of(cls, warehouse: Warehouse, session: "SparkSession", folder: Path) -> Self:
        """Hand the tables that features read to Spark.

        Parameters
        ----------
        warehouse : Warehouse
            Loaded; it must stay open.
        session : SparkSession
            Where the tables are read, as views with the tables' names.
        folder : Path
            Takes the tables as Parquet files; every machine of a cluster must see it, for as long
            as the tables are read.
        """
        made = cls(None, None)
        own = session.newSession()  # another warehouse has tables of the same names
        backend = ibis.pyspark.connect(own)
        for name in sorted(READ.intersection(warehouse.tables)):
            path = folder / f"{name}.parquet"
            warehouse.table(name).to_parquet(path, compression="zstd")
            backend.read_parquet(path.absolute().as_uri(), table_name=name)
        made.__dict__ |= {
            "_ibis": backend,
            "_facts": warehouse._facts,
            "tables": warehouse.tables,
            "_session": own,
            "_folder": folder,
        }
        return made

    @property
    def is_loaded(self) -> bool:
        """There is something to read."""
        return True

    @property
    def session(self) -> "SparkSession":
        """Where the tables are read."""
        found: SparkSession = self.__dict__["_session"]
        return found

    @property
    def folder(self) -> Path:
        """A folder that every machine sees, for what lies between."""
        found: Path = self.__dict__["_folder"]
        return found

    def frame(self, expression: ir.Table) -> "DataFrame":
        """Give what an expression over the tables says as a frame of Spark."""
        return self.session.sql(self.__dict__["_ibis"].compile(expression))

    def close(self) -> None:
        """Leave everything open: session, files and warehouse belong to who made them."""
