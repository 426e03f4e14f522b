"""Mine itemsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.progress import Progress
from pipelines.mining.estimate import Search, find_itemsets
from pipelines.mining.limits import Limits
from pipelines.mining.source import Source
from pipelines.mining.support import Support
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from models.association import Itemsets

__all__ = ["MineItemsets", "bad_sizes"]


@dataclass(frozen=True)
class MineItemsets:
    """Frequent, closed or maximal itemsets of a file of baskets.

    Parameters
    ----------
    source : Source
        The file.
    support : Support
        In how many baskets an itemset has to stand.
    limits : Limits
        What may be spent.
    target : str, default 'frequent'
        ``frequent``, ``closed`` or ``maximal``.
    max_length, max_basket_size : int, optional
        The largest number of items in an itemset, and in a basket before it is cut down.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.
    """

    name: ClassVar[str] = "itemsets"

    source: Source
    support: Support
    limits: Limits
    target: str = "frequent"
    max_length: int | None = None
    max_basket_size: int | None = None
    n_jobs: int = 1

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        sizes = bad_sizes(
            self.n_jobs, max_length=self.max_length, max_basket_size=self.max_basket_size
        )
        parts = (self.source, self.support, self.limits)
        return [*(problem for part in parts for problem in part.problems()), *sizes]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "min_support": self.support.share,
            "min_count": self.support.count,
            "target": self.target,
            "max_length": self.max_length,
            "max_basket_size": self.max_basket_size,
            "budget_memory": self.limits.memory,
            "budget_itemsets": self.limits.itemsets,
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets."""
        return self.source.load(progress)

    def find(self, loaded: Loaded, progress: Progress) -> "Itemsets":
        """Find the itemsets."""
        count = self.support.within(loaded.baskets)
        search = Search(count, self.max_length, self.max_basket_size, self.target, self.n_jobs)
        return find_itemsets(loaded.data, search, self.limits.budget(), progress)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the itemsets: `itemset`, `count`, `support`."""
        return self.find(loaded, progress).to_arrow()


def bad_sizes(n_jobs: int, **sizes: int | None) -> list[str]:
    """Say which sizes are below 1, and whether the number of threads is none.

    Examples
    --------
    >>> bad_sizes(0, max_length=0)
    ['--max-length 0: at least 1', '--n-jobs 0: at least 1, or -1 for all cores']
    """
    problems = [
        f"--{name.replace('_', '-')} {size}: at least 1"
        for name, size in sizes.items()
        if size is not None and size < 1
    ]
    if n_jobs < -1 or n_jobs == 0:
        problems.append(f"--n-jobs {n_jobs}: at least 1, or -1 for all cores")
    return problems
