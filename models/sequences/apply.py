"""Sequential rules applied to customers' histories: what to offer next, and why."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.association._match import Consequences
from models.association._threads import threads
from models.association.offering import by_antecedent, check_offers, checked_weights
from models.sequences._encode import encode
from models.sequences._offers import Antecedents, list_antecedents, offer_next
from models.sequences.rules import SequentialRules
from models.sequences.sequences import Sequences

__all__ = ["next_offers"]

_CUSTOMERS_A_PART = 20_000
_WEIGHTS = {"confidence": "confidences", "lift": "lifts", "support": "supports"}


def next_offers(
    sequences: Sequences,
    rules: SequentialRules,
    *,
    now: int | None = None,
    weight: str | ArrayLike = "confidence",
    combine: Literal["max", "sum"] = "max",
    limit: int = 10,
    exclude_owned: bool = True,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Offer every customer what follows the antecedents that the customer's history holds.

    An antecedent speaks only while a purchase after `now` can still follow it within the limits
    under which the rules were found: `max_gap` from its last element, `max_span` from its first.

    Parameters
    ----------
    sequences : Sequences
        The histories. Items that no rule knows are ignored.
    rules : SequentialRules
        The rules.
    now : int, optional
        What came later is not looked at. Default: the last time of all.
    weight : str or array, default 'confidence'
        'confidence', 'lift', 'support', or a number per rule, such as its expected profit.
    combine : {'max', 'sum'}
        How the weights of several rules for one item make its score.
    limit : int, default 10
        The most offers per customer.
    exclude_owned : bool, default True
        Whether items in the history are left out.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.

    Returns
    -------
    DataFrame
        `customer` (its name), `rank` (from 1), `item`, `score`, `rule` (the number of the rule
        with the largest weight, the first of equal ones), `waited` (the time from the last start
        of that rule's last element to `now`; beside the rule's lag it says whether the offer is
        due). Ties of score are ordered by item code. Customers without an offer have no row.

    Raises
    ------
    ValueError
        When an argument is out of range, or a weight is NaN.

    Examples
    --------
    >>> from models.sequences.mining import frequent_sequences
    >>> from models.sequences.rules import sequential_rules
    >>> bought = Sequences.from_lists([[["tea"], ["cup"]], [["tea"], ["cup"]], [["tea"]]])
    >>> rules = sequential_rules(frequent_sequences(bought, min_count=2))
    >>> next_offers(bought, rules)
       customer  rank item     score  rule  waited
    0         2     1  cup  0.666667     0       1
    """
    check_offers(combine, limit)
    latest = (int(sequences.times.max()) if len(sequences.times) else 0) if now is None else now
    known = sequences.relabelled(rules.patterns.labels).until(latest)
    options = _Options(latest, combine == "sum", not exclude_owned, limit)
    columns = _offered(known, rules, _weights(rules, weight), threads(n_jobs), options)
    return _frame(known, *columns)


class _Options(NamedTuple):
    now: int
    add_up: bool
    keep_owned: bool
    most: int


def _offered(
    known: Sequences,
    rules: SequentialRules,
    weights: NDArray[np.float64],
    n_threads: int,
    options: _Options,
) -> list[NDArray[Any]]:
    data, limits = encode(known, 0)[0], rules.patterns.limits.for_kernels()
    before, then = _index(rules, weights, data.supports)

    def part(cut: tuple[int, int]) -> tuple[Any, ...]:
        now, add_up, keep_owned, most = options
        return offer_next(
            data, limits, now, known.indptr, *cut, before, then, add_up, keep_owned, most
        )

    cuts = [*range(0, max(len(known), 1), _CUSTOMERS_A_PART), len(known)]
    with ThreadPoolExecutor(n_threads) as pool:
        parts = list(pool.map(part, pairwise(cuts)))
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _frame(
    known: Sequences,
    owners: NDArray[Any],
    items: NDArray[Any],
    scores: NDArray[Any],
    rules: NDArray[Any],
    waited: NDArray[Any],
) -> pd.DataFrame:
    first = np.searchsorted(owners, owners, side="left")
    return pd.DataFrame(
        {
            "customer": pd.Series(known.customers[owners].tolist()),
            "rank": np.arange(len(owners)) - first + 1,
            "item": pd.Series(known.labels[items], dtype=object),
            "score": scores,
            "rule": rules.astype(np.int64),
            "waited": waited,
        }
    )


def _weights(rules: SequentialRules, weight: str | ArrayLike) -> NDArray[np.float64]:
    if isinstance(weight, str):
        if weight not in _WEIGHTS:
            raise ValueError(f"weight must be one of {sorted(_WEIGHTS)}, not {weight!r}")
        weight = getattr(rules, _WEIGHTS[weight])
    return checked_weights(weight, len(rules))


def _index(
    rules: SequentialRules, weights: NDArray[np.float64], supports: NDArray[np.int32]
) -> tuple[Antecedents, Consequences]:
    used, rule_ptr, numbers = by_antecedent(rules.antecedents)
    before, then = rules.patterns.take(used), rules.patterns.take(rules.consequents)
    return list_antecedents(before.indptr, before.symbols, supports), Consequences(
        rule_ptr, numbers, then.indptr, then.symbols >> 1, weights
    )
