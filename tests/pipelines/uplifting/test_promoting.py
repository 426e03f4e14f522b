"""The new ranking against a champion, on customers drawn by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import Balance
from models.uplift import UPLIFT_MODELS, UpliftTree
from pipelines.config.uplift import UpliftLearner, UpliftQuestion
from pipelines.questions.gate import Figure
from pipelines.uplifting.bundled import UpliftBundle, write_uplift_bundle
from pipelines.uplifting.compete import compete, cross_fitted
from pipelines.uplifting.promoting import UpliftJudge, held_out
from pipelines.uplifting.trial import Customers

DATA = {"table": "own:c", "id": None, "treatment": "arm", "treated": "mail", "control": "none",
        "outcome": "bought"}  # fmt: skip
SOURCE = {"kind": "csv", "name": "c", "table": "own:c", "path": "c.csv", "columns": "all"}
LINEAR = {"base": "linear"}
SPLITS = {"folds": 2, "repeats": 1, "bootstrap": 100}


def config(**changes):
    tree = {
        "kind": "uplift",
        "name": "u",
        "sources": [SOURCE],
        "data": DATA,
        "learners": [{"kind": "response", "params": LINEAR}],
        "evaluation": SPLITS,
        **changes,
    }
    return UpliftQuestion.model_validate(tree, strict=False)


@pytest.fixture(scope="module")
def customers():
    """Draw an experiment in which a mail moves women, and men buy more anyway."""
    random, rows = np.random.RandomState(0), 1500
    woman = random.random_sample(rows) < 0.5
    treated = random.random_sample(rows) < 0.5
    chance = np.where(woman, 0.1, 0.7) + 0.4 * (woman & treated)
    table = pd.DataFrame({"woman": woman.astype(float), "age": random.randint(18, 80, rows) * 1.0})
    return Customers(
        ids=np.array([str(k) for k in range(rows)], dtype=object),
        table=table,
        outcome=(random.random_sample(rows) < chance).astype(float),
        treated=treated,
        propensity=np.full(rows, 0.5),
        balance=Balance(Interval(0.5, 0.5, 0.5), pd.DataFrame()),
        notes=(),
    )


def judge_of(customers, kind):
    """Let one ranking win, and count what is scored again."""
    asked = config()
    winner = UpliftLearner(kind=kind, name=kind, params=LINEAR)
    response = UpliftLearner(kind="response", name="response", params=LINEAR)
    splits = asked.evaluation
    learners = [response] if kind == "response" else [response, winner]
    scores = {one.name: cross_fitted(one, customers, splits, 0) for one in learners}
    contest = compete(learners, scores, customers, splits, 0)
    assert contest.winner.kind == kind
    made = []

    def scored(learner):
        made.append((learner.kind, learner.params))
        return cross_fitted(learner, customers, splits, 0)

    return UpliftJudge(asked, customers, contest, scored), made


def champion(folder, customers, kind, **meta):
    seen = customers.table, customers.outcome, customers.treated, customers.propensity
    told = {
        "kind": "uplift",
        "model": kind,
        "params": {**LINEAR, "random_state": 0},
        "id": "row",
        "data": DATA,
        "columns": {"woman": "number", "age": "number"},
        **meta,
    }
    ranking = UPLIFT_MODELS[kind](**told["params"]).fit(*seen)
    tree = UpliftTree(depth=1, min_leaf=100).fit(*seen)
    write_uplift_bundle(folder / "b", UpliftBundle(ranking, tree, told))
    return folder / "b"


@pytest.mark.parametrize(
    ("new", "old", "status", "again"),
    [
        ("response", "two-model", "refused", 1),
        ("two-model", "response", "better", 1),
        ("two-model", "two-model", "refreshed", 0),
    ],
)
def test_the_recipe_is_scored_again_on_the_same_customers(
    customers, tmp_path, new, old, status, again
):
    judge, made = judge_of(customers, new)
    found = judge(champion(tmp_path, customers, old), "1")
    assert found.status == status
    assert made == [(old, LINEAR)] * again


def test_a_fall_below_the_champion_and_its_figure_is_noticed(customers, tmp_path):
    judge, _ = judge_of(customers, "two-model")
    own = Figure("a Qini", 0.9, 0.001).to_dict()
    good = judge.contest.scores["two-model"]
    judge.contest.scores["two-model"] = -good
    assert judge(champion(tmp_path, customers, "two-model"), "1").status == "refreshed"
    found = judge(champion(tmp_path, customers, "two-model", held_out=own), "1")
    assert found.status == "refused"
    assert "are the data whole?" in found.reason


def test_a_champion_of_other_columns_stands_aside(customers, tmp_path):
    judge, _ = judge_of(customers, "two-model")
    folder = champion(tmp_path, customers, "two-model", columns={"woman": "text"})
    assert judge(folder, "1").status == "refreshed"


@pytest.mark.parametrize("change", [{"treated": "call"}, {"outcome": "came"}])
def test_a_champion_of_another_experiment_is_not_replaced(customers, tmp_path, change):
    judge, made = judge_of(customers, "two-model")
    found = judge(champion(tmp_path, customers, "two-model", data={**DATA, **change}), "1")
    assert found.status == "refused"
    assert f"{next(iter(change.values()))!r}" in found.reason
    assert made == []


def test_the_figure_is_the_winners_qini(customers):
    judge, _ = judge_of(customers, "two-model")
    row = judge.contest.board.set_index("candidate").loc["two-model"]
    figure = held_out(judge.contest, 0.95)
    assert figure.mean == row["qini"]
    assert 2 * 1.959964 * figure.se == pytest.approx(row["qini_high"] - row["qini_low"], rel=1e-6)
