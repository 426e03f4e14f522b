"""Patterns of a time: rules of a season or weekday, and itemsets that emerge or fade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import did_you_mean
from models.association._hypergeometric import upper_tails
from models.association.apply import count_itemsets
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.itemsets import Itemsets, frequent_itemsets, least_count
from models.association.rules import Rules, association_rules
from models.association.significance import adjusted

__all__ = ["Calendar", "PeriodRules", "emerging_itemsets", "period_rules"]

Correction = Literal["holm", "bh", "none"]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
Values = NDArray[np.float64]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """A period that comes again: the times that meet every condition given.

    Parameters
    ----------
    weekdays : sequence of str, optional
        English names of weekdays.
    months : sequence of str, optional
        English names of months.
    days : sequence of int, optional
        Days of the month, 1 to 31.
    hours : sequence of int, optional
        Hours of the day, 0 to 23.

    Raises
    ------
    ValueError
        When a name or number is unknown, or no condition is given.

    Examples
    --------
    >>> times = pd.to_datetime(["2011-12-02", "2011-12-03", "2012-01-06"])
    >>> Calendar(weekdays=["Friday"], months=["December"]).holds(times).tolist()
    [True, False, False]
    """

    weekdays: Sequence[str] | None = None
    months: Sequence[str] | None = None
    days: Sequence[int] | None = None
    hours: Sequence[int] | None = None

    def __post_init__(self) -> None:
        allowed: list[tuple[str, Sequence[Any]]] = [
            ("weekdays", WEEKDAYS), ("months", MONTHS), ("days", range(1, 32)), ("hours", range(24))
        ]  # fmt: skip
        given = [(name, getattr(self, name), known) for name, known in allowed]
        if all(values is None for _, values, _ in given):
            raise ValueError("a calendar needs weekdays, months, days or hours")
        for name, values, known in given:
            if values is not None:
                _check_known(name, values, known)

    def holds(self, times: Any) -> Mask:
        """Mark the times that lie in the period.

        Parameters
        ----------
        times : array, Series or DatetimeIndex of times
            One a basket.

        Raises
        ------
        ValueError
            When a time is missing.
        """
        clock = pd.DatetimeIndex(times)
        if missing := int(np.isnat(clock.to_numpy()).sum()):
            raise ValueError(f"{missing} times are missing; drop those first")
        inside = np.ones(len(clock), bool)
        if self.weekdays is not None:
            inside &= np.isin(clock.day_of_week, [WEEKDAYS.index(name) for name in self.weekdays])
        if self.months is not None:
            inside &= np.isin(clock.month, [MONTHS.index(name) + 1 for name in self.months])
        if self.days is not None:
            inside &= np.isin(clock.day, list(self.days))
        if self.hours is not None:
            inside &= np.isin(clock.hour, list(self.hours))
        return inside


@dataclass(frozen=True, eq=False)
class PeriodRules:
    """Rules that hold in a period, and how they do outside of it.

    Parameters
    ----------
    rules : Rules
        With the counts inside the period.
    outside : ndarray of int64, shape (3, n_rules)
        The baskets outside with IF, with THEN, and with both.
    n_outside : int
        How many baskets lie outside.
    p_values, q_values : ndarray of float, shape (n_rules,)
        Of Fisher's test that the confidence is larger inside, before and after the correction.
    """

    rules: Rules
    outside: Counts
    n_outside: int
    p_values: Values
    q_values: Values

    def __len__(self) -> int:
        return len(self.rules)

    def take(self, numbers: NDArray[Any]) -> "PeriodRules":
        """Keep the rules with these numbers, or where a mask is true, in this order."""
        return replace(
            self, rules=self.rules.take(numbers), outside=self.outside[:, numbers],
            p_values=self.p_values[numbers], q_values=self.q_values[numbers],
        )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Give one row a rule: both sides, support and confidence inside and outside, p and q.

        A confidence outside is NaN where no basket there meets IF.
        """
        frame = self.rules.to_frame(["support", "confidence"])
        frame.columns = ["antecedents", "consequents", "support_inside", "confidence_inside"]
        n_x, _, n_xy = self.outside
        columns = {
            "count_inside": self.rules.itemsets.counts[self.rules.whole].astype(np.int64),
            "count_outside": n_xy,
            "support_outside": _ratio(n_xy, np.full(len(self), self.n_outside)),
            "confidence_outside": _ratio(n_xy, n_x),
            "p_value": self.p_values,
            "q_value": self.q_values,
        }
        return frame.assign(**columns)


def period_rules(
    baskets: Any,
    inside: ArrayLike,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    min_confidence: float = 0.5,
    max_length: int | None = 3,
    max_consequent: int | None = 1,
    correction: Correction = "bh",
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> PeriodRules:
    """Find the rules that hold in a period, and test whether they hold there more than elsewhere.

    Fisher's exact test compares the confidence inside with that outside, among the baskets that
    meet IF. The correction counts the splits of all itemsets that are frequent enough in the whole
    time to have been found: choosing rules by their counts inside would favour small p-values.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    inside : array of bool, shape (n_baskets,)
        Which baskets lie in the period, such as `Calendar.holds` gives them.
    min_support : float
        The smallest share of the baskets inside; or
    min_count : int
        the smallest number of baskets inside.
    min_confidence : float, default 0.5
        The smallest confidence inside.
    max_length, max_consequent : int or None, default 3 and 1
        The largest number of items in a rule, and behind THEN.
    correction : {'bh', 'holm', 'none'}
        For many tests; see `models.association.significance`.
    budget, n_jobs
        As for `frequent_itemsets`; the search goes through all baskets at the count that the
        period asks for.

    Returns
    -------
    PeriodRules

    Raises
    ------
    ValueError
        When an argument is out of range, or no basket lies inside or outside.
    lodeworks.errors.BudgetExceeded
        When the budget does not do.

    Examples
    --------
    >>> baskets = [["fish", "wine"]] * 9 + [["fish"]] * 10
    >>> friday = [True] * 10 + [False] * 9
    >>> found = period_rules(baskets, friday, min_count=5, min_confidence=0.9)
    >>> found.to_frame()[["confidence_inside", "confidence_outside"]].values.tolist()
    [[1.0, nan], [0.9, 0.0]]
    """
    given, mask = Baskets.of(baskets), _checked_mask(inside, baskets, "inside")
    count = _least(min_support, min_count, int(mask.sum()))
    pooled = frequent_itemsets(
        given, min_count=count, max_length=max_length, budget=budget, n_jobs=n_jobs
    )
    n_searched = association_rules(
        pooled, min_confidence=1.0, max_consequent=max_consequent
    ).n_searched
    here = count_itemsets(given.take(np.flatnonzero(mask)), pooled, n_jobs)
    enough = np.flatnonzero(here >= count)
    kept = replace(
        pooled.take(enough), counts=here[enough].astype(np.int32), n_baskets=int(mask.sum())
    )
    rules = association_rules(
        kept, min_confidence=min_confidence, max_consequent=max_consequent, n_jobs=n_jobs
    )
    there = (pooled.counts - here)[enough]
    outside = np.stack([there[s] for s in (rules.antecedents, rules.consequents, rules.whole)])
    p = _larger_inside(rules, outside)
    q = adjusted(p, correction, None if correction == "none" else n_searched)
    return PeriodRules(rules, outside, int((~mask).sum()), p, q)


def emerging_itemsets(
    baskets: Any,
    later: ArrayLike,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    min_growth: float = 1.0,
    max_length: int | None = 3,
    correction: Correction = "bh",
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Find the itemsets whose support differs between two periods.

    The growth rate is the later support over the earlier one (Dong and Li, *Efficient mining of
    emerging patterns: discovering trends and differences*, 1999). Fisher's exact test, two-sided
    by doubling the smaller tail, compares the shares. The correction counts all itemsets that are
    frequent enough in both periods together to have been found in one.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets of both periods.
    later : array of bool, shape (n_baskets,)
        Which baskets belong to the later period.
    min_support : float
        The smallest share of the baskets in at least one of the periods; or
    min_count : int
        the smallest number of baskets in at least one of the periods.
    min_growth : float, at least 1, default 1
        The smallest growth rate, or its inverse for those that fade.
    max_length : int or None, default 3
        The largest number of items in an itemset.
    correction : {'bh', 'holm', 'none'}
        For many tests.
    budget, n_jobs
        As for `frequent_itemsets`.

    Returns
    -------
    DataFrame
        `itemsets` (frozen sets), `count_before`, `count_after`, `support_before`,
        `support_after`, `growth` (infinite when new), `trend` ('new', 'emerging', 'steady',
        'fading' or 'gone'), `p_value`, `q_value`; the smallest p-value first, then the larger
        count, then the items by code. 'steady' is a growth of exactly 1.

    Raises
    ------
    ValueError
        When an argument is out of range, or a period has no basket.
    lodeworks.errors.BudgetExceeded
        When the budget does not do.

    Examples
    --------
    >>> baskets = [["ale"]] * 18 + [["gin"]] * 2 + [["ale"]] * 2 + [["gin"]] * 18
    >>> found = emerging_itemsets(baskets, [False] * 20 + [True] * 20, 0.5)
    >>> [set(items) for items in found["itemsets"]], found["trend"].tolist()
    ([{'ale'}, {'gin'}], ['fading', 'emerging'])
    """
    if not min_growth >= 1:
        raise ValueError(f"min_growth must be at least 1, not {min_growth}")
    given, mask = Baskets.of(baskets), _checked_mask(later, baskets, "later")
    sizes = np.array([(~mask).sum(), mask.sum()])
    least = np.array([_least(min_support, min_count, int(size)) for size in sizes])
    pooled = frequent_itemsets(
        given, min_count=int(least.min()), max_length=max_length, budget=budget, n_jobs=n_jobs
    )
    after = count_itemsets(given.take(np.flatnonzero(mask)), pooled, n_jobs)
    frame = _compared(pooled, pooled.counts - after, after, sizes)
    frequent = (frame["count_before"] >= least[0]) | (frame["count_after"] >= least[1])
    growth = frame["growth"].to_numpy()
    grown = (growth >= min_growth) | (growth <= 1 / min_growth)
    kept = frame[frequent.to_numpy() & grown]
    n_tests = None if correction == "none" else len(frame)
    return kept.assign(q_value=adjusted(kept["p_value"], correction, n_tests)).reset_index(
        drop=True
    )


def _compared(pooled: Itemsets, before: Counts, after: Counts, sizes: Counts) -> pd.DataFrame:
    """Compare all itemsets of both periods, the smallest p-value first."""
    shares = before / sizes[0], after / sizes[1]
    # Whole numbers decide what is steady; a quotient of shares may miss 1 by rounding.
    steady = before * sizes[1] == after * sizes[0]
    growth = np.where(steady, 1.0, _ratio(shares[1], shares[0]))
    p = _two_sided(before, after, sizes)
    frame = pd.DataFrame(
        {
            "itemsets": pd.Series(pooled.sets(), dtype=object),
            "count_before": before,
            "count_after": after,
            "support_before": shares[0],
            "support_after": shares[1],
            "growth": growth,
            "trend": _trend(before, after, growth),
            "p_value": p,
        }
    )
    codes = pooled.codes()
    keys = [*zip(p.tolist(), (-pooled.counts).tolist(), codes, strict=True)]
    return frame.iloc[sorted(range(len(keys)), key=keys.__getitem__)]


def _trend(before: Counts, after: Counts, growth: Values) -> NDArray[np.object_]:
    conditions = [before == 0, after == 0, growth > 1, growth < 1]
    names = ["new", "gone", "emerging", "fading"]
    return np.select(conditions, names, "steady").astype(object)


def _two_sided(before: Counts, after: Counts, sizes: Counts) -> Values:
    """Give Fisher's p-value of equal shares: twice the smaller tail, 1 at most."""
    n = np.full(len(after), sizes.sum(), np.int64)
    both = (before + after).astype(np.int64)
    tails = [
        upper_tails(n, np.full(len(n), size, np.int64), both, own.astype(np.int64))
        for size, own in ((sizes[1], after), (sizes[0], before))
    ]
    return np.minimum(1.0, 2 * np.minimum(*tails))


def _larger_inside(rules: Rules, outside: Counts) -> Values:
    """Give Fisher's p-value that THEN is no more frequent inside, among baskets with IF."""
    counts = rules.itemsets.counts.astype(np.int64)
    n_x, n_xy = counts[rules.antecedents], counts[rules.whole]
    return np.asarray(upper_tails(n_x + outside[0], n_x, n_xy + outside[2], n_xy))


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part, float) / np.asarray(whole, float)


def _least(min_support: float | None, min_count: int | None, n_baskets: int) -> int:
    """Give the number of baskets of a period that makes an itemset frequent."""
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of baskets)")
    if min_support is not None:
        if not 0 < min_support <= 1:
            raise ValueError(f"min_support is a share above 0 and up to 1, not {min_support}")
        return least_count(min_support, n_baskets)
    assert min_count is not None
    if min_count != int(min_count) or not 1 <= min_count <= n_baskets:
        raise ValueError(
            f"min_count is a whole number from 1 to {n_baskets}, the baskets of the period, "
            f"not {min_count}"
        )
    return int(min_count)


def _checked_mask(mask: ArrayLike, baskets: Any, name: str) -> Mask:
    out, n_baskets = np.asarray(mask), len(Baskets.of(baskets))
    if out.shape != (n_baskets,) or out.dtype != bool:
        raise ValueError(
            f"{name} must hold one True or False for each of the {n_baskets} baskets, "
            f"not {out.dtype} of shape {out.shape}"
        )
    if out.all() or not out.any():
        raise ValueError(f"{name} is {'always' if out.any() else 'never'} true: nothing to compare")
    return out


def _check_known(name: str, values: Iterable[Any], known: Sequence[Any]) -> None:
    if isinstance(values, str):
        raise ValueError(f"{name} must be a list, not the text {values!r}")
    if unknown := [value for value in values if value not in known]:
        hint = did_you_mean(str(unknown[0]), map(str, known))
        raise ValueError(f"unknown {name}: {', '.join(map(repr, unknown))}; {hint}")
