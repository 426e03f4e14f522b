"""The new network against the champion, on customers that neither learned from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments.evaluation.bootstrap import paired_difference
from pipelines.config.value_classes import ClassNetwork, ValueClasses
from pipelines.questions.gate import Figure, Rivals, Verdict, other, verdict
from pipelines.valueclasses.bundled import ClassBundle, read_classes
from pipelines.valueclasses.clients import Cases

__all__ = ["ClassJudge", "held_out"]

MEASURE = "a share of the right class"


def held_out(by_customer: np.ndarray) -> Figure:
    """Give how often a customer is found in the stated class by networks that had not seen him."""
    error = float(by_customer.std(ddof=1) / np.sqrt(len(by_customer)))
    return Figure(MEASURE, float(by_customer.mean()), error)


class ClassJudge:
    """Holds the network against a champion; call it with the champion's bundle and version.

    Parameters
    ----------
    config : ValueClasses
        What was asked.
    cases : Cases
        The customers.
    by_customer : numpy.ndarray of float64
        Share of repeats in which each was found in the stated class.
    judged : callable
        Gives the same of another network.
    """

    def __init__(
        self,
        config: ValueClasses,
        cases: Cases,
        by_customer: np.ndarray,
        judged: Callable[[ClassNetwork], np.ndarray],
    ) -> None:
        self.config, self.cases = config, cases
        self.by_customer, self.judged = by_customer, judged

    def __call__(self, folder: Path, version: str) -> Verdict:
        """Say whether the network may take the champion's place."""
        champion = read_classes(folder)
        classes = champion.model.classes
        if classes != self.config.data.classes:
            return other(version, f"about the classes {', '.join(classes)}")
        told, network = champion.meta.get("held_out"), champion.meta.get("network")
        before = self.config.network if network is None else ClassNetwork(**network)
        same = before == self.config.network
        return verdict(
            version,
            held_out(self.by_customer),
            again=None if same else self._rivals(self.judged(before)),
            standing=self._standing(champion),
            own=None if told is None else Figure(**told),
            level=self.config.evaluation.level,
        )

    def _standing(self, champion: ClassBundle) -> Rivals | None:
        table, columns = self.cases.table, champion.meta["columns"]
        numbers = set(table.select_dtypes("number").columns)
        types = {name: "number" if name in numbers else "text" for name in table}
        if any(types.get(name) != kind for name, kind in columns.items()):
            return None
        right = champion.model.predict(table[list(columns)]) == self.cases.labels
        return self._rivals(right.astype(np.float64))

    def _rivals(self, old: np.ndarray) -> Rivals:
        new, level = self.by_customer, self.config.evaluation.level
        gap = paired_difference(new, old, level, seed=self.config.seed)
        return Rivals(float(new.mean()), float(old.mean()), gap)
