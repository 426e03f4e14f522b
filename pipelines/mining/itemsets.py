"""Mine itemsets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.progress import Progress
from pipelines.mining.engines import ItemsetEngine, NumbaEngine
from pipelines.mining.engines.results import targeted
from pipelines.mining.estimate import find_itemsets
from pipelines.mining.hierarchy import Hierarchy
from pipelines.mining.limits import Limits
from pipelines.mining.search import Search
from pipelines.mining.source import Source
from pipelines.mining.stream import Stream, find_in_stream, load_stream
from pipelines.mining.support import Support
from pipelines.mining.task import Loaded
from pipelines.mining.update import read_state

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
    hierarchy : Hierarchy, optional
        Groups above the items.
    engine : ItemsetEngine
        What searches. Default: numba.
    stream : bool, default False
        Whether to read the file in parts although it is not larger than the memory.
    update : Path, optional
        A state that the baskets are added to; the itemsets are those of all baskets in it.
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
    hierarchy: Hierarchy | None = None
    engine: ItemsetEngine = field(default_factory=NumbaEngine)
    stream: bool = False
    update: Path | None = None
    n_jobs: int = 1

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return self.engine.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        sizes = bad_sizes(
            self.n_jobs, max_length=self.max_length, max_basket_size=self.max_basket_size
        )
        parts = (self.source, self.support, self.limits)
        return [
            *(problem for part in parts for problem in part.problems()),
            *sizes,
            *self._about_hierarchy(),
            *self._clashes(),
        ]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "min_support": self.support.share,
            "min_count": self.support.count,
            "target": self.target,
            "max_length": self.max_length,
            "max_basket_size": self.max_basket_size,
            "engine": self.engine.name,
            "update": None if self.update is None else str(self.update),
            **({} if self.hierarchy is None else self.hierarchy.settings()),
            **self.limits.settings(),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets, and the hierarchy or the state where there is one."""
        self.engine.require()
        if self.in_parts:
            return load_stream(self.source, self.limits.memory, progress)
        loaded = self.source.load(progress)
        if self.hierarchy is not None:
            return replace(loaded, levels=self.hierarchy.read(loaded.data, progress))
        return loaded if self.update is None else self._with_state(loaded, self.update, progress)

    @property
    def in_parts(self) -> bool:
        """Whether the file is read in parts: on request, or when it is larger than the memory."""
        alone = self.hierarchy is None and self.update is None and self.max_basket_size is None
        large = self.source.path.stat().st_size > self.limits.memory
        return self.stream or (large and alone and self.engine.name == NumbaEngine.name)

    def find(self, loaded: Loaded, progress: Progress) -> "Itemsets":
        """Find the itemsets."""
        count = self.support.within(loaded.baskets)
        search = Search(count, self.max_length, self.max_basket_size, self.target, self.n_jobs)
        budget = self.limits.budget()
        if isinstance(loaded.data, Stream):
            return find_in_stream(loaded.data, search, budget, progress)
        if loaded.state is not None:
            return targeted(loaded.state.updated(loaded.data, budget, self.n_jobs), self.target)
        if self.hierarchy is None or loaded.levels is None:
            return find_itemsets(loaded.data, search, budget, progress, self.engine)
        return self.hierarchy.find(loaded.data, loaded.levels, search, budget, progress)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the itemsets: `itemset`, `count`, `support`."""
        return self.find(loaded, progress).to_arrow()

    def _with_state(self, loaded: Loaded, path: Path, progress: Progress) -> Loaded:
        state = read_state(path, self.source.path, self.support, self.max_length, progress)
        known = {*state.kept.itemsets_.labels.tolist(), *loaded.data.labels.tolist()}
        return replace(
            loaded,
            baskets=loaded.baskets + len(state.kept),
            items=len(known),
            state=state,
            beside={path: state.write},
        )

    def _clashes(self) -> list[str]:
        """Say which ways of searching do not go together."""
        ways = {
            "--stream": self.stream,
            "--update": self.update is not None,
            "--taxonomy": self.hierarchy is not None,
            f"--engine {self.engine.name}": self.engine.name != NumbaEngine.name,
        }
        chosen = [way for way, used in ways.items() if used]
        found = [f"{' and '.join(chosen)} do not go together"] if len(chosen) > 1 else []
        if self.max_basket_size is not None and (self.stream or self.update is not None):
            found.append(f"{chosen[0]} knows no --max-basket-size")
        return found

    def _about_hierarchy(self) -> list[str]:
        if self.hierarchy is None:
            return []
        found = self.hierarchy.problems()
        if self.target == "maximal" and self.hierarchy.level_support:
            found.append("--target maximal cannot be told with --level-support; use closed")
        return found


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
