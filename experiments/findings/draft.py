"""What a question learned that a person could act on, before it is kept as a finding."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.findings.touches import check_touches

__all__ = ["KINDS", "Draft", "Evidence", "Words"]

KINDS = (
    "rule",
    "sequence",
    "segment",
    "leaf",
    "subgroup",
    "value-class",
    "deviation",
    "drift",
    "effect",
)


SINGLE = (str, int, float, bool, type(None))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The figures behind a pattern; what is not known is None.

    Attributes
    ----------
    n : int
        Cases looked at: customers, baskets or pairs.
    support : float or None
        Share of the cases that meet the whole pattern, IF and THEN.
    confidence : float or None
        Share of those who meet IF that also meet THEN; the rate of a leaf.
    lift, lift_low, lift_high : float or None
        Confidence over the share of all cases that meet THEN, and the ends of its interval.
    value, value_low, value_high : float or None
        The main figure of patterns without a lift: the difference a customer of an effect, the
        index of a drift, the share of a segment, how far a deviation lies off.
    unit : str
        Of `value`: ``share``, ``money``, ``index`` or anything short.
    p, p_adjusted : float or None
        As found, and after correction for all patterns looked at.
    level : float, default 0.95
        Coverage of the intervals.
    held_out : bool
        Whether the figures come from data that were not used to find the pattern.
    stability : mapping of str to float
        The main figure (lift or value) by month, or by day of a back-test.
    """

    n: int
    support: float | None = None
    confidence: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    value: float | None = None
    value_low: float | None = None
    value_high: float | None = None
    unit: str = ""
    p: float | None = None
    p_adjusted: float | None = None
    level: float = 0.95
    held_out: bool = False
    stability: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must lie between 0 and 1 but got {given}"
            for name in ("support", "confidence", "p", "p_adjusted")
            if (given := getattr(self, name)) is not None and not _is_share(given)
        ]
        if self.n < 0:
            wrong.append(f"n must be at least 0 but got {self.n}")
        if wrong:
            raise ValueError("; ".join(wrong))


@dataclass(frozen=True)
class Words:
    """A statement as the key of a template and the values it holds.

    Attributes
    ----------
    key : str
        A name in the files of words (``experiments/findings/words/en.json`` and ``zh.json``), such
        as ``rule`` or ``segment``; ``plain`` takes the sentences themselves as ``en`` and ``zh``.
    values : mapping
        Plain values: text, numbers, and lists of text. They may hold any sign: they are escaped
        where they are shown.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _plain("values", self.values)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One pattern that was found, with all that a person needs to judge it.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    pattern : mapping
        The pattern in plain values (text, numbers, lists, mappings); the same pattern found again
        must be the same mapping, so it holds neither figures that change nor names for show. Lists
        keep their order: sort what has none.
    words : Words
        What to say of it.
    evidence : Evidence
        Its figures.
    money, money_low, money_high : float or None
        What acting on it should bring, or brought, and the ends of its interval.
    currency : str
        Of the money.
    touches : mapping
        Whom it is about, as a query: see `experiments.findings.touches`.
    evidence_ids : tuple of str
        What the rows of a list call it, when a list was made from it.
    source : str
        Which method found it, such as the name of a candidate.

    Raises
    ------
    ValueError
        When the kind is not known, the pattern is not plain or the query cannot be read.

    Examples
    --------
    >>> draft = Draft(
    ...     kind="rule",
    ...     pattern={"if": ["tea"], "then": ["milk"]},
    ...     words=Words("rule", {"if": ["tea"], "then": ["milk"]}),
    ...     evidence=Evidence(n=1000, support=0.04, confidence=0.4, lift=2.0),
    ...     touches={"all": [{"bought": "tea"}, {"not": {"bought": "milk"}}]},
    ... )
    >>> draft.kind
    'rule'
    """

    kind: str
    pattern: Mapping[str, Any]
    words: Words
    evidence: Evidence
    money: float | None = None
    money_low: float | None = None
    money_high: float | None = None
    currency: str = ""
    touches: Mapping[str, Any] = field(default_factory=dict)
    evidence_ids: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)} but got {self.kind!r}")
        if not self.pattern:
            raise ValueError("a pattern must say something but is empty")
        _plain("pattern", self.pattern)
        check_touches(self.touches)


def _is_share(given: float) -> bool:
    """Let a number that is none pass: it is kept as not known."""
    return math.isnan(given) or 0 <= given <= 1


def _plain(name: str, given: Mapping[str, Any]) -> None:
    for value in _below(given):
        if not isinstance(value, SINGLE):
            kind = type(value).__name__
            raise ValueError(f"{name} must hold plain values only but got {value!r} ({kind})")


def _below(value: Any) -> Iterator[Any]:
    """Give the single values inside lists and mappings, and names that are no text."""
    if isinstance(value, Mapping):
        yield from (key for key in value if not isinstance(key, str))
        value = value.values()
    elif not isinstance(value, list | tuple):
        yield value
        return
    for one in value:
        if isinstance(one, SINGLE):
            continue
        yield from _below(one)
