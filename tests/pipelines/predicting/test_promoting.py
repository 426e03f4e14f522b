"""The winner against a champion, on records made by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.classification import auc
from models.tabular.registry import REGISTRY
from models.tabular.scaling import Platt
from pipelines.cache import Cache
from pipelines.config.predict import Learner, Predict
from pipelines.predicting.bundled import PredictBundle, write_predictor
from pipelines.predicting.competing import Competed, classifier
from pipelines.predicting.promoting import HeldOut, PredictorJudge
from pipelines.predicting.records import Records, Sample

DATA = {"table": "own:people", "id": None, "target": "left", "positive": "Yes"}
SOURCE = {"kind": "csv", "name": "people", "table": "own:people", "path": "p.csv", "columns": "all"}
FEW = {"max_depth": 1, "min_rows": 150}


def config(metric="auc", **changes):
    tree = {
        "kind": "predict",
        "name": "p",
        "sources": [SOURCE],
        "data": DATA,
        "tuning": {"metric": metric},
        "evaluation": {"bootstrap": 200},
        **changes,
    }
    return Predict.model_validate(tree, strict=False)


def records(rows, seed, turned=False):
    random = np.random.default_rng(seed)
    x, z = random.normal(size=rows), random.normal(size=rows)
    likely = 1 / (1 + np.exp(-2 * x - z))
    outcome = (random.uniform(size=rows) < likely).astype(float)
    if turned:
        outcome = random.permutation(outcome)
    one = np.ones(rows)
    ids = np.array([f"{seed}-{place}" for place in range(rows)], dtype=object)
    return Records(ids, pd.DataFrame({"x": x, "z": z}), outcome, one, one, one)


def sample(turned=False):
    held = records(400, 1)
    return Sample(records(400, 0, turned), held, held, np.arange(400))


def competed(kind, params, taken):
    train = taken.train
    model = classifier(kind, params, 0).fit(train.table, train.outcome, train.weight)
    nothing = np.zeros(0)
    return Competed(
        learner=Learner(kind=kind, params=params),
        key=kind,
        params=params,
        auc=nothing,
        log_loss=nothing,
        out_of_fold=nothing,
        held=model.decision_function(taken.held.table),
        trials=pd.DataFrame(),
        seconds=0.0,
    )


def champion(folder, kind, params, taken, **meta):
    everybody = taken.train
    model = classifier(kind, params, 0).fit(everybody.table, everybody.outcome)
    told = {
        "kind": "predict",
        "columns": {"x": "number", "z": "number"},
        "data": DATA,
        "purchases": None,
        **meta,
    }
    write_predictor(folder / "champion", PredictBundle(model, Platt(1.0, 0.0), told, {}))
    return folder / "champion"


@pytest.fixture
def judge(tmp_path):
    """Give a function that sets up a judge of one winner among candidates."""

    def made(taken, *candidates, asked=None):
        cache = Cache(tmp_path / "cache")
        return PredictorJudge(asked or config(), taken, candidates, candidates[0], cache, {})

    return made


@pytest.mark.parametrize("metric", ["auc", "log_loss"])
def test_figures_are_those_of_the_metric(metric):
    taken = sample()
    held, log_odds = HeldOut.of(config(metric), taken), competed("logistic", {}, taken).held
    outcome = taken.held.outcome
    if metric == "auc":
        expected = auc(log_odds, outcome).mean
    else:
        chance = 1 / (1 + np.exp(-log_odds))
        expected = np.log(np.where(outcome == 1, chance, 1 - chance)).mean()
    assert held.figure(log_odds).mean == pytest.approx(expected)
    assert held.rivals(log_odds, log_odds).gap.mean == 0
    worse = held.rivals(log_odds * 0 - np.sign(log_odds), log_odds)
    assert worse.worse
    assert worse.gap.mean == pytest.approx(worse.new - worse.old)


def test_a_worse_recipe_is_refused_and_a_better_one_taken(judge, tmp_path):
    taken = sample()
    good, poor = competed("logistic", {}, taken), competed("cart", FEW, taken)
    assert judge(taken, poor)(champion(tmp_path, "logistic", {}, taken), "1").status == "refused"
    assert judge(taken, good)(champion(tmp_path, "cart", FEW, taken), "1").status == "better"


def test_a_recipe_among_the_candidates_is_not_fitted_again(judge, tmp_path, monkeypatch):
    taken = sample()
    both = competed("cart", FEW, taken), competed("logistic", {}, taken)
    folder = champion(tmp_path, "logistic", {}, taken)
    kind = REGISTRY["logistic"]
    monkeypatch.setattr(kind, "fit", lambda *_: pytest.fail("it was fitted already"))
    assert judge(taken, *both)(folder, "1").status == "refused"


def test_what_was_fitted_again_is_kept(judge, tmp_path, monkeypatch):
    taken = sample()
    poor, folder = competed("cart", FEW, taken), champion(tmp_path, "logistic", {}, taken)
    asked = judge(taken, poor)
    first = asked(folder, "1")
    monkeypatch.setattr(REGISTRY["logistic"], "fit", lambda *_: pytest.fail("it was kept"))
    assert asked(folder, "1") == first


def test_the_same_recipe_with_another_seed_is_refreshed(judge, tmp_path):
    taken = sample()
    folder = champion(tmp_path, "boosted", {"random_state": 5}, taken)
    assert judge(taken, competed("boosted", {}, taken))(folder, "1").status == "refreshed"


def test_training_records_that_went_wrong_are_noticed(judge, tmp_path):
    good = sample()
    told = HeldOut.of(config(), good).figure(competed("logistic", {}, good).held).to_dict()
    folder = champion(tmp_path, "logistic", {}, good, held_out=told)
    wrong = sample(turned=True)
    found = judge(wrong, competed("logistic", {}, wrong))(folder, "1")
    assert found.status == "refused"
    assert "version 1 as it stands" in found.reason
    assert "are the data whole?" in found.reason
    assert judge(good, competed("logistic", {}, good))(folder, "1").status == "refreshed"


def test_a_champion_of_other_columns_stands_aside(judge, tmp_path):
    taken = sample()
    other = champion(tmp_path, "logistic", {}, taken, columns={"x": "number", "y": "text"})
    assert judge(taken, competed("logistic", {}, taken))(other, "1").status == "refreshed"


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"data": {**DATA, "positive": "No"}}, "about 'left' = 'No'"),
        ({"data": {**DATA, "target": "paid"}}, "about 'paid' = 'Yes'"),
        (
            {
                "data": None,
                "purchases": {"outcome": "leaves", "window": {"outcome": 31, "gap": 0}},
            },
            "about who leaves within 31 days after 0",
        ),
    ],
)
def test_a_champion_of_another_outcome_is_not_replaced(judge, tmp_path, meta, told):
    taken = sample()
    folder = champion(tmp_path, "logistic", {}, taken, **meta)
    found = judge(taken, competed("logistic", {}, taken))(folder, "1")
    assert found.status == "refused"
    assert f"another question, {told}: give this model a name of its own" in found.reason
