"""Mine association rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from lodeworks.errors import BudgetExceeded, did_you_mean
from lodeworks.progress import Progress
from pipelines.mining.itemsets import MineItemsets, bad_sizes
from pipelines.mining.limits import in_options
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DEFAULT_MEASURES", "MineRules"]

DEFAULT_MEASURES = ("support", "confidence", "lift")
_BYTES_A_RULE = 120  # three numbers twice, both sides and the measures of a row


@dataclass(frozen=True)
class MineRules:
    """Association rules of a file of baskets.

    Parameters
    ----------
    itemsets : MineItemsets
        What the rules are made of.
    min_confidence : float, default 0.5
        The smallest confidence, in 0 .. 1.
    max_consequent : int, optional
        The largest number of items behind THEN.
    measures : sequence of str
        Columns of the output, from `models.association.MEASURES`.
    """

    name: ClassVar[str] = "rules"

    itemsets: MineItemsets
    min_confidence: float = 0.5
    max_consequent: int | None = None
    measures: Sequence[str] = DEFAULT_MEASURES

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        found = [*self.itemsets.problems(), *bad_sizes(1, max_consequent=self.max_consequent)]
        if not 0 <= self.min_confidence <= 1:
            found.append(f"--min-confidence {self.min_confidence:g}: a share in 0 .. 1")
        return [*found, *self._unknown_measures()]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return self.itemsets.settings() | {
            "min_confidence": self.min_confidence,
            "max_consequent": self.max_consequent,
            "measures": list(self.measures),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets."""
        return self.itemsets.load(progress)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the rules: `antecedent`, `consequent`, `count` and the measures."""
        from models.association import association_rules

        found = replace(self.itemsets, target="frequent").find(loaded, progress)
        progress.note(f"{len(found):,} itemsets; making rules of them")
        try:
            rules = association_rules(
                found,
                min_confidence=self.min_confidence,
                max_consequent=self.max_consequent,
                max_rules=max(1, self.itemsets.limits.memory // _BYTES_A_RULE),
                n_jobs=self.itemsets.n_jobs,
            )
        except BudgetExceeded as error:
            said = f"over the budget of {self.itemsets.limits.memory:,} bytes: {error.message}"
            raise BudgetExceeded(f"{in_options(said)}; nothing was written") from None
        return rules.to_arrow(self.measures)

    def _unknown_measures(self) -> list[str]:
        if not set(self.measures) - set(DEFAULT_MEASURES):
            return []
        from models.association import MEASURES

        return [
            f"--measure {name}: {did_you_mean(name, MEASURES)}"
            for name in self.measures
            if name not in MEASURES
        ]
