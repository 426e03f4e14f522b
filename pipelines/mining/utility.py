"""Mine high-utility itemsets: sets of items that are worth much together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lodeworks.errors import ConfigError
from lodeworks.progress import Progress
from pipelines.mining.engines import NumbaEngine
from pipelines.mining.estimate import SAMPLE, probing, too_much, translated
from pipelines.mining.itemsets import bad_sizes
from pipelines.mining.limits import Limits
from pipelines.mining.source import TABLES, Source
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from features.baskets import UtilityRows
    from models.association import Budget
    from models.association.utility import UtilityBaskets

__all__ = ["MineUtility"]


@dataclass(frozen=True)
class MineUtility:
    """Itemsets that are worth a sum of money or more.

    Parameters
    ----------
    source : Source
        The file: `spmf` with utilities, or a table.
    limits : Limits
        What may be spent.
    min_utility : float
        The smallest utility.
    utility : str, optional
        The column of a table that says what a row is worth.
    max_length : int, optional
        The largest number of items in an itemset.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.
    """

    name: ClassVar[str] = "high-utility itemsets"

    source: Source
    limits: Limits
    min_utility: float
    utility: str | None = None
    max_length: int | None = None
    n_jobs: int = 1

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return NumbaEngine.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        found = [*self.source.problems(), *self.limits.problems()]
        if not (np.isfinite(self.min_utility) and self.min_utility > 0):
            found.append(f"--min-utility {self.min_utility:g}: a number above 0")
        return [*found, *bad_sizes(self.n_jobs, max_length=self.max_length)]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "min_utility": self.min_utility,
            "utility": self.utility,
            "max_length": self.max_length,
            **self.limits.settings(),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets with their utilities."""
        name, why = self.source.decided()
        progress.note(f"{self.source.path}: read as format {name!r} ({why})")
        with self.source.reading(name):
            rows = self._rows(name)
        for note in rows.notes:
            progress.note(note)
        about = {"format": name, "notes": list(rows.notes), "lines": len(rows.codes)}
        return Loaded(_assembled(rows), rows.n_baskets, len(rows.names), about)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the itemsets: `itemset`, `count`, `support`, `utility`."""
        from models.association.utility import high_utility_itemsets

        budget = self.limits.budget()
        arguments: dict[str, Any] = {"max_length": self.max_length, "n_jobs": self.n_jobs}
        if reason := self._hopeless(loaded.data, budget, progress):
            with translated(f"over the budget of {budget}: {reason}"):
                high_utility_itemsets(
                    loaded.data, self.min_utility, budget=probing(budget), **arguments
                )
        with translated():
            found = high_utility_itemsets(loaded.data, self.min_utility, budget=budget, **arguments)
        return found.to_arrow()

    def _hopeless(
        self, given: "UtilityBaskets", budget: "Budget", progress: Progress
    ) -> str | None:
        from models.association.utility import estimate_utility

        _compile()
        estimate = estimate_utility(given, self.min_utility, self.max_length, SAMPLE)
        what = f"itemsets at min_utility {self.min_utility:,g}"
        return too_much(estimate, what, budget, budget.limit(len(given.utilities)), progress)

    def _rows(self, name: str) -> "UtilityRows":
        from features import baskets

        source = self.source
        if name == "spmf" and self.utility is None:
            return baskets.read_spmf_utilities(source.path)
        if name not in TABLES or self.utility is None or source.item is None:
            raise ConfigError(
                f"{source.path}: utilities are read from format 'spmf', or from a table with "
                "--utility COLUMN, --item COLUMN and one of --basket, --customer, --time; the file "
                f"was taken as {name!r}"
            )
        if problems := source.missing_columns(name):
            raise ConfigError(problems[0])
        columns = baskets.Columns(**source.columns)
        return baskets.read_table_utilities(
            source.path,
            columns,
            self.utility,
            parquet=name == "parquet",
            delimiter=source.delimiter,
        )


@cache
def _compile() -> None:
    """Search a toy, so that an estimate of time is not that of the compiler."""
    from models.association.utility import UtilityBaskets, estimate_utility

    estimate_utility(UtilityBaskets.from_lists([["a", "b", "c"]] * 2, [[1, 2, 3]] * 2), 1)


def _assembled(rows: "UtilityRows") -> "UtilityBaskets":
    """Sort the rows by basket and item, and add up repeated ones."""
    from models.association import Baskets
    from models.association.utility import UtilityBaskets

    order = np.lexsort((rows.codes, rows.baskets))
    owners, codes = rows.baskets[order], rows.codes[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (np.diff(owners) != 0) | (np.diff(codes) != 0)
    worth = np.add.reduceat(rows.utilities[order], np.flatnonzero(fresh))
    lengths = np.bincount(owners[fresh], minlength=rows.n_baskets)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    baskets = Baskets.from_csr(indptr, codes[fresh], len(rows.names), rows.names)
    return UtilityBaskets(baskets, worth)
