"""Kernels that find the rules whose antecedent a customer's history holds, and what they offer."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._match import Consequences
from models.sequences._encode import Encoded
from models.sequences._occurrences import find_occurrences
from models.sequences.limits import KernelLimits

__all__ = ["Antecedents", "Argued", "list_antecedents", "offer_next"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray[np.float64]

NOBODY = -1
_CLOSED = -1


class Antecedents(NamedTuple):
    """The antecedents, and those among them whose rarest item each item is."""

    indptr: Int64
    symbols: Int32
    heads: Int64
    listed: Int32


class Argued(NamedTuple):
    """What speaks for each item with the customer at work; `owned` says who has it."""

    owned: Int32
    offered: Int32
    score: Values
    best: Values
    rule: Int32
    waited: Int64
    touched: Int32


@njit(cache=True, nogil=True)
def list_antecedents(indptr: Int64, symbols: Int32, supports: Int32) -> Antecedents:
    """List the antecedents under their rarest item, ties by the first one."""
    rarest = np.empty(len(indptr) - 1, np.int32)
    heads = np.zeros(len(supports) + 1, np.int64)
    for number in range(len(rarest)):
        best = symbols[indptr[number]] >> 1
        for p in range(indptr[number], indptr[number + 1]):
            if supports[symbols[p] >> 1] < supports[best]:
                best = symbols[p] >> 1
        rarest[number] = best
        heads[best + 1] += 1
    listed = np.argsort(rarest, kind="mergesort").astype(np.int32)
    return Antecedents(indptr, symbols, np.cumsum(heads), listed)


@njit(cache=True, nogil=True)
def offer_next(
    data: Encoded,
    limits: KernelLimits,
    now: int,
    bounds: Int64,
    first: int,
    last: int,
    known: Antecedents,
    then: Consequences,
    add_up: bool,
    keep_owned: bool,
    most: int,
) -> tuple[Int32, Int32, Values, Int32, Int64]:
    """Give customer, item, score, rule and waiting time of the offers to customers `first:last`.

    The baskets of customer `c` are `bounds[c]:bounds[c + 1]`.
    """
    argued = _nothing_argued(len(data.supports))
    out = np.empty((1024, 4), np.int64)
    scores, top = np.empty(1024), 0
    for customer in range(first, last):
        n = _argue(data, limits, now, customer, bounds, known, then, add_up, argued)
        chosen = _best(argued, n, customer, keep_owned)[:most]
        while top + len(chosen) > len(scores):
            out, scores = np.concatenate((out, out)), np.concatenate((scores, scores))
        for item in chosen:
            out[top, 0], out[top, 1] = customer, item
            out[top, 2], out[top, 3] = argued.rule[item], argued.waited[item]
            scores[top] = argued.score[item]
            top += 1
    who, what, why = out[:top, 0], out[:top, 1], out[:top, 2]
    return (
        who.astype(np.int32), what.astype(np.int32), scores[:top].copy(),
        why.astype(np.int32), out[:top, 3].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _nothing_argued(n_items: int) -> Argued:
    return Argued(
        np.full(n_items, NOBODY, np.int32),
        np.full(n_items, NOBODY, np.int32),
        np.empty(n_items),
        np.empty(n_items),
        np.empty(n_items, np.int32),
        np.empty(n_items, np.int64),
        np.empty(n_items, np.int32),
    )


@njit(cache=True, nogil=True)
def _argue(
    data: Encoded,
    limits: KernelLimits,
    now: int,
    customer: int,
    bounds: Int64,
    known: Antecedents,
    then: Consequences,
    add_up: bool,
    argued: Argued,
) -> int:
    begin, end = bounds[customer], bounds[customer + 1]
    n_touched = 0
    owned = _own(data, customer, begin, end, argued.owned)
    for item in owned:
        for k in range(known.heads[item], known.heads[item + 1]):
            number = known.listed[k]
            symbols = known.symbols[known.indptr[number] : known.indptr[number + 1]]
            if not _has_all(symbols, argued.owned, customer):
                continue
            start = _open_since(data, limits, now, symbols, begin, end)
            if start == _CLOSED:
                continue
            waited = now - data.times[start]
            for r in range(then.rule_ptr[number], then.rule_ptr[number + 1]):
                rule = then.rules[r]
                n_touched = _count(then, rule, waited, customer, add_up, argued, n_touched)
    return n_touched


@njit(cache=True, nogil=True)
def _own(data: Encoded, customer: int, begin: int, end: int, owned: Int32) -> Int32:
    """Mark the customer's items and list each once."""
    listed, top = np.empty(data.heads[end] - data.heads[begin], np.int32), 0
    for p in range(data.heads[begin], data.heads[end]):
        if owned[data.items[p]] != customer:
            owned[data.items[p]] = customer
            listed[top] = data.items[p]
            top += 1
    return np.sort(listed[:top])


@njit(cache=True, nogil=True)
def _has_all(symbols: Int32, owned: Int32, customer: int) -> bool:
    for symbol in symbols:  # noqa: SIM110  (compiled)
        if owned[symbol >> 1] != customer:
            return False
    return True


@njit(cache=True, nogil=True)
def _open_since(
    data: Encoded, limits: KernelLimits, now: int, symbols: Int32, begin: int, end: int
) -> int:
    """Give where the antecedent's last element last began, if a purchase to come can follow it."""
    best = _CLOSED
    for row in find_occurrences(data, limits, symbols, begin, end):
        soonest = max(now + 1, data.times[row[4]] + limits.min_gap)
        if (
            soonest - data.times[row[3]] <= limits.max_gap
            and soonest - data.times[row[0]] <= limits.max_span
        ):
            best = max(best, row[3])
    return best


@njit(cache=True, nogil=True)
def _count(
    then: Consequences,
    rule: int,
    waited: int,
    customer: int,
    add_up: bool,
    argued: Argued,
    n_touched: int,
) -> int:
    """Add a rule to the score of its items; keep the best rule, the first of equal ones."""
    weight = then.weights[rule]
    for p in range(then.then_ptr[rule], then.then_ptr[rule + 1]):
        item = then.then[p]
        new = argued.offered[item] != customer
        if new:
            argued.offered[item] = customer
            argued.touched[n_touched] = item
            n_touched += 1
        before = 0.0 if new else argued.score[item]
        is_best = new or weight > argued.best[item]
        if is_best or (weight == argued.best[item] and rule < argued.rule[item]):
            argued.best[item], argued.rule[item] = weight, rule
            argued.waited[item] = waited
        argued.score[item] = before + weight if add_up else argued.best[item]
    return n_touched


@njit(cache=True, nogil=True)
def _best(argued: Argued, n_touched: int, customer: int, keep_owned: bool) -> Int32:
    """Order the items by score, ties by code."""
    items = np.sort(argued.touched[:n_touched])
    if not keep_owned:
        items = items[argued.owned[items] != customer]
    return items[np.argsort(-argued.score[items], kind="mergesort")]
