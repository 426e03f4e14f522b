"""Everything known of a customer in one row, so that a part of the customers is whole."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.cut import Cut
from features.privacy.consent import refused
from features.purchases import earlier_pairs
from features.windows import Window
from pipelines.crosssell.snapshots import Snapshot
from pipelines.spark.features import indicator_table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

    from pipelines.spark.warehouse import SparkWarehouse

__all__ = ["customer_frame", "exploded", "snapshot_of"]

LINE = ("ordered_at", "order_id", "item_id", "quantity", "amount")
SHOWN = ["customer_id", "item_id", "order_id", "ordered_at", "quantity", "amount"]
KEY = "customer_id"


def customer_frame(
    tables: "SparkWarehouse", window: Window, families: Sequence[str], columns: Sequence[str]
) -> "DataFrame":
    """Give one row a customer who bought something in the observed span.

    Parameters
    ----------
    tables : SparkWarehouse
        Where it is read.
    window : Window
        The dates.
    families, columns : sequence of str
        Families of indicators, and which of them, as a model was trained on them.

    Returns
    -------
    pyspark.sql.DataFrame
        ``customer_id``; ``lines``, purchases of the span; ``earlier``, items bought before it;
        ``known``, indicators; ``person``, declared attributes (null where nobody declared any);
        ``refused``, whether the data say that they do not want to be addressed.
    """
    from pyspark.sql import functions as spark

    cut = Cut.of(tables, window)
    lines = tables.frame(cut.lines.select(KEY, *LINE)).groupBy(KEY)
    earlier = tables.frame(earlier_pairs(tables, window)).groupBy(KEY)
    people = cut.customers.drop("opt_out")
    return (
        lines.agg(spark.collect_list(_struct(LINE)).alias("lines"))
        .join(earlier.agg(spark.collect_list("item_id").alias("earlier")), KEY, "left")
        .join(_packed(tables, indicator_table(cut, families, columns), "known"), KEY, "left")
        .join(_packed(tables, people, "person"), KEY, "left")
        .join(
            tables.frame(refused(tables.customers)).withColumn("no", spark.lit(True)), KEY, "left"
        )
        .withColumn("refused", spark.coalesce("no", spark.lit(False)))
        .drop("no")
    )


def _packed(tables: "SparkWarehouse", table: ir.Table, name: str) -> "DataFrame":
    """Put all columns into one; the key too, because Parquet stores no empty struct."""
    return tables.frame(table).select(KEY, _struct(table.columns).alias(name))


def _struct(names: Sequence[str]) -> "Column":
    from pyspark.sql import functions as spark

    return spark.struct(*(spark.col("`{}`".format(name.replace("`", "``"))) for name in names))


def snapshot_of(rows: "pa.RecordBatch", window: Window, labels: pd.DataFrame) -> Snapshot:
    """Turn rows of `customer_frame` into the tables that a list is made from.

    Parameters
    ----------
    rows : pyarrow.RecordBatch
        Some customers.
    window : Window
        The dates.
    labels : pandas.DataFrame
        Names of items; see `Snapshot`.

    Returns
    -------
    Snapshot
        The same as one of all customers holds of these. Attributes of items come from a bundle.
    """
    customers = rows[KEY]
    lines = exploded(rows["lines"], customers).sort_values([KEY, *LINE], ignore_index=True)[SHOWN]
    earlier = exploded(rows["earlier"], customers, "item_id")
    return Snapshot(
        window,
        lines,
        _unpacked(rows["known"], customers).astype(np.float64),
        pd.DataFrame(),
        pd.DataFrame({KEY: pd.Series(dtype="str"), "item_id": pd.Series(dtype="str")}),
        earlier.sort_values([KEY, "item_id"], ignore_index=True),
        _unpacked(rows["person"], customers),
        labels,
    )


def exploded(lists: Any, customers: Any, name: str = "value") -> pd.DataFrame:
    """Give one row an element of each customer's list, with the customer.

    Parameters
    ----------
    lists : pyarrow.ListArray
        Of values, or of structs: these get a column a field.
    customers : pyarrow.StringArray
        ``customer_id`` of each list; a list may be null.
    name : str
        Column of plain values.
    """
    import pyarrow as pa

    lengths = np.asarray(lists.value_lengths().fill_null(0))
    values = lists.flatten()
    fields = [field.name for field in values.type] if pa.types.is_struct(values.type) else []
    columns = dict(zip(fields, values.flatten(), strict=True)) if fields else {name: values}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    owners = np.repeat(np.asarray(customers.to_pandas(), dtype=object), lengths)
    frame.insert(0, KEY, pd.Series(owners, dtype="str"))
    return frame


def _unpacked(structs: Any, customers: Any) -> pd.DataFrame:
    import pyarrow as pa

    named = dict(zip([f.name for f in structs.type], structs.flatten(), strict=True))
    index = pd.Index(customers.to_pandas(), name=KEY, dtype="str")
    frame: pd.DataFrame = pa.table(named).to_pandas(date_as_object=False)
    return frame.drop(columns=KEY).set_axis(index, axis=0).sort_index()
