"""Classifiers judged on folds: the same folds for all, nobody predicted by what saw him."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.tabular.registry import REGISTRY
from pipelines.cache import Cache
from pipelines.config.predict import Learner, Search, Splits
from pipelines.predicting.competing import classifier, compete
from pipelines.predicting.records import Records, Sample

SPLITS = Splits(folds=3, repeats=2)


def records(rows, seed, *, twice=False):
    """Draw records whose outcome follows from x; `twice` gives each customer two."""
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    outcome = (random.uniform(size=rows) < 1 / (1 + np.exp(-2 * x))).astype(float)
    names = [f"{seed}-{place // 2 if twice else place}" for place in range(rows)]
    one = np.ones(rows)
    table = pd.DataFrame({"x": x, "z": random.normal(size=rows)})
    return Records(np.array(names, dtype=object), table, outcome, one, one, one)


@pytest.fixture
def judged(tmp_path):
    """Give a function that lets a learner compete."""

    def found(train, *, kind="logistic", trials=0, cache=None, **learner):
        held = records(80, 1)
        sample = Sample(train, held, held, np.arange(80))
        return compete(
            Learner(kind=kind, tune=bool(trials), **learner),
            sample,
            search=Search(trials=trials, folds=2),
            splits=SPLITS,
            seed=0,
            depends={"weight": float(train.weight.sum())},
            cache=cache or Cache(tmp_path / "cache"),
        )

    return found


def test_every_record_is_predicted_once_a_repeat_by_what_had_not_seen_it(judged, monkeypatch):
    train, seen = records(120, 0), []
    kind, fit = REGISTRY["logistic"], REGISTRY["logistic"].fit

    def noted(self, table, outcome, weight=None):
        seen.append(set(table["z"]))
        return fit(self, table, outcome, weight)

    predict = kind.decision_function

    def checked(self, table):
        assert not seen[-1] & set(table["z"])
        return predict(self, table)

    monkeypatch.setattr(kind, "fit", noted)
    monkeypatch.setattr(kind, "decision_function", checked)
    found = judged(train)
    assert found.out_of_fold.shape == (120, 2)
    assert (found.out_of_fold != 0).all()
    assert len(found.auc) == len(found.log_loss) == 6
    assert len(seen) == 7  # the folds, and once for the records held out
    assert len(seen[-1]) == 120


def test_figures_of_the_folds_by_hand(judged):
    train = records(120, 0)
    found = judged(train)
    whole = roc_auc_score(train.outcome, found.out_of_fold[:, 0])
    assert found.auc[:3].mean() == pytest.approx(whole, abs=0.05)
    assert found.auc.mean() > 0.75
    held = classifier("logistic", {}, 0).fit(train.table, train.outcome, train.weight)
    np.testing.assert_allclose(found.held, held.decision_function(records(80, 1).table))


def test_records_of_a_customer_stay_together(judged, monkeypatch):
    train, names = records(120, 0, twice=True), []
    place = dict(zip(train.table["z"], train.ids, strict=True))
    kind, fit = REGISTRY["logistic"], REGISTRY["logistic"].fit

    def noted(self, table, outcome, weight=None):
        names.append([place[z] for z in table["z"]])
        return fit(self, table, outcome, weight)

    monkeypatch.setattr(kind, "fit", noted)
    judged(train)
    for one in names:
        assert len(one) == 2 * len(set(one))


def test_the_search_goes_by_the_inner_folds_and_is_kept(judged, tmp_path):
    cache = Cache(tmp_path / "kept")
    first = judged(records(120, 0), trials=3, cache=cache)
    assert set(first.params) <= set(REGISTRY["logistic"]().get_params())
    assert len(first.trials) == 3
    again = judged(records(120, 0), trials=3, cache=cache)
    assert again.key == first.key
    assert again.params == first.params
    np.testing.assert_array_equal(again.out_of_fold, first.out_of_fold)
    assert [step.reused for step in cache.steps] == [False, True]


def test_weights_count(judged):
    train = records(120, 0)
    heavy = Records(**{**train.__dict__, "weight": 1 + 9 * train.outcome})
    assert judged(heavy).held.mean() > judged(train).held.mean() + 0.5


def test_the_seed_goes_where_it_is_taken():
    assert classifier("boosted", {}, 7).get_params()["random_state"] == 7
    assert "random_state" not in classifier("logistic", {}, 7).get_params()
    assert classifier("cart", {"max_depth": 2}, 7).get_params()["max_depth"] == 2
