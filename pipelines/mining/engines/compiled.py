"""The miner of this project: compiled by numba, within every limit."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

from lodeworks.progress import Progress
from pipelines.mining.search import Search, SequenceSearch

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets
    from models.sequences import SequencePatterns, Sequences

__all__ = ["NumbaEngine"]


@dataclass(frozen=True)
class NumbaEngine:
    """Searches in this process; stops itself at every limit."""

    name: ClassVar[str] = "numba"
    libraries: ClassVar[tuple[str, ...]] = ("numba", "pyarrow")

    def require(self) -> None:
        """Nothing is missing."""

    def refused(self, search: SequenceSearch) -> list[str]:
        """Refuse nothing."""
        return []

    def itemsets(
        self, baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
    ) -> "Itemsets":
        """Find all itemsets that stand in enough baskets."""
        from models.association import frequent_itemsets

        return frequent_itemsets(
            baskets,
            min_count=search.min_count,
            max_length=search.max_length,
            target=search.target,  # type: ignore[arg-type]
            budget=budget,
            n_jobs=search.n_jobs,
            progress=progress,
        )

    def sequences(
        self, sequences: "Sequences", search: SequenceSearch, budget: "Budget", progress: Progress
    ) -> "SequencePatterns":
        """Find all sequences that enough customers hold."""
        from models.sequences import frequent_sequences

        return frequent_sequences(
            sequences,
            min_count=search.min_count,
            max_length=search.max_length,
            max_elements=search.max_elements,
            target=search.target,  # type: ignore[arg-type]
            budget=budget,
            n_jobs=search.n_jobs,
            progress=progress,
            **asdict(search.apart),
        )
