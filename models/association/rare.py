"""Itemsets and rules when every item has a minimum support of its own, so that rare ones count."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import did_you_mean
from lodeworks.progress import Progress
from models.association._threads import threads
from models.association._varied import VariedPlan
from models.association.apply import count_itemsets
from models.association.baskets import Baskets
from models.association.budget import Budget, run_within
from models.association.itemsets import Itemsets, least_count
from models.association.rules import Rules, association_rules

__all__ = ["minimum_counts", "rare_itemsets", "rules_with_parts", "with_parts"]


def minimum_counts(baskets: Any, share: float, least: float | int) -> dict[Hashable, int]:
    """Give every item the minimum count max(share * its count, least) (Liu, Hsu, Ma 1999).

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    share : float, in 0 .. 1
        The part of an item's own count that an itemset with it has to reach.
    least : float in (0, 1] or int of at least 1
        The smallest minimum: a share of the baskets when it is a float, else a number of them.

    Returns
    -------
    dict of item name to int
        May be changed for single items before it is handed to `rare_itemsets`.

    Raises
    ------
    ValueError
        When an argument is out of range.

    Examples
    --------
    >>> baskets = [["milk"], ["milk"], ["milk", "caviar"], ["milk"]]
    >>> minimum_counts(baskets, share=0.5, least=1)
    {'caviar': 1, 'milk': 2}
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share lies in 0 .. 1, not {share}")
    given = Baskets.of(baskets)
    floor = _count_of(least, len(given))
    own = [least_count(share, int(n)) if share else 1 for n in given.counts]
    return dict(zip(given.labels.tolist(), [max(floor, n) for n in own], strict=True))


def rare_itemsets(
    baskets: Any,
    min_counts: Mapping[Hashable, int],
    *,
    max_length: int | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Itemsets:
    """Find the itemsets that reach the smallest of their items' minimum counts; exact.

    A part of such an itemset need not be one itself; `rules_with_parts` counts what is missing.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    min_counts : mapping of item name to int
        The minimum count of every item, such as `minimum_counts` gives them.
    max_length : int, optional
        The largest number of items in an itemset.
    budget, n_jobs, progress
        As for `frequent_itemsets`.

    Returns
    -------
    Itemsets

    Raises
    ------
    ValueError
        When an item has no minimum count, is unknown, or a count is below 1.
    lodeworks.errors.BudgetExceeded
        When the budget does not do.

    Examples
    --------
    >>> baskets = [["milk", "caviar"], ["milk"], ["milk", "bread"], ["milk", "bread"]]
    >>> found = rare_itemsets(baskets, {"milk": 4, "bread": 3, "caviar": 1})
    >>> sorted(map(sorted, found.sets()))
    [['caviar'], ['caviar', 'milk'], ['milk']]
    """
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    given = Baskets.of(baskets)
    counts = _by_code(given, min_counts)
    plan = VariedPlan(
        given, int(counts.min(initial=1)), max_length, n_jobs=threads(n_jobs), item_counts=counts
    )
    found = run_within(plan, budget or Budget(), progress)
    return Itemsets(found.indptr, found.items, found.counts, len(given), given.labels)


def with_parts(baskets: Any, itemsets: Itemsets) -> Itemsets:
    """Append the parts of itemsets that are not among them, with their counts.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets that were searched.
    itemsets : Itemsets
        What was found; these come first, in their order.

    Examples
    --------
    >>> baskets = [["milk", "caviar"], ["milk"], ["caviar"]]
    >>> found = rare_itemsets(baskets, {"milk": 3, "caviar": 1})
    >>> whole = with_parts(baskets, found)
    >>> len(found), len(whole), whole.counts.tolist()[-1], list(whole.sets()[-1])
    (2, 3, 2, ['milk'])
    """
    missing = _missing_parts(itemsets.codes())
    lengths = np.array([len(part) for part in missing], np.int64)
    parts = replace(
        itemsets,
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=np.array([code for part in missing for code in part], np.int32),
        counts=np.zeros(len(missing), np.int32),
    )
    counts = count_itemsets(baskets, parts) if missing else parts.counts
    return replace(
        itemsets,
        indptr=np.concatenate([itemsets.indptr, itemsets.indptr[-1] + parts.indptr[1:]]),
        items=np.concatenate([itemsets.items, parts.items]),
        counts=np.concatenate([itemsets.counts, counts.astype(np.int32)]),
    )


def rules_with_parts(baskets: Any, itemsets: Itemsets, **arguments: Any) -> Rules:
    """Split itemsets into rules although parts of them are missing: those are counted first.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets that were searched.
    itemsets : Itemsets
        What is split; parts that have to be added are not split themselves.
    **arguments
        As for `association_rules`.

    Returns
    -------
    Rules

    Examples
    --------
    >>> baskets = [["milk", "caviar"], ["milk"], ["milk"]]
    >>> found = rare_itemsets(baskets, {"milk": 4, "caviar": 1})
    >>> rules = rules_with_parts(baskets, found, min_confidence=0.5)
    >>> rules.to_frame(["confidence"]).values.tolist()
    [[frozenset({'caviar'}), frozenset({'milk'}), 1.0]]
    """
    rules = association_rules(with_parts(baskets, itemsets), **arguments)
    return rules.take(np.flatnonzero(rules.whole < len(itemsets)))


def _missing_parts(codes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """List the parts that are not given, shorter ones last, each once."""
    known = set(codes)
    missing: list[tuple[int, ...]] = []
    pending = sorted(known, key=lambda part: (-len(part), part))
    for whole in pending:
        for part in combinations(whole, len(whole) - 1) if len(whole) > 1 else ():
            if part not in known:
                known.add(part)
                missing.append(part)
    return missing + (_missing_parts([*codes, *missing]) if missing else [])


def _count_of(least: float | int, n_baskets: int) -> int:
    if isinstance(least, float):
        if not 0 < least <= 1:
            raise ValueError(
                f"least is a share above 0 and up to 1, or a whole number, not {least}"
            )
        return least_count(least, n_baskets)
    if least < 1:
        raise ValueError(f"least must be at least 1, not {least}")
    return int(least)


def _by_code(baskets: Baskets, min_counts: Mapping[Hashable, int]) -> NDArray[np.int64]:
    names = baskets.labels.tolist()
    known = set(names)
    problems = [
        f"unknown item {name!r} ({did_you_mean(str(name), map(str, names))})"
        for name in min_counts
        if name not in known
    ]
    problems += [f"item {name!r} has none" for name in names if name not in min_counts]
    problems += [f"that of {name!r} is {n}" for name, n in min_counts.items() if n < 1]
    if problems:
        raise ValueError(f"every item needs a minimum count of at least 1: {'; '.join(problems)}")
    return np.array([min_counts[name] for name in names], np.int64)
