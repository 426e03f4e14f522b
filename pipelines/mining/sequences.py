"""Mine sequences: what customers buy after what."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.errors import BudgetExceeded, ConfigError
from lodeworks.progress import Progress
from pipelines.mining.itemsets import bad_sizes
from pipelines.mining.limits import Limits, in_options
from pipelines.mining.source import TABLES, Source
from pipelines.mining.support import Support
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from features.baskets import EventRows

__all__ = ["Apart", "MineSequences"]


@dataclass(frozen=True)
class Apart:
    """How far apart the elements of a sequence may be, in days or in the numbers of the file.

    Parameters
    ----------
    min_gap, max_gap, max_span, window : int
        As for `models.sequences.TimeLimits`.
    """

    min_gap: int = 0
    max_gap: int | None = None
    max_span: int | None = None
    window: int = 0

    def problems(self) -> list[str]:
        """Say what is wrong."""
        from models.sequences import TimeLimits

        try:
            TimeLimits(**asdict(self))
        except ValueError as error:
            return [in_options(str(error))]
        return []


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
    n_jobs: int = 1

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        parts = (self.source, self.support, self.limits, self.apart)
        sizes = bad_sizes(self.n_jobs, max_length=self.max_length, max_elements=self.max_elements)
        return [*(problem for part in parts for problem in part.problems()), *sizes]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "min_support": self.support.share,
            "min_count": self.support.count,
            "target": self.target,
            "max_length": self.max_length,
            "max_elements": self.max_elements,
            **asdict(self.apart),
            "budget_memory": self.limits.memory,
            "budget_itemsets": self.limits.itemsets,
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the customers' baskets."""
        import pandas as pd

        from models.sequences import Sequences

        name, why = self.source.decided()
        progress.note(f"{self.source.path}: read as format {name!r} ({why})")
        rows = self._rows(name)
        columns = {"customer": rows.customers, "time": rows.times, "item": rows.names[rows.codes]}
        given = Sequences.from_table(pd.DataFrame(columns), "customer", "time", "item")
        for note in (*rows.notes, f"{len(given):,} customers with {given.n_baskets:,} baskets"):
            progress.note(note)
        about = {"format": name, "notes": list(rows.notes), "customers": len(given)}
        return Loaded(given, given.n_baskets, given.n_items, about)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the sequences: `sequence`, `count` and `support`, of customers."""
        from models.sequences import frequent_sequences

        try:
            found = frequent_sequences(
                loaded.data,
                min_count=self.support.within(len(loaded.data), "customers"),
                max_length=self.max_length,
                max_elements=self.max_elements,
                target=self.target,  # type: ignore[arg-type]
                budget=self.limits.budget(),
                n_jobs=self.n_jobs,
                progress=progress,
                **asdict(self.apart),
            )
        except BudgetExceeded as error:
            message = error.message.replace("nothing was returned", "nothing was written")
            problems = [in_options(text) for text in error.problems]
            raise BudgetExceeded(in_options(message), problems) from None
        return found.to_arrow()

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
