"""Rules that are more than chance: tested on the baskets that were mined, or on held-out ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lodeworks.errors import DataError
from lodeworks.progress import Progress
from pipelines.mining.task import Loaded

if TYPE_CHECKING:
    import pyarrow as pa

    from models.association import Baskets, Rules

__all__ = ["Correction", "Significance"]

Correction = Literal["holm", "bh", "none"]


@dataclass(frozen=True)
class Significance:
    """Fisher's exact test of every rule, corrected for the rules that were searched.

    Parameters
    ----------
    max_p : float, optional
        The largest corrected p-value. Default: no rule is tested.
    correction : {'holm', 'bh', 'none'}
        Bonferroni-Holm, Benjamini-Hochberg, or none.
    hold_out : float, optional
        A share of the baskets that is not mined; the rules are tested on it, and the correction
        then counts only the rules themselves.
    seed : int, default 0
        Which baskets are held out.
    """

    max_p: float | None = None
    correction: Correction = "holm"
    hold_out: float | None = None
    seed: int = 0

    def problems(self) -> list[str]:
        """Say what is wrong with the settings."""
        found = []
        if self.max_p is not None and not 0 < self.max_p <= 1:
            found.append(f"--max-p {self.max_p:g}: above 0 and up to 1")
        if self.hold_out is not None and not 0 < self.hold_out < 1:
            found.append(f"--hold-out {self.hold_out:g}: a share between 0 and 1")
        if self.hold_out is not None and self.max_p is None:
            found.append("--hold-out needs --max-p, the largest p-value on the held-out baskets")
        if self.seed < 0:
            found.append(f"--seed {self.seed}: at least 0")
        return found

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        if self.max_p is None:
            return {}
        return {
            "max_p": self.max_p,
            "correction": self.correction,
            "hold_out": self.hold_out,
            "seed": self.seed,
        }

    def split(self, loaded: Loaded, progress: Progress) -> "tuple[Loaded, Baskets | None]":
        """Give what is mined and what is held out.

        Raises
        ------
        DataError
            When one of the two would have no basket.
        """
        if self.hold_out is None:
            return loaded, None
        n_held = round(self.hold_out * loaded.baskets)
        if not 0 < n_held < loaded.baskets:
            raise DataError(f"--hold-out {self.hold_out:g} of {loaded.baskets} baskets leaves none")
        order = np.random.default_rng(self.seed).permutation(loaded.baskets)
        held, mined = np.sort(order[:n_held]), np.sort(order[n_held:])
        progress.note(f"{n_held:,} baskets are held out; {len(mined):,} are mined")
        part = replace(loaded, data=loaded.data.take(mined), baskets=len(mined))
        return part, loaded.data.take(held)

    def table(
        self,
        rules: "Rules",
        measures: Sequence[str],
        held_out: "Baskets | None",
        progress: Progress,
    ) -> "pa.Table":
        """Give the rules that pass, with their corrected p-values in the column `p_value`."""
        if self.max_p is None:
            return rules.to_arrow(measures)
        import pyarrow as pa

        from models.association import rule_p_values

        p = rule_p_values(rules, self.correction, held_out)
        passed = np.flatnonzero(p <= self.max_p)
        tests = rules.n_searched if held_out is None else len(rules)
        progress.note(
            f"{len(passed):,} of {len(rules):,} rules pass the test at {self.max_p:g} "
            f"({tests:,} tests, correction {self.correction})"
        )
        table = rules.take(passed).to_arrow(measures)
        return table.append_column("p_value", pa.array(p[passed]))
