"""The best itemsets and rules by a measure, without a threshold of support."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.errors import did_you_mean
from lodeworks.progress import Progress
from pipelines.mining.engines import NumbaEngine
from pipelines.mining.itemsets import MineItemsets, bad_sizes
from pipelines.mining.limits import Limits
from pipelines.mining.patience import told_if_slow
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Top", "TopItemsets", "TopRules"]

_MAX_LENGTH = 4
_LONG = (
    "a search without a threshold may take minutes; --min-count, a smaller --max-length or "
    "--timeout bound it"
)


@dataclass(frozen=True)
class Top(ABC):
    """How many of the best, by what.

    Parameters
    ----------
    itemsets : MineItemsets
        The file, the limits and what an itemset has to be. Its support may be left out.
    k : int
        How many.
    by : str
        The measure.
    """

    itemsets: MineItemsets
    k: int
    by: str

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        return self.itemsets.limits

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return NumbaEngine.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        sets = self.itemsets
        given = sets.support.share is not None or sets.support.count is not None
        support = sets.support.problems() if given else []
        sizes = bad_sizes(sets.n_jobs, max_length=sets.max_length, top=self.k)
        unknown = [] if self.by in self._measures() else [did_you_mean(self.by, self._measures())]
        return [
            *sets.source.problems(),
            *support,
            *sets.limits.problems(),
            *sizes,
            *(f"--by {self.by}: {hint}" for hint in unknown),
            *self._clashes(),
        ]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return self.itemsets.settings() | {"top": self.k, "by": self.by}

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets."""
        return self.itemsets.source.load(progress)

    @abstractmethod
    def _measures(self) -> Sequence[str]:
        """Name what `by` may be."""

    def _clashes(self) -> list[str]:
        sets = self.itemsets
        ways = {
            "--stream": sets.stream,
            "--update": sets.update is not None,
            "--taxonomy": sets.hierarchy is not None,
            "--max-basket-size": sets.max_basket_size is not None,
            f"--target {sets.target}": sets.target != "frequent",
            f"--engine {sets.engine.name}": sets.engine.name != NumbaEngine.name,
        }
        return [f"--top and {way} do not go together" for way, used in ways.items() if used]

    def _explained(self, progress: Progress) -> AbstractContextManager[None]:
        return told_if_slow(progress, _LONG)

    def _arguments(self, loaded: Loaded) -> dict[str, Any]:
        support = self.itemsets.support
        given = support.share is not None or support.count is not None
        return {
            "min_count": support.within(loaded.baskets) if given else 1,
            "max_length": self.itemsets.max_length or _MAX_LENGTH,
            "budget": self.limits.budget(),
        }


@dataclass(frozen=True)
class TopItemsets(Top):
    """The itemsets of two items or more with the largest measure."""

    name: ClassVar[str] = "itemsets"

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the itemsets, best first: `itemset`, `count`, `support` and the measure."""
        import pyarrow as pa

        from models.association.top import top_itemsets_by

        progress.start("search")
        with self._explained(progress):
            found, values = top_itemsets_by(loaded.data, self.k, self.by, **self._arguments(loaded))
        progress.done("search")
        return found.to_arrow().append_column(self.by, pa.array(values))

    def _measures(self) -> Sequence[str]:
        from models.association.top import TOP_ITEMSET_MEASURES

        return tuple(TOP_ITEMSET_MEASURES)


@dataclass(frozen=True)
class TopRules(Top):
    """The rules with one item behind THEN and the best measure.

    Parameters
    ----------
    measures : sequence of str
        Columns of the output beside the measure that they are ordered by.
    """

    name: ClassVar[str] = "rules"

    measures: Sequence[str] = ()

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the rules, best first: `antecedent`, `consequent`, `count` and the measures."""
        from models.association.top import top_rules

        progress.start("search")
        with self._explained(progress):
            found = top_rules(loaded.data, self.k, self.by, **self._arguments(loaded))
        progress.done("search")
        return found.to_arrow(tuple(dict.fromkeys([self.by, *self.measures])))

    def _measures(self) -> Sequence[str]:
        from models.association.top import TOP_RULE_MEASURES

        return tuple(TOP_RULE_MEASURES)
