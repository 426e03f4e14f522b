"""Rules from wherever they were found, as rows of one kind."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

    from app.readers.runs import Run

__all__ = [
    "ORDERS",
    "Rule",
    "Wanted",
    "chosen",
    "rules_in_file",
    "rules_of_findings",
    "rules_of_run",
]

IF = ("if bought", "antecedent", "antecedents", "if", "sequence")
THEN = ("then also", "consequent", "consequents", "then", "item")
P = ("p_adjusted", "p_corrected", "corrected_p", "p_value", "p")


@dataclass(frozen=True)
class Rule:
    """One rule; a figure that is not known is NaN.

    Attributes
    ----------
    id : str
        Its name on the pages.
    needs, then : tuple of str
        Both sides, in words.
    support, confidence, lift : float
    low, high : float
        Ends of the interval of the lift.
    p : float
        After correction where it was corrected.
    money : float
    currency : str
        Of the money.
    status : str
        Of the finding; empty for one that is not kept.
    link : str
        Its page.
    """

    id: str
    needs: tuple[str, ...]
    then: tuple[str, ...]
    support: float = math.nan
    confidence: float = math.nan
    lift: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    money: float = math.nan
    currency: str = ""
    status: str = ""
    link: str = ""

    @property
    def text(self) -> str:
        """Give the rule in one line."""
        return f"{' and '.join(self.needs) or 'anything'} → {' and '.join(self.then)}"


@dataclass(frozen=True)
class Wanted:
    """Which rules are wanted; what is not stated does not matter."""

    item: str = ""
    support: float | None = None
    confidence: float | None = None
    lift: float | None = None
    money: float | None = None
    status: str = ""
    order: str = "lift"

    def holds(self, rule: Rule) -> bool:
        """Say whether a rule is wanted."""
        least = (
            (self.support, rule.support),
            (self.confidence, rule.confidence),
            (self.lift, rule.lift),
            (self.money, rule.money),
        )
        named = self.item.strip().casefold()
        return (
            all(low is None or value >= low for low, value in least)
            and (not self.status or rule.status == self.status)
            and (not named or named in rule.text.casefold())
        )


ORDERS: dict[str, Callable[[Rule], float]] = {
    "lift": lambda rule: rule.lift,
    "confidence": lambda rule: rule.confidence,
    "support": lambda rule: rule.support,
    "money": lambda rule: rule.money,
    "p": lambda rule: -rule.p,
}


def chosen(rules: Iterable[Rule], wanted: Wanted) -> list[Rule]:
    """Give the wanted rules in the wanted order; those without the figure last."""
    key = ORDERS.get(wanted.order, ORDERS["lift"])

    def place(rule: Rule) -> tuple[bool, float]:
        value = key(rule)
        return value != value, 0.0 if value != value else -value

    return sorted((rule for rule in rules if wanted.holds(rule)), key=place)


def rules_of_findings(findings: Sequence[Finding]) -> list[Rule]:
    """Give the findings that are rules or sequences."""
    return [_of_finding(one) for one in findings if one.kind in ("rule", "sequence")]


def rules_of_run(run: "Run") -> list[Rule]:
    """Give the rules a run reported."""
    frame = run.table("rules")
    return [] if frame is None else _of_frame(frame, f"/rules/one?from={run.id}&rule=")


def rules_in_file(path: Path) -> list[Rule]:
    """Give the rules of a file that `lode mine` wrote.

    Raises
    ------
    DataError
        When it cannot be read or holds no rules.
    """
    import pandas as pd

    from lodeworks.errors import DataError

    try:
        read = pd.read_csv if path.suffix == ".csv" else pd.read_parquet
        frame = read(path)
    except Exception as error:
        raise DataError(f"the rules {path.name} cannot be read") from error
    if not _column(frame, IF):
        raise DataError(f"{path.name} holds no rules: it has no column {', '.join(IF[:3])}")
    return _of_frame(frame, f"/rules/one?from={path.name}&rule=")


def _of_finding(one: Finding) -> Rule:
    values, seen = one.latest.words.values, one.latest
    needs = values.get("if", values.get("steps", one.pattern.get("if", ())))
    then = values.get("then", one.pattern.get("then", ()))
    return Rule(
        id=one.id,
        needs=_names(needs),
        then=_names(then),
        support=_number(seen.evidence.support),
        confidence=_number(seen.evidence.confidence),
        lift=_number(seen.evidence.lift),
        low=_number(seen.evidence.lift_low),
        high=_number(seen.evidence.lift_high),
        p=_number(seen.evidence.p_adjusted),
        money=_number(seen.money),
        currency=seen.currency,
        status=one.status,
        link=f"/findings/{one.id}",
    )


def _of_frame(frame: "pd.DataFrame", link: str) -> list[Rule]:
    left, right, p = _column(frame, IF), _column(frame, THEN), _column(frame, P)
    if not left or not right:
        return []
    rows = zip(
        frame[left],
        frame[right],
        *(_figures(frame, name) for name in ("support", "confidence", "lift")),
        *(_figures(frame, name) for name in ("lift_low", "lift_high", p, "expected_profit")),
        strict=True,
    )
    return [_row(list(row), link) for row in rows]


def _row(row: list[Any], link: str) -> Rule:
    sides, (support, confidence, lift, low, high, p, money) = tuple(map(_names, row[:2])), row[2:]
    name = hashlib.sha256(json.dumps(sides).encode()).hexdigest()[:12]
    return Rule(
        id=name,
        needs=sides[0],
        then=sides[1],
        support=support,
        confidence=confidence,
        lift=lift,
        low=low,
        high=high,
        p=p,
        money=money,
        link=f"{link}{name}",
    )


def _column(frame: "pd.DataFrame", names: Sequence[str]) -> str:
    return next((name for name in names if name in frame), "")


def _figures(frame: "pd.DataFrame", name: str) -> list[float]:
    import pandas as pd

    if name not in frame:
        return [math.nan] * len(frame)
    values: list[float] = pd.to_numeric(frame[name], errors="coerce").astype(float).tolist()
    return values


def _names(side: Any) -> tuple[str, ...]:
    """Read a side: a list, a JSON array, or names between ``and``."""
    if isinstance(side, str):
        if side.startswith("["):
            try:
                return _names(json.loads(side))
            except ValueError:
                return (side,)
        return tuple(side.split(" and "))
    if isinstance(side, Iterable):
        return tuple(
            " + ".join(_names(part)) if isinstance(part, list | tuple) else str(part)
            for part in side
        )
    return (str(side),)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
