"""The tables of a warehouse in Spark, for the time of one command."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from features.warehouse import Warehouse
from lodeworks.progress import Progress
from pipelines.spark.session import open_session, require_spark, spark_errors

if TYPE_CHECKING:
    from pipelines.spark.warehouse import SparkWarehouse

__all__ = ["tables_in_spark"]

_TASK = "hand the tables to Spark"
_COPY = ".spark-"


@contextmanager
def tables_in_spark(
    warehouse: Warehouse,
    master: str,
    place: Path,
    progress: Progress,
    more: Mapping[str, str] | None = None,
) -> Iterator["SparkWarehouse"]:
    """Let Spark read a loaded warehouse.

    Parameters
    ----------
    warehouse : Warehouse
        Loaded; it must stay open.
    master : str
        Where Spark runs.
    place : Path
        A folder of the caller alone, which every machine of a cluster sees. A copy of the tables
        lies in it as Parquet files until the end; one that a killed process left is removed.
    progress : Progress
        Told about what takes long.
    more : mapping of str to str, optional
        Further properties of the session.

    Yields
    ------
    SparkWarehouse

    Raises
    ------
    NotInstalled
        When pyspark or Java is missing.
    LodeError
        When Spark fails at what is done meanwhile; the message holds its last words.
    """
    require_spark()
    from pipelines.spark.warehouse import SparkWarehouse

    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f"{_COPY}*"):
        shutil.rmtree(left, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(dir=place, prefix=_COPY) as folder,
        open_session(master, progress, more) as session,
        warnings.catch_warnings(),
        spark_errors(),
    ):
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        progress.start(_TASK)
        tables = SparkWarehouse.of(warehouse, session, Path(folder))
        progress.done(_TASK)
        yield tables
