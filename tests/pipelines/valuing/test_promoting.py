"""The winner of the models of buying against a champion, on histories drawn by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.value import PURCHASE_MODELS, GammaGamma
from pipelines.config.value import ValueQuestion
from pipelines.questions.gate import Figure
from pipelines.valuing.bundled import ValueBundle, write_value_bundle
from pipelines.valuing.compete import compete
from pipelines.valuing.histories import calibrated
from pipelines.valuing.promoting import ValueJudge

AS_OF, UNTIL = date(2010, 9, 30), date(2010, 12, 29)
SOURCE = {
    "kind": "csv",
    "name": "sales",
    "path": "s.csv",
    "columns": {"customer_id": "who", "item_id": "what", "ordered_at": "when"},
}


def config(*models):
    tree = {
        "kind": "value",
        "name": "v",
        "sources": [SOURCE],
        "models": models,
        "window": {"outcome": "90d"},
        "evaluation": {"bootstrap": 100},
    }
    return ValueQuestion.model_validate(tree, strict=False)


@pytest.fixture(scope="module")
def seen():
    """Draw customers who buy at rates of their own and mostly leave."""
    random, rows = np.random.RandomState(0), []
    for number in range(200):
        day, rate = int(random.randint(0, 100)), random.gamma(0.8, 0.05)
        while day < 363:
            rows.append((f"c{number:03d}", day, random.gamma(3, 8)))
            if random.random_sample() < 0.2:
                break
            day += 1 + int(random.exponential(1 / max(rate, 1e-6)))
    lines = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    lines["ordered_at"] = pd.Timestamp("2010-01-01") + pd.to_timedelta(lines.pop("day"), unit="D")
    return calibrated(lines.assign(is_return=False), AS_OF, UNTIL, 7)


def judge_of(seen, name):
    contest = compete([name], seen, unit=7, level=0.95, bootstrap=100, seed=0)
    return ValueJudge(config(name), seen, contest)


def champion(folder, seen, name, **meta):
    told = {"kind": "value", "model": name, "unit": 7, "outcome": 90, **meta}
    buying = PURCHASE_MODELS[name]().fit(seen.later)
    write_value_bundle(folder / "b", ValueBundle(buying, GammaGamma().fit(seen.later), told))
    return folder / "b"


@pytest.mark.parametrize(
    ("new", "old", "status"),
    [("nbd", "bg-nbd", "refused"), ("bg-nbd", "nbd", "better"), ("bg-nbd", "bg-nbd", "refreshed")],
)
def test_the_recipe_is_fitted_again_on_the_same_days(seen, tmp_path, new, old, status):
    found = judge_of(seen, new)(champion(tmp_path, seen, old), "1")
    assert found.status == status


def test_the_figure_is_the_mean_log_likelihood(seen):
    judge = judge_of(seen, "bg-nbd")
    fitted = PURCHASE_MODELS["bg-nbd"]().fit(seen.histories)
    each = fitted.log_likelihood(seen.later) - fitted.log_likelihood(seen.histories)
    assert judge.figure.mean == pytest.approx(each.mean())
    assert judge.figure.se == pytest.approx(each.std(ddof=1) / np.sqrt(len(each)))


def test_a_model_that_falls_behind_the_champion_and_its_figure_is_refused(seen, tmp_path):
    judge = judge_of(seen, "bg-nbd")
    told = judge.figure.to_dict()
    poor = replace(judge.contest.best, log_likelihood=judge.contest.best.log_likelihood - 1)
    judge.contest = replace(judge.contest, held=[poor])
    found = judge(champion(tmp_path, seen, "bg-nbd", held_out=told), "1")
    assert found.status == "refused"
    assert "are the data whole?" in found.reason
    assert judge(champion(tmp_path, seen, "bg-nbd"), "1").status == "refreshed"  # no figure


@pytest.mark.parametrize("terms", [{"unit": 30}, {"outcome": 31}])
def test_figures_of_other_terms_are_not_compared(seen, tmp_path, terms):
    told = Figure("a log likelihood", 5.0, 0.01).to_dict()
    folder = champion(tmp_path, seen, "bg-nbd", held_out=told, **terms)
    assert judge_of(seen, "bg-nbd")(folder, "1").status == "refreshed"
