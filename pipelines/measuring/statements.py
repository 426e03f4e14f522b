"""What a measurement says: sentences for people, records for the knowledge base."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.effect import Effect, EffectRecord
from experiments.effect.multiplicity import holm
from experiments.effect.verdict import verdict
from experiments.effect.words import difference_text, sentence
from lodeworks.files import digest
from pipelines.measuring.outcomes import OUTCOMES, RATIOS, What
from pipelines.measuring.results import Measured

__all__ = ["overall_statements", "part_statements", "records"]

MARGIN = What("margin of its items, before contacts", "money")
SUBJECTS = {
    "list": "the list",
    "segment": "segment {}",
    "model": "model {}",
    "decile": "decile {} of expected profit",
    "rank": "rank {}",
    "rule": "rule {}",
}


def overall_statements(found: Measured, currency: str) -> list[str]:
    """Say the effects on the outcomes, on those contacted, and on ratios."""
    effects = found.overall
    adjusted_p = holm([one.p for one in effects.values()])
    told = [
        sentence(one, verdict(one, float(p)), OUTCOMES[name].words, OUTCOMES[name].kind, currency)
        for (name, one), p in zip(effects.items(), adjusted_p, strict=True)
    ]
    told += [_complier(name, one, currency) for name, one in found.compliers.items()]
    for name, one in found.ratios.items():
        what = RATIOS[name][0]
        told.append(sentence(one, verdict(one), what.words, what.kind, currency, each="on average"))
    return told


def _complier(name: str, found: Effect, currency: str) -> str:
    what = OUTCOMES[name]
    low, high = (difference_text(end, what.kind, currency) for end in (found.low, found.high))
    return (
        f"complement, on those who were contacted because they were drawn: {what.words} changed by"
        f" {difference_text(found.difference, what.kind, currency)} ({low} to {high}); it holds"
        " only when being drawn works through the contact alone"
    )


def part_statements(parts: pd.DataFrame, most: int = 8) -> list[str]:
    """Say which parts differ after correction, surest first; one line where none does."""
    told = []
    for subject, table in parts.groupby("subject", sort=False):
        sure = table[table["verdict"] != "too small to tell"].sort_values("p_holm")
        looks = len(table)
        if sure.empty:
            told.append(f"by {subject}: too small to tell in any of {looks} looks")
            continue
        some = [f"{row.part} ({row.outcome} {row.verdict})" for row in sure.itertuples()][:most]
        told.append(
            f"by {subject}: {', '.join(some)}; of {looks} looks, corrected after Holm for each"
            " outcome"
        )
    return told


def records(
    found: Measured, currency: str, context: Mapping[str, Any], level: float
) -> list[EffectRecord]:
    """Make the records of all effects: the whole list first, then its parts.

    Parameters
    ----------
    found : Measured
        The figures.
    currency : str
        Of money.
    context : mapping
        ``list_sha256``, ``as_of``, ``outcome_from``, ``outcome_to``, ``interim``.
    level : float
        Coverage of the intervals.
    """
    from pipelines.measuring.results import overall_frame

    whole = overall_frame(found.overall).assign(subject="list", part="")
    frame = pd.concat([whole, found.parts], ignore_index=True)
    return list(_records(frame, currency, context, level))


def _records(
    frame: pd.DataFrame, currency: str, context: Mapping[str, Any], level: float
) -> Iterator[EffectRecord]:
    for row in frame.to_dict("records"):
        what = OUTCOMES.get(row["outcome"], MARGIN)
        money = currency if what.kind == "money" else ""
        named = SUBJECTS[row["subject"]].format(row["part"])
        key = [row["subject"], row["part"], row["outcome"], dict(context)]
        needed = row["needed_customers"]
        yield EffectRecord(
            effect_id=digest(key)[:16],
            subject=row["subject"],
            pattern_id=row["part"],
            outcome=row["outcome"],
            statement=f"{named}: {_row_sentence(row, what, money, level)}",
            target=int(row["treated"]),
            control=int(row["control"]),
            target_mean=row["treated_mean"],
            p_adjusted=row["p_holm"],
            currency=money,
            level=level,
            needed_customers=None if pd.isna(needed) else int(needed),
            **{
                name: row[name]
                for name in (
                    *("verdict", "control_mean", "difference", "low", "high", "p", "method"),
                    *("total", "total_low", "total_high"),
                )
            },
            **context,
        )


def _row_sentence(row: Mapping[Any, Any], what: What, currency: str, level: float) -> str:
    gap = difference_text(row["difference"], what.kind, currency)
    if not math.isfinite(row["low"]):
        return f"{what.words}: {row['verdict']}"
    low, high = (difference_text(row[end], what.kind, currency) for end in ("low", "high"))
    return (
        f"contacting changed '{what.words}' by {gap} a customer ({level:.0%} interval {low} to"
        f" {high}): {row['verdict']}"
    )
