"""Share scarce items out among customers: prices for the items, a bound, and how near it is.

Lagrangian relaxation of a generalised assignment (Fisher 1981, *The Lagrangian relaxation method
for solving integer programming problems*, Management Science 27(1)): an item of which there is not
enough gets a price, every customer takes what is best at those prices, and the prices move until
demand fits. At any prices, what the customers gain and the quotas cost is an upper bound.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from scipy import optimize, sparse

__all__ = [
    "EXACT_ROWS",
    "Limits",
    "Market",
    "Shared",
    "freely",
    "own_choice",
    "reach",
    "share_out",
    "take_in_order",
    "wishes",
]

EXACT_ROWS = 3000
ROUNDS = 120
PATIENCE = 8
EXACT_GAP = 1e-9
ENOUGH = 1e-4
NODES = 200


@dataclass(frozen=True)
class Limits:
    """What a list may hold.

    Attributes
    ----------
    rows, per_category : int
        Rows a customer, and rows of one category for a customer, at most.
    quota : numpy.ndarray of int64, (items,)
        Customers each item is offered to, at most.
    cost : float
        Money a listed customer costs.
    least : float
        Profit a listed customer must promise, after the cost.
    contacts : int or None
        Customers in the target group, at most.
    """

    rows: int
    per_category: int
    quota: np.ndarray
    cost: float
    least: float
    contacts: int | None


@dataclass(frozen=True)
class Market:
    """Candidate rows, sorted by customer, then worth (highest first), then item.

    Attributes
    ----------
    customer, item, category : numpy.ndarray of int64, (rows,)
        Codes; category -1 = none.
    worth : numpy.ndarray of float64, (rows,)
        Money that counts when rows are chosen, none negative.
    control : numpy.ndarray of bool, (customers,)
        Who is not contacted.
    """

    customer: np.ndarray
    item: np.ndarray
    category: np.ndarray
    worth: np.ndarray
    control: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where the rows of each customer begin; one more is the end (int64)."""
        counts = np.bincount(self.customer, minlength=len(self.control))
        return np.concatenate([[0], np.cumsum(counts)])


@dataclass(frozen=True)
class Shared:
    """Rows chosen, and how good they can be at best.

    Attributes
    ----------
    taken : numpy.ndarray of bool, (rows,)
        The rows of the list.
    value : float
        Worth of the rows less the cost of the customers, both groups together.
    bound : float
        No choice of as many customers under the same limits is worth more.
    """

    taken: np.ndarray
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """What may be missing, as a share of the bound; 0 = exact."""
        if self.bound <= 0 or self.bound - self.value <= EXACT_GAP * abs(self.bound):
            return 0.0
        return (self.bound - self.value) / self.bound


def share_out(market: Market, limits: Limits) -> Shared:
    """Choose customers and rows so that they are worth most.

    Without a scarce item every customer's choice is independent and the result exact. With one,
    few rows (`EXACT_ROWS`) and no limit on contacts, the assignment is solved as an integer
    programme; else prices are sought until no more than `ENOUGH` of the worth may be missing, or
    for `ROUNDS` turns, and the bound says how much it is.

    Parameters
    ----------
    market : Market
        The candidates.
    limits : Limits
        Quotas, caps and costs.
    """
    taken = _freely(market, limits)
    if (_demand(market.item, taken, len(limits.quota)) <= limits.quota).all():
        value = _value(market, limits, taken)
        return Shared(taken, value, value)
    if limits.contacts is None and len(market.item) <= EXACT_ROWS and limits.least >= 0:
        exact = _programme(market, limits)
        if exact is not None:
            return exact
    return _priced(market, limits)


def own_choice(
    market: Market, limits: Limits, price: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Let every customer take the best rows, as if quotas and contacts were not limited.

    Parameters
    ----------
    market, limits
        As in `share_out`.
    price : numpy.ndarray of float64, (items,), optional
        What each item costs the customer; default nothing.

    Returns
    -------
    taken : numpy.ndarray of bool, (rows,)
        The rows; taking the best first is exact under caps by customer and category.
    gain : numpy.ndarray of float64, (customers,)
        Worth of the rows less their prices.
    """
    taken, gain = _best_rows(
        market.starts,
        market.item,
        market.category,
        market.worth,
        np.zeros(len(limits.quota)) if price is None else price,
        limits.rows,
        limits.per_category,
    )
    return taken, gain


def wishes(market: Market, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Tell what each customer's own choice earns, and who is worth a contact by it.

    Returns
    -------
    gain : numpy.ndarray of float64, (customers,)
        Worth of the rows, before the cost.
    worthy : numpy.ndarray of bool, (customers,)
        Who holds a row and promises enough.
    """
    taken, gain = own_choice(market, limits)
    return gain, (gain - limits.cost >= limits.least) & _holders(market, taken)


def freely(market: Market, limits: Limits, reached: np.ndarray) -> Shared:
    """Give every customer who is reached the rows of the own choice: no item is scarce."""
    taken = own_choice(market, limits)[0] & reached[market.customer]
    value = _value(market, limits, taken)
    return Shared(taken, value, value)


def _freely(market: Market, limits: Limits) -> np.ndarray:
    """Choose without regard to quotas: customers by what their own choice earns."""
    taken, _ = own_choice(market, limits)
    gain, worthy = wishes(market, limits)
    reached = reach(gain, worthy, market.control, limits.contacts)
    kept: np.ndarray = taken & reached[market.customer]
    return kept


def reach(
    gain: np.ndarray, worthy: np.ndarray, control: np.ndarray, contacts: int | None
) -> np.ndarray:
    """Take customers by gain until the contacts are used up; controls are taken down to there."""
    if contacts is None:
        return worthy
    order = np.lexsort((np.arange(len(gain)), -gain))
    order = order[worthy[order]]
    contacted = ~control[order]
    before = np.cumsum(contacted) - contacted
    reached = np.zeros(len(gain), dtype=bool)
    reached[order[before < contacts]] = True
    return reached


def _priced(market: Market, limits: Limits) -> Shared:
    """Move prices along the excess of demand (Polyak's step), keep the best list and bound."""
    price = np.zeros(len(limits.quota))
    best = _rounded(market, limits, price)
    listed = _listed(market, best)
    value, bound, least_price = _value(market, limits, best), np.inf, price
    pace, waited = 1.0, 0
    for turn in range(ROUNDS):
        ceiling, demand = _relaxed(market, limits, price, listed)
        waited = 0 if ceiling < bound * (1 - 1e-6) else waited + 1
        if ceiling < bound:
            bound, least_price = ceiling, price
        if turn % 4 == 0 or waited == 0:
            best, value = _better(market, limits, price, best, value)
        if bound - value <= ENOUGH * abs(bound):
            break
        if waited >= PATIENCE:
            pace, waited, price = pace / 2, 0, least_price
            continue
        excess = demand - limits.quota
        excess = np.where((price <= 0) & (excess < 0), 0, excess).astype(np.float64)
        length = float(excess @ excess)
        if length == 0:
            break
        price = np.maximum(0.0, price + pace * (ceiling - value) / length * excess)
    best, value = _better(market, limits, least_price, best, value)
    bound = min(
        _relaxed(market, limits, one, _listed(market, best))[0]
        for one in (least_price, np.zeros(len(price)))
    )
    return Shared(best, value, max(bound, value))


def _better(
    market: Market, limits: Limits, price: np.ndarray, best: np.ndarray, value: float
) -> tuple[np.ndarray, float]:
    found = _rounded(market, limits, price)
    worth = _value(market, limits, found)
    return (found, worth) if worth > value else (best, value)


def _relaxed(
    market: Market, limits: Limits, price: np.ndarray, listed: int
) -> tuple[float, np.ndarray]:
    """Give the bound at some prices, for as many customers, and the demand there."""
    taken, gain = own_choice(market, limits, price)
    net = gain - limits.cost
    order = np.lexsort((np.arange(len(net)), -net))
    most = len(net) if limits.contacts is None else listed
    chosen = np.zeros(len(net), dtype=bool)
    chosen[order[:most]] = True
    chosen &= net > 0
    finite = np.minimum(limits.quota, len(net))
    bound = float(net[chosen].sum() + price @ finite)
    return bound, _demand(market.item, taken & chosen[market.customer], len(price))


def _rounded(market: Market, limits: Limits, price: np.ndarray) -> np.ndarray:
    """Turn prices into a list that keeps every limit.

    Customers are chosen by their gain at the prices; rows go to those who gain most by them. Who
    does not earn enough then is left out, and what that frees is given out again.
    """
    taken, gain = own_choice(market, limits, price)
    worthy = (gain - limits.cost >= min(limits.least, 0.0)) & (np.diff(market.starts) > 0)
    reached = reach(gain, worthy, market.control, limits.contacts)
    order = np.lexsort((market.item, market.customer, price[market.item] - market.worth))
    for _ in range(len(reached)):
        taken = _greedily(market, limits, order, reached)
        earned = np.bincount(market.customer, weights=taken * market.worth, minlength=len(reached))
        kept = reached & _holders(market, taken) & (earned - limits.cost >= limits.least)
        if (kept == reached).all():
            break
        reached = kept
    return taken


def _greedily(market: Market, limits: Limits, order: np.ndarray, reached: np.ndarray) -> np.ndarray:
    order = order[reached[market.customer[order]]]
    taken = np.zeros(len(market.item), dtype=bool)
    taken[order] = take_in_order(
        market.customer[order],
        market.item[order],
        market.category[order],
        limits.quota,
        len(market.control),
        limits.rows,
        limits.per_category,
    )
    return taken


def _holders(market: Market, taken: np.ndarray) -> np.ndarray:
    """Tell which customers hold a row."""
    holders = np.zeros(len(market.control), dtype=bool)
    holders[market.customer[taken]] = True
    return holders


def _listed(market: Market, taken: np.ndarray) -> int:
    return len(np.unique(market.customer[taken]))


def _demand(item: np.ndarray, taken: np.ndarray, items: int) -> np.ndarray:
    return np.bincount(item[taken], minlength=items)


def _value(market: Market, limits: Limits, taken: np.ndarray) -> float:
    return float(market.worth[taken].sum() - limits.cost * _listed(market, taken))


def _programme(market: Market, limits: Limits) -> Shared | None:
    """Solve the choice of rows and customers with HiGHS; None when it gives up."""
    rows, customers = len(market.item), len(market.control)
    gain = np.concatenate([-market.worth, np.full(customers, limits.cost)])
    table, upper = _constraints(market, limits)
    solved = optimize.milp(
        gain,
        integrality=np.ones(rows + customers, dtype=np.int64),
        bounds=optimize.Bounds(0, 1),
        constraints=optimize.LinearConstraint(table, ub=upper),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if solved.x is None:
        return None
    taken = solved.x[:rows] > 0.5
    value = _value(market, limits, taken)
    return Shared(taken, value, max(value, -float(solved.mip_dual_bound)))


def _constraints(market: Market, limits: Limits) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Write the limits as ``table @ (rows, customers) <= upper``."""
    rows, customers = len(market.item), len(market.control)
    each = np.arange(rows)
    scarce = np.unique(market.item)
    quota = _indicator(np.searchsorted(scarce, market.item), each, len(scarce), rows)
    held = _indicator(market.customer, each, customers, rows)
    pays = sparse.diags_array(np.full(customers, limits.cost + limits.least))
    worth = _indicator(market.customer, each, customers, rows, -market.worth)
    own = _indicator(each, market.customer, rows, customers)
    known = market.category >= 0
    kinds = np.unique(
        market.customer[known] * (market.category.max(initial=0) + 1) + market.category[known],
        return_inverse=True,
    )[1]
    kind = _indicator(kinds, each[known], int(kinds.max(initial=-1)) + 1, rows)
    blocks: list[list[Any]] = [
        [quota, None],
        [kind, None],
        [held, sparse.diags_array(np.full(customers, -float(limits.rows)))],
        [sparse.eye_array(rows), -own],
        [worth, pays],
    ]
    upper = [
        np.minimum(limits.quota[scarce], rows),
        np.full(kind.shape[0], min(limits.per_category, rows)),
        np.zeros(customers + rows + customers),
    ]
    table = sparse.csr_matrix(sparse.block_array(blocks, format="csr"))
    return table, np.concatenate(upper).astype(np.float64)


def _indicator(
    row: np.ndarray, column: np.ndarray, rows: int, columns: int, value: np.ndarray | None = None
) -> sparse.csr_array:
    ones = np.ones(len(row)) if value is None else value
    return sparse.csr_array((ones, (row, column)), shape=(rows, columns))


@numba.njit(cache=True)
def _best_rows(starts, item, category, worth, price, rows, per_category):  # type: ignore[no-untyped-def]
    taken = np.zeros(len(item), dtype=np.bool_)
    gain = np.zeros(len(starts) - 1)
    for who in range(len(starts) - 1):
        first, last = starts[who], starts[who + 1]
        for _ in range(min(rows, last - first)):
            best, most = -1, 0.0
            for row in range(first, last):
                left = worth[row] - price[item[row]]
                if taken[row] or left < 0.0 or (best >= 0 and left <= most):
                    continue
                if category[row] >= 0:
                    held = 0
                    for other in range(first, last):
                        held += taken[other] and category[other] == category[row]
                    if held >= per_category:
                        continue
                best, most = row, left
            if best < 0:
                break
            taken[best] = True
            gain[who] += most
    return taken, gain


@numba.njit(cache=True)
def take_in_order(customer, item, category, quota, n_customers, rows, per_category):  # type: ignore[no-untyped-def]
    """Take rows in the order given, as long as every cap allows."""
    taken = np.zeros(len(customer), dtype=np.bool_)
    of_customer = np.zeros(n_customers, dtype=np.int64)
    of_item = np.zeros(len(quota), dtype=np.int64)
    of_pair = {np.int64(-1): np.int64(0)}
    for row in range(len(customer)):
        who, what, kind = customer[row], item[row], category[row]
        if of_customer[who] >= rows or of_item[what] >= quota[what]:
            continue
        if kind >= 0 and per_category < rows:
            pair = kind * n_customers + who
            held = of_pair.get(pair, np.int64(0))
            if held >= per_category:
                continue
            of_pair[pair] = held + 1
        taken[row] = True
        of_customer[who] += 1
        of_item[what] += 1
    return taken
