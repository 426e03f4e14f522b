"""A measured effect as a record that knowledge can be kept in: words, evidence and money."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

__all__ = ["EffectRecord", "record_frame"]


@dataclass(frozen=True, kw_only=True)
class EffectRecord:
    """What was learned about one pattern, part or whole list.

    Attributes
    ----------
    effect_id : str
        Stable name of the record: hash of the list, the days and the subject.
    subject : str
        What it is about: ``list``, ``rule``, ``segment``, ``model``, ``decile`` or ``rank``.
    pattern_id : str
        Which one of them; for a rule the ``evidence_id`` of the list's rows.
    outcome : str
        What was measured, such as ``response`` or ``profit``.
    statement : str
        The effect in one sentence.
    verdict : str
        ``more``, ``less`` or ``too small to tell``, after correction for many looks.
    target, control : int
        Customers of either group.
    target_mean, control_mean, difference, low, high : float
        Per customer; the interval has coverage `level`.
    p, p_adjusted : float
        As found; after Holm over all looks of the same kind.
    total, total_low, total_high : float
        The difference over all target customers.
    currency : str
        Of outcomes in money; empty otherwise.
    method : str
        How the interval was made.
    level : float
        Coverage of the intervals.
    needed_customers : int or None
        What would show a difference as large as the one seen.
    list_sha256, as_of, outcome_from, outcome_to : str
        Where it was measured: the list's bytes, its last day seen, first and last day measured.
    interim : bool
        Whether the outcome window was not over.
    """

    effect_id: str
    subject: str
    pattern_id: str
    outcome: str
    statement: str
    verdict: str
    target: int
    control: int
    target_mean: float
    control_mean: float
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    total: float
    total_low: float
    total_high: float
    currency: str
    method: str
    level: float
    needed_customers: int | None
    list_sha256: str
    as_of: str
    outcome_from: str
    outcome_to: str
    interim: bool

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self)


def record_frame(records: Sequence[EffectRecord]) -> pd.DataFrame:
    """Set records as a frame, one a row, in the columns of `EffectRecord`."""
    names = [one.name for one in fields(EffectRecord)]
    frame = pd.DataFrame([record.to_dict() for record in records], columns=names)
    return frame.astype({"needed_customers": "Int64"})
