"""What every program that searches can be asked for."""

from typing import TYPE_CHECKING, ClassVar, Protocol

from lodeworks.progress import Progress
from pipelines.mining.search import Search, SequenceSearch

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets
    from models.sequences import SequencePatterns, Sequences

__all__ = ["Engine", "ItemsetEngine", "SequenceEngine"]


class Engine(Protocol):
    """What all engines have.

    Attributes
    ----------
    name : str
        As it is chosen.
    libraries : tuple of str
        Installed packages that the result may depend on.
    """

    name: ClassVar[str]
    libraries: ClassVar[tuple[str, ...]]

    def require(self) -> None:
        """Raise NotInstalled when something is missing."""


class ItemsetEngine(Engine, Protocol):
    """Finds itemsets."""

    def itemsets(
        self, baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
    ) -> "Itemsets":
        """Find all itemsets that stand in enough baskets."""


class SequenceEngine(Engine, Protocol):
    """Finds sequences."""

    def refused(self, search: SequenceSearch) -> list[str]:
        """Say what the engine cannot do."""

    def sequences(
        self, sequences: "Sequences", search: SequenceSearch, budget: "Budget", progress: Progress
    ) -> "SequencePatterns":
        """Find all sequences that enough customers hold."""
