"""Uplift and Qini curves: a table by hand, brute force, ties, intervals, policies, balance."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.uplift import (
    check_balance,
    compare_rankings,
    policy_value,
    uplift_areas,
    uplift_at,
    uplift_table,
)

# Two scores; of the upper four customers two were treated, and both responded.
SCORE = [2, 2, 2, 2, 1, 1, 1, 1]
Y = [1, 1, 0, 1, 0, 1, 1, 0]
ARM = [1, 1, 0, 0, 1, 1, 0, 0]
BY_HAND = pd.DataFrame(
    {
        "depth": [0.0, 0.5, 1.0],
        "threshold": [np.inf, 2.0, 1.0],
        "treated_mean": [0.0, 1.0, 0.75],
        "control_mean": [0.0, 0.5, 0.5],
        "uplift": [0.0, 0.5, 0.25],
        "gain": [0.0, 0.25, 0.25],
        # Radcliffe: (2 - 1 * 2/2) / 4 and (3 - 2 * 4/4) / 4
        "qini": [0.0, 0.25, 0.25],
        "random": [0.0, 0.125, 0.25],
    }
)


def drawn(n=3000, seed=0, effect=0.3):
    random = np.random.RandomState(seed)
    x = random.random_sample(n)
    arm = random.randint(0, 2, n)
    y = (random.random_sample(n) < 0.2 + effect * x * arm).astype(float)
    return x, y, arm, random


def test_the_table_written_by_hand():
    pd.testing.assert_frame_equal(uplift_table(SCORE, Y, ARM), BY_HAND)


def test_the_areas_by_hand():
    areas = uplift_areas(SCORE, Y, ARM, n=50)
    assert areas["auuc"].mean == pytest.approx(0.25 * 0.25 + 0.5 * 0.25)
    assert areas["auuc_over_random"].mean == pytest.approx(0.1875 - 0.125)
    assert areas["qini"].mean == pytest.approx(0.0625)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=30
    )
)
def test_every_place_to_stop_is_what_a_person_counts(rows):
    score, y, arm = (np.array(column) for column in zip(*rows, strict=True))
    if len(set(arm)) < 2:
        return
    table = uplift_table(score, y, arm, propensity=0.5)
    for row in table.iloc[1:].itertuples():
        reached = score >= row.threshold
        treated, control = reached & (arm == 1), reached & (arm == 0)
        assert row.depth == pytest.approx(reached.mean())
        assert row.treated_mean == pytest.approx(y[treated].mean() if treated.any() else 0.0)
        assert row.control_mean == pytest.approx(y[control].mean() if control.any() else 0.0)
        if control.any():
            qini = y[treated].sum() - y[control].sum() * treated.sum() / control.sum()
            assert row.qini == pytest.approx(qini / (arm == 1).sum())


def test_row_order_does_not_matter_even_with_ties():
    x, y, arm, random = drawn(500)
    score = x.round(1)
    order = random.permutation(500)
    left = uplift_table(score, y, arm)
    pd.testing.assert_frame_equal(left, uplift_table(score[order], y[order], arm[order]))


def test_one_score_for_all_is_chance():
    _, y, arm, _ = drawn(500)
    areas = uplift_areas(np.zeros(500), y, arm, n=50)
    assert areas["qini"].mean == pytest.approx(0, abs=1e-12)
    assert areas["qini"].high == pytest.approx(0, abs=1e-12)
    assert areas["auuc_over_random"].mean == pytest.approx(0, abs=1e-12)


def test_a_weight_is_so_many_customers():
    x, y, arm, random = drawn(200)
    weight = random.randint(0, 3, 200)
    weighted = uplift_table(x.round(1), y, arm, 0.5, weight)
    rows = np.repeat(np.arange(200), weight)
    repeated = uplift_table(x.round(1)[rows], y[rows], arm[rows], 0.5)
    common = weighted[weighted["threshold"].isin(repeated["threshold"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(common, repeated)


def test_the_true_order_beats_chance_and_the_contrary_loses():
    x, y, arm, _ = drawn()
    board = compare_rankings({"true": x, "contrary": -x}, y, arm, against="true", n=200)
    true, contrary = board.iloc[0], board.iloc[1]
    assert true["qini_low"] > 0
    assert contrary["qini_high"] < 0
    assert true["difference"] == true["difference_low"] == true["difference_high"] == 0
    assert contrary["difference_high"] < 0
    assert contrary["difference"] == pytest.approx(contrary["qini"] - true["qini"])


def test_intervals_hold_the_truth_as_often_as_they_say():
    """The area of the true order: 0.3 (1/3 - 1/4) = 0.025 above chance, of many experiments."""
    truth = 0.3 * (0.5 - 1 / 6) - 0.3 * 0.25
    inside = 0
    for seed in range(60):
        x, y, arm, _ = drawn(1500, seed=seed)
        area = uplift_areas(x, y, arm, n=150, seed=seed)["auuc_over_random"]
        inside += area.low <= truth <= area.high
    assert inside >= 51


def test_propensities_undo_a_choice_that_was_not_random():
    random = np.random.RandomState(2)
    x = random.random_sample(40_000)
    chance = 0.1 + 0.8 * x
    arm = (random.random_sample(40_000) < chance).astype(int)
    y = (random.random_sample(40_000) < 0.1 + 0.6 * x).astype(float)  # no effect at all
    assert uplift_table(x, y, arm)["gain"].iloc[-1] > 0.1
    assert uplift_table(x, y, arm, chance)["gain"].iloc[-1] == pytest.approx(0, abs=0.02)


def test_curves_are_read_at_round_depths():
    table = uplift_at(uplift_table(SCORE, Y, ARM), [0.25, 1.0])
    assert table["gain"].tolist() == [0.125, 0.25]
    assert table["uplift"].tolist() == [0.5, 0.25]
    assert table["random"].tolist() == [0.0625, 0.25]
    with pytest.raises(ValueError, match="depths must lie above 0"):
        uplift_at(uplift_table(SCORE, Y, ARM), [0.0])


class TestPolicy:
    def test_treating_all_and_nobody_are_the_means_of_the_arms(self):
        _, y, arm, _ = drawn()
        everybody = policy_value(np.ones(len(y)), y, arm, revenue=10, cost=1)
        assert everybody.value.mean == pytest.approx(10 * y[arm == 1].mean() - 1)
        assert everybody.over_everybody.mean == 0
        nobody = policy_value(np.zeros(len(y)), y, arm, revenue=10, cost=1)
        assert nobody.value.mean == pytest.approx(10 * y[arm == 0].mean())
        assert (nobody.over_nobody.mean, nobody.share) == (0, 0)

    def test_it_is_right_on_average(self):
        """Of many experiments: half are treated, the better half; cost 0.1 each."""
        found = []
        for seed in range(80):
            x, y, arm, _ = drawn(1000, seed=seed)
            found.append(policy_value(x > 0.5, y, arm, cost=0.1))
        truth = 0.5 * (0.3 * 0.75 - 0.1)
        values = np.array([one.over_nobody.mean for one in found])
        assert values.mean() == pytest.approx(truth, abs=3 * values.std() / np.sqrt(80))
        inside = sum(truth in one.over_nobody for one in found)
        assert inside >= 70

    def test_a_better_rule_is_worth_more_than_treating_all(self):
        x, y, arm, _ = drawn(20_000)
        rule = policy_value(x > 0.5, y, arm, cost=0.15)
        assert rule.over_everybody.low > 0
        assert policy_value(x <= 0.5, y, arm, cost=0.15).over_everybody.high < 0

    def test_a_rule_that_is_none_is_refused(self):
        _, y, arm, _ = drawn(100)
        with pytest.raises(ValueError, match="treat must hold 0 or 1 for every customer"):
            policy_value(np.full(100, 0.5), y, arm)
        with pytest.raises(ValueError, match="treat must hold"):
            policy_value(np.ones(99), y, arm)


class TestBalance:
    def test_chance_passes(self):
        random = np.random.RandomState(0)
        x = random.normal(size=(2000, 3))
        found = check_balance(x, ["a", "b", "c"], random.randint(0, 2, 2000))
        assert found.random
        assert "cannot be told" in found.sentence()
        assert set(found.table["feature"]) == {"a", "b", "c"}

    def test_chance_is_hardly_ever_refused(self):
        refused = 0
        for seed in range(30):
            random = np.random.RandomState(seed)
            x = random.normal(size=(400, 3))
            refused += not check_balance(
                x, list("abc"), random.randint(0, 2, 400), seed=seed
            ).random
        assert refused <= 1

    def test_a_choice_is_seen_and_the_column_named(self):
        random = np.random.RandomState(0)
        x = random.normal(size=(3000, 3))
        arm = random.random_sample(3000) < 1 / (1 + np.exp(-x[:, 1]))
        found = check_balance(x, ["a", "b", "c"], arm)
        assert not found.random
        assert found.table["feature"].iloc[0] == "b"
        assert "largest difference in b" in found.sentence()

    def test_a_choice_without_a_difference_of_means_is_seen_too(self):
        random = np.random.RandomState(0)
        x = random.normal(size=(4000, 1))
        arm = random.random_sample(4000) < np.where(np.abs(x[:, 0]) > 1, 0.7, 0.4)
        assert not check_balance(x, ["a"], arm).random

    def test_gaps_do_not_hurt(self):
        random = np.random.RandomState(0)
        x = random.normal(size=(500, 2))
        x[::3, 0], x[:, 1] = np.nan, np.nan
        found = check_balance(x, ["a", "empty"], random.randint(0, 2, 500))
        assert np.isfinite(found.auc.mean)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treatment": np.ones(8)}, "all customers are treated"),
        ({"score": [1.0]}, r"score has shape \(1,\) but y \(8,\)"),
        ({"score": [np.nan] * 8}, "scores must not be missing"),
        ({"propensity": 0.0}, "propensity must lie between 0 and 1"),
        ({"weight": np.zeros(8)}, "the weights of the treated sum to 0"),
        ({"y": [np.nan] * 8}, "8 outcomes are missing"),
    ],
)
def test_wrong_input_is_refused(change, message):
    given = {"score": SCORE, "y": Y, "treatment": ARM} | change
    with pytest.raises(ValueError, match=message):
        uplift_table(**given)


def test_a_ranking_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="there is no ranking 'b'; there are a"):
        compare_rankings({"a": SCORE}, Y, ARM, against="b")
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        compare_rankings({"a": SCORE}, Y, ARM, level=95)
