"""Offers against a search through every rule and every occurrence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sequences import Sequences, frequent_sequences, next_offers, sequential_rules

TEA = [[["tea"], ["cup"]], [["tea"], ["cup"]], [["tea"], ["pot"]], [["tea"]]]


def sequences_of(customers):
    return Sequences.from_lists(
        [[items for _, items in baskets] for baskets in customers],
        [[time for time, _ in baskets] for baskets in customers],
    )


@st.composite
def customers(draw):
    basket = st.sets(st.sampled_from("abcd"), min_size=1, max_size=2)
    steps = st.lists(st.integers(1, 4), max_size=4)
    return [
        [(time, sorted(draw(basket))) for time in np.cumsum(draw(steps)).tolist()]
        for _ in range(draw(st.integers(1, 5)))
    ]


LIMITS = [
    {},
    {"max_gap": 3},
    {"min_gap": 2, "max_span": 6},
    {"window": 2},
    {"window": 3, "max_gap": 5},
]


def expected_offers(all_occurrences, drawn, rules, now, within, combine, exclude_owned):
    """Try every rule on every customer; give (customer, item) -> (score, rule, waited)."""
    frame, offered = rules.to_frame(), {}
    for customer, whole in enumerate(drawn):
        baskets = [(time, items) for time, items in whole if time <= now]
        owned = {item for _, items in baskets for item in items}
        for number, row in enumerate(frame.itertuples(index=False)):
            starts = [
                found[-1][0]
                for found in all_occurrences(row.antecedent, baskets, **within)
                if is_open(found, now, within)
            ]
            for item in row.consequent if starts else ():
                if item not in owned or not exclude_owned:
                    case = (row.confidence, -number, now - max(starts))
                    offered.setdefault((customer, item), []).append(case)
    joined = {}
    for key, cases in offered.items():
        weight, negative, waited = max(cases)
        score = sum(case[0] for case in cases) if combine == "sum" else weight
        joined[key] = (pytest.approx(score), -negative, waited)
    return joined


def is_open(found, now, within):
    soonest = max(now + 1, found[-1][1] + max(within.get("min_gap", 0), 1))
    gap, span = within.get("max_gap"), within.get("max_span")
    return (gap is None or soonest - found[-1][0] <= gap) and (
        span is None or soonest - found[0][0] <= span
    )


@settings(max_examples=80, deadline=None)
@given(
    customers(), st.sampled_from(LIMITS), st.integers(0, 14),
    st.sampled_from(["max", "sum"]), st.booleans(),
)  # fmt: skip
def test_equals_brute_force(all_occurrences, drawn, within, now, combine, exclude_owned):
    bought = sequences_of(drawn)
    rules = sequential_rules(frequent_sequences(bought, min_count=1, max_length=3, **within))
    offers = next_offers(
        bought, rules, now=now, combine=combine, exclude_owned=exclude_owned, limit=100
    )
    found = {
        (row.customer, row.item): (row.score, row.rule, row.waited)
        for row in offers.itertuples(index=False)
    }
    assert found == expected_offers(
        all_occurrences, drawn, rules, now, within, combine, exclude_owned
    )


@pytest.fixture
def tea_rules():
    return sequential_rules(frequent_sequences(TEA, min_count=1))


def test_best_first_and_limited(tea_rules):
    bought = Sequences.from_lists(TEA)
    offers = next_offers(bought, tea_rules)
    last = offers[offers["customer"] == 3]
    assert last["item"].tolist() == ["cup", "pot"]
    assert last["rank"].tolist() == [1, 2]
    assert last["score"].tolist() == [0.5, 0.25]
    best = next_offers(bought, tea_rules, limit=1)
    assert best["item"].tolist() == ["pot", "pot", "cup", "cup"]


def test_ties_go_by_item_code(tea_rules):
    offers = next_offers(Sequences.from_lists(TEA), tea_rules, weight=np.ones(len(tea_rules)))
    assert offers[offers["customer"] == 3]["item"].tolist() == ["cup", "pot"]


def test_new_customers_with_other_items(tea_rules):
    strangers = Sequences.from_lists([[["tea", "ham"]], [["ham"]], []])
    offers = next_offers(strangers, tea_rules)
    assert offers["customer"].tolist() == [0, 0]
    assert offers["item"].tolist() == ["cup", "pot"]


def test_an_offer_ends_when_its_gap_is_over():
    bought = sequences_of([[(1, ["a"]), (4, ["b"])], [(10, ["a"])]])
    rules = sequential_rules(frequent_sequences(bought, min_count=1, max_gap=3), bought)
    assert next_offers(bought, rules, now=12)["item"].tolist() == ["b"]
    assert next_offers(bought, rules, now=12)["waited"].tolist() == [2]
    assert len(next_offers(bought, rules, now=13)) == 0


def test_what_came_later_is_not_looked_at(tea_rules):
    bought = Sequences.from_lists(TEA)
    offers = next_offers(bought, tea_rules, now=0)
    assert offers.groupby("customer")["item"].apply(list).tolist() == [["cup", "pot"]] * 4


def test_any_number_of_threads_gives_the_same(tea_rules):
    many = Sequences.from_lists(TEA * 12_000)
    alone, together = (next_offers(many, tea_rules, n_jobs=n) for n in (1, 3))
    assert len(alone) == 12_000 * 5
    assert alone.equals(together)


@pytest.mark.parametrize("nobody", [[], [[]], [[["ham"]]]])
def test_nobody_gets_nothing(tea_rules, nobody):
    offers = next_offers(Sequences.from_lists(nobody), tea_rules)
    assert offers.columns.tolist() == ["customer", "rank", "item", "score", "rule", "waited"]
    assert len(offers) == 0


def test_no_rules_no_offers():
    rules = sequential_rules(frequent_sequences([[["a"]]], min_count=1))
    assert len(next_offers(Sequences.from_lists([[["a"]]]), rules)) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"combine": "mean"}, "combine must be 'max' or 'sum', not 'mean'"),
        ({"limit": 0}, "limit must be at least 1, not 0"),
        ({"weight": "profit"}, r"one of \['confidence', 'lift', 'support'\], not 'profit'"),
        ({"weight": [1.0]}, "2 rules need as many weights"),
        ({"weight": [1.0, float("nan")]}, "a weight is NaN"),
        ({"n_jobs": 0}, "n_jobs must be -1"),
    ],
)
def test_wrong_arguments_are_refused(tea_rules, arguments, message):
    with pytest.raises(ValueError, match=message):
        next_offers(Sequences.from_lists(TEA), tea_rules, **arguments)
