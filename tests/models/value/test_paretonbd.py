"""Pareto/NBD: the published estimates, the hypergeometric form, and integrals another way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from models.value import Histories, ParetoNBD
from models.value.paretonbd import _varying_part

PAPER = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
CASES = pd.DataFrame(
    {
        "frequency": [0.0, 1.0, 2.0, 7.0, 26.0],
        "recency": [0.0, 1.71, 30.43, 29.43, 38.0],
        "T": [38.86, 38.86, 38.86, 38.86, 38.86],
    }
)


def model_with(**parameters: float) -> ParetoNBD:
    state = {
        "parameters_": parameters,
        "standard_errors_": dict.fromkeys(parameters, 0.0),
        "covariance_": np.zeros((4, 4)).tolist(),
        "log_likelihood_": 0.0,
        "n_customers_": 1.0,
    }
    return ParetoNBD().set_state(state)


def published_log_likelihood(r, alpha, s, beta, x, tx, T):
    """Give equations 18 to 20 of the note, hypergeometric functions and all."""
    high, low = max(alpha, beta), min(alpha, beta)
    power = r + s + x
    second = s + 1 if alpha >= beta else r + x

    def part(u):
        z = (high - low) / (high + u)
        return special.hyp2f1(power, second, power + 1, z) / (high + u) ** power

    both = (alpha + T) ** -(r + x) * (beta + T) ** -s + s / power * (part(tx) - part(T))
    common = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return common + np.log(both)


@pytest.mark.real
def test_the_published_estimates(cdnow_summary):
    fitted = ParetoNBD().fit(cdnow_summary).parameters_
    assert fitted["r"] == pytest.approx(0.553, abs=0.0005)
    assert fitted["alpha"] == pytest.approx(10.578, abs=0.0015)
    assert fitted["s"] == pytest.approx(0.606, abs=0.0005)
    assert fitted["beta"] == pytest.approx(11.669, abs=0.0025)


@pytest.mark.real
def test_the_published_likelihood(cdnow_summary):
    assert ParetoNBD().fit(cdnow_summary).log_likelihood_ == pytest.approx(-9595.0, abs=0.05)


@settings(max_examples=150, deadline=None)
@given(
    r=st.floats(0.1, 4),
    alpha=st.floats(0.5, 40),
    s=st.floats(0.1, 4),
    beta=st.floats(0.5, 40),
    x=st.integers(0, 12),
    tx=st.floats(0.1, 38),
)
def test_quadrature_equals_the_hypergeometric_form(r, alpha, s, beta, x, tx):
    tx = tx if x else 0.0
    one = pd.DataFrame({"frequency": [float(x)], "recency": [tx], "T": [39.0]})
    found = model_with(r=r, alpha=alpha, s=s, beta=beta).log_likelihood(one)[0]
    assert found == pytest.approx(
        published_log_likelihood(r, alpha, s, beta, x, tx, 39.0), rel=1e-7
    )


@pytest.mark.parametrize(
    ("r", "alpha", "s", "beta"),
    [(0.3, 0.01, 0.5, 300.0), (0.3, 300.0, 0.5, 0.01), (5.0, 0.1, 8.0, 0.2), (0.05, 9, 0.05, 9)],
)
@pytest.mark.parametrize("x", [0, 1, 40, 900])
def test_quadrature_holds_at_the_edges(r, alpha, s, beta, x):
    """Against an adaptive integral, where the hypergeometric function itself gives up."""
    tx, T = (3.0 if x else 0.0), 39.0
    one = pd.DataFrame({"frequency": [float(x)], "recency": [tx], "T": [T]})

    def term(u):
        return np.exp(-(r + x) * np.log((alpha + u) / (alpha + tx))) * (beta + u) ** -(s + 1)

    near = [tx + (T - tx) * 10.0**-k for k in range(1, 9)]
    area, _ = integrate.quad(term, tx, T, limit=2000, epsabs=0, epsrel=1e-11, points=near)
    left = np.log(s * area) - (r + x) * np.log(alpha + tx)
    stay = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    alive = model_with(r=r, alpha=alpha, s=s, beta=beta).p_alive(one)[0]
    assert alive == pytest.approx(special.expit(stay - left), rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("row", range(len(CASES)))
@pytest.mark.parametrize("parameters", [PAPER, {"r": 1.4, "alpha": 5.0, "s": 1.0, "beta": 20.0}])
def test_the_expectation_is_the_integral_of_the_model(row, parameters):
    """Integrate over the customer's own rates of buying and of leaving, both of gamma form."""
    r, alpha, s, beta = parameters.values()
    x, _, T = CASES.iloc[row]
    fitted, one = model_with(**parameters), CASES.iloc[[row]]
    v, v_weight = special.roots_genlaguerre(80, r + x - 1)
    u, u_weight = special.roots_genlaguerre(80, s - 1)
    buying, leaving = v[:, None] / (alpha + T), u[None, :] / (beta + T)
    more = buying * -np.expm1(-leaving * 39.0) / leaving
    scale = alpha**r * beta**s / special.gamma(r) / special.gamma(s)
    scale /= (alpha + T) ** (r + x) * (beta + T) ** s
    expected = scale * (v_weight @ more @ u_weight) / np.exp(fitted.log_likelihood(one)[0])
    assert fitted.expected_purchases(one, 39.0)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("s", [0.4, 0.606, 1.0, 1.8])
def test_residual_transactions_are_the_discounted_stream(s):
    fitted = model_with(**(PAPER | {"s": s}))
    rate = 0.0027
    closed = fitted.discounted_forever(CASES, rate)

    time = np.concatenate([[0.0], np.geomspace(0.05, 6000, 600)])
    bought = np.array([fitted.expected_purchases(CASES, t) for t in time])
    middle = (time[1:] + time[:-1]) / 2
    stream = np.exp(-rate * middle) @ np.diff(bought, axis=0)
    assert closed == pytest.approx(stream, rel=2e-3)


def test_residual_transactions_fall_as_the_rate_rises():
    fitted = model_with(**PAPER)
    falls = [fitted.discounted_forever(CASES, rate) for rate in (0.001, 0.01, 0.1)]
    assert (np.diff(falls, axis=0) < 0).all()
    with pytest.raises(ValueError, match="rate must be above 0"):
        fitted.discounted_forever(CASES, 0.0)


def test_who_was_silent_long_is_less_likely_here():
    X = pd.DataFrame({"frequency": 7.0, "recency": [5.0, 15.0, 30.0, 38.0], "T": 39.0})
    assert (np.diff(model_with(**PAPER).p_alive(X)) > 0).all()


def test_who_bought_today_is_here():
    X = pd.DataFrame({"frequency": [3.0], "recency": [39.0], "T": [39.0]})
    assert model_with(**PAPER).p_alive(X)[0] == 1.0


def test_parts_of_a_large_table_add_up(drawn, monkeypatch):
    seen = Histories.of(drawn.head(200))
    parameters = np.array(list(PAPER.values()))
    whole = _varying_part(parameters, seen)
    monkeypatch.setattr("models.value.paretonbd.CHUNK", 17)
    value, slope, hessian = ParetoNBD()._curvature(parameters, seen)
    monkeypatch.setattr("models.value.paretonbd.CHUNK", 4096)
    again = ParetoNBD()._curvature(parameters, seen)
    assert np.isfinite(whole[0])
    assert value == pytest.approx(again[0], rel=1e-13)
    assert slope == pytest.approx(again[1], rel=1e-10)
    assert hessian == pytest.approx(again[2], rel=1e-10)
