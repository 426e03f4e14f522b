"""Which ranking wins, how deep it pays to treat, and what the rule earns: by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import Balance, uplift_table
from models.uplift import UPLIFT_MODELS
from pipelines.config.uplift import UpliftEconomics, UpliftLearner, UpliftSplits
from pipelines.uplifting.compete import cross_fitted, decide, made, paying_depth, rule
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
