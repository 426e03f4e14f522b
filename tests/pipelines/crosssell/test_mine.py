"""A candidate is tuned on a back-test and measured at the test date, each once."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.money import profit_by_customer
from experiments.evaluation.ranking import ranking_metrics
from models.search import IntRange
from pipelines.cache import Cache
from pipelines.crosssell import mine
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.mine import Candidate, mine_candidate
from pipelines.lists.policy import Policy
from pipelines.lists.pricing import calibrated, priced

EARLIER = date(2024, 2, 29)


def many_pairs(seed, customers=40, items=6, share=0.4):
    drawn = np.random.default_rng(seed).random((customers, items)) < share
    drawn[:, 0] = True
    return " ".join(f"c{row:02}:I{column}" for row, column in zip(*drawn.nonzero(), strict=True))


@pytest.fixture
def windows(snapshot_of):
    """Give the test window and one back-test, forty customers each."""
    return [
        snapshot_of(many_pairs(1), many_pairs(2)),
        snapshot_of(many_pairs(3), many_pairs(4), EARLIER),
    ]


@pytest.mark.parametrize(("rows", "ks", "depth"), [(2, (1, 3), 6), (1, (5,), 5), (4, (20, 4), 20)])
def test_as_deep_as_the_list_and_every_measure_need(settings, rows, ks, depth):
    assert replace(settings, policy=Policy(rows=rows), ks=ks).depth == depth


@pytest.mark.parametrize("wanted", [None, 40, 100])
def test_all_customers_tune_unless_there_are_more_than_asked(windows, settings, wanted):
    assert mine._sampled(windows, replace(settings, tuning_customers=wanted)) is None


def test_the_sample_is_the_same_customers_in_every_window_each_time(windows, settings):
    few = replace(settings, tuning_customers=10)
    first, again = mine._sampled(windows, few), mine._sampled(windows, few)
    for sampled, same in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(sampled.purchases, same.purchases)
        pd.testing.assert_frame_equal(sampled.outcomes, same.outcomes)
    drawn = [set(snapshot.purchases["customer_id"]) for snapshot in first]
    assert len(drawn[0]) == 10
    assert drawn[0] == drawn[1] == set(first[0].customers.index)
    assert set(first[0].outcomes["customer_id"]) <= drawn[0]


def test_the_sample_does_not_depend_on_the_order_of_the_lines(windows, settings):
    few = replace(settings, tuning_customers=10)
    turned = [replace(one, purchases=one.purchases.iloc[::-1]) for one in windows]
    drawn = [set(s[0].customers.index) for s in (mine._sampled(w, few) for w in (windows, turned))]
    assert drawn[0] == drawn[1]


def test_another_seed_draws_another_sample(windows, settings):
    few = replace(settings, tuning_customers=10)
    one = mine._sampled(windows, few)
    other = mine._sampled(windows, replace(few, seed=1))
    assert set(one[0].customers.index) != set(other[0].customers.index)


@pytest.mark.parametrize("metric", ["recall@3", "ndcg@1"])
def test_a_ranking_metric_is_the_mean_over_those_who_bought(windows, settings, metric):
    chosen = replace(settings, metric=metric)
    at = Learnable.of(windows, 2)
    rows = mine._validated("popularity", {}, at, chosen)
    by_hand = ranking_metrics(rows, at.truth.new, ks=[int(metric[-1])])[metric].mean()
    assert mine._value(rows, at, chosen) == by_hand > 0


def test_the_tuned_profit_prices_each_half_by_the_other(windows, settings):
    at = Learnable.of(windows, 2)
    rows = mine._validated("popularity", {}, at, settings)
    halves = [rows[rows["customer"] % 2 == side] for side in (0, 1)]
    together = [
        priced(half, at.history, calibrated(other, at.history), settings.economics)
        for half, other in (halves, halves[::-1])
    ]
    best = pd.concat(together).sort_values(["expected_margin", "item"], ascending=[False, True])
    listed = best.groupby("customer").head(2)
    by_hand = profit_by_customer(listed, settings.economics).sum()
    assert mine._value(rows, at, settings) == pytest.approx(by_hand)


@pytest.fixture
def tuned():
    return Candidate("popularity", "popularity", {}, {"days": IntRange(7, 180, log=True)})


def test_both_scopes_are_offered_and_the_lists_own_is_priced(windows, settings, tuned, tmp_path):
    mined = mine_candidate(tuned, windows, ["b", "a"], settings, Cache(tmp_path))
    assert len(mined.trials) == 2
    assert {"probability", "baseline", "margin", "bought"} <= set(mined.offers["list"])
    for scope in ("new", "all"):
        assert "probability" not in mined.offers[scope]
    assert mined.offers["list"]["probability"].between(0, 1).all()
    ranked = ["customer", "item", "rank", "score"]
    pd.testing.assert_frame_equal(mined.offers["list"][ranked], mined.offers["new"])
    assert mined.recommender().items_.tolist() == [f"I{number}" for number in range(6)]
    assert (mined.complexity, mined.family) == (1, "baseline")


def test_owned_items_are_in_no_new_offer(windows, settings, tuned, tmp_path):
    mined = mine_candidate(tuned, windows, ["b", "a"], settings, Cache(tmp_path))
    owned = windows[0].history(windows[0].vocabulary(2)).owned().toarray()
    for scope, allowed in (("new", False), ("all", True)):
        offers = mined.offers[scope]
        assert owned[offers["customer"], offers["item"]].any() == allowed


def test_what_is_kept_serves_again_and_a_new_test_window_keeps_the_tuning(
    windows, settings, tuned, tmp_path
):
    def reused(keys):
        cache = Cache(tmp_path)
        mine_candidate(tuned, windows, keys, settings, cache)
        return [step.reused for step in cache.steps]

    assert reused(["b", "a"]) == [False, False]
    assert reused(["b", "a"]) == [True, True]
    assert reused(["c", "a"]) == [True, False]
    assert reused(["c", "d"]) == [False, False]


def test_tuning_does_not_see_the_test_window(windows, settings, tuned, tmp_path, snapshot_of):
    one = mine_candidate(tuned, windows, ["b", "a"], settings, Cache(tmp_path / "one"))
    windows[0] = snapshot_of(many_pairs(8), many_pairs(9))
    other = mine_candidate(tuned, windows, ["b", "a"], settings, Cache(tmp_path / "other"))
    assert one.params == other.params
    assert one.calibrator.get_state() == other.calibrator.get_state()


@pytest.mark.parametrize("trials", [0, 1])
def test_without_trials_the_parameters_stay_as_they_are(windows, settings, trials, tmp_path):
    candidate = Candidate("p", "popularity", {"days": 9}, {"days": IntRange(7, 180)})
    untuned = replace(settings, trials=trials)
    mined = mine_candidate(candidate, windows, ["b", "a"], untuned, Cache(tmp_path))
    assert mined.params == {"days": 9}
    assert mined.trials.empty


def test_limits_for_all_are_scaled_to_a_sample(settings):
    money = replace(settings.economics, budget=100.0, capacity=50)
    wide = replace(settings, economics=money, policy=replace(settings.policy, per_item=10))
    part = wide.of_share(0.1)
    assert (part.economics.budget, part.economics.capacity, part.policy.per_item) == (10.0, 5, 1)
    assert settings.of_share(0.1).economics.budget is None
