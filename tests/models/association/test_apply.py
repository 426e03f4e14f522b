"""Rules applied to baskets, against a loop over everything."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association.apply import count_itemsets, count_rules, offers
from models.association.baskets import Baskets
from models.association.itemsets import frequent_itemsets
from models.association.rules import association_rules, rules_of_baskets

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=6), min_size=1, max_size=15)


def by_loop(baskets, rules, weights, combine, limit, exclude_owned):
    sides = rules.to_frame([])
    rows = []
    for number, basket in enumerate(baskets):
        heard = {}
        for rule, (x, y) in enumerate(sides.to_numpy()):
            if x <= set(basket):
                for item in y:
                    if not (exclude_owned and item in basket):
                        heard.setdefault(item, []).append((weights[rule], -rule))
        scores = {
            item: sum(w for w, _ in voices) if combine == "sum" else max(voices)[0]
            for item, voices in heard.items()
        }
        best = sorted(scores, key=lambda item: (-scores[item], item))[:limit]
        rows += [
            (number, rank, item, scores[item], -max(heard[item])[1])
            for rank, item in enumerate(best, 1)
        ]
    return rows


@settings(max_examples=250, deadline=None)
@given(
    learned=small_baskets, asked=small_baskets, combine=st.sampled_from(["max", "sum"]),
    limit=st.integers(1, 4), exclude_owned=st.booleans(), max_consequent=st.sampled_from([1, 2]),
    seed=st.integers(0, 5),
)  # fmt: skip
def test_offers_are_those_of_a_loop(
    learned, asked, combine, limit, exclude_owned, max_consequent, seed
):
    rules = rules_of_baskets(learned, min_count=1, max_length=3, max_consequent=max_consequent)
    # few different whole weights: sums are exact and ties are many
    weights = np.random.default_rng(seed).integers(0, 4, len(rules)).astype(float)
    frame = offers(
        asked, rules, weight=weights, combine=combine, limit=limit, exclude_owned=exclude_owned
    )
    expected = by_loop(asked, rules, weights, combine, limit, exclude_owned)
    assert list(frame.itertuples(index=False, name=None)) == expected


def test_weight_may_be_a_measure():
    rules = rules_of_baskets([["a", "b"], ["a", "c"], ["c"]], min_count=1)
    frame = offers([["a"]], rules, weight="lift", limit=1)
    assert frame.to_dict("records") == [
        {"basket": 0, "rank": 1, "item": "b", "score": 1.5, "rule": frame["rule"][0]}
    ]
    sides = rules.to_frame(["lift"]).iloc[frame["rule"][0]]
    assert (sides["antecedents"], sides["consequents"], sides["lift"]) == (
        frozenset("a"), frozenset("b"), 1.5)  # fmt: skip


def test_unknown_items_are_ignored():
    rules = rules_of_baskets([["a", "b"]], min_count=1)
    frame = offers([["q", "a"], ["q"], []], rules)
    assert frame[["basket", "item"]].to_numpy().tolist() == [[0, "b"]]


def test_many_parts_and_threads_give_the_same():
    rng = np.random.default_rng(0)
    learned = [rng.integers(0, 15, 5).tolist() for _ in range(200)]
    rules = rules_of_baskets(learned, min_count=3)
    few = Baskets.from_lists(learned)
    many = few.take(rng.integers(0, 200, 120_000))
    one, two = offers(many, rules), offers(many, rules, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)
    assert one["basket"].max() > 100_000
    again = offers(many.take(np.arange(100)), rules)
    pd.testing.assert_frame_equal(one[one["basket"] < 100].reset_index(drop=True), again)


def test_nothing_to_offer():
    rules = association_rules(frequent_itemsets([["a"]], min_count=1))
    assert len(offers([["a"]], rules)) == 0
    assert offers([], rules).columns.tolist() == ["basket", "rank", "item", "score", "rule"]


@settings(max_examples=150, deadline=None)
@given(learned=small_baskets, asked=small_baskets)
def test_counts_in_other_baskets(learned, asked):
    found = frequent_itemsets(learned, min_count=1)
    sets = [set(basket) for basket in asked]
    expected = [sum(items <= basket for basket in sets) for items in found.sets()]
    assert count_itemsets(asked, found).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(learned=small_baskets)
def test_counting_rules_where_they_were_mined_gives_their_counts(learned):
    rules = rules_of_baskets(learned, min_count=1, max_consequent=2)
    counts = count_rules(learned, rules)
    for name in ("n_x", "n_y", "n_xy"):
        assert getattr(counts, name).tolist() == getattr(rules.counts, name).tolist()
    assert counts.n == len(learned)


def test_deployable_baskets_meet_if_and_not_then():
    rules = rules_of_baskets([["a", "b"], ["a", "b"], ["a"]], min_count=1, antecedents=["a"])
    counts = count_rules([["a"], ["a", "c"], ["a", "b"], ["b"]], rules)
    assert (counts.n_x - counts.n_xy).tolist() == [2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"combine": "mean"}, "combine must be 'max' or 'sum', not 'mean'"),
        ({"limit": 0}, "limit must be at least 1, not 0"),
        ({"weight": [1.0]}, "2 rules need as many weights"),
        ({"weight": [1.0, float("nan")]}, "a weight is NaN"),
        ({"weight": "proft"}, "unknown measure 'proft'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    rules = rules_of_baskets([["a", "b"]], min_count=1)
    with pytest.raises(ValueError, match=message):
        offers([["a"]], rules, **arguments)
