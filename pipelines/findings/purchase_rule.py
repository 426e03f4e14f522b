"""Rules about purchases: who bought these items buys that one afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.findings import Draft, Evidence, Words

__all__ = ["PurchaseRule"]


@dataclass(frozen=True, order=True)
class PurchaseRule:
    """Who bought `needs` buys `item`.

    Attributes
    ----------
    needs : tuple of str
        Identifiers of items, sorted; empty: everybody.
    item : str
        The item behind THEN; one of `needs` where it is about buying again.
    """

    needs: tuple[str, ...]
    item: str

    @classmethod
    def of(cls, pattern: Mapping[str, Any]) -> "list[PurchaseRule]":
        """Read the pattern of a finding of the kind ``rule``: one rule an item behind THEN."""
        needs = tuple(sorted(map(str, pattern.get("if", ()))))
        return [cls(needs, str(item)) for item in pattern.get("then", ())]

    @property
    def again(self) -> bool:
        """Whether it is about buying an item again."""
        return self.item in self.needs

    @property
    def pattern(self) -> dict[str, Any]:
        """Give the pattern by which a finding is known."""
        return {"if": list(self.needs), "then": [self.item]}

    @property
    def touches(self) -> dict[str, Any]:
        """Give whom it is about: those who meet IF and, unless bought again, lack THEN."""
        parts: list[dict[str, Any]] = [{"bought": item} for item in self.needs]
        if not self.again:
            parts.append({"not": {"bought": self.item}})
        return parts[0] if len(parts) == 1 else {"all": parts}

    def words(self, evidence: Evidence, covered: int, days: int, names: pd.Series) -> Words:
        """Give the statement, with names in the place of identifiers."""
        key = "rule.everybody" if not self.needs else "rule.again" if self.again else "rule"
        key += ".none" if evidence.confidence == 0 else ""
        values = {
            "if": told(self.needs, names),
            "then": told([self.item], names),
            "covered": covered,
            "confidence": evidence.confidence,
            "times": evidence.lift,
            "days": days,
        }
        return Words(key, values)

    def draft(
        self, evidence: Evidence, covered: int, days: int, names: pd.Series, **known: Any
    ) -> Draft:
        """Make the draft of a finding; `known` holds money, evidence ids and source."""
        return Draft(
            kind="rule",
            pattern=self.pattern,
            words=self.words(evidence, covered, days, names),
            evidence=evidence,
            touches=self.touches,
            **known,
        )


def told(items: Sequence[str], names: pd.Series) -> list[str]:
    """Give the names of items; the identifier where there is none."""
    return [str(names.get(item, item)) for item in items]
