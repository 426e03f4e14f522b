"""What every model of buying must do, whichever it is."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from models.value import COMPLEXITY, PURCHASE_MODELS, Histories

ESTIMATED = ["nbd", "bg-nbd", "pareto-nbd"]


@pytest.fixture(params=sorted(PURCHASE_MODELS))
def model(request):
    return PURCHASE_MODELS[request.param]()


@pytest.fixture(params=ESTIMATED)
def estimated(request):
    return PURCHASE_MODELS[request.param]()


@pytest.fixture(scope="module")
def all_fitted(drawn):
    return {name: kind().fit(drawn) for name, kind in PURCHASE_MODELS.items()}


@pytest.fixture(params=sorted(PURCHASE_MODELS))
def fitted(request, all_fitted):
    return all_fitted[request.param]


@pytest.fixture(params=ESTIMATED)
def fitted_estimated(request, all_fitted):
    return all_fitted[request.param]


def scores(model, X):
    return np.column_stack([model.p_alive(X), model.expected_purchases(X, 10)])


def test_each_has_a_complexity():
    assert set(COMPLEXITY) == set(PURCHASE_MODELS)


def test_the_input_is_not_changed(model, drawn):
    before = drawn.copy()
    scores(model.fit(drawn), drawn)
    pd.testing.assert_frame_equal(drawn, before)


def test_the_order_of_the_rows_does_not_matter_to_the_last_bit(model, drawn):
    shuffled = drawn.sample(frac=1, random_state=0)
    fitted, again = clone(model).fit(drawn), clone(model).fit(shuffled)
    assert fitted.parameters_ == again.parameters_
    right = scores(again, shuffled)[np.argsort(shuffled.index)]
    assert (scores(fitted, drawn) == right).all()


def test_a_weight_is_so_many_customers(model, drawn):
    few = drawn.head(300)
    weight = np.random.RandomState(0).randint(1, 4, len(few))
    weighted = clone(model).fit(few, sample_weight=weight)
    repeated = clone(model).fit(few.loc[few.index.repeat(weight)])
    assert weighted.n_customers_ == repeated.n_customers_ == weight.sum()
    assert weighted.parameters_ == pytest.approx(repeated.parameters_, rel=1e-9)
    if weighted.names:
        assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)


def test_a_customer_is_scored_alike_alone_and_in_company(fitted, drawn):
    assert scores(fitted, drawn)[7].tolist() == scores(fitted, drawn.iloc[[7]])[0].tolist()


def test_the_state_goes_through_json(fitted, drawn):
    again = clone(fitted).set_state(json.loads(json.dumps(fitted.get_state(), sort_keys=True)))
    assert list(again.standard_errors_) == list(again.parameters_) == list(fitted.names)
    assert (scores(fitted, drawn) == scores(again, drawn)).all()
    assert again.get_state() == fitted.get_state()


def test_a_probability_is_one_and_expectations_grow_with_time(fitted, drawn):
    alive = fitted.p_alive(drawn)
    assert ((alive >= 0) & (alive <= 1)).all()
    by_time = np.array([fitted.expected_purchases(drawn, time) for time in (0, 1, 5, 50, 500)])
    assert (by_time[0] == 0).all()
    assert (np.diff(by_time, axis=0) >= 0).all()
    assert fitted.new_customer_purchases(0) == 0


def test_who_bought_more_lately_is_expected_to_buy_more(fitted):
    X = pd.DataFrame({"frequency": [1.0, 3.0, 9.0], "recency": 30.0, "T": 31.0})
    assert (np.diff(fitted.expected_purchases(X, 10)) > 0).all()


def test_discounting_takes_away_and_a_rate_of_0_takes_nothing(fitted, drawn):
    plain = fitted.discounted_purchases(drawn, periods=6, rate=0.0, length=2.0)
    assert plain == pytest.approx(fitted.expected_purchases(drawn, 12.0), rel=1e-9)
    dearer = fitted.discounted_purchases(drawn, periods=6, rate=0.1, length=2.0)
    some = plain > 0
    assert (dearer[some] < plain[some]).all()
    by_hand = sum(
        (
            fitted.expected_purchases(drawn, 2.0 * k)
            - fitted.expected_purchases(drawn, 2.0 * (k - 1))
        )
        / 1.1**k
        for k in range(1, 7)
    )
    assert dearer == pytest.approx(by_hand, rel=1e-12)


def test_slope_and_hessian_are_those_of_the_likelihood(estimated, drawn):
    seen = Histories.of(drawn.head(500))
    parameters = np.array([0.7, 6.0, 0.9, 11.0][: len(estimated.names)])
    _, slope, hessian = estimated._curvature(parameters, seen)
    steps = np.diag(1e-5 * parameters)
    for place, step in enumerate(steps):
        up, down = (estimated._curvature(parameters + sign * step, seen) for sign in (1, -1))
        width = 2 * step[place]
        assert slope[place] == pytest.approx((up[0] - down[0]) / width, rel=1e-5, abs=1e-4)
        assert hessian[place] == pytest.approx((up[1] - down[1]) / width, rel=1e-5, abs=1e-4)


def test_the_total_is_the_sum_of_the_customers(fitted_estimated, drawn):
    estimated = fitted_estimated
    assert estimated.log_likelihood(drawn).sum() == pytest.approx(estimated.log_likelihood_)


def test_no_parameters_nearby_are_likelier(fitted_estimated, drawn):
    estimated = fitted_estimated
    seen, best = Histories.of(drawn), np.array(list(estimated.parameters_.values()))
    for step in np.vstack([np.eye(len(best)), -np.eye(len(best))]) * 0.01:
        assert estimated._curvature(best * np.exp(step), seen)[0] < estimated.log_likelihood_


def test_time_in_other_units_gives_the_same_answers(estimated, drawn):
    in_days = drawn.assign(recency=7 * drawn["recency"], T=7 * drawn["T"])
    weeks, days = clone(estimated).fit(drawn), clone(estimated).fit(in_days)
    assert days.parameters_["alpha"] == pytest.approx(7 * weeks.parameters_["alpha"], rel=1e-4)
    assert days.expected_purchases(in_days, 70) == pytest.approx(
        weeks.expected_purchases(drawn, 10), rel=1e-4
    )


def test_intervals_hold_their_estimates(fitted_estimated):
    table = fitted_estimated.intervals(0.9)
    assert table["parameter"].tolist() == list(fitted_estimated.names)
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()
    assert (table["low"] > 0).all()
    wider = fitted_estimated.intervals(0.99)
    assert (wider["high"] > table["high"]).all()


def test_a_large_table_starts_from_a_sample_and_ends_as_high(estimated, drawn, monkeypatch):
    whole = clone(estimated).fit(drawn)
    monkeypatch.setattr("models.value.estimated.SAMPLE", 200)
    begun_small = clone(estimated).fit(drawn)
    assert begun_small.log_likelihood_ == pytest.approx(whole.log_likelihood_, rel=1e-8)
    assert begun_small.expected_purchases(drawn, 10) == pytest.approx(
        whole.expected_purchases(drawn, 10), rel=1e-3
    )


def test_nobody_who_came_back_is_refused(estimated):
    X = pd.DataFrame({"frequency": [0.0, 0.0], "recency": [0.0, 0.0], "T": [5.0, 9.0]})
    with pytest.raises(ValueError, match="nobody bought after the first purchase"):
        estimated.fit(X)


def test_a_missing_column_is_named(model):
    with pytest.raises(ValueError, match="histories lack recency, T; they have frequency"):
        model.fit(pd.DataFrame({"frequency": [1.0]}))


@pytest.mark.parametrize("time", [-1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(fitted, drawn, time):
    with pytest.raises(ValueError, match="time must be a number from 0"):
        fitted.expected_purchases(drawn, time)


@pytest.mark.parametrize("terms", [(0, 0.1, 1.0), (3, -1.0, 1.0), (3, 0.1, 0.0)])
def test_terms_that_discount_nothing_are_refused(fitted, drawn, terms):
    with pytest.raises(ValueError, match="periods must be at least 1"):
        fitted.discounted_purchases(drawn, *terms)


def test_a_state_of_another_model_is_refused(fitted_estimated):
    state = fitted_estimated.get_state()
    wrong = state | {"parameters_": {"q": 1.0}}
    with pytest.raises(ValueError, match="state needs the parameters"):
        clone(fitted_estimated).set_state(wrong)
    broken = state | {"parameters_": dict.fromkeys(fitted_estimated.names, -1.0)}
    with pytest.raises(ValueError, match="must be above 0"):
        clone(fitted_estimated).set_state(broken)


def test_a_level_outside_0_and_1_is_refused(fitted_estimated):
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        fitted_estimated.intervals(95)


def test_what_the_data_do_not_tell_is_not_sure():
    """Customers who never leave: how leaving is spread cannot be known."""
    random = np.random.RandomState(3)
    x = random.poisson(random.gamma(2.0, 2.0, 400)).astype(float)
    X = pd.DataFrame({"frequency": x, "recency": np.where(x > 0, 39.0, 0.0), "T": 39.0})
    fitted = PURCHASE_MODELS["bg-nbd"]().fit(X)
    leaving = fitted.parameters_["a"] / (fitted.parameters_["a"] + fitted.parameters_["b"])
    assert leaving < 0.01
    assert fitted.p_alive(X).min() > 0.98
    assert fitted.standard_errors_["b"] > fitted.parameters_["b"]
