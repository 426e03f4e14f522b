import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from experiments.evaluation.ranking import coverage, ranking_metrics, summary


def lists(**items):
    rows = [
        (customer, item, rank)
        for customer, chosen in items.items()
        for rank, item in enumerate(chosen, start=1)
    ]
    return pd.DataFrame(rows, columns=["customer", "item", "rank"])


def bought(**items):
    rows = [(customer, item) for customer, chosen in items.items() for item in chosen]
    return pd.DataFrame(rows, columns=["customer", "item"])


def test_the_table_written_by_hand():
    recommended = lists(ann="abcd", bob="xyz", eve="ab")
    truth = bought(ann="bdq", bob="n", zoe="a")
    table = ranking_metrics(recommended, truth, ks=[2, 4])
    half = 1 / math.log2(3)
    expected = pd.DataFrame(
        {
            "recall@2": [1 / 3, 0, 0],
            "precision@2": [1 / 2, 0, 0],
            "ndcg@2": [half / (1 + half), 0, 0],
            "hit@2": [1, 0, 0],
            "recall@4": [2 / 3, 0, 0],
            "precision@4": [2 / 4, 0, 0],
            "ndcg@4": [(half + 1 / math.log2(5)) / (1 + half + 1 / 2), 0, 0],
            "hit@4": [1, 0, 0],
        },
        index=pd.Index(["ann", "bob", "zoe"], name="customer"),
        dtype=float,
    )
    pd.testing.assert_frame_equal(table, expected)


def test_a_perfect_list_scores_one():
    table = ranking_metrics(lists(a="xy"), bought(a="yx"), ks=[2])
    assert table.iloc[0].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_more_purchases_than_k_still_allow_an_ndcg_of_one():
    table = ranking_metrics(lists(a="xy"), bought(a="vwxyz"), ks=[2])
    assert table["ndcg@2"].item() == pytest.approx(1.0)
    assert table["recall@2"].item() == pytest.approx(2 / 5)


def by_hand(recommended, truth, k):
    """The definitions, one customer and one rank at a time."""
    rows = {}
    for customer in sorted(set(truth["customer"])):
        wanted = set(truth.loc[truth["customer"] == customer, "item"])
        own = recommended[recommended["customer"] == customer]
        ranks = [r for item, r in zip(own["item"], own["rank"], strict=True) if item in wanted]
        ranks = [r for r in ranks if r <= k]
        ideal = sum(1 / math.log2(i + 1) for i in range(1, min(k, len(wanted)) + 1))
        rows[customer] = [
            len(ranks) / len(wanted),
            len(ranks) / k,
            sum(1 / math.log2(r + 1) for r in ranks) / ideal,
            float(bool(ranks)),
        ]
    return rows


@st.composite
def cases(draw):
    items = list("abcdefgh")
    customers = draw(st.lists(st.sampled_from("pqrst"), unique=True, min_size=1))
    recommended = {c: draw(st.permutations(items))[: draw(st.integers(0, 8))] for c in customers}
    truth = {
        c: draw(st.lists(st.sampled_from([*items, "z"]), min_size=1))
        for c in draw(st.lists(st.sampled_from("pqrstu"), unique=True, min_size=1))
    }
    return lists(**recommended), bought(**truth)


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 9))
def test_equals_the_definitions_on_random_lists(case, k):
    recommended, truth = case
    table = ranking_metrics(recommended, truth, ks=[k])
    expected = pd.DataFrame(by_hand(recommended, truth, k), index=table.columns).T
    pd.testing.assert_frame_equal(table, expected, check_names=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_ndcg_equals_scikit_learn(seed, k):
    rng = np.random.default_rng(seed)
    relevant, scores = (
        rng.random((5, 12)) < 0.3,
        rng.permuted(np.tile(np.arange(12.0), (5, 1)), axis=1),
    )
    relevant[:, 0] = True
    customer, item = np.nonzero(np.ones_like(relevant))
    rank = (-scores).argsort(axis=1).argsort(axis=1) + 1
    recommended = pd.DataFrame({"customer": customer, "item": item, "rank": rank.ravel()})
    who, what = np.nonzero(relevant)
    table = ranking_metrics(recommended, pd.DataFrame({"customer": who, "item": what}), ks=[k])
    assert table[f"ndcg@{k}"].mean() == pytest.approx(ndcg_score(relevant, scores, k=k))


def test_row_order_and_other_columns_do_not_matter():
    recommended, truth = lists(a="xyz", b="zyx"), bought(a="yz", b="x")
    shuffled = recommended.sample(frac=1, random_state=1).assign(score=1.0)
    pd.testing.assert_frame_equal(
        ranking_metrics(recommended, truth), ranking_metrics(shuffled, truth[::-1])
    )


def test_input_is_not_changed():
    recommended, truth = lists(a="xyz"), bought(a="yy")
    before = recommended.copy(), truth.copy()
    ranking_metrics(recommended, truth)
    pd.testing.assert_frame_equal(recommended, before[0])
    pd.testing.assert_frame_equal(truth, before[1])


def test_integer_codes_work_like_names():
    recommended = pd.DataFrame({"customer": [7, 7], "item": [3, 4], "rank": [1, 2]}, dtype="int32")
    truth = pd.DataFrame({"customer": [7], "item": [4]}, dtype="int32")
    assert ranking_metrics(recommended, truth, ks=[1, 2])["hit@2"].tolist() == [1.0]


def test_empty_lists_score_zero_and_empty_truth_gives_no_row():
    assert ranking_metrics(lists(), bought(a="x"), ks=[3]).to_numpy().tolist() == [[0.0] * 4]
    assert ranking_metrics(lists(a="x"), bought(), ks=[3]).shape == (0, 4)


def test_ranks_below_one_are_refused():
    with pytest.raises(ValueError, match="ranks begin at 1 but got 0"):
        ranking_metrics(lists(a="xy").assign(rank=[0, 1]), bought(a="x"))


def test_repeats_in_a_list_are_refused():
    with pytest.raises(ValueError, match="same item twice for a customer"):
        ranking_metrics(lists(a="xx"), bought(a="x"))
    with pytest.raises(ValueError, match="same rank twice for a customer"):
        ranking_metrics(lists(a="xy").assign(rank=1), bought(a="x"))


@pytest.mark.parametrize("ks", [[], [0], [5, -1]])
def test_wrong_lengths_are_refused(ks):
    with pytest.raises(ValueError, match="ks must be whole numbers from 1"):
        ranking_metrics(lists(a="x"), bought(a="x"), ks=ks)


def test_summary_averages_each_metric_with_its_interval():
    table = ranking_metrics(lists(a="x", b="y", c="z", d="x"), bought(a="x", b="x", c="z", d="x"))
    rows = summary(table, seed=3).set_index("metric")
    assert list(rows.index) == list(table.columns)
    hit = rows.loc["hit@5"]
    assert (hit["mean"], hit["n"]) == (0.75, 4)
    assert 0 <= hit["low"] < 0.75 < hit["high"] <= 1
    assert hit["se"] == pytest.approx(table["hit@5"].sem())


def test_coverage_counts_each_item_once_within_k():
    recommended = lists(a="xyz", b="xyw")
    assert coverage(recommended, n_items=8, k=2).mean == 2 / 8
    assert coverage(recommended, n_items=8, k=3).mean == 4 / 8
    with pytest.raises(ValueError, match="n_items must be at least 1"):
        coverage(recommended, n_items=0)


def test_the_interval_of_coverage_holds_what_other_samples_of_customers_show():
    random = np.random.default_rng(0)
    shares = 1 / np.arange(1, 201)
    held = []
    for _ in range(200):
        one, other = (
            pd.DataFrame({"item": random.choice(200, 300, p=shares / shares.sum()), "rank": 1})
            for _ in range(2)
        )
        part = coverage(one, n_items=200, k=1)
        # another sample differs by the chance of both
        apart = coverage(other, n_items=200, k=1).mean - part.mean
        held.append(abs(apart) <= np.sqrt(2) * (part.high - part.mean))
    assert 0.9 <= np.mean(held) <= 1.0
