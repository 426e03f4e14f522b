"""Scarce items go where they are worth most: held against brute force and an integer programme."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.lists import allocation
from pipelines.lists.allocation import Limits, Market, own_choice, share_out, take_in_order

NONE = np.iinfo(np.int64).max


def market(rows, customers, control=None):
    """Make a market of (customer, item, category, worth)."""
    ordered = sorted(rows, key=lambda row: (row[0], -row[3], row[1]))
    columns = [np.array([row[place] for row in ordered], dtype=np.int64) for place in range(3)]
    worth = np.array([row[3] for row in ordered], dtype=float)
    nobody = np.zeros(customers, dtype=bool)
    return Market(*columns, worth, nobody if control is None else np.array(control))


def limits(quota, rows=2, per_category=NONE, cost=0.0, least=0.0, contacts=None):
    return Limits(rows, per_category, np.array(quota, dtype=np.int64), cost, least, contacts)


def fits(at, bound, taken):
    """Tell whether a choice keeps every limit, in the plainest words."""
    rows = np.flatnonzero(taken)
    if (np.bincount(at.item[rows], minlength=len(bound.quota)) > bound.quota).any():
        return False
    listed = np.unique(at.customer[rows])
    for who in listed:
        own = rows[at.customer[rows] == who]
        kinds = at.category[own][at.category[own] >= 0]
        too_alike = len(kinds) and np.bincount(kinds).max() > bound.per_category
        poor = at.worth[own].sum() - bound.cost < bound.least - 1e-9
        if len(own) > bound.rows or too_alike or poor:
            return False
    return bound.contacts is None or (~at.control[listed]).sum() <= bound.contacts


def worth_of(at, bound, taken):
    return at.worth[taken].sum() - bound.cost * len(np.unique(at.customer[taken]))


def best_of_all(at, bound, most=None):
    """Try every subset of the rows."""
    best = 0.0
    for picks in product([False, True], repeat=len(at.item)):
        taken = np.array(picks, dtype=bool)
        few = most is None or len(np.unique(at.customer[taken])) <= most
        if few and fits(at, bound, taken):
            best = max(best, worth_of(at, bound, taken))
    return best


def greedily(at, bound):
    """Take the best row first, as a list without prices would."""
    order = np.lexsort((at.item, at.customer, -at.worth))
    taken = np.zeros(len(at.item), dtype=bool)
    taken[order] = take_in_order(
        at.customer[order],
        at.item[order],
        at.category[order],
        bound.quota,
        len(at.control),
        bound.rows,
        min(bound.per_category, 99),
    )
    return taken


ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 40)),
    unique_by=lambda row: row[:2],
    min_size=1,
    max_size=10,
)
CASES = {
    "rows": ROWS,
    "quota": st.lists(st.integers(0, 2), min_size=4, max_size=4),
    "per_customer": st.integers(1, 2),
    "kinds": st.sampled_from([1, 2, NONE]),
    "cost": st.sampled_from([0.0, 1.5]),
}


@settings(max_examples=80, deadline=None)
@given(**CASES)
def test_few_rows_are_shared_out_perfectly(rows, quota, per_customer, kinds, cost):
    at = market([(who, item, item % 2, worth / 8) for who, item, worth in rows], 4)
    bound = limits(quota, per_customer, kinds, cost)
    found = share_out(at, bound)
    assert fits(at, bound, found.taken)
    assert found.value == pytest.approx(worth_of(at, bound, found.taken))
    assert found.value == pytest.approx(best_of_all(at, bound), abs=1e-6)
    assert found.gap == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(**CASES, contacts=st.sampled_from([None, 1, 2]), least=st.sampled_from([0.0, 2.0]))
def test_prices_keep_every_limit_and_their_bound_holds(
    rows, quota, per_customer, kinds, cost, contacts, least
):
    at = market([(who, item, item % 2, worth / 8) for who, item, worth in rows], 4)
    bound = limits(quota, per_customer, kinds, cost, least, contacts)
    found = allocation._priced(at, bound)
    assert fits(at, bound, found.taken)
    listed = len(np.unique(at.customer[found.taken]))
    best = best_of_all(at, bound, None if contacts is None else listed)
    assert found.value <= best + 1e-9
    assert found.bound >= best - 1e-9


def test_greed_gives_the_only_piece_to_the_wrong_customer():
    # Ann has nothing else to want, Bob has; greed gives A to Bob, who pays a little more for it.
    at = market([(0, 0, -1, 9.0), (1, 0, -1, 10.0), (1, 1, -1, 8.0)], 2)
    bound = limits([1, 5], rows=1)
    found = share_out(at, bound)
    assert worth_of(at, bound, greedily(at, bound)) == 10.0
    assert found.value == 17.0
    assert found.gap == 0.0


def crowd(customers=300, items=40, offers=8, seed=0):
    random = np.random.default_rng(seed)
    liked = random.exponential(size=items)
    rows = [
        (who, int(item), int(item) % 5, float(worth))
        for who in range(customers)
        for item, worth in zip(
            random.choice(items, offers, replace=False, p=liked / liked.sum()),
            random.exponential(size=offers),
            strict=True,
        )
    ]
    return market(rows, customers)


@pytest.mark.parametrize(("cost", "contacts"), [(0.0, None), (0.6, None), (0.6, 60)])
def test_a_crowd_is_served_within_a_stated_gap_and_better_than_by_greed(cost, contacts):
    at, bound = crowd(), limits([12] * 40, 3, 2, cost, 0.0, contacts)
    found = allocation._priced(at, bound)
    assert fits(at, bound, found.taken)
    assert 0 <= found.gap < 0.01
    assert found.gap == pytest.approx(1 - found.value / found.bound)
    if contacts is None:
        assert found.value > worth_of(at, bound, greedily(at, bound))


def test_prices_come_near_the_integer_programme():
    at, bound = crowd(), limits([12] * 40, 3, 2, 0.6)
    exact, priced = allocation._programme(at, bound), allocation._priced(at, bound)
    assert fits(at, bound, exact.taken)
    assert priced.value <= exact.bound + 1e-9
    assert priced.bound >= exact.value - 1e-9
    assert priced.value > 0.99 * exact.value


def test_without_scarcity_everyone_chooses_alone_and_the_result_is_exact():
    at, bound = crowd(), limits([NONE] * 40, 3, 2, 0.6)
    found = share_out(at, bound)
    taken, gain = own_choice(at, bound)
    kept = gain - bound.cost >= 0
    assert (found.taken == (taken & kept[at.customer])).all()
    assert found.gap == 0.0


def test_own_choice_is_the_best_of_all_choices():
    at, bound = market([(0, i, i % 2, 1.0 + i) for i in range(5)], 1), limits([NONE] * 5, 3, 2)
    _, gain = own_choice(at, bound)
    subsets = (np.isin(np.arange(5), pick) for pick in combinations(range(5), 3))
    assert gain[0] == max(at.worth[pick].sum() for pick in subsets if fits(at, bound, pick))


def test_equal_rows_go_to_the_lower_customer_and_item():
    at = market([(who, item, -1, 1.0) for who in (0, 1, 2) for item in (0, 1)], 3)
    found = allocation._priced(at, limits([1, 1], rows=1))
    assert at.customer[found.taken].tolist() == [0, 1]


def test_nothing_in_nothing_out():
    found = share_out(market([], 0), limits([]))
    assert (found.value, found.bound, found.gap) == (0.0, 0.0, 0.0)
    assert len(found.taken) == 0
