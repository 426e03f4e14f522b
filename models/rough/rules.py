"""Rules of rough sets: certain where the columns decide, possible where they do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.rough.approximations import check_columns, classes, column_codes
from models.rough.reducts import greedy_reduct

__all__ = ["DecisionRule", "decision_rules", "rules_frame"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionRule:
    """IF columns have these values THEN decision.

    Parameters
    ----------
    conditions : mapping of str to value
    decision : value
    n_rows : int
        Records that meet the conditions and have the decision (the support).
    strength : float
        Their share of all records.
    certainty : float
        Their share of the records that meet the conditions; 1 for a certain rule.
    coverage : float
        Their share of the records that have the decision.
    """

    conditions: Mapping[str, Any]
    decision: Any
    n_rows: int
    strength: float
    certainty: float
    coverage: float

    @property
    def is_certain(self) -> bool:
        """Whether no record contradicts."""
        return self.certainty == 1.0

    @property
    def text(self) -> str:
        """The rule in words."""
        said = " and ".join(f"{name} is {_word(value)}" for name, value in self.conditions.items())
        maybe = "THEN" if self.is_certain else "THEN possibly"
        return f"IF {said or 'anything'} {maybe} {_word(self.decision)}"


def decision_rules(
    table: pd.DataFrame,
    decision: str,
    columns: Sequence[str] | None = None,
    *,
    shorten: bool = True,
    min_rows: int = 1,
    min_certainty: float = 0.0,
) -> list[DecisionRule]:
    """Derive certain and possible rules, with support, certainty and coverage.

    Pawlak, "Rough sets and intelligent data analysis", *Information Sciences* 147 (2002). Every
    indiscernibility class gives a rule for each decision that occurs in it.

    Parameters
    ----------
    table : DataFrame
    decision : str
    columns : sequence of str, optional
        Default: the reduct that `greedy_reduct` finds.
    shorten : bool, default True
        Drop conditions of certain rules as long as they stay certain (value reducts).
    min_rows : int, default 1
        Least support.
    min_certainty : float, default 0
        Least certainty.

    Returns
    -------
    list of DecisionRule
        Certain ones first, then by support.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 1, 2, 2], "d": ["x", "y", "x", "x"]})
    >>> [rule.text for rule in decision_rules(table, "d")]
    ['IF a is 2 THEN x', 'IF a is 1 THEN possibly x', 'IF a is 1 THEN possibly y']
    """
    check_columns(table, [decision, *(columns or ())])
    names = list(greedy_reduct(table, decision) if columns is None else columns)
    work = _Counts(table, decision, names)
    found: dict[tuple[frozenset[tuple[str, int]], int], DecisionRule] = {}
    for record, target in work.different():
        is_certain = work.certainty(names, record, target) == 1
        kept = work.shorter(names, record, target) if shorten and is_certain else names
        key = (frozenset((name, int(work.codes[name][record])) for name in kept), target)
        if key not in found:
            found[key] = work.rule(kept, record, target)
    wanted = [r for r in found.values() if r.n_rows >= min_rows and r.certainty >= min_certainty]
    return sorted(wanted, key=lambda r: (-r.certainty, -r.n_rows, len(r.conditions), r.text))


def rules_frame(rules: Iterable[DecisionRule]) -> pd.DataFrame:
    """Give rules as a frame: rule, kind, decision, rows, strength, certainty, coverage.

    Examples
    --------
    >>> rules_frame([]).columns.tolist()
    ['rule', 'kind', 'decision', 'rows', 'strength', 'certainty', 'coverage']
    """
    columns = ["rule", "kind", "decision", "rows", "strength", "certainty", "coverage"]
    rows = [
        (r.text, "certain" if r.is_certain else "possible", r.decision, r.n_rows, r.strength,
         r.certainty, r.coverage)
        for r in rules
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


class _Counts:
    """Counts of records that meet conditions."""

    def __init__(self, table: pd.DataFrame, decision: str, names: Sequence[str]) -> None:
        self.table, self.decision, self.names = table, decision, names
        self.codes = {name: column_codes(table[name]) for name in names}
        self.decisions = column_codes(table[decision])

    def different(self) -> list[tuple[int, int]]:
        """Give a record for every class and decision that occurs in it."""
        group = classes(self.table, self.names)
        pairs = pd.DataFrame({"group": group, "decision": self.decisions}).drop_duplicates()
        return [(int(i), int(self.decisions[i])) for i in pairs.index.to_numpy()]

    def inside(self, names: Sequence[str], record: int) -> Mask:
        mask = np.ones(len(self.decisions), bool)
        for name in names:
            mask &= self.codes[name] == self.codes[name][record]
        return mask

    def certainty(self, names: Sequence[str], record: int, target: int) -> float:
        mask = self.inside(names, record)
        return float((self.decisions[mask] == target).mean())

    def shorter(self, names: Sequence[str], record: int, target: int) -> list[str]:
        kept = list(names)
        for name in names:
            fewer = [other for other in kept if other != name]
            if self.certainty(fewer, record, target) == 1:
                kept = fewer
        return kept

    def rule(self, names: Sequence[str], record: int, target: int) -> DecisionRule:
        mask = self.inside(names, record)
        same = self.decisions == target
        both, n = int((mask & same).sum()), len(mask)
        values = {name: _plain(self.table[name].iloc[record]) for name in names}
        shares = (both / n, both / int(mask.sum()), both / int(same.sum()))
        decision = _plain(self.table[self.decision].iloc[record])
        return DecisionRule(values, decision, both, *shares)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _word(value: Any) -> str:
    return "missing" if pd.isna(value) else str(value)
