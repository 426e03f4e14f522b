"""Rules applied to baskets: what to offer to whom, and which rule says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.association._match import (
    Consequences,
    Matcher,
    build_matcher,
    count_matches,
    offer,
)
from models.association._threads import threads
from models.association.baskets import Baskets
from models.association.itemsets import Itemsets
from models.association.measures import RuleCounts
from models.association.offering import by_antecedent, check_offers, checked_weights
from models.association.rules import Rules

__all__ = ["count_itemsets", "count_rules", "offers"]

Part = TypeVar("Part")

_BASKETS_A_PART = 50_000


def offers(
    baskets: Any,
    rules: Rules,
    *,
    weight: str | ArrayLike = "confidence",
    combine: Literal["max", "sum"] = "max",
    limit: int = 10,
    exclude_owned: bool = True,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Offer every basket the items behind THEN of the rules whose IF it holds.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        What customers hold. Items that no rule knows are ignored.
    rules : Rules
        The rules.
    weight : str or array, default 'confidence'
        The name of a measure, or a number per rule, such as its expected profit.
    combine : {'max', 'sum'}
        How the weights of several rules for one item make its score.
    limit : int, default 10
        The most offers per basket.
    exclude_owned : bool, default True
        Whether items in the basket are left out.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.

    Returns
    -------
    DataFrame
        `basket` (its number), `rank` (from 1), `item` (its name), `score`, `rule` (the number of
        the rule with the largest weight, the first of equal ones). Ties of score are ordered by
        item code. Baskets without an offer have no row.

    Raises
    ------
    ValueError
        When an argument is out of range, or a weight is NaN.

    Examples
    --------
    >>> from models.association.rules import rules_of_baskets
    >>> rules = rules_of_baskets([["a", "b"], ["a", "b"], ["a"]], min_count=1)
    >>> offers([["a"], ["b"], ["a", "b"]], rules)
       basket  rank item     score  rule
    0       0     1    b  0.666667     1
    1       1     1    a  1.000000     0
    """
    check_offers(combine, limit)
    known = _translated(Baskets.of(baskets), rules.itemsets.labels)
    values = rules.measure(weight) if isinstance(weight, str) else weight
    matcher, then = _index(rules, checked_weights(values, len(rules)), known)

    def part(first: int, last: int) -> tuple[Any, ...]:
        add_up, keep_owned = combine == "sum", not exclude_owned
        csr = known.indptr, known.indices
        return offer(*csr, first, last, matcher, then, add_up, keep_owned, limit)

    given, items, evidence, scores = (
        np.concatenate(column) for column in zip(*_in_parts(part, len(known), n_jobs), strict=True)
    )
    begins = np.cumsum(given) - given
    return pd.DataFrame(
        {
            "basket": np.repeat(np.arange(len(known)), given),
            "rank": np.arange(len(items)) - np.repeat(begins, given) + 1,
            "item": pd.Series(known.labels[items], dtype=object),
            "score": scores,
            "rule": evidence.astype(np.int64),
        }
    )


def count_itemsets(baskets: Any, itemsets: Itemsets, n_jobs: int = 1) -> NDArray[np.int64]:
    """Count in how many baskets each itemset stands; the baskets may be new ones.

    Examples
    --------
    >>> from models.association.itemsets import frequent_itemsets
    >>> found = frequent_itemsets([["a", "b"], ["a", "b"]], min_count=2)
    >>> count_itemsets([["a"], ["b", "a", "c"]], found).tolist()
    [2, 1, 1]
    """
    known = _translated(Baskets.of(baskets), itemsets.labels)
    matcher: Matcher = build_matcher(itemsets.indptr, itemsets.items, known.counts)

    def part(first: int, last: int) -> NDArray[np.int64]:
        return np.asarray(count_matches(known.indptr, known.indices, first, last, matcher))

    return np.sum(_in_parts(part, len(known), n_jobs), axis=0)


def count_rules(baskets: Any, rules: Rules, n_jobs: int = 1) -> RuleCounts:
    """Count the sides of rules in other baskets: held-out ones, or those to be addressed.

    The result goes into any measure; `n_x - n_xy` are the baskets to which the rule can be
    applied, because they meet IF and not THEN.
    """
    given = Baskets.of(baskets)
    sides = np.stack([rules.antecedents, rules.consequents, rules.whole])
    used, place = np.unique(sides, return_inverse=True)
    counts = count_itemsets(given, rules.itemsets.take(used), n_jobs)
    n_x, n_y, n_xy = counts[place.reshape(sides.shape)]
    return RuleCounts(len(given), n_x, n_y, n_xy)


def _index(
    rules: Rules, weights: NDArray[np.float64], baskets: Baskets
) -> tuple[Matcher, Consequences]:
    used, rule_ptr, numbers = by_antecedent(rules.antecedents)
    antecedents = rules.itemsets.take(used)
    matcher = build_matcher(antecedents.indptr, antecedents.items, baskets.counts)
    then = rules.itemsets.take(rules.consequents)
    return matcher, Consequences(rule_ptr, numbers, then.indptr, then.items, weights)


def _translated(baskets: Baskets, labels: NDArray[np.object_]) -> Baskets:
    """Give the baskets in the item codes of the rules, without items those do not know."""
    if baskets.labels is labels:
        return baskets
    number = {name: code for code, name in enumerate(labels.tolist())}
    code_of = np.array([number.get(name, -1) for name in baskets.labels.tolist()], np.int64)
    codes = code_of[baskets.indices] if len(code_of) else np.empty(0, np.int64)
    owner = np.repeat(np.arange(len(baskets)), baskets.lengths)[codes >= 0]
    lengths = np.bincount(owner, minlength=len(baskets))
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    return Baskets.from_csr(indptr, codes[codes >= 0], len(labels), labels)


def _in_parts(work: Callable[[int, int], Part], n: int, n_jobs: int) -> list[Part]:
    """Do the baskets in parts of a fixed size, so that threads do not change the answer."""
    cuts = [*range(0, max(n, 1), _BASKETS_A_PART), n]
    with ThreadPoolExecutor(threads(n_jobs)) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))
