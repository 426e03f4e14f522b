"""Mine sequential rules: after these baskets that one follows, how surely and how soon."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lodeworks.progress import Progress
from pipelines.mining.limits import Limits
from pipelines.mining.sequences import MineSequences
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MineSequentialRules"]


@dataclass(frozen=True)
class MineSequentialRules:
    """Rules out of frequent sequences.

    Parameters
    ----------
    sequences : MineSequences
        What the rules are made of.
    min_confidence : float, default 0.5
        The smallest share of the customers with the antecedent whom the consequent follows.
    min_lift : float, default 0
        The smallest lift.
    """

    name: ClassVar[str] = "sequential rules"

    sequences: MineSequences
    min_confidence: float = 0.5
    min_lift: float = 0.0

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        return self.sequences.limits

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return self.sequences.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        found = [*self.sequences.problems()]
        if not 0 <= self.min_confidence <= 1:
            found.append(f"--min-confidence {self.min_confidence:g}: a share in 0 .. 1")
        if not 0 <= self.min_lift < np.inf:
            found.append(f"--min-lift {self.min_lift:g}: at least 0")
        return found

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        own = {"min_confidence": self.min_confidence, "min_lift": self.min_lift}
        return self.sequences.settings() | own

    def load(self, progress: Progress) -> Loaded:
        """Read the customers' baskets."""
        return self.sequences.load(progress)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the rules: `antecedent`, `consequent`, `count`, measures and lags."""
        from models.sequences import sequential_rules

        found = replace(self.sequences, target="frequent").find(loaded, progress)
        progress.note(f"{len(found):,} sequences; making rules of them")
        rules = sequential_rules(
            found,
            loaded.data,
            min_confidence=self.min_confidence,
            min_lift=self.min_lift,
            n_jobs=self.sequences.n_jobs,
        )
        return rules.to_arrow()
