"""The rows of a list, made by Spark and written to a folder that appears whole or not at all."""

import math
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.windows import Window
from lodeworks.errors import DataError
from lodeworks.files import new_folder
from pipelines.crosssell.parts import PartScorer
from pipelines.lists.control import control_group
from pipelines.lists.policy import Refusals, apply_policy
from pipelines.lists.writer import ARROW_TYPES, DRAWN
from pipelines.spark.customers import customer_frame
from pipelines.spark.parts import OfferTask, RowTask, TellTask
from pipelines.spark.shipment import pack

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipelines.spark.warehouse import SparkWarehouse

__all__ = ["OFFERS", "PART", "chosen_of", "write_rows"]

PART = 50_000
"""Customers of a partition, at most, about."""

KEY = "customer_id"
OFFERS = (
    (KEY, "string"),
    ("item", "int32"),
    ("category", "int32"),
    ("score", "float64"),
    ("probability", "float64"),
    ("expected_margin", "float64"),
)
SPARK_TYPES = {
    "string": "StringType",
    "int16": "ShortType",
    "int32": "IntegerType",
    "float64": "DoubleType",
}


def write_rows(
    tables: "SparkWarehouse",
    part: PartScorer,
    window: Window,
    out: Path,
    *,
    bundle: Path,
    families: list[str],
    columns: list[str],
) -> Refusals | None:
    """Make the rows of all customers and write them as partitioned Parquet.

    Parameters
    ----------
    tables : SparkWarehouse
        What is known.
    part : PartScorer
        What makes rows; it is not sent as it is, but as the sealed files it was made from.
    window : Window
        The dates.
    out : Path
        The folder; an existing one is replaced.
    bundle : Path
        The folder of the model.
    families, columns : list of str
        Indicators that the model was trained with.

    Returns
    -------
    Refusals or None
        What the policy kept out, where a limit holds for all customers together.
    """
    task = _ship(tables, part, window, bundle)
    customers = customer_frame(tables, window, families, columns)
    parts = max(1, math.ceil(part.facts.customers / PART), _cores(tables))
    customers = customers.repartition(parts, KEY).sortWithinPartitions(KEY)
    types = tuple((ARROW_TYPES | (DRAWN if part.spec.policy.explore else {})).items())
    if part.is_final:
        _write(_made(customers, RowTask(*task, types)), out)
        return None
    place = tables.folder
    kept = _stored(customers, place / "customer_rows")
    _stored(_made(kept, OfferTask(*task, OFFERS)), place / "offers")
    chosen, refusals = chosen_of(pd.read_parquet(place / "offers"), part)
    chosen.to_parquet(place / "chosen.parquet", index=False)
    told = _with_chosen(kept, place / "chosen.parquet", parts)
    _write(_made(told, TellTask(*task, types)), out)
    return refusals


def _cores(tables: "SparkWarehouse") -> int:
    return int(tables.session.sparkContext.defaultParallelism)


def _ship(
    tables: "SparkWarehouse", part: PartScorer, window: Window, bundle: Path
) -> tuple[str, str]:
    """Send the model and the facts to every machine of the cluster."""
    folder = Path(tempfile.mkdtemp(dir=tables.folder))
    seal = pack(folder, bundle, part, window)
    name = f"lode-{seal[:16]}"
    archive = shutil.make_archive(str(tables.folder / name), "zip", folder)
    tables.session.sparkContext.addArchive(f"{Path(archive).absolute().as_uri()}#{name}")
    return name, seal


def _made(customers: "DataFrame", task: Any) -> "DataFrame":
    from pyspark.sql import types as spark

    fields = [
        spark.StructField(name, getattr(spark, SPARK_TYPES[kind])()) for name, kind in task.types
    ]
    return customers.mapInArrow(task, spark.StructType(fields))


def _stored(frame: "DataFrame", folder: Path) -> "DataFrame":
    """Write a frame, so that nothing is computed twice, and read it back."""
    address = folder.absolute().as_uri()
    frame.write.mode("overwrite").option("compression", "zstd").parquet(address)
    return frame.sparkSession.read.parquet(address)


def _write(rows: "DataFrame", out: Path) -> None:
    with new_folder(out) as aside:
        address = aside.absolute().as_uri()
        rows.write.mode("overwrite").option("compression", "zstd").parquet(address)
        for mark in (*aside.glob(".*.crc"), aside / "_SUCCESS"):
            mark.unlink(missing_ok=True)
        if not any(aside.iterdir()):
            raise DataError(f"{out}: no customer, no list")


def chosen_of(offers: pd.DataFrame, part: PartScorer) -> tuple[pd.DataFrame, Refusals]:
    """Apply the limits that hold for all customers together.

    Parameters
    ----------
    offers : pandas.DataFrame
        Those of all customers, in the columns of `OFFERS`.
    part : PartScorer
        Gives the terms.

    Returns
    -------
    chosen : pandas.DataFrame
        With ``customer_id``, rank and what `pipelines.lists.policy.apply_policy` adds.
    refusals : Refusals
    """
    customers = pd.Index(np.sort(offers[KEY].unique()), dtype=object)
    coded = offers.assign(customer=customers.get_indexer(pd.Index(offers[KEY])))
    spec = part.spec
    control = control_group(customers, share=spec.control, experiment=spec.experiment)
    policy = replace(spec.policy, experiment=spec.experiment)
    items = part.scorer.recommender.items_
    chosen, refusals = apply_policy(
        coded.drop(columns=KEY), policy, control, customers=customers, items=items
    )
    named = chosen.assign(customer_id=customers[chosen["customer"].to_numpy()])
    return named.drop(columns="customer"), refusals


def _with_chosen(customers: "DataFrame", path: Path, parts: int) -> "DataFrame":
    from pyspark.sql import functions as spark

    chosen = customers.sparkSession.read.parquet(path.absolute().as_uri())
    others = [name for name in chosen.columns if name != KEY]
    listed = chosen.groupBy(KEY).agg(spark.collect_list(spark.struct(*others)).alias("chosen"))
    return customers.join(listed, KEY).repartition(parts, KEY).sortWithinPartitions(KEY)
