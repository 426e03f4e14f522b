"""Spark's MLlib, for baskets that one machine does not hold."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

from lodeworks.progress import Progress
from pipelines.mining.engines.results import check_number, kept, kept_sequences
from pipelines.mining.search import DEFAULT_MASTER, Apart, Search, SequenceSearch

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets
    from models.sequences import SequencePatterns, Sequences

__all__ = ["SparkEngine"]

_TASK = "search in Spark"


@dataclass(frozen=True)
class SparkEngine:
    """Searches in Spark, with a session for the time of the search.

    Parameters
    ----------
    master : str, default 'local[2]'
        Where Spark runs.
    """

    name: ClassVar[str] = "spark"
    libraries: ClassVar[tuple[str, ...]] = ("pyspark", "pyarrow")

    master: str = DEFAULT_MASTER

    def require(self) -> None:
        """Raise NotInstalled when pyspark or Java is missing."""
        from pipelines.spark.session import require_spark

        require_spark()

    def refused(self, search: SequenceSearch) -> list[str]:
        """Refuse limits in time, which PrefixSpan does not know."""
        free = asdict(Apart())
        set_ones = [name for name, value in asdict(search.apart).items() if value != free[name]]
        return [
            f"--{name.replace('_', '-')}: Spark knows no limits in time; use --engine numba"
            for name in set_ones
        ]

    def itemsets(
        self, baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
    ) -> "Itemsets":
        """Find all itemsets that stand in enough baskets."""
        from pipelines.mining.spark.itemsets import spark_itemsets
        from pipelines.spark.session import open_session

        limit = budget.limit(len(baskets.indices))
        with open_session(self.master, progress) as session:
            progress.start(_TASK)
            found = spark_itemsets(
                session, baskets, search.min_count, search.max_length, at_most=limit
            )
            progress.done(_TASK)
        return kept(found, search, limit, budget)

    def sequences(
        self, sequences: "Sequences", search: SequenceSearch, budget: "Budget", progress: Progress
    ) -> "SequencePatterns":
        """Find all sequences that enough customers hold."""
        from pipelines.mining.spark.sequences import spark_sequences
        from pipelines.spark.session import open_session

        limit = budget.limit(len(sequences.items))
        with open_session(self.master, progress) as session:
            progress.start(_TASK)
            found = spark_sequences(
                session, sequences, search.min_count, search.max_length, at_most=limit
            )
            progress.done(_TASK)
        check_number(len(found), limit, budget)
        return kept_sequences(found, search)
