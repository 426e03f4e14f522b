"""The work of one task: what Spark runs on every partition of the customers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.windows import Window
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.snapshots import Snapshot
from pipelines.spark.customers import exploded, snapshot_of
from pipelines.spark.shipment import unpack

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OfferTask", "PartTask", "RowTask", "TellTask"]

Types = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PartTask(ABC):
    """Turns batches of customers into batches of rows; only these plain values travel with it.

    Attributes
    ----------
    archive : str
        Name of the archive that was added to the session.
    seal : str
        See `pipelines.spark.shipment.pack`.
    types : tuple of pairs of str
        Columns that are given, and their Arrow types.
    """

    archive: str
    seal: str
    types: Types

    def __call__(self, batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Give the rows of each batch of customers."""
        import pyarrow as pa

        schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in self.types])
        for batch in batches:
            if batch.num_rows:
                yield pa.RecordBatch.from_pandas(self._rows(batch), schema, preserve_index=False)

    def _rows(self, batch: "pa.RecordBatch") -> pd.DataFrame:
        scorer, window = _opened(self.archive, self.seal)
        snapshot = snapshot_of(batch, window, scorer.facts.labels)
        rows = self._made(scorer, snapshot, batch)
        return rows[[name for name, _ in self.types]]

    @abstractmethod
    def _made(
        self, scorer: PartScorer, snapshot: Snapshot, batch: "pa.RecordBatch"
    ) -> pd.DataFrame:
        """Make the rows of a batch, with the columns of `types` among others."""


class RowTask(PartTask):
    """Gives finished rows, where every customer can be decided on alone."""

    def _made(
        self, scorer: PartScorer, snapshot: Snapshot, batch: "pa.RecordBatch"
    ) -> pd.DataFrame:
        return scorer.rows(snapshot, _refused(batch))


class OfferTask(PartTask):
    """Gives what might be offered, where a limit holds for all customers together."""

    def _made(
        self, scorer: PartScorer, snapshot: Snapshot, batch: "pa.RecordBatch"
    ) -> pd.DataFrame:
        offers, history, _ = scorer.candidates(snapshot, _refused(batch))
        return offers.assign(customer_id=history.customers[offers["customer"].to_numpy()])


class TellTask(PartTask):
    """Gives names and reasons to the offers that were chosen; they come with the customers."""

    def _made(
        self, scorer: PartScorer, snapshot: Snapshot, batch: "pa.RecordBatch"
    ) -> pd.DataFrame:
        history = scorer.history(snapshot)
        chosen = exploded(batch["chosen"], batch["customer_id"])
        customer = history.customers.get_indexer(pd.Index(chosen["customer_id"]))
        coded = chosen.assign(customer=customer).sort_values(["customer", "rank"])
        return pd.concat(scorer.told(history, coded), ignore_index=True)


def _refused(batch: "pa.RecordBatch") -> frozenset[str]:
    return frozenset(batch["customer_id"].filter(batch["refused"]).to_pylist())


@lru_cache(maxsize=1)
def _opened(archive: str, seal: str) -> tuple[PartScorer, Window]:
    """Read the model once a process, not once a partition."""
    from pyspark import SparkFiles

    place: Any = SparkFiles.get(archive)
    return unpack(Path(place), seal)
