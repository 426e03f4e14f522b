"""Rules counted on windows: the same as by hand, and as by brute force."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipelines.findings import held_out
from pipelines.findings.held_out import count_rules, holders, lift_interval, rule_evidence
from pipelines.findings.purchase_rule import PurchaseRule

TEA_MILK = PurchaseRule(("tea",), "milk")
TEA_AGAIN = PurchaseRule(("tea",), "tea")
ALL_RUM = PurchaseRule((), "rum")
BOTH_RUM = PurchaseRule(("jam", "tea"), "rum")
ITEMS = ("a", "b", "c", "d")


def counted(snapshot, rules):
    items = pd.Index(sorted({name for rule in rules for name in (*rule.needs, rule.item)}))
    return count_rules(rules, snapshot.labelled(items.astype(object)))


def by_brute_force(shop, rule):
    n = then = covered = hits = 0
    for bought, later in shop.values():
        owned, after = set(bought.split()), set(later.split())
        if rule.item in owned and not rule.again:
            continue
        n += 1
        then += rule.item in after
        covered += set(rule.needs) <= owned
        hits += set(rule.needs) <= owned and rule.item in after
    return n, then, covered, hits


def test_the_counts_are_those_by_hand(shop_snapshot):
    table = counted(shop_snapshot, [TEA_MILK, TEA_AGAIN, ALL_RUM, BOTH_RUM])
    assert table.to_numpy().tolist() == [
        [5, 2, 3, 2],  # cat has milk; of ann, bob, fay with tea two buy milk
        [6, 1, 4, 1],  # whoever has tea may buy it again
        [5, 1, 5, 1],  # eve has rum
        [5, 1, 2, 1],  # ann and fay have both
    ]


BASKETS = st.lists(st.sampled_from(ITEMS), max_size=4).map(" ".join)
RULES = st.builds(
    PurchaseRule,
    st.lists(st.sampled_from(ITEMS), max_size=3, unique=True).map(lambda some: tuple(sorted(some))),
    st.sampled_from(ITEMS),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(BASKETS, BASKETS), min_size=1, max_size=8),
    st.lists(RULES, min_size=1, max_size=6),
)
def test_the_counts_are_those_of_brute_force(people, rules):
    shop = {f"c{number}": both for number, both in enumerate(people)}
    if not any(bought for bought, _ in people):
        return
    table = counted(_snapshot(shop), rules)
    assert [tuple(row) for row in table.to_numpy().tolist()] == [
        by_brute_force(shop, rule) for rule in rules
    ]


def _snapshot(shop):
    from datetime import date

    from features.windows import Window
    from pipelines.crosssell.snapshots import Snapshot

    def pairs(place):
        rows = [(who, item) for who in shop for item in shop[who][place].split()]
        return pd.DataFrame(rows, columns=["customer_id", "item_id"]).drop_duplicates()

    bought = pairs(0).assign(order_id="o", ordered_at=pd.Timestamp("2024-01-01"))
    return Snapshot(
        window=Window(date(2024, 1, 1), 730, 0, 31),
        purchases=bought.assign(quantity=1.0, amount=1.0),
        customers=pd.DataFrame(index=pd.Index(sorted(shop), dtype=object)),
        items=pd.DataFrame(),
        outcomes=pairs(1).assign(quantity=1.0, amount=1.0),
        earlier=pairs(0).head(0),
        labels=pd.DataFrame(columns=["item_id", "item_name"]),
    )


def test_parts_give_the_same_counts_as_the_whole(shop_snapshot, monkeypatch):
    rules = [TEA_MILK, TEA_AGAIN, ALL_RUM, BOTH_RUM]
    whole = counted(shop_snapshot, rules)
    monkeypatch.setattr(held_out, "CHUNK", 1)
    pd.testing.assert_frame_equal(counted(shop_snapshot, rules), whole)


def test_the_evidence_tells_support_confidence_lift_and_an_exact_p(shop_snapshot):
    (one,) = rule_evidence([TEA_MILK], [shop_snapshot], [True])
    evidence = one.evidence
    assert (evidence.n, evidence.support, one.covered) == (5, 2 / 5, 3)
    assert evidence.confidence == pytest.approx(2 / 3)
    assert evidence.lift == pytest.approx((2 / 3) / (2 / 5))
    exact = stats.fisher_exact([[2, 0], [1, 2]], alternative="greater").pvalue
    assert evidence.p == pytest.approx(exact)
    assert evidence.held_out
    assert evidence.stability == {"2024-11-30": pytest.approx(5 / 3, abs=1e-4)}


def test_p_is_corrected_for_all_rules_that_can_be_tested(shop_snapshot):
    rules = [TEA_MILK, BOTH_RUM, ALL_RUM]
    first, second, everybody = rule_evidence(rules, [shop_snapshot], [True, False, True])
    small, large = sorted(one.evidence.p for one in (first, second))
    assert min(one.evidence.p_adjusted for one in (first, second)) == pytest.approx(
        min(1.0, 2 * small)
    )
    assert large <= max(one.evidence.p_adjusted for one in (first, second))
    assert (everybody.evidence.lift, everybody.evidence.p) == (None, None)
    assert everybody.evidence.confidence == pytest.approx(1 / 5)
    assert [one.evidence.held_out for one in (first, second, everybody)] == [True, False, True]


def test_a_rule_that_nobody_meets_has_no_figures(shop_snapshot):
    (one,) = rule_evidence([PurchaseRule(("gin",), "milk")], [shop_snapshot], [True])
    assert one.covered == 0
    known = one.evidence
    assert (known.confidence, known.lift, known.p, known.p_adjusted) == (None,) * 4
    assert known.stability == {}


def test_the_lift_of_every_window_is_told(snapshot, shop_snapshot):
    from datetime import date

    earlier = snapshot({"ann": ("tea", "milk"), "bob": ("jam", "")}, date(2024, 10, 30))
    (one,) = rule_evidence([TEA_MILK], [shop_snapshot, earlier], [True])
    assert one.evidence.stability == {"2024-11-30": 1.6667, "2024-10-30": 2.0}


def test_nothing_is_measured_of_no_rules(shop_snapshot):
    assert rule_evidence([], [shop_snapshot], []) == []


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"n": 0, "then": 0, "covered": 0, "hits": 0}, (None, None, None)),
        ({"n": 10, "then": 0, "covered": 3, "hits": 0}, (None, None, None)),
        ({"n": 10, "then": 3, "covered": 0, "hits": 0}, (None, None, None)),
        ({"n": 10, "then": 3, "covered": 3, "hits": 0}, (0.0, 0.0, None)),
    ],
)
def test_an_interval_that_cannot_be_known_is_not_told(counts, told):
    assert lift_interval(**counts) == told


def test_the_interval_of_a_lift_covers_as_often_as_it_says():
    rng = np.random.default_rng(2)
    n, shares = 3000, np.array([0.06, 0.09, 0.14, 0.71])
    true = 0.06 / (0.15 * 0.20)
    inside = 0
    for both, only_if, only_then, _ in rng.multinomial(n, shares, size=1000).tolist():
        _, low, high = lift_interval(n, both + only_then, both + only_if, both)
        inside += low <= true <= high
    assert 930 <= inside <= 970


def test_who_owns_all_that_is_needed_is_marked(shop_snapshot):
    history = shop_snapshot.history(pd.Index(["jam", "milk", "tea"], dtype=object))
    rules = [BOTH_RUM, PurchaseRule(("gin", "tea"), "milk"), ALL_RUM]
    marked = holders(rules, history.owned().tocsc(), history.items)
    assert marked.toarray().T.tolist() == [[1, 0, 0, 0, 0, 1], [0] * 6, [0] * 6]
