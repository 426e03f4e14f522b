"""Mine association rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lodeworks.errors import BudgetExceeded, ConfigError, did_you_mean
from lodeworks.progress import Progress
from pipelines.mining.itemsets import MineItemsets, bad_sizes
from pipelines.mining.limits import Limits, in_options
from pipelines.mining.significance import Significance
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from models.association import Itemsets, Rules

__all__ = ["DEFAULT_INTEREST", "DEFAULT_MEASURES", "MineRules"]

DEFAULT_MEASURES = ("support", "confidence", "lift")
DEFAULT_INTEREST = 1.1
_COMPARING = "compare rules with those on larger groups"
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
    interest : float or None, default 1.1
        With a hierarchy: how many times what its ancestor rules let expect a rule has to have. None
        keeps every rule.
    significance : Significance
        Which rules are tested, and how. Default: none.
    min_improvement : float, optional
        How far the confidence of a rule has to exceed that of every simpler one.
    """

    name: ClassVar[str] = "rules"

    itemsets: MineItemsets
    min_confidence: float = 0.5
    max_consequent: int | None = None
    measures: Sequence[str] = DEFAULT_MEASURES
    interest: float | None = DEFAULT_INTEREST
    significance: Significance = field(default_factory=Significance)
    min_improvement: float | None = None

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        return self.itemsets.limits

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return self.itemsets.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        found = [*self.itemsets.problems(), *bad_sizes(1, max_consequent=self.max_consequent)]
        if not 0 <= self.min_confidence <= 1:
            found.append(f"--min-confidence {self.min_confidence:g}: a share in 0 .. 1")
        if self.interest is not None and not 1 <= self.interest < np.inf:
            found.append(f"--interest {self.interest:g}: at least 1")
        if self.min_improvement is not None and not 0 <= self.min_improvement < 1:
            found.append(f"--min-improvement {self.min_improvement:g}: at least 0 and below 1")
        return [*found, *self.significance.problems(), *self._clashes(), *self._unknown_measures()]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return self.itemsets.settings() | {
            "min_confidence": self.min_confidence,
            "max_consequent": self.max_consequent,
            "measures": list(self.measures),
            **({"interest": self.interest} if self.itemsets.hierarchy else {}),
            **({} if self.min_improvement is None else {"min_improvement": self.min_improvement}),
            **self.significance.settings(),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets."""
        return self.itemsets.load(progress)

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the rules: `antecedent`, `consequent`, `count` and the measures."""
        mined, held_out = self.significance.split(loaded, progress)
        found = replace(self.itemsets, target="frequent").find(mined, progress)
        progress.note(f"{len(found):,} itemsets; making rules of them")
        try:
            rules = self._split(mined, found)
        except BudgetExceeded as error:
            said = f"over the budget of {self.limits.memory:,} bytes: {error.message}"
            raise BudgetExceeded(f"{in_options(said)}; nothing was written") from None
        kept = self._improving(self._interesting(rules, mined, progress), progress)
        return self.significance.table(kept, self.measures, held_out, progress)

    def _split(self, loaded: Loaded, found: "Itemsets") -> "Rules":
        from models.association import association_rules

        arguments = {
            "min_confidence": self.min_confidence,
            "max_consequent": self.max_consequent,
            "max_rules": max(1, self.limits.memory // _BYTES_A_RULE),
            "n_jobs": self.itemsets.n_jobs,
        }
        if self.itemsets.hierarchy is None or loaded.levels is None:
            return association_rules(found, **arguments)  # type: ignore[arg-type]
        return self.itemsets.hierarchy.rules(loaded.data, loaded.levels, found, **arguments)

    def _interesting(self, rules: "Rules", loaded: Loaded, progress: Progress) -> "Rules":
        """Leave out what a rule on the ancestors explains."""
        if loaded.levels is None or self.interest is None:
            return rules
        from models.association import explained_by_ancestors

        progress.start(_COMPARING)
        explained = explained_by_ancestors(rules, loaded.levels.taxonomy, self.interest)
        progress.done(_COMPARING)
        progress.note(
            f"{int(explained.sum()):,} of {len(rules):,} rules follow from a rule on larger groups "
            "and are left out; --keep-uninteresting keeps them"
        )
        return rules.take(np.flatnonzero(~explained))

    def _improving(self, rules: "Rules", progress: Progress) -> "Rules":
        """Leave out what a simpler rule says nearly as surely."""
        if self.min_improvement is None:
            return rules
        from models.association import redundant

        try:
            dull = redundant(rules, self.min_improvement)
        except ValueError as error:
            raise ConfigError(in_options(f"--min-improvement: {error}")) from None
        progress.note(
            f"{int(dull.sum()):,} of {len(rules):,} rules are hardly surer than a simpler one and "
            "are left out"
        )
        return rules.take(np.flatnonzero(~dull))

    def _clashes(self) -> list[str]:
        """Say which ways of searching cannot hold baskets out."""
        sets = self.itemsets
        ways = {
            "--stream": sets.stream,
            "--update": sets.update is not None,
            "--taxonomy": sets.hierarchy is not None,
        }
        if self.significance.hold_out is None:
            return []
        return [f"--hold-out and {way} do not go together" for way, used in ways.items() if used]

    def _unknown_measures(self) -> list[str]:
        if not set(self.measures) - set(DEFAULT_MEASURES):
            return []
        from models.association import MEASURES

        return [
            f"--measure {name}: {did_you_mean(name, MEASURES)}"
            for name in self.measures
            if name not in MEASURES
        ]
