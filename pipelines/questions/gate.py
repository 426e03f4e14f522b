"""Whether a new model becomes champion: when it is not measurably worse than the present one."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from scipy import stats

from experiments.evaluation.bootstrap import Interval
from experiments.registry import ModelVersion, Registry
from pipelines.bundle_kind import kind_of
from pipelines.promotion import Promotion

__all__ = ["Figure", "Judge", "Rivals", "Verdict", "by_bound", "decide", "other", "verdict"]


@dataclass(frozen=True)
class Verdict:
    """What a comparison with the champion says.

    Attributes
    ----------
    status : str
        ``better``, ``no worse``, ``refreshed`` or ``refused``; see `Promotion`.
    reason : str
        In words.
    """

    status: str
    reason: str


Judge = Callable[[Path, str], Verdict]
"""Compares the answer with the champion, whose bundle and version are given."""


@dataclass(frozen=True)
class Figure:
    """What a model reached on the records held out from it; more is better.

    Attributes
    ----------
    measure : str
        What it is, with the article: two figures of different measures are not compared.
    mean, se : float
        Mean and its standard error.
    """

    measure: str
    mean: float
    se: float

    def to_dict(self) -> dict[str, str | float]:
        """Give plain values for a bundle."""
        return asdict(self)


@dataclass(frozen=True)
class Rivals:
    """The new model and another one on the same records.

    Attributes
    ----------
    new, old : float
        Their figures; more is better.
    gap : Interval
        The new one's less the other's, record by record.
    """

    new: float
    old: float
    gap: Interval

    @property
    def worse(self) -> bool:
        """Whether the new one is measurably worse."""
        return self.gap.high < 0

    def sentence(self, measure: str, rival: str) -> str:
        """Say what was measured."""
        gap = self.gap
        return (
            f"On the same records the new one has {measure} of {self.new:.4f}, {rival}"
            f" {self.old:.4f}; the difference of {gap.mean:.4f} has the {gap.level:.0%} interval"
            f" {gap.low:.4f} to {gap.high:.4f}."
        )


def verdict(
    version: str,
    new: Figure,
    *,
    again: Rivals | None,
    standing: Rivals | None,
    own: Figure | None,
    level: float,
) -> Verdict:
    """Say whether the new model may take the champion's place.

    Neither may have learned from the records that both are measured on. Therefore the champion's
    recipe is fitted again without them. The champion as it stands may have learned from them and
    look better than it is; the new one is refused against it only when it also falls behind what
    the champion reached on its own held-out records, which is a sign of data that went wrong.

    Parameters
    ----------
    version : str
        The champion's.
    new : Figure
        Of the new model.
    again : Rivals or None
        Against the champion's recipe, fitted again; None where both have the same recipe.
    standing : Rivals or None
        Against the champion as it stands; None where it cannot read these records.
    own : Figure or None
        What the champion reached on its own held-out records, where it says so.
    level : float
        Of the intervals.
    """
    if again is not None and again.worse:
        told = again.sentence(new.measure, f"the recipe of version {version}, fitted again,")
        return Verdict("refused", told)
    if standing is not None and standing.worse and _is_below(new, own, level):
        told = standing.sentence(new.measure, f"version {version} as it stands")
        return Verdict(
            "refused", f"{told} It is also below what version {version} had: are the data whole?"
        )
    if again is None:
        return Verdict("refreshed", f"The recipe of version {version}, fitted again.")
    told = again.sentence(new.measure, f"the recipe of version {version}, fitted again,")
    return Verdict("better" if again.gap.low > 0 else "no worse", told)


def _is_below(new: Figure, own: Figure | None, level: float) -> bool:
    if own is None or own.measure != new.measure:
        return False
    error = math.hypot(new.se, own.se)
    return new.mean - own.mean + float(stats.norm.ppf((1 + level) / 2)) * error < 0


def by_bound(version: str, what: str, reached: float, bound: float, *, same: bool) -> Verdict:
    """Judge what has no outcome to be right or wrong about: by how well it comes again.

    Parameters
    ----------
    version : str
        The champion's.
    what : str
        What was measured.
    reached, bound : float
        How well, and how well at least.
    same : bool
        Whether the champion has the same recipe.
    """
    told = f"{what} is {reached:.2f}; the least that is asked for is {bound:.2f}"
    if not reached >= bound:
        return Verdict("refused", f"{told}.")
    return Verdict("refreshed" if same else "no worse", f"{told}; version {version} goes.")


def other(version: str, differs: str) -> Verdict:
    """Refuse to compare with the champion of another question.

    Parameters
    ----------
    version : str
        The champion's.
    differs : str
        What is not the same.
    """
    return Verdict(
        "refused",
        f"Version {version} answers another question, {differs}: give this model a name of its own"
        " (promotion.name).",
    )


def decide(
    registry: Registry, made: ModelVersion, alias: str, kind: str, judge: Judge
) -> Promotion:
    """Say whether the alias may point to a new version.

    Parameters
    ----------
    registry : Registry
        Knows the champion.
    made : ModelVersion
        The new version.
    alias : str
        What marks the champion.
    kind : str
        Of the question.
    judge : callable
        Asked where there is another champion of the same kind.
    """
    name, version = made.name, made.version
    present = registry.champion(name, alias)
    if present is None:
        return Promotion(name, version, "first", version, "There was no champion before.")
    old, folder = present
    if old == version:
        return Promotion(name, version, "unchanged", version, "It is the champion already.")
    found = kind_of(folder)
    said = judge(folder, old) if found == kind else other(old, f"its kind is {found!r}")
    return Promotion(
        name, version, said.status, old if said.status == "refused" else version, said.reason
    )
