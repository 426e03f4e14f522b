"""What every uplift model must do, whichever it is."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from experiments.bundle.parts import read_state, write_state
from models.uplift import UPLIFT_MODELS

MAKERS = {
    **UPLIFT_MODELS,
    **{
        f"{name} (linear)": lambda name=name: UPLIFT_MODELS[name](base="linear")
        for name in ("response", "two-model", "transformed", "x-learner")
    },
    "forest": lambda: UPLIFT_MODELS["forest"](trees=15),
}
EFFECTS = sorted(set(MAKERS) - {"response", "response (linear)"})


@pytest.fixture(params=sorted(MAKERS))
def model(request):
    return MAKERS[request.param]()


@pytest.fixture(params=EFFECTS)
def effect_model(request):
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def small(known):
    rows = slice(0, 1200)
    return known.X.iloc[rows], known.y[rows], known.treated[rows]


def test_the_input_is_not_changed(model, small):
    X, y, treated = small
    before = X.copy(), y.copy(), treated.copy()
    model.fit(X, y, treated).predict(X)
    pd.testing.assert_frame_equal(X, before[0])
    assert (y == before[1]).all()
    assert (treated == before[2]).all()


def test_the_same_seed_gives_the_same_answer(model, small):
    X, y, treated = small
    once, again = (clone(model).fit(X, y, treated).predict(X) for _ in range(2))
    assert (once == again).all()


def test_a_customer_is_scored_alike_alone_and_in_company(model, small):
    X, y, treated = small
    model.fit(X, y, treated)
    assert model.predict(X.iloc[[5]])[0] == pytest.approx(model.predict(X)[5], rel=1e-12)


def test_the_state_goes_through_open_files(model, small, tmp_path):
    X, y, treated = small
    model.fit(X, y, treated)
    write_state(tmp_path, "model", model.get_state())
    again = clone(model).set_state(read_state(tmp_path, "model"))
    assert (again.predict(X) == model.predict(X)).all()
    assert again.names_ == model.names_


def test_unseen_levels_and_gaps_are_scored(model, small):
    X, y, treated = small
    model.fit(X, y, treated)
    strange = X.head(3).assign(sex=["unknown", None, "man"], age=[np.nan, 200.0, -1.0])
    assert np.isfinite(model.predict(strange)).all()


def test_columns_with_gaps_are_learned_from(model, small):
    X, y, treated = small
    holed = X.assign(age=X["age"].where(np.arange(len(X)) % 3 > 0), empty=np.nan)
    assert np.isfinite(model.fit(holed, y, treated).predict(holed)).all()


def test_amounts_are_learned_from(model, small):
    X, y, treated = small
    money = y * np.linspace(1, 9, len(y))
    assert np.isfinite(model.fit(X, money, treated).predict(X)).all()


def test_known_effects_are_found_on_new_customers(effect_model, known, fresh):
    score = effect_model.fit(known.X, known.y, known.treated).predict(fresh.X)
    moved = fresh.effect > 0
    assert roc_auc_score(moved, score) > 0.85
    assert score[moved].mean() - score[~moved].mean() > 0.08


def test_propensities_undo_a_choice_that_was_not_random(effect_model):
    """Men, who respond more, are treated far more often: without propensities that is an effect."""
    from .conftest import draw

    everyone = draw(8000, seed=3)
    man = everyone.X["sex"].to_numpy() == "man"
    random = np.random.RandomState(0)
    chance = np.where(man, 0.8, 0.2)
    treated = (random.random_sample(len(man)) < chance).astype(int)
    base = np.where(man, 0.4, 0.1)
    y = (random.random_sample(len(man)) < base + everyone.effect * treated).astype(float)
    score = effect_model.fit(everyone.X, y, treated, propensity=chance).predict(everyone.X)
    assert abs(score[man].mean()) < 0.08


def test_a_weight_of_nothing_leaves_a_customer_out(small):
    X, y, treated = small
    keep = np.arange(len(y)) % 2 == 0
    model = UPLIFT_MODELS["two-model"](base="linear")
    weighted = clone(model).fit(X, y, treated, propensity=0.5, sample_weight=keep * 1.0)
    alone = clone(model).fit(X[keep], y[keep], treated[keep], propensity=0.5)
    everybody = clone(model).fit(X, y, treated, propensity=0.5)
    gap = np.abs(weighted.predict(X) - alone.predict(X)).max()
    assert gap < 0.02
    assert gap < np.abs(everybody.predict(X) - alone.predict(X)).max() / 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treatment": 1}, "all customers are treated: an effect needs both arms"),
        ({"treatment": 0}, "all customers are untreated"),
        ({"treatment": 2}, "treatment must hold 0 and 1 only"),
        ({"y": 1.0}, "the outcome is 1 everywhere"),
        ({"y": np.nan}, "outcomes are missing or infinite"),
        ({"propensity": 1.0}, "a propensity must lie between 0 and 1"),
        ({"propensity": 0.0}, "a propensity must lie between 0 and 1"),
        ({"sample_weight": 0.0}, "the weights of the treated sum to 0"),
        ({"sample_weight": -1.0}, "weights must be finite and not negative"),
    ],
)
def test_an_experiment_that_is_none_is_refused(model, small, change, message):
    X, y, treated = small
    given = {"y": y, "treatment": treated, "propensity": None, "sample_weight": None}
    given |= {name: np.full(len(y), value) for name, value in change.items()}
    with pytest.raises(ValueError, match=message):
        model.fit(X, **given)


def test_lengths_that_differ_are_refused(model, small):
    X, y, treated = small
    with pytest.raises(ValueError, match=r"y has shape \(1200,\) but treatment \(1199,\)"):
        model.fit(X, y, treated[1:])
    with pytest.raises(ValueError, match="X has 1199 rows but y has 1200"):
        model.fit(X.iloc[1:], y, treated)
    with pytest.raises(ValueError, match="weights of the untreated sum to 0"):
        model.fit(X, y, treated, sample_weight=treated * 1.0)


def test_a_state_that_is_none_is_refused(model):
    with pytest.raises(ValueError, match="state needs encoder and model"):
        model.set_state({"encoder": {}})


def test_the_state_of_the_outcome_models_is_plain(small):
    X, y, treated = small
    state = UPLIFT_MODELS["x-learner"]().fit(X, y, treated).get_state()
    assert json.loads(json.dumps(state)) == state
