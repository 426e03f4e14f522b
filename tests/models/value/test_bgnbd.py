"""BG/NBD: the published estimates, and integrals taken another way."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from models.value import BetaGeometricNBD, purchase_histories

PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
CASES = pd.DataFrame(
    {
        "frequency": [0.0, 1.0, 2.0, 7.0, 26.0],
        "recency": [0.0, 1.71, 30.43, 29.43, 38.0],
        "T": [38.86, 38.86, 38.86, 38.86, 38.86],
    }
)


def model_with(**parameters: float) -> BetaGeometricNBD:
    state = {
        "parameters_": parameters,
        "standard_errors_": dict.fromkeys(parameters, 0.0),
        "covariance_": np.zeros((4, 4)).tolist(),
        "log_likelihood_": 0.0,
        "n_customers_": 1.0,
    }
    return BetaGeometricNBD().set_state(state)


def by_quadrature(parameters: dict, x: float, tx: float, T: float, time: float):
    """Integrate over the customer's own rate and own probability of leaving.

    Gives the likelihood, P(alive) and the expected purchases, from the model's definition.
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))

    def mean(function, at, q_power):
        """Integrate ``function(rate, p) rate^x exp(-rate at) (1 - p)^q_power`` over both."""
        v, v_weight = special.roots_genlaguerre(60, r + x - 1)
        u, u_weight = special.roots_jacobi(60, b + q_power - 1, a - 1)
        rate, p = v[:, None] / (alpha + at), (1 + u[None, :]) / 2
        scale = alpha**r / special.gamma(r) / (alpha + at) ** (r + x)
        scale /= special.beta(a, b) * 2 ** (a + b + q_power - 1)
        return scale * float(v_weight @ function(rate, p) @ u_weight)

    one = lambda rate, p: np.ones(np.broadcast(rate, p).shape)  # noqa: E731
    here = mean(one, T, x)
    gone = mean(lambda rate, p: p * one(rate, p), tx, x - 1) if x else 0.0
    more = mean(lambda rate, p: -np.expm1(-rate * p * time) / p, T, x)
    return here + gone, here / (here + gone), more / (here + gone)


@pytest.mark.real
def test_the_published_estimates_to_three_digits(cdnow_summary):
    fitted = BetaGeometricNBD().fit(cdnow_summary)
    assert {name: round(value, 3) for name, value in fitted.parameters_.items()} == PAPER
    assert fitted.log_likelihood_ == pytest.approx(-9582.4, abs=0.05)


@pytest.mark.real
def test_the_published_estimates_from_the_log(cdnow_log):
    fitted = BetaGeometricNBD().fit(purchase_histories(cdnow_log, "1997-09-30"))
    assert {name: round(value, 3) for name, value in fitted.parameters_.items()} == PAPER


def test_the_published_conditional_expectation():
    """Fader, Hardie, Lee (2005), implementation note: x 2, t_x 30.43, T 38.86, t 39 give 1.226."""
    fitted = model_with(**PAPER)
    assert fitted.expected_purchases(CASES.iloc[[2]], 39)[0] == pytest.approx(1.226, abs=0.0005)


@pytest.mark.parametrize("row", range(len(CASES)))
@pytest.mark.parametrize(
    "parameters",
    [
        PAPER,
        {"r": 2.0, "alpha": 9.0, "a": 1.7, "b": 0.6},
        {"r": 0.9, "alpha": 3.0, "a": 1.0, "b": 2},
    ],
)
def test_the_formulas_are_the_integrals_of_the_model(row, parameters):
    x, tx, T = CASES.iloc[row]
    fitted, one = model_with(**parameters), CASES.iloc[[row]]
    likelihood, alive, expected = by_quadrature(parameters, x, tx, T, 39.0)
    assert fitted.log_likelihood(one)[0] == pytest.approx(np.log(likelihood), rel=1e-9)
    assert fitted.p_alive(one)[0] == pytest.approx(alive, rel=1e-8)
    assert fitted.expected_purchases(one, 39.0)[0] == pytest.approx(expected, rel=1e-6)


def test_nothing_breaks_around_a_equal_to_1():
    near = [
        model_with(r=0.9, alpha=3.0, a=a, b=2.0).expected_purchases(CASES, 39)
        for a in (0.9997, 0.99995, 1.0, 1.00005, 1.0003)
    ]
    assert np.array(near) == pytest.approx(np.tile(near[2], (5, 1)), rel=1e-3)
    assert (np.diff(near, axis=0) < 0).all()


@pytest.mark.parametrize("row", range(len(CASES)))
@pytest.mark.parametrize(("a", "b"), [(20.001, 60.0), (60.0, 20.0), (30.0, 400.0)])
def test_where_all_leave_alike_the_mean_is_taken_over_nodes(row, a, b):
    parameters = {"r": 0.6, "alpha": 4.0, "a": a, "b": b}
    *_, expected = by_quadrature(parameters, *CASES.iloc[row], 39.0)
    found = model_with(**parameters).expected_purchases(CASES.iloc[[row]], 39.0)[0]
    assert found == pytest.approx(expected, rel=1e-8)


def test_both_ways_meet_where_one_takes_over():
    below, above = (
        model_with(r=0.6, alpha=4.0, a=a, b=60.0).expected_purchases(CASES, 39.0)
        for a in (20.0, 20.0 + 1e-9)
    )
    assert above == pytest.approx(below, rel=1e-8)


def test_one_probability_of_leaving_for_all_is_the_limit():
    """At p = 0.2 for everybody, by the definition of the model."""
    r, alpha, p, time = 0.6, 4.0, 0.2, 39.0
    found = model_with(r=r, alpha=alpha, a=2e7, b=8e7).expected_purchases(CASES, time)
    x, T = CASES["frequency"], CASES["T"]
    more = (1 - (1 + p * time / (alpha + T)) ** -(r + x)) / p
    gone = p / (1 - p) * ((alpha + T) / (alpha + CASES["recency"])) ** (r + x)
    by_hand = more / (1 + gone.where(x > 0, 0.0))
    assert found == pytest.approx(by_hand.to_numpy(), rel=1e-5)


@pytest.mark.parametrize(("a", "b"), [(0.005, 235.0), (0.8, 2.4), (1.0, 5.0)])
def test_where_all_buy_alike_the_rate_is_one_number(a, b):
    """The closed form overflows there; by the definition, with the rate of everybody."""
    r, alpha, time = 30_000.0, 360_000.0, 13.0
    fitted = model_with(r=r, alpha=alpha, a=a, b=b)
    found = fitted.expected_purchases(CASES, time)
    rate = r / alpha
    by_hand = []
    for x in CASES["frequency"]:
        u, weight = special.roots_jacobi(60, b + x - 1, a - 1)
        p = (1 + u) / 2
        by_hand.append(weight @ (-np.expm1(-rate * p * time) / p) / weight.sum())
    assert found == pytest.approx(by_hand * fitted.p_alive(CASES), rel=1e-3)
    assert (found <= rate * time * 1.001).all()


def test_many_purchases_stay_finite():
    X = pd.DataFrame({"frequency": [500.0, 5000.0], "recency": [38.99, 39.0], "T": [39.0, 39.0]})
    fitted = model_with(**PAPER)
    assert fitted.p_alive(X) == pytest.approx([1.0, 1.0], abs=0.01)
    expected = fitted.expected_purchases(X, 39)
    assert ((expected > 300) & (expected < 5000)).all()


def test_who_never_came_back_counts_as_alive():
    assert model_with(**PAPER).p_alive(CASES)[0] == 1.0


def test_drawn_parameters_are_found_again(drawn):
    fitted = BetaGeometricNBD().fit(drawn)
    table = fitted.intervals(0.99).set_index("parameter")
    for name, value in {"r": 0.5, "alpha": 5.0, "a": 0.5, "b": 1.5}.items():
        assert table.loc[name, "low"] < value < table.loc[name, "high"]
