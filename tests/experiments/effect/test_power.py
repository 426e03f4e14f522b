"""Sizes and powers against statsmodels, published figures and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.effect import effect
from experiments.effect.power import (
    Outcome,
    cheapest_share,
    detectable,
    power_of,
    required_size,
    share_table,
)


@pytest.mark.parametrize("control", [0.1, 0.3, 0.5])
@pytest.mark.parametrize(("base", "gain"), [(0.05, 0.02), (0.3, -0.1), (0.01, 0.005)])
def test_power_of_shares_is_that_of_statsmodels(base, gain, control):
    from statsmodels.stats.proportion import power_proportions_2indep

    n = 4000
    treated, held = n * (1 - control), n * control
    told = power_proportions_2indep(
        gain, base, treated, ratio=held / treated, alpha=0.05, return_results=False
    )
    assert power_of(Outcome(base=base), gain, n, control=control) == pytest.approx(told, abs=1e-6)


@pytest.mark.parametrize("control", [0.1, 0.5])
def test_power_of_means_is_that_of_statsmodels(control):
    from statsmodels.stats.power import NormalIndPower

    n = 1000
    treated, held = n * (1 - control), n * control
    told = NormalIndPower().power(0.2, treated, 0.05, ratio=held / treated)
    assert power_of(Outcome(sd=5.0), 1.0, n, control=control) == pytest.approx(told, abs=1e-9)


def test_the_size_of_means_is_that_of_statsmodels():
    from statsmodels.stats.power import NormalIndPower

    each = NormalIndPower().solve_power(0.1, alpha=0.01, power=0.9, ratio=1.0)
    needed = required_size(Outcome(sd=10.0), 1.0, power=0.9, alpha=0.01)
    assert needed == pytest.approx(2 * each, abs=2)


def test_a_published_size():
    # Fleiss, Levin and Paik (2003), table A.4 without the correction: 0.6 against 0.5, power 0.8
    assert required_size(Outcome(base=0.5), 0.1) == 2 * 388 - 1


@pytest.mark.parametrize("control", [0.2, 0.5])
def test_the_promised_power_is_reached_in_simulation(control):
    base, gain = 0.10, 0.05
    needed = required_size(Outcome(base=base), gain, control=control)
    rng = np.random.default_rng(0)
    treated = np.arange(needed) >= round(needed * control)
    found = [
        effect((rng.random(needed) < base + gain * treated).astype(float), treated).p < 0.05
        for _ in range(1500)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=3 * math.sqrt(0.16 / 1500))


def test_the_promised_power_of_means_is_reached_in_simulation():
    needed = required_size(Outcome(sd=2.0), 0.5, control=0.3, power=0.9)
    rng = np.random.default_rng(1)
    treated = np.arange(needed) >= round(needed * 0.3)
    found = [
        effect(rng.normal(0, 2.0, needed) + 0.5 * treated, treated).p < 0.05 for _ in range(1500)
    ]
    assert np.mean(found) == pytest.approx(0.9, abs=3 * math.sqrt(0.09 / 1500))


@settings(max_examples=60)
@given(
    st.floats(0.01, 0.6),
    st.floats(0.01, 0.3),
    st.floats(0.05, 0.5),
    st.floats(0.6, 0.95),
)
def test_size_power_and_detectable_effect_are_inverses(base, gain, control, power):
    outcome = Outcome(base=base)
    needed = required_size(outcome, gain, control=control, power=power)
    assert power_of(outcome, gain, needed, control=control) >= power - 1e-9
    reach = detectable(outcome, needed, control=control, power=power)
    assert reach == pytest.approx(gain, rel=0.1 if needed < 100 else 0.02)


def test_half_and_half_needs_fewest():
    sizes = [required_size(Outcome(sd=1.0), 0.1, control=c) for c in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert min(sizes) == sizes[2]
    assert sizes[0] == sizes[4]


def test_too_few_customers_show_nothing():
    assert math.isnan(detectable(Outcome(base=0.9), 4))
    assert math.isnan(detectable(Outcome(sd=1.0), 1))


def test_the_table_prices_every_share():
    table = share_table(Outcome(base=0.1), 10_000, [0.1, 0.5], effect=0.02, value=0.5)
    assert table["control_customers"].tolist() == [1000, 5000]
    assert table["value_forgone"].tolist() == [500.0, 2500.0]
    assert table["power"].is_monotonic_increasing
    assert table["detectable_effect"].is_monotonic_decreasing
    plain = share_table(Outcome(base=0.1), 10_000, [0.1])
    assert set(plain) & {"power", "value_forgone"} == set()


def test_the_cheapest_share_reaches_the_power_and_a_smaller_one_does_not():
    outcome = Outcome(base=0.05)
    share = cheapest_share(outcome, 0.01, 40_000)
    assert power_of(outcome, 0.01, 40_000, control=share) >= 0.8
    assert power_of(outcome, 0.01, 40_000, control=share - 0.01) < 0.8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Outcome(base=0.1, sd=1.0), "either base"),
        (lambda: Outcome(base=1.0), "base must be between 0 and 1 but got 1.0"),
        (lambda: Outcome(sd=0.0), "sd must be above 0 but got 0.0"),
        (lambda: required_size(Outcome(base=0.1), 0.0), "effect of 0"),
        (lambda: required_size(Outcome(base=0.9), 0.2), "make a share of 1.1"),
        (lambda: required_size(Outcome(base=0.1), 0.1, control=1.0), "control must be between"),
        (lambda: power_of(Outcome(base=0.1), 0.1, 100, alpha=0.0), "alpha must be between"),
        (lambda: detectable(Outcome(base=0.1), 100, power=1.0), "power must be between"),
    ],
)
def test_wrong_arguments_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
