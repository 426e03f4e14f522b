"""What became of findings from one run to another: every word stands on a test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from experiments.findings.draft import Evidence
from experiments.findings.finding import Observation

__all__ = ["CHANGES", "Change", "Figure", "compare", "counted", "figure_of"]

CHANGES = ("contradicted", "gone", "weaker", "new", "stronger", "unchanged")

LEVEL = 0.05
# Added to each cell of a table that has an empty one (Haldane 1956, Anscombe 1956).
HALF = 0.5


class Figure(NamedTuple):
    """The main figure of a pattern on a scale where differences can be tested, and 0 says nothing.

    Attributes
    ----------
    value, se : float
        On that scale: the logarithm of a lift, a share, or the value itself; its standard error.
    name : str
        ``lift``, ``confidence`` or ``value``.
    shown : float
        The figure as people read it.
    """

    value: float
    se: float
    name: str
    shown: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one finding.

    Attributes
    ----------
    finding_id : str
        Which one.
    change : str
        One of ``CHANGES``.
    figure : str
        What was compared: ``lift``, ``confidence`` or ``value``; empty where nothing could be.
    before, after : float or None
        That figure.
    p, p_adjusted : float or None
        Two-sided, of no difference; after Holm over all findings compared. Of a new pattern: the p
        that it was found with.
    sure : bool
        Whether the p after correction bears out the word.
    """

    finding_id: str
    change: str
    figure: str = ""
    before: float | None = None
    after: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    sure: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def compare(
    before: Mapping[str, Observation],
    after: Mapping[str, Observation],
    *,
    level: float = LEVEL,
) -> list[Change]:
    """Say what became of every finding that one of two runs found.

    The figures of patterns that both runs measured are tested against each other: logarithms of
    lifts, shares, or values with intervals. The p are corrected after
    Holm over all of these tests. `stronger` is further from the value that says nothing and
    `weaker` is nearer to it; `contradicted` is on its other side. A pattern not found again but
    measured is `gone`, and sure where it is weaker too; a `new` one is sure where its own p
    after correction says so.

    Parameters
    ----------
    before, after : mapping of str to Observation
        What each run said, by finding.
    level : float, default 0.05
        What p after correction may be at most.

    Returns
    -------
    list of Change
        Contradicted ones first, then gone, weaker, new, stronger, unchanged; within these by p.
    """
    from experiments.effect.multiplicity import holm

    both = [name for name in before if name in after and before[name].found]
    tests = [_tested(before[name].evidence, after[name].evidence) for name in both]
    adjusted = holm([test.p for test in tests])
    changes = [
        _changed(name, after[name].found, test, float(p), level)
        for name, test, p in zip(both, tests, adjusted, strict=True)
    ]
    changes += [
        Change(finding_id=name, change="gone")
        for name, seen in before.items()
        if seen.found and name not in after
    ]
    changes += [
        _new(name, seen.evidence, level)
        for name, seen in after.items()
        if seen.found and (name not in before or not before[name].found)
    ]
    return sorted(changes, key=_place)


def figure_of(evidence: Evidence) -> Figure | None:
    """Give the figure that says how strong a pattern is; None where it has none to test.

    Notes
    -----
    The standard error of the logarithm of a lift comes from its interval or else from the counts:
    of a multinomial sample, by the delta method, it is the root of
    ``(1 / xy - 1 / x - 1 / y + 2 lift - 1) / n`` over the shares of both sides and of each.
    """
    if evidence.lift is not None and evidence.lift > 0:
        se = _lift_se(evidence)
        return Figure(math.log(evidence.lift), se, "lift", evidence.lift)
    if evidence.value is not None:
        se = _half_width(evidence.value_low, evidence.value_high, evidence.level)
        return Figure(evidence.value, se, "value", evidence.value)
    if evidence.confidence is not None:
        share = evidence.confidence
        return Figure(share, _share_se(evidence), "confidence", share)
    return None


class _Test(NamedTuple):
    figure: str
    before: float | None
    after: float | None
    p: float
    turned: bool
    stronger: bool


def _tested(before: Evidence, after: Evidence) -> _Test:
    one, other = figure_of(before), figure_of(after)
    if one is None or other is None or one.name != other.name:
        return _Test("", None, None, math.nan, False, False)
    return _Test(
        one.name,
        one.shown,
        other.shown,
        _p_of_difference(one, other),
        turned=one.value * other.value < 0,
        stronger=abs(other.value) > abs(one.value),
    )


def _p_of_difference(one: Figure, other: Figure) -> float:
    se = math.hypot(one.se, other.se)
    if not math.isfinite(se):
        return math.nan
    if se == 0:
        return 1.0 if one.value == other.value else 0.0
    return math.erfc(abs(one.value - other.value) / se / math.sqrt(2))


def _changed(name: str, found: bool, test: _Test, p_adjusted: float, level: float) -> Change:
    differs = p_adjusted <= level
    change = "unchanged"
    if differs:
        change = "contradicted" if test.turned else "stronger" if test.stronger else "weaker"
    sure = differs
    if not found and change != "contradicted":
        change, sure = "gone", change == "weaker"
    return Change(
        finding_id=name,
        change=change,
        figure=test.figure,
        before=test.before,
        after=test.after,
        p=_known(test.p),
        p_adjusted=_known(p_adjusted),
        sure=sure,
    )


def _new(name: str, evidence: Evidence, level: float) -> Change:
    figure = figure_of(evidence)
    p = evidence.p_adjusted
    return Change(
        finding_id=name,
        change="new",
        figure="" if figure is None else figure.name,
        after=None if figure is None else figure.shown,
        p=evidence.p,
        p_adjusted=p,
        sure=p is not None and p <= level,
    )


def _lift_se(evidence: Evidence) -> float:
    low, high = evidence.lift_low, evidence.lift_high
    if low is not None and high is not None and low > 0:
        return _half_width(math.log(low), math.log(high), evidence.level)
    if not evidence.support or not evidence.confidence or not evidence.lift or not evidence.n:
        return math.nan
    both = evidence.support
    one, other = both / evidence.confidence, evidence.confidence / evidence.lift
    spread = (1 / both - 1 / one - 1 / other + 2 * evidence.lift - 1) / evidence.n
    return math.sqrt(max(spread, 0.0))


def _share_se(evidence: Evidence) -> float:
    """Give the standard error of a share, a half added to hits and misses."""
    covered = evidence.n
    if evidence.support is not None and evidence.confidence:
        covered = round(evidence.n * evidence.support / evidence.confidence)
    share = ((evidence.confidence or 0.0) * covered + HALF) / (covered + 2 * HALF)
    return math.sqrt(share * (1 - share) / (covered + 2 * HALF))


def _half_width(low: float | None, high: float | None, level: float) -> float:
    if low is None or high is None:
        return math.nan
    from statistics import NormalDist

    return (high - low) / 2 / NormalDist().inv_cdf((1 + level) / 2)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _place(change: Change) -> tuple[int, bool, float, str]:
    p = math.inf if change.p_adjusted is None else change.p_adjusted
    return CHANGES.index(change.change), not change.sure, p, change.finding_id


def counted(changes: Sequence[Change]) -> dict[str, int]:
    """Count the changes of each sort."""
    return {name: sum(one.change == name for one in changes) for name in CHANGES}
