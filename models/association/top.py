"""The best rules and itemsets by a measure, without a threshold of support."""

import time
from collections.abc import Callable, Hashable, Iterable
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded, did_you_mean
from models.association._best import Best, Vertical, begin_best, vertical
from models.association._merge import Merged, count_weighted
from models.association._recode import recode
from models.association._scores import RULE_SCORES
from models.association._sides import rules_of_sides, side_of_rows
from models.association._top import ITEMSET_SCORES, best_itemsets, best_pairs, best_rules
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.itemsets import Itemsets
from models.association.rules import Rules

__all__ = ["TOP_ITEMSET_MEASURES", "TOP_RULE_MEASURES", "top_itemsets_by", "top_rules"]

TOP_RULE_MEASURES = RULE_SCORES
TOP_ITEMSET_MEASURES = ITEMSET_SCORES

_RANKS_A_TURN = 64


def top_rules(
    baskets: Any,
    k: int,
    measure: str = "leverage",
    *,
    min_count: int = 1,
    max_length: int = 4,
    antecedents: Iterable[Hashable] | None = None,
    consequents: Iterable[Hashable] | None = None,
    budget: Budget | None = None,
) -> Rules:
    """Find the `k` best rules with one item behind THEN; exact, without a threshold of support.

    A branch of the search is left when no rule in it can be among the best: the measure is
    bounded by its value in the corners of what the counts may become (Webb, *Efficient search
    for association rules*, 2000; Morishita and Sese 2000).

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    k : int
        How many rules.
    measure : str, default 'leverage'
        One of `TOP_RULE_MEASURES`; formulas in `models.association.measures`. The largest values
        are best, of `fisher_p` the smallest.
    min_count : int, default 1
        The smallest number of baskets with both sides. A rule of one basket can have the largest
        lift there is; a few baskets more make such lists worth reading, and the search shorter.
    max_length : int, default 4
        The largest number of items of both sides.
    antecedents, consequents : iterable of item names, optional
        The only items that may stand on that side.
    budget : Budget, optional
        Only `seconds` plays a part.

    Returns
    -------
    Rules
        Best first. Equal values are ordered by the larger count of both sides, then fewer items,
        then the codes of IF and THEN. Rules without a value (NaN) are left out. `n_searched` is
        the number of rules that could be asked for.

    Raises
    ------
    ValueError
        When an argument is out of range, or an item is unknown.
    lodeworks.errors.BudgetExceeded
        When the time is over.

    Examples
    --------
    >>> baskets = [["a", "b", "c"], ["a", "b"], ["c"], ["d", "c"]]
    >>> rules = top_rules(baskets, 2, "leverage")
    >>> rules.to_frame(["leverage"]).values.tolist()
    [[frozenset({'a'}), frozenset({'b'}), 0.25], [frozenset({'b'}), frozenset({'a'}), 0.25]]
    """
    kind = _checked(k, measure, RULE_SCORES, min_count, max_length)
    given = Baskets.of(baskets)
    code_of, db = _encoded(given, min_count, rarest_first=False)
    may_argue, may_follow = _mask(given, antecedents)[code_of], _mask(given, consequents)[code_of]
    best = begin_best(k, max_length - 1)
    n, sides = len(given), (may_argue, may_follow)
    best_pairs(db, n, kind, min_count, *sides, code_of, best)

    def turn(first: int, last: int) -> None:
        most = max_length - 1
        best_rules(db, first, last, n, kind, min_count, most, *sides, code_of, best)

    if max_length > 2:
        _in_turns(turn, len(code_of), budget)
    return _as_rules(best, given, _n_open(may_argue, may_follow, max_length))


def top_itemsets_by(
    baskets: Any,
    k: int,
    measure: str = "cosine",
    *,
    min_count: int = 1,
    max_length: int = 4,
    budget: Budget | None = None,
) -> tuple[Itemsets, NDArray[np.float64]]:
    """Find the `k` itemsets of two items or more with the largest measure; exact.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    k : int
        How many.
    measure : str, default 'cosine'
        `all_confidence`, `cosine`, `kulczynski`, `max_confidence`: the smallest value and the
        geometric, arithmetic mean and the largest value of P(all | item) over the items (Wu, Chen
        and Han 2010). `jaccard`: P(all) / P(any). `lift`: P(all) over the product of the shares
        of the items, `leverage`: their difference.
    min_count : int, default 1
        The smallest number of baskets that hold all items.
    max_length : int, default 4
        The largest number of items.
    budget : Budget, optional
        Only `seconds` plays a part.

    Returns
    -------
    itemsets : Itemsets
        Best first; equal values by the larger count, then fewer items, then the codes.
    values : ndarray of float64
        The measure of each.

    Raises
    ------
    ValueError
        When an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the time is over.

    Examples
    --------
    >>> found, values = top_itemsets_by([["a", "b", "c"], ["a", "b"], ["c"]], 1, "jaccard")
    >>> found.sets() == [frozenset("ab")], values.tolist()
    (True, [1.0])
    """
    kind = _checked(k, measure, ITEMSET_SCORES, min_count, max_length)
    given = Baskets.of(baskets)
    code_of, db = _encoded(given, min_count, rarest_first=True)
    best, n = begin_best(k, max_length), len(given)

    def turn(first: int, last: int) -> None:
        best_itemsets(db, first, last, n, kind, min_count, max_length, code_of, best)

    _in_turns(turn, len(code_of), budget)
    places = best.order[: best.size[0]]
    side = side_of_rows(best.codes[places], best.counts[places])
    counts = side.counts.astype(np.int32)
    return Itemsets(side.indptr, side.items, counts, n, given.labels), best.values[places]


def _checked(k: int, measure: str, known: tuple[str, ...], min_count: int, max_length: int) -> int:
    if measure not in known:
        raise ValueError(
            f"no bound is known for measure {measure!r}; {did_you_mean(measure, known)}"
        )
    if k < 1 or min_count < 1:
        raise ValueError(f"k and min_count must be at least 1, not {k} and {min_count}")
    if max_length < 2:
        raise ValueError(f"max_length must be at least 2, not {max_length}")
    return known.index(measure)


def _encoded(
    baskets: Baskets, min_count: int, *, rarest_first: bool
) -> tuple[NDArray[np.int32], Vertical]:
    """Renumber the items that stand in enough baskets; give their codes by rank."""
    counts = baskets.counts
    order = np.lexsort((np.arange(len(counts)), counts if rarest_first else -counts))
    code_of: NDArray[np.int32] = order[counts[order] >= min_count].astype(np.int32)
    rank_of = np.full(len(counts), -1, np.int32)
    rank_of[code_of] = np.arange(len(code_of))
    none = np.zeros(len(counts), bool)
    indptr, ranks = recode(baskets.indptr, baskets.indices, rank_of, none, 0, 1)
    return code_of, vertical(indptr, ranks, len(code_of))


def _mask(baskets: Baskets, names: Iterable[Hashable] | None) -> NDArray[np.bool_]:
    if names is None:
        return np.ones(baskets.n_items, bool)
    mask = np.zeros(baskets.n_items, bool)
    mask[baskets.code_of(names)] = True
    return mask


def _in_turns(turn: Callable[[int, int], None], n: int, budget: Budget | None) -> None:
    """Search some branches at a time, to look at the clock and at interruptions between them."""
    began = time.monotonic()
    seconds = None if budget is None else budget.seconds
    for first in range(0, n, _RANKS_A_TURN):
        turn(first, min(first + _RANKS_A_TURN, n))
        if seconds is not None and time.monotonic() - began > seconds:
            raise BudgetExceeded(
                f"over the budget of {seconds:g} seconds: {min(first + _RANKS_A_TURN, n):,} of "
                f"{n:,} branches are searched; nothing was returned",
                ["a larger min_count, or a smaller max_length or k, makes the search shorter"],
            )


def _n_open(may_argue: NDArray[np.bool_], may_follow: NDArray[np.bool_], max_length: int) -> int:
    both = int((may_argue & may_follow).sum())
    n_argue, n_only = int(may_argue.sum()), int(may_follow.sum()) - both
    sizes = range(1, max_length)
    return sum(both * comb(n_argue - 1, s) + n_only * comb(n_argue, s) for s in sizes if n_argue)


def _as_rules(best: Best, baskets: Baskets, n_searched: int) -> Rules:
    places = best.order[: best.size[0]]
    rows, both = best.codes[places], best.counts[places]
    left = side_of_rows(rows[:, :-1], np.zeros(len(places), np.int64))
    right = side_of_rows(rows[:, -1:], baskets.counts[rows[:, -1]])
    left = left._replace(counts=_counted(baskets, left.indptr, left.items))
    return rules_of_sides(left, right, both, len(baskets), baskets.labels, n_searched)


def _counted(
    baskets: Baskets, indptr: NDArray[np.int64], items: NDArray[np.int32]
) -> NDArray[np.int64]:
    csr = Merged(baskets.indptr, baskets.indices, np.ones(len(baskets), np.int64))
    return np.asarray(count_weighted(csr, baskets.n_items, indptr, items, baskets.counts))
