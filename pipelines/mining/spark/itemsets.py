"""Frequent itemsets by MLlib's parallel FP-growth."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.mining.engines.results import itemsets_of, just_below

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from models.association import Baskets, Itemsets

__all__ = ["spark_itemsets"]


def spark_itemsets(
    session: "SparkSession",
    baskets: "Baskets",
    min_count: int,
    max_length: int | None = None,
    *,
    at_most: int | None = None,
) -> "Itemsets":
    """Find all itemsets that stand in `min_count` baskets or more.

    Parameters
    ----------
    session : SparkSession
        Where to search.
    baskets : Baskets
        The baskets.
    min_count : int
        The smallest number of baskets.
    max_length : int, optional
        The largest number of items. MLlib finds longer ones too; they are left behind in Spark.
    at_most : int, optional
        The most itemsets that are fetched, and one more, which tells that there are more.

    Returns
    -------
    Itemsets
        In the order of their items.
    """
    import pyarrow as pa
    from pyspark.ml.fpm import FPGrowth
    from pyspark.sql import functions

    filled = baskets.take(np.flatnonzero(baskets.lengths))
    lists = pa.ListArray.from_arrays(filled.indptr.astype(np.int32), filled.indices)
    model = FPGrowth(itemsCol="items", minSupport=just_below(min_count, len(filled))).fit(
        session.createDataFrame(pa.table({"items": lists}))
    )
    found = model.freqItemsets
    if max_length is not None:
        found = found.where(functions.size("items") <= max_length)
    table = (found if at_most is None else found.limit(at_most + 1)).toArrow()
    items = table["items"].combine_chunks()
    lengths = np.asarray(items.value_lengths(), np.int64)
    counts = np.asarray(table["freq"], np.int32)
    return itemsets_of(lengths, np.asarray(items.flatten(), np.int32), counts, baskets)
