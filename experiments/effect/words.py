"""Effects in sentences."""

import math

from experiments.effect.estimate import Effect
from experiments.effect.verdict import Verdict
from experiments.report.numbers import count, money, percent

__all__ = ["amount", "difference_text", "sentence", "too_small"]


def amount(value: float, kind: str, currency: str = "") -> str:
    """Write a value of an outcome by its kind: ``share``, ``money`` or anything else.

    Examples
    --------
    >>> amount(0.052, "share"), amount(2.5, "money", "GBP"), amount(0.25, "units")
    ('5.2%', '£2.50', '0.25')
    """
    if kind == "share":
        return percent(value)
    if kind == "money":
        small = math.isfinite(value) and 0 < abs(value) < 0.1
        return f"{value:.4f} {currency}".strip() if small else money(value, currency)
    return f"{value:,.3g}" if math.isfinite(value) else "unknown"


def difference_text(value: float, kind: str, currency: str = "") -> str:
    """Write a difference; that of shares in points.

    Examples
    --------
    >>> difference_text(0.021, "share"), difference_text(1.5, "money", "EUR")
    ('2.10 points', '€1.50')
    """
    if kind == "share":
        return f"{value * 100:.2f} points" if math.isfinite(value) else "unknown"
    return amount(value, kind, currency)


def sentence(
    found: Effect,
    judged: Verdict,
    what: str,
    kind: str,
    currency: str = "",
    *,
    each: str = "a customer",
) -> str:
    """Say an effect in one sentence.

    Parameters
    ----------
    found : Effect
        What was measured.
    judged : Verdict
        What follows from it.
    what : str
        The outcome in words, such as ``bought an item of the list``.
    kind, currency : str
        As in `amount`.
    each : str
        What a value that is no share stands for.

    Examples
    --------
    >>> from experiments.effect import effect
    >>> found = effect([1] * 30 + [0] * 70 + [1] * 10 + [0] * 90, [1] * 100 + [0] * 100)
    >>> sentence(found, Verdict("more", 0.15, None), "bought", "share")  # doctest: +ELLIPSIS
    'bought: 30% of 100 targets against 10% of 100 controls; more: 20.00 points (95% interval ...)'
    """
    groups = (
        f"{what}: {amount(found.treated_mean, kind, currency)} of {count(found.treated)} targets"
        f" against {amount(found.control_mean, kind, currency)} of {count(found.control)} controls"
    )
    if kind != "share":
        groups = (
            f"{what}: {amount(found.treated_mean, kind, currency)} {each} of"
            f" {count(found.treated)} targets against {amount(found.control_mean, kind, currency)}"
            f" of {count(found.control)} controls"
        )
    return f"{groups}; {_conclusion(found, judged, kind, currency)}"


def _conclusion(found: Effect, judged: Verdict, kind: str, currency: str) -> str:
    gap = difference_text(found.difference, kind, currency)
    if not math.isfinite(found.low):
        return "too small to tell: nothing can be compared"
    ends = " to ".join(difference_text(end, kind, currency) for end in (found.low, found.high))
    told = f"{gap} ({found.level:.0%} interval {ends})"
    if judged.kind == "too small to tell":
        return f"{told}: {too_small(judged, kind, currency)}"
    return f"{judged.kind}: {told}"


def too_small(judged: Verdict, kind: str, currency: str = "") -> str:
    """Say that a sample is too small to tell, what it could show and what size would do."""
    told = "too small to tell"
    if math.isfinite(judged.detectable) and judged.detectable > 0:
        told += (
            "; groups like these show a difference of"
            f" {difference_text(judged.detectable, kind, currency)} in four of five times"
        )
    if judged.needed is not None:
        told += f"; if the true one is as seen, about {count(judged.needed)} customers would do"
    return told
