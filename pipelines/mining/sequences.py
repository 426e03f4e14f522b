"""Mine sequences: what customers buy after what."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.errors import ConfigError
from lodeworks.progress import Progress
from pipelines.mining.engines import NumbaEngine, SequenceEngine
from pipelines.mining.estimate import find_sequences
from pipelines.mining.itemsets import bad_sizes
from pipelines.mining.limits import Limits, in_options
from pipelines.mining.search import Apart, SequenceSearch
from pipelines.mining.source import TABLES, Source
from pipelines.mining.support import Support
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from features.baskets import EventRows
    from models.sequences import SequencePatterns, Sequences

__all__ = ["MineSequences"]


@dataclass(frozen=True)
class MineSequences:
    """Frequent, closed or maximal sequences of customers' baskets.

    Parameters
    ----------
    source : Source
        The file: `spmf` with sequences, or a table with customers and times.
    support : Support
        How many customers have to hold a sequence.
    limits : Limits
        What may be spent.
    apart : Apart
        How far apart in time.
    target : str, default 'frequent'
        ``frequent``, ``closed`` or ``maximal``.
    max_length, max_elements : int, optional
        The largest number of items and of elements.
    time_format : str, optional
        How the times of a table are written. Default: ISO 8601, or whole numbers.
    engine : SequenceEngine
        What searches. Default: numba.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.
    """

    name: ClassVar[str] = "sequences"

    source: Source
    support: Support
    limits: Limits
    apart: Apart = field(default_factory=Apart)
    target: str = "frequent"
    max_length: int | None = None
    max_elements: int | None = None
    time_format: str | None = None
    engine: SequenceEngine = field(default_factory=NumbaEngine)
    n_jobs: int = 1

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return self.engine.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        parts = (self.source, self.support, self.limits)
        sizes = bad_sizes(self.n_jobs, max_length=self.max_length, max_elements=self.max_elements)
        return [
            *(problem for part in parts for problem in part.problems()),
            *_wrong_times(self.apart),
            *sizes,
            *self.engine.refused(self._search(1)),
        ]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "min_support": self.support.share,
            "min_count": self.support.count,
            "target": self.target,
            "max_length": self.max_length,
            "max_elements": self.max_elements,
            **asdict(self.apart),
            "engine": self.engine.name,
            **self.limits.settings(),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the customers' baskets."""
        import pandas as pd

        from models.sequences import Sequences

        self.engine.require()
        name, why = self.source.decided()
        progress.note(f"{self.source.path}: read as format {name!r} ({why})")
        with self.source.reading(name):
            rows = self._rows(name)
        columns = {"customer": rows.customers, "time": rows.times, "item": rows.names[rows.codes]}
        given = Sequences.from_table(pd.DataFrame(columns), "customer", "time", "item")
        about = _described(given)
        for note in (*rows.notes, _remark(about)):
            progress.note(note)
        about |= {"format": name, "notes": list(rows.notes)}
        return Loaded(given, given.n_baskets, given.n_items, about)

    def find(self, loaded: Loaded, progress: Progress) -> "SequencePatterns":
        """Find the sequences."""
        search = self._search(self.support.within(len(loaded.data), "customers"))
        return find_sequences(loaded.data, search, self.limits.budget(), progress, self.engine)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the sequences: `sequence`, `count` and `support`, of customers."""
        return self.find(loaded, progress).to_arrow()

    def _search(self, count: int) -> SequenceSearch:
        return SequenceSearch(
            count, self.max_length, self.max_elements, self.apart, self.target, self.n_jobs
        )

    def _rows(self, name: str) -> "EventRows":
        from features import baskets

        source = self.source
        if name == "spmf":
            return baskets.read_spmf_sequences(source.path)
        if name not in TABLES or None in (source.item, source.customer, source.time):
            raise ConfigError(
                f"{source.path}: sequences are read from format 'spmf', or from a table with "
                f"--customer, --time and --item COLUMN; the file was taken as {name!r}"
            )
        return baskets.read_table_events(
            source.path,
            baskets.Columns(**source.columns),
            time_format=self.time_format,
            parquet=name == "parquet",
            delimiter=source.delimiter,
        )


def _wrong_times(apart: Apart) -> list[str]:
    from models.sequences import TimeLimits

    try:
        TimeLimits(**asdict(apart))
    except ValueError as error:
        return [in_options(str(error))]
    return []


def _described(given: "Sequences") -> dict[str, Any]:
    import numpy as np

    return {
        "customers": len(given),
        "longest_basket": int(np.diff(given.basket_indptr).max(initial=0)),
        "most_baskets": int(np.diff(given.indptr).max(initial=0)),
        "baskets": given.n_baskets,
        "lines": len(given.items),
    }


def _remark(about: dict[str, Any]) -> str:
    return (
        f"{about['customers']:,} customers with {about['baskets']:,} baskets; the longest basket "
        f"has {about['longest_basket']:,} items, a customer has {about['most_baskets']:,} baskets "
        "at most"
    )
