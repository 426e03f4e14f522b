"""Frequent sequences by MLlib's PrefixSpan."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.mining.engines.results import just_below, sequences_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from models.sequences import SequencePatterns, Sequences

__all__ = ["spark_sequences"]

_ANY_LENGTH = 2**31 - 1


def spark_sequences(
    session: "SparkSession",
    sequences: "Sequences",
    min_count: int,
    max_length: int | None = None,
    *,
    at_most: int | None = None,
) -> "SequencePatterns":
    """Find all sequences that `min_count` customers or more hold.

    Parameters
    ----------
    session : SparkSession
        Where to search.
    sequences : Sequences
        Customers' baskets. MLlib knows their order, not their times.
    min_count : int
        The smallest number of customers.
    max_length : int, optional
        The largest number of items.
    at_most : int, optional
        The most sequences that are fetched, and one more, which tells that there are more.

    Returns
    -------
    SequencePatterns
        In the order of their items.
    """
    import pyarrow as pa
    from pyspark.ml.fpm import PrefixSpan

    lists = _lists(sequences)
    filled = lists.filter(pa.array(np.diff(sequences.indptr) > 0))
    found = PrefixSpan(
        minSupport=just_below(min_count, len(filled)),
        maxPatternLength=max_length or _ANY_LENGTH,
        sequenceCol="sequence",
    ).findFrequentSequentialPatterns(session.createDataFrame(pa.table({"sequence": filled})))
    table = (found if at_most is None else found.limit(at_most + 1)).toArrow()
    patterns = table["sequence"].combine_chunks()
    elements = patterns.flatten()
    return sequences_of(
        np.asarray(patterns.value_lengths(), np.int64),
        np.asarray(elements.value_lengths(), np.int64),
        np.asarray(elements.flatten(), np.int32),
        np.asarray(table["freq"], np.int32),
        sequences,
    )


def _lists(sequences: "Sequences") -> "pa.ListArray":
    import pyarrow as pa

    baskets = pa.ListArray.from_arrays(sequences.basket_indptr.astype(np.int32), sequences.items)
    return pa.ListArray.from_arrays(sequences.indptr.astype(np.int32), baskets)
