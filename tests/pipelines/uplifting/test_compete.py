"""Which ranking wins, how deep it pays to treat, and what the rule earns: by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import Balance, uplift_table
from models.uplift import UPLIFT_MODELS
from pipelines.config.uplift import UpliftEconomics, UpliftLearner, UpliftSplits
from pipelines.uplifting.compete import (
    cross_fitted,
    decide,
    least_score,
    made,
    paying_depth,
    rule,
)
from pipelines.uplifting.trial import Customers

LEARNERS = [UpliftLearner(kind=kind, name=kind) for kind in ("response", "two-model", "forest")]


def board(qini, low, high):
    """Give a board of the three rankings: Qini, and ends of the difference from response."""
    return pd.DataFrame(
        {
            "candidate": ["response", "two-model", "forest"],
            "qini": qini,
            "difference_low": [0.0, *low],
            "difference_high": [0.0, *high],
        }
    )


def below(*high):
    """Give the upper ends of the differences from the best."""
    return pd.DataFrame({"ranking": [one.name for one in LEARNERS], "difference_high": high})


def chosen(told, ends, best):
    return decide(LEARNERS, {}, told, ends, "response", best)


def test_the_simplest_that_is_not_measurably_worse_wins():
    told = board([0.01, 0.05, 0.06], [0.01, 0.02], [0.08, 0.09])
    found = chosen(told, below(-0.01, 0.001, 0.0), "forest")
    order = sorted(("two-model", "forest"), key=lambda kind: UPLIFT_MODELS[kind].complexity)
    assert found.winner.name == order[0]
    assert found.board["candidate"].tolist() == ["forest", "two-model", "response"]
    assert found.board["winner"].sum() == 1
    assert found.beaten
    assert found.verdict == "Measurably better than ranking by response: two-model, forest."


def test_the_best_wins_where_the_others_are_measurably_worse():
    told = board([0.01, 0.02, 0.06], [-0.01, 0.02], [0.03, 0.09])
    found = chosen(told, below(-0.01, -0.001, 0.0), "forest")
    assert found.winner.name == "forest"
    assert found.reason == "forest has the largest Qini."
    assert found.verdict.endswith("response: forest.")


def test_response_that_beats_all_is_said():
    told = board([0.06, 0.02, 0.01], [-0.06, -0.07], [-0.01, 0.01])
    found = chosen(told, below(0.0, -0.01, 0.01), "response")
    assert found.winner.name == "response"
    assert "Ranking by response beats every uplift model here (1 of 2 measurably)" in found.verdict
    assert not found.beaten


def test_what_cannot_be_told_is_not_claimed():
    told = board([0.02, 0.03, 0.01], [-0.01, -0.04], [0.03, 0.02])
    found = chosen(told, below(0.01, 0.0, 0.01), "two-model")
    assert found.verdict == "No uplift model measurably beats ranking by response here."
    assert found.winner.name == "response"
    assert "simpler than two-model and not measurably worse" in found.reason


def test_response_alone_is_no_comparison():
    alone = board([0.02, 0.03, 0.01], [0, 0], [0, 0]).head(1)
    found = decide(LEARNERS[:1], {}, alone, below(0.0, 0.0, 0.0).head(1), "response", "response")
    assert found.verdict == "Only the ranking by response was asked for."


@pytest.mark.parametrize(
    ("revenue", "cost", "depth"), [(10.0, 1.0, 0.5), (10.0, 0.0, 0.5), (1.0, 5.0, 0.0)]
)
def test_the_depth_that_pays(revenue, cost, depth):
    # The first half is moved by 0.4, the second not at all.
    score = np.linspace(1, 0, 400)
    treated = np.arange(400) % 2 == 0
    outcome = ((np.arange(400) < 200) & treated & (np.arange(400) % 5 < 2)).astype(float)
    table = uplift_table(score, outcome, treated, np.full(400, 0.5))
    found, least = paying_depth(table, UpliftEconomics(revenue=revenue, cost=cost))
    assert found == pytest.approx(depth)
    share = (score >= least).mean()
    assert share == pytest.approx(depth, abs=0.01)


def grouped(*groups):
    """Give scores, outcome, arm of groups of equal scores: (score, customers, of 10 moved)."""
    score = np.repeat([float(g[0]) for g in groups], [g[1] for g in groups])
    moved = np.repeat([g[2] for g in groups], [g[1] for g in groups])
    place = np.concatenate([np.arange(g[1]) for g in groups])
    treated = place % 2 == 0
    outcome = (treated & ((place // 2) % 10 < moved)).astype(float)
    return score, outcome, treated, np.full(len(score), 0.5)


def profit_of(treat, outcome, treated, money):
    """Count by hand what those treated bring, for each customer of all."""
    if not treat.any():
        return 0.0
    moved = outcome[treat & treated].mean() - outcome[treat & ~treated].mean()
    return treat.mean() * (money.revenue * moved - money.cost)


def test_a_group_of_equals_that_does_not_pay_is_left_out_whole():
    # A quarter moves by 0.5; the next 35 %, all alike, by 0.1, which does not pay its cost. The
    # straight line between both ends is above the end of the first group at no tenth but 0.3.
    seen = grouped((3, 500, 5), (2, 700, 1), (1, 800, 0))
    money = UpliftEconomics(revenue=10, cost=1.2)
    depth, least = paying_depth(uplift_table(*seen), money)
    assert (depth, least) == (0.25, 3.0)
    dear = profit_of(seen[0] >= 2, *seen[1:3], money)
    assert profit_of(seen[0] >= least, *seen[1:3], money) > dear > 0


def test_a_group_of_equals_that_pays_is_taken_whole():
    seen = grouped((3, 500, 5), (2, 700, 1), (1, 800, 0))
    assert paying_depth(uplift_table(*seen), UpliftEconomics(revenue=10, cost=0.8)) == (0.6, 2.0)


def test_small_groups_between_two_tenths_stop_where_the_last_one_pays():
    # Only 0.38 and what reaches beyond 0.4 lie beside a tenth; 0.34 pays more.
    seen = grouped((5, 600, 4), (4, 80, 4), (3, 80, 0), (2, 1240, 0))
    money = UpliftEconomics(revenue=10, cost=2)
    assert paying_depth(uplift_table(*seen), money) == (0.34, 4.0)


@settings(max_examples=60, deadline=None)
@given(
    groups=st.lists(
        st.tuples(st.integers(1, 20).map(lambda k: 20 * k), st.integers(0, 9)),
        min_size=1,
        max_size=8,
    ),
    cost=st.sampled_from([0.0, 0.5, 1.0, 3.0, 5.0]),
)
def test_what_is_treated_pays_and_so_does_the_last_group(groups, cost):
    seen = grouped(*((-place, many, moved) for place, (many, moved) in enumerate(groups)))
    money, score = UpliftEconomics(revenue=10, cost=cost), seen[0]
    depth, least = paying_depth(uplift_table(*seen), money)
    treat = score >= least
    assert treat.mean() == pytest.approx(depth)
    got = profit_of(treat, *seen[1:3], money)
    assert got >= 0
    assert got >= profit_of(score > least, *seen[1:3], money) - 1e-9
    if treat.any():
        assert groups[-int(least)][1] > cost  # 10 x what the group is moved by
    shuffle = np.random.RandomState(1).permutation(len(score))
    assert paying_depth(uplift_table(*(one[shuffle] for one in seen)), money) == (depth, least)


@pytest.mark.parametrize(
    ("own", "least"),
    [
        (((9, 400), (8, 600), (7, 1000)), 9.0),  # of the second group half does not pay
        (((9, 400), (8, 140), (7, 1460)), 8.0),  # but what reaches beyond is little here
        (((9, 900), (8, 1100)), 9.0),  # all of them are better than nobody
        (((9, 2000),), np.inf),  # and nobody is better than all
        (((9, 300), (8, 200), (7, 1500)), 8.0),
    ],
)
def test_groups_of_the_final_model_are_taken_where_all_of_them_pay(own, least):
    seen = grouped((2, 500, 5), (1, 1500, 0))
    money = UpliftEconomics(revenue=10, cost=2)
    table = uplift_table(*seen)
    depth, _ = paying_depth(table, money)
    assert depth == 0.25
    final = np.repeat([float(score) for score, _ in own], [many for _, many in own])
    balanced = uplift_table(final, seen[1], seen[2], seen[3])
    assert least_score(balanced, table, money, depth) == least


def test_nobody_to_treat_is_nobody_for_the_final_model():
    seen = grouped((2, 500, 1), (1, 1500, 0))
    money = UpliftEconomics(revenue=1, cost=2)
    table = uplift_table(*seen)
    assert paying_depth(table, money) == (0.0, np.inf)
    assert least_score(table, table, money, 0.0) == np.inf


def customers(rows=1200, seed=0):
    random = np.random.RandomState(seed)
    woman, treated = random.random_sample(rows) < 0.5, random.random_sample(rows) < 0.5
    chance = 0.1 + 0.5 * (woman & treated)
    return Customers(
        ids=np.array([str(k) for k in range(rows)], dtype=object),
        table=pd.DataFrame({"woman": woman.astype(float)}),
        outcome=(random.random_sample(rows) < chance).astype(float),
        treated=treated,
        propensity=np.full(rows, 0.5),
        balance=Balance(Interval(0.5, 0.5, 0.5), pd.DataFrame()),
        notes=(),
    )


def test_the_rule_treats_the_moved_and_earns_what_they_bring():
    people = customers(6000)
    money = UpliftEconomics(revenue=10, cost=2)
    score = people.table["woman"] + np.random.RandomState(9).random_sample(len(people.ids)) / 2
    found = rule(score.to_numpy(), people, money, 0.95, 5)
    assert found.share == pytest.approx(people.table["woman"].mean(), abs=0.1)
    # Of half the customers each brings 0.5 x 10 - 2.
    assert found.over_nobody.low < 0.5 * 3 < found.over_nobody.high
    assert found.over_everybody.low > 0


def test_scores_are_of_models_that_had_not_seen_the_customer():
    people = customers()
    learner = UpliftLearner(kind="two-model", name="t", params={"base": "linear"})
    splits = UpliftSplits(folds=2, repeats=1)
    score = cross_fitted(learner, people, splits, 0)
    assert score.tolist() == cross_fitted(learner, people, splits, 0).tolist()
    woman = people.table["woman"] == 1
    assert score[woman].min() > score[~woman].max()
    seen = people.table, people.outcome, people.treated, people.propensity
    assert not np.allclose(score, made(learner, 0).fit(*seen).predict(people.table))
