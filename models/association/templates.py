"""Itemsets and rules of a stated form: so many items of this group, so many of that one."""

import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded, did_you_mean
from models.association._best import vertical
from models.association._grouped import grouped_search, meets_lows, split_by_bounds
from models.association._merge import Merged, count_weighted, same_baskets
from models.association._recode import recode
from models.association._sides import Side, rules_of_sides
from models.association._threads import Overrun, control_of, run_parts, threads
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.constraints import ItemConstraints
from models.association.itemsets import Itemsets, least_count
from models.association.rules import Rules, above

__all__ = ["Some", "Template", "template_itemsets", "template_rules"]

Groups = Mapping[str, Iterable[Hashable]]

_MANY = 1_000_000
_MOST_ITEMS = 20  # a rule is one of 2 ** 20 splits
_MOST_FOUND = 50_000_000
_PARTS_A_THREAD = 16


@dataclass(frozen=True)
class Some:
    """How many items of a group are wanted.

    Parameters
    ----------
    of : str or iterable of item names
        The name of a group, or its items.
    at_least, at_most : int
        The smallest and largest number of its items. Default: one or more.

    Examples
    --------
    >>> Some("dairy", at_least=2, at_most=1)
    Traceback (most recent call last):
    ...
    ValueError: at_least and at_most of 'dairy' must have 0 <= at_least <= at_most, not 2 and 1
    """

    of: str | Iterable[Hashable]
    at_least: int = 1
    at_most: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.of, str):
            object.__setattr__(self, "of", frozenset(self.of))
        if not 0 <= self.at_least <= (_MANY if self.at_most is None else self.at_most):
            raise ValueError(
                f"at_least and at_most of {self.of!r} must have 0 <= at_least <= at_most, "
                f"not {self.at_least} and {self.at_most}"
            )

    @property
    def most(self) -> int:
        """The largest number, very large when there is none."""
        return _MANY if self.at_most is None else self.at_most


@dataclass(frozen=True)
class Template:
    """The form of a rule: IF some of these THEN some of those.

    Parameters
    ----------
    antecedent, consequent : sequence of Some
        What each side holds.
    other_antecedents, other_consequents : bool
        Whether a side may hold items of no group that is named for it. Default: IF may, THEN may
        not. A side without any `Some` may hold anything.

    Examples
    --------
    >>> cross = Template([Some("dairy"), Some("bread")], [Some("wine", at_most=1)])
    >>> len(cross.antecedent), cross.other_consequents
    (2, False)
    """

    antecedent: Sequence[Some] = field(default=())
    consequent: Sequence[Some] = field(default=())
    other_antecedents: bool = True
    other_consequents: bool = False


class _Bounds(NamedTuple):
    """Which item belongs to which group, and how many items of each are allowed."""

    belongs: NDArray[np.bool_]
    lows: NDArray[np.int64]
    highs: NDArray[np.int64]


def template_itemsets(
    baskets: Any,
    parts: Sequence[Some],
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int = 8,
    groups: Groups | None = None,
    others: bool = True,
    constraints: ItemConstraints | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> Itemsets:
    """Find the frequent itemsets with so many items of each group; the search obeys the bounds.

    Baskets that hold too few items of a group are left out before the search, as often as that
    makes further items infrequent (Bonchi et al., *ExAnte*, 2003). The search leaves a branch
    when a group has too many items, or cannot get enough.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    parts : sequence of Some
        What an itemset holds.
    min_support, min_count
        As for `frequent_itemsets`.
    max_length : int, default 8
        The largest number of items.
    groups : mapping of name to items, optional
        The named groups: a level of a taxonomy, or lists. Items of a group that stand in no
        basket are passed over.
    others : bool, default True
        Whether items of none of the groups may stand in an itemset.
    constraints : ItemConstraints, optional
        Further conditions, obeyed in the same way.
    budget : Budget, optional
        The most itemsets, seconds and bytes that the search may spend.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.

    Returns
    -------
    Itemsets
        Fewer items first, then by item codes.

    Raises
    ------
    ValueError
        When a group is unknown or an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the budget does not do.

    Examples
    --------
    >>> found = template_itemsets(
    ...     [["milk", "rye", "tea"], ["milk", "rye"], ["milk", "tea"]],
    ...     [Some(["milk"]), Some("bread")], min_count=1, groups={"bread": ["rye", "toast"]})
    >>> [sorted(items) for items in found.sets()], found.counts.tolist()
    ([['milk', 'rye'], ['milk', 'rye', 'tea']], [2, 1])
    """
    given = Baskets.of(baskets)
    count = _least(min_support, min_count, len(given), max_length)
    bounds = _joined(
        _bounds(given, parts, groups or {}, others=others),
        _of_constraints(given, constraints or ItemConstraints()),
    )
    found = _found(given, bounds, count, max_length, budget or Budget(), threads(n_jobs))
    return Itemsets(*found, len(given), given.labels)


def template_rules(
    baskets: Any,
    template: Template,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    min_confidence: float = 0.0,
    max_length: int = 6,
    groups: Groups | None = None,
    constraints: ItemConstraints | None = None,
    thresholds: Mapping[str, float] | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> Rules:
    """Find the rules of a form; what both sides need bounds the search of the itemsets already.

    Parameters
    ----------
    baskets, min_support, min_count, groups, constraints, budget, n_jobs
        As for `template_itemsets`; the constraints are on both sides together.
    template : Template
        The form.
    min_confidence : float, in 0 .. 1, default 0
        The smallest confidence.
    max_length : int, default 6
        The largest number of items of both sides, 20 at most.
    thresholds : mapping of measure name to float, optional
        The smallest value of further measures; rules without a value (NaN) fail.

    Returns
    -------
    Rules
        `n_searched` counts the splits of the form, before confidence and thresholds.

    Raises
    ------
    ValueError, lodeworks.errors.BudgetExceeded
        As `template_itemsets`.

    Examples
    --------
    >>> rules = template_rules(
    ...     [["milk", "rye", "port"], ["milk", "rye"], ["port"]],
    ...     Template([Some("dairy"), Some("bread")], [Some("wine", at_most=1)]), min_count=1,
    ...     groups={"dairy": ["milk"], "bread": ["rye"], "wine": ["port", "rum"]})
    >>> rules.to_frame(["confidence"]).values.tolist() == [
    ...     [frozenset({"milk", "rye"}), frozenset({"port"}), 0.5]]
    True
    """
    given, named = Baskets.of(baskets), groups or {}
    count = _least(min_support, min_count, len(given), max_length)
    if max_length > _MOST_ITEMS:
        raise ValueError(f"max_length of rules must be at most {_MOST_ITEMS}, not {max_length}")
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence lies in 0 .. 1, not {min_confidence}")
    sides = _of_sides(given, template, named)
    whole = _joined(_of_whole(*sides), _of_constraints(given, constraints or ItemConstraints()))
    indptr, items, counts = _found(
        given, whole, count, max_length, budget or Budget(), threads(n_jobs)
    )
    lows, highs = (np.stack([getattr(side, name) for side in sides]) for name in ("lows", "highs"))
    belongs = sides[0].belongs
    wholes, masks = split_by_bounds(indptr, items, belongs, lows, highs, _MOST_FOUND)
    rules = _as_rules(given, (indptr, items, counts), wholes, masks)
    return above(rules, {"confidence": min_confidence, **(thresholds or {})})


def _least(
    min_support: float | None, min_count: int | None, n_baskets: int, max_length: int
) -> int:
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of baskets)")
    if min_support is not None and not 0 < min_support <= 1:
        raise ValueError(f"min_support is a share above 0 and up to 1, not {min_support}")
    if min_count is not None and (min_count != int(min_count) or min_count < 1):
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    if min_support is not None:
        return least_count(min_support, n_baskets) if n_baskets else 1
    return int(min_count or 1)


def _members(baskets: Baskets, some: Some, groups: Groups) -> NDArray[np.bool_]:
    """Mark the items of a group."""
    if isinstance(some.of, str):
        if some.of not in groups:
            raise ValueError(f"unknown group {some.of!r}; {did_you_mean(some.of, groups)}")
        items = frozenset(groups[some.of])
    else:
        items = frozenset(some.of)
    return np.array([name in items for name in baskets.labels.tolist()], bool)


def _bounds(baskets: Baskets, parts: Sequence[Some], groups: Groups, *, others: bool) -> _Bounds:
    belongs = [_members(baskets, some, groups) for some in parts]
    lows, highs = [some.at_least for some in parts], [some.most for some in parts]
    if not others and parts:
        belongs.append(~np.any(belongs, axis=0))
        lows.append(0)
        highs.append(0)
    return _made(baskets.n_items, belongs, lows, highs)


def _made(
    n_items: int, belongs: Sequence[NDArray[np.bool_]], lows: Sequence[int], highs: Sequence[int]
) -> _Bounds:
    matrix = np.array(belongs, bool).reshape(len(lows), n_items)
    return _Bounds(matrix, np.array(lows, np.int64), np.array(highs, np.int64))


def _joined(one: _Bounds, two: _Bounds) -> _Bounds:
    return _Bounds(*(np.concatenate(pair) for pair in zip(one, two, strict=True)))


def _of_constraints(baskets: Baskets, wanted: ItemConstraints) -> _Bounds:
    """Say conditions on items as bounds on groups."""
    belongs, lows, highs = [], [], []

    def add(mask: NDArray[np.bool_], low: int, high: int) -> None:
        belongs.append(mask)
        lows.append(low)
        highs.append(high)

    for code in baskets.code_of(wanted.all_of):
        add(np.arange(baskets.n_items) == code, 1, _MANY)
    if wanted.any_of:
        add(_mask(baskets, wanted.any_of), 1, _MANY)
    add(wanted.forbidden(baskets) & ~_mask(baskets, wanted.all_of), 0, 0)
    add(wanted.exclusive(baskets), 0, 1)
    return _made(baskets.n_items, belongs, lows, highs)


def _mask(baskets: Baskets, names: Iterable[Hashable]) -> NDArray[np.bool_]:
    mask = np.zeros(baskets.n_items, bool)
    mask[baskets.code_of(names)] = True
    return mask


def _of_sides(baskets: Baskets, template: Template, groups: Groups) -> tuple[_Bounds, _Bounds]:
    """Give the bounds of both sides over the same groups."""
    left = _bounds(baskets, template.antecedent, groups, others=template.other_antecedents)
    right = _bounds(baskets, template.consequent, groups, others=template.other_consequents)
    belongs = np.concatenate([left.belongs, right.belongs])
    free = np.zeros(len(right.lows), np.int64), np.full(len(right.lows), _MANY)
    also = np.zeros(len(left.lows), np.int64), np.full(len(left.lows), _MANY)
    return (
        _Bounds(belongs, *(np.concatenate(p) for p in zip(left[1:], free, strict=True))),
        _Bounds(belongs, *(np.concatenate(p) for p in zip(also, right[1:], strict=True))),
    )


def _of_whole(left: _Bounds, right: _Bounds) -> _Bounds:
    """Bound the items of both sides together by the sums of what each side allows."""
    everything = np.ones((1, left.belongs.shape[1]), bool)
    neither = _nowhere(left) & _nowhere(right)
    return _Bounds(
        np.concatenate([left.belongs, everything, neither[None]]),
        np.concatenate([left.lows + right.lows, [2, 0]]),
        np.concatenate([_least_sum(left, right), [_MANY, 0]]),
    )


def _nowhere(side: _Bounds) -> NDArray[np.bool_]:
    """Mark the items that may not stand on a side at all."""
    return np.asarray(side.belongs[side.highs == 0].any(axis=0))


def _least_sum(left: _Bounds, right: _Bounds) -> NDArray[np.int64]:
    """Give how many items of each group both sides hold at most.

    A side that names no bound for a group still holds no item of it that it forbids.
    """
    mine, theirs = (_highs(side) for side in (left, right))
    return np.minimum(mine + theirs, _MANY)


def _highs(side: _Bounds) -> NDArray[np.int64]:
    allowed = ~_nowhere(side)
    return np.where((side.belongs & allowed).any(axis=1), side.highs, 0)


def _found(
    baskets: Baskets, bounds: _Bounds, count: int, max_length: int, budget: Budget, n_threads: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
    limit = budget.limit(len(baskets.indices))
    control = control_of(_MOST_FOUND if limit is None else min(limit, _MOST_FOUND))
    code_of, indptr, ranks = _reduced(baskets, bounds, count)
    inside = _Bounds(np.ascontiguousarray(bounds.belongs[:, code_of]), bounds.lows, bounds.highs)
    db = vertical(indptr, ranks, len(code_of))
    longest = min(max_length, int(np.diff(indptr).max(initial=0)))

    def part(first: int, last: int) -> tuple[NDArray[Any], ...]:
        return tuple(grouped_search(db, first, last, count, longest, *inside, control))

    try:
        found = run_parts(
            part, _runs(len(code_of) if longest else 0, n_threads), control, n_threads, deadline,
            count=lambda some: len(some[2]),
        )  # fmt: skip
    except Overrun as overrun:
        raise _too_much(budget, str(overrun), count) from None
    ends = np.concatenate([[0], *(np.diff(some[0]) for some in found)]).cumsum()
    items, counts = (np.concatenate([some[k] for some in found]) for k in (1, 2))
    return _in_order(ends, code_of[items], counts)


def _runs(n_roots: int, n_threads: int) -> list[tuple[int, int]]:
    """Cut the first items into runs; later ones have more items that may stand beside them."""
    n_parts = 1 if n_threads == 1 else _PARTS_A_THREAD * n_threads
    cuts = n_roots * np.sqrt(np.arange(n_parts + 1) / n_parts)
    return list(pairwise(np.unique(cuts.astype(int)).tolist())) or [(0, 0)]


def _too_much(budget: Budget, overrun: str, count: int) -> BudgetExceeded:
    found = "still searching" if overrun == "seconds" else "more itemsets of the form than fit"
    limit = str(budget) if budget != Budget() else f"{_MOST_FOUND:,} itemsets"
    return BudgetExceeded(
        f"over the budget of {limit}: {found} at min_count {count:,}; nothing was returned",
        ["a larger min_count, a smaller max_length or narrower groups give fewer"],
    )


def _reduced(
    baskets: Baskets, bounds: _Bounds, count: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """Leave out baskets that lack items of a group, and items too rare in the rest, in turn."""
    forbidden = bounds.belongs[bounds.highs == 0].any(axis=0)
    none = np.zeros(baskets.n_items, bool)
    indptr, items, before = baskets.indptr, baskets.indices, -1
    while len(items) != before:
        before = len(items)
        counts = np.bincount(items, minlength=baskets.n_items)
        usable = (counts >= count) & ~forbidden
        same = np.where(usable, np.arange(baskets.n_items), -1).astype(np.int32)
        indptr, items = recode(indptr, items, same, none, 0, 1)
        keep = np.flatnonzero(meets_lows(indptr, items, bounds.belongs, bounds.lows))
        kept = Baskets(indptr, items, baskets.labels).take(keep)
        indptr, items = kept.indptr, kept.indices
    counts = np.bincount(items, minlength=baskets.n_items)
    order = np.lexsort((np.arange(len(counts)), -counts))
    code_of: NDArray[np.int32] = order[counts[order] > 0].astype(np.int32)
    rank_of = np.full(baskets.n_items, -1, np.int32)
    rank_of[code_of] = np.arange(len(code_of))
    ends, ranks = recode(indptr, items, rank_of, none, 0, 1)
    return code_of, ends, ranks


def _in_order(
    ends: NDArray[np.int64], items: NDArray[np.int32], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Sort the items of each itemset, and the itemsets by length and codes."""
    owner = np.repeat(np.arange(len(counts)), np.diff(ends))
    sets = Baskets(ends, items[np.lexsort((items, owner))], np.empty(0, object))
    lengths = sets.lengths
    padded = np.full((len(sets), int(lengths.max(initial=1))), -1, np.int32)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = sets.indices
    keys = [padded[:, k].astype(np.int64) for k in reversed(range(padded.shape[1]))]
    order = np.lexsort([*keys, lengths])
    sorted_sets = sets.take(order)
    return sorted_sets.indptr, sorted_sets.indices, counts[order].astype(np.int32)


def _as_rules(
    baskets: Baskets, found: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    wholes: NDArray[np.int64], masks: NDArray[np.int64],
) -> Rules:  # fmt: skip
    indptr, items, counts = found
    sets = Baskets(indptr, items, baskets.labels).take(wholes)
    within = np.arange(len(sets.indices)) - np.repeat(sets.indptr[:-1], sets.lengths)
    behind = (np.repeat(masks, sets.lengths) >> within) & 1 == 1
    left, right = (_side(baskets, sets, chosen) for chosen in (~behind, behind))
    both = counts[wholes].astype(np.int64)
    return rules_of_sides(left, right, both, len(baskets), baskets.labels, len(wholes))


def _side(baskets: Baskets, sets: Baskets, chosen: NDArray[np.bool_]) -> Side:
    owner = np.repeat(np.arange(len(sets)), sets.lengths)[chosen]
    lengths = np.bincount(owner, minlength=len(sets))
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    items = sets.indices[chosen]
    different, place = _different(indptr, items, baskets.n_items)
    csr = Merged(baskets.indptr, baskets.indices, np.ones(len(baskets), np.int64))
    counts = count_weighted(csr, baskets.n_items, different[0], different[1], baskets.counts)
    return Side(indptr, items, np.asarray(counts)[place])


def _different(
    indptr: NDArray[np.int64], items: NDArray[np.int32], n_items: int
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int32]], NDArray[np.int64]]:
    """Give the different itemsets, and which of them each one is."""
    used, place = np.unique(same_baskets(indptr, items, n_items), return_inverse=True)
    kept = Baskets(indptr, items, np.empty(0, object)).take(used)
    return (kept.indptr, kept.indices), place
