import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sklearn.metrics import log_loss as sklearn_log_loss

from experiments.evaluation.classification import (
    auc,
    auc_difference,
    best_cut,
    brier,
    calibration_table,
    cut_at,
    cut_table,
    depth_table,
    hits_at,
    log_loss,
    profit_interval,
)

SCORE = [0.9, 0.8, 0.8, 0.6, 0.5, 0.5, 0.3, 0.2, 0.2, 0.1]
OUTCOME = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]

# Written by hand. Cost 2 a record, 7 earned by a hit; 4 hits in 10, 6 others.
HAND = pd.DataFrame(
    [
        # threshold, contacted, hits, response, gain, lift, fpr, cost, revenue, profit, roi
        (math.inf, 0, 0, math.nan, 0.0, math.nan, 0.0, 0, 0, 0, math.nan),
        (0.9, 1, 1, 1.0, 0.25, 2.5, 0.0, 2, 7, 5, 2.5),
        (0.8, 3, 2, 2 / 3, 0.5, 5 / 3, 1 / 6, 6, 14, 8, 8 / 6),
        (0.6, 4, 3, 0.75, 0.75, 1.875, 1 / 6, 8, 21, 13, 13 / 8),
        (0.5, 6, 3, 0.5, 0.75, 1.25, 0.5, 12, 21, 9, 0.75),
        (0.3, 7, 4, 4 / 7, 1.0, 10 / 7, 0.5, 14, 28, 14, 1.0),
        (0.2, 9, 4, 4 / 9, 1.0, 10 / 9, 5 / 6, 18, 28, 10, 10 / 18),
        (0.1, 10, 4, 0.4, 1.0, 1.0, 1.0, 20, 28, 8, 0.4),
    ],
    columns=[
        "threshold",
        "contacted",
        "hits",
        "response",
        "gain",
        "lift",
        "false_positive_rate",
        "cost",
        "revenue",
        "profit",
        "roi",
    ],
)

records = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(1, 3)), min_size=2, max_size=30
)


def test_every_curve_is_the_table_written_by_hand():
    table = cut_table(SCORE, OUTCOME, cost=2.0, revenue=7.0)
    pd.testing.assert_frame_equal(table[list(HAND)], HAND, check_dtype=False)
    assert table["depth"].tolist() == [0, 0.1, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0]


def test_money_of_each_record_counts():
    table = cut_table([3, 2, 1], [1, 0, 1], cost=[1, 5, 2], revenue=[10, 100, 4])
    assert table["profit"].tolist() == [0, 9, 4, 6]
    assert table["revenue"].tolist() == [0, 10, 10, 14]


@given(records)
@settings(max_examples=60, deadline=None)
def test_a_weight_is_as_many_records(rows):
    score, outcome, weight = (np.array(part) for part in zip(*rows, strict=True))
    weighted = cut_table(score, outcome, weight, cost=1.0, revenue=3.0)
    repeated = cut_table(
        np.repeat(score, weight), np.repeat(outcome, weight), cost=1.0, revenue=3.0
    )
    same = ["threshold", "weight", "depth", "hits", "gain", "lift", "profit", "roi"]
    pd.testing.assert_frame_equal(weighted[same], repeated[same])


@given(records)
@settings(max_examples=60, deadline=None)
def test_the_roc_curve_is_that_of_scikit_learn(rows):
    score, outcome = (np.array(part) for part in list(zip(*rows, strict=True))[:2])
    if outcome.min() == outcome.max():
        return
    table = cut_table(score, outcome)
    false_positives, true_positives, thresholds = roc_curve(outcome, score, drop_intermediate=False)
    np.testing.assert_allclose(table["false_positive_rate"], false_positives)
    np.testing.assert_allclose(table["gain"], true_positives)
    np.testing.assert_allclose(table["threshold"], thresholds)
    area = np.trapezoid(table["gain"], table["false_positive_rate"])
    assert auc(score, outcome).mean == pytest.approx(area)
    assert auc(score, outcome).mean == pytest.approx(roc_auc_score(outcome, score))


@given(records, st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_says_nothing(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    tables = [cut_table(*zip(*some, strict=True), revenue=1.0) for some in (rows, mixed)]
    pd.testing.assert_frame_equal(*tables)


def test_shares_of_nothing_are_not_known():
    table = cut_table([2, 1], [0, 0])
    assert table[["gain", "lift"]].isna().all().all()
    assert cut_table([2, 1], [1, 1])["false_positive_rate"].isna().all()


def test_round_depths_part_ties_as_chance_would():
    table = depth_table(cut_table([1, 1, 1, 1], [1, 0, 0, 0], cost=1, revenue=8), [0.25, 0.5, 1])
    assert table["hits"].tolist() == [0.25, 0.5, 1.0]
    assert table["lift"].tolist() == [1.0, 1.0, 1.0]
    assert table["profit"].tolist() == [1.0, 2.0, 4.0]
    with pytest.raises(ValueError, match="must lie above 0"):
        depth_table(cut_table(SCORE, OUTCOME), [0.0])


def test_deciles_by_hand():
    table = depth_table(cut_table(SCORE, OUTCOME))
    assert table["hits"].tolist() == [1, 1.5, 2, 3, 3, 3, 4, 4, 4, 4]
    assert table["contacted"].tolist() == list(range(1, 11))


def test_the_best_cut_keeps_the_limits():
    cuts = cut_table(SCORE, OUTCOME, cost=2.0, revenue=7.0)
    assert (best_cut(cuts).threshold, best_cut(cuts).contacted) == (0.3, 7)
    assert best_cut(cuts, capacity=6).contacted == 4
    assert best_cut(cuts, budget=6.0).contacted == 3
    assert best_cut(cuts, budget=1.0).contacted == 0
    assert cut_at(cuts, 0.55).profit == 13
    assert cut_at(cuts, 2.0).contacted == 0


def test_nobody_is_contacted_where_no_contact_pays():
    found = best_cut(cut_table(SCORE, OUTCOME, cost=10.0, revenue=7.0))
    assert (found.contacted, found.profit, found.threshold) == (0, 0.0, math.inf)


def test_hits_of_the_highest():
    assert hits_at(SCORE, OUTCOME, 2) == 1.5
    assert hits_at(SCORE, OUTCOME, 10) == 4
    with pytest.raises(ValueError, match="11 of 10"):
        hits_at(SCORE, OUTCOME, 11)


def test_profit_of_a_threshold_with_its_interval():
    part = profit_interval(SCORE, OUTCOME, 0.6, cost=2.0, revenue=7.0, n=500)
    assert part.mean == 13
    assert part.low < 13 < part.high
    assert part == profit_interval(SCORE[::-1], OUTCOME[::-1], 0.6, cost=2.0, revenue=7.0, n=500)


def test_delong_agrees_with_its_definition():
    random = np.random.default_rng(3)
    outcome = random.integers(0, 2, 60)
    score = np.round(outcome + random.normal(size=60), 1)
    positive, negative = score[outcome == 1], score[outcome == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(axis=1).var(ddof=1) / len(positive)
    variance += wins.mean(axis=0).var(ddof=1) / len(negative)
    found = auc(score, outcome)
    assert found.mean == pytest.approx(wins.mean())
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.high - found.mean == pytest.approx(1.959964 * math.sqrt(variance), rel=1e-6)


def test_delong_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    truth, inside = 0.7602499389065233, 0  # P(N(1, 1) > N(0, 1))
    for _ in range(300):
        outcome = np.repeat([0, 1], [60, 40])
        inside += truth in auc(outcome + random.normal(size=100), outcome)
    assert 0.92 <= inside / 300 <= 0.98


def test_the_difference_of_two_scores_is_paired():
    random = np.random.default_rng(1)
    outcome = random.integers(0, 2, 200)
    a = outcome + random.normal(size=200)
    b = a + 0.1 * random.normal(size=200)
    paired = auc_difference(a, b, outcome)
    assert paired.mean == pytest.approx(auc(a, outcome).mean - auc(b, outcome).mean)
    assert paired.se < 0.5 * auc(a, outcome).se
    assert auc_difference(a, a, outcome).se == 0.0


def test_scores_of_probabilities_are_those_of_scikit_learn():
    random = np.random.default_rng(2)
    probability = random.uniform(0.01, 0.99, 100)
    outcome = (random.uniform(size=100) < probability).astype(int)
    assert brier(probability, outcome).mean == pytest.approx(brier_score_loss(outcome, probability))
    assert log_loss(probability, outcome).mean == pytest.approx(
        sklearn_log_loss(outcome, probability)
    )
    assert log_loss([0.0, 1.0], [1, 1]).mean == pytest.approx(-math.log(1e-15) / 2)


def test_calibration_by_hand():
    table = calibration_table([0.1, 0.1, 0.3, 0.3, 0.9, 0.9], [0, 0, 0, 1, 1, 1], bins=3)
    assert table["predicted"].tolist() == pytest.approx([0.1, 0.3, 0.9])
    assert table["observed"].tolist() == [0.0, 0.5, 1.0]
    assert table["records"].tolist() == [2, 2, 2]
    # Wilson, 1 of 2.
    assert table["low"][1] == pytest.approx(0.0945, abs=1e-3)
    assert table["high"][1] == pytest.approx(0.9055, abs=1e-3)
    assert len(calibration_table([0.2] * 50, [0, 1] * 25)) == 1


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"score": [1, 2], "outcome": [1]}, "outcome has shape"),
        ({"score": [1, math.nan], "outcome": [1, 0]}, "score: 1 of 2 values are missing"),
        ({"score": [1, 2], "outcome": [1, 2]}, "0 and 1 only"),
        ({"score": [1, 2], "outcome": [1, 0], "weight": [0, 0]}, "sum to 0"),
        ({"score": [1, 2], "outcome": [1, 0], "weight": [-1, 2]}, "must not be negative"),
        ({"score": [1, 2], "outcome": [1, 0], "cost": [1]}, "cost has shape"),
        ({"score": [], "outcome": []}, "no record"),
    ],
)
def test_bad_input_is_named(given_, told):
    with pytest.raises(ValueError, match=told):
        cut_table(**given_)


def test_one_class_cannot_be_ranked():
    with pytest.raises(ValueError, match="one class only"):
        auc([1, 2], [1, 1])
    with pytest.raises(ValueError, match="between 0 and 1"):
        brier([1.5, 0.2], [1, 0])
    assert math.isnan(auc([1, 2, 3], [1, 0, 0]).low)
