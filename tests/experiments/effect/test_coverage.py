"""Intervals hold the planted truth at their stated rate, over 200 seeds."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

from experiments.effect import complier_effect, effect, ratio_effect

SEEDS = 200
BASE, UPLIFT, PIECES, MARGIN, COST = 0.06, 0.03, 1.5, 4.0, 0.1
SIZES = {"equal": (1500, 1500), "unequal": (2700, 300)}
TRUTH = {
    "response": UPLIFT,
    "units": UPLIFT * PIECES,
    "profit": UPLIFT * PIECES * MARGIN - COST,
}


@cache
def campaign(seed, n1, n0):
    """Draw customers of known taste, a response that depends on it, and a known uplift."""
    rng = np.random.default_rng([seed, n1])
    n = n1 + n0
    treated = np.zeros(n, dtype=bool)
    treated[rng.permutation(n)[:n1]] = True
    taste = rng.beta(1.0, 4.0, n) * 5  # mean 1, between 0 and 5
    response = (rng.random(n) < BASE * taste + UPLIFT * treated).astype(float)
    units = response * (1 + rng.poisson(PIECES - 1, n))
    profit = units * rng.gamma(2.0, MARGIN / 2, n) - COST * treated
    past = np.column_stack([rng.poisson(5 * taste), rng.gamma(1 + taste, 2.0)])
    return treated, past, {"response": response, "units": units, "profit": profit}


def within_three_sigma(held, level=0.95):
    sigma = math.sqrt(level * (1 - level) / SEEDS)
    assert abs(np.mean(held) - level) <= 3 * sigma, f"{np.mean(held):.3f} of intervals hold"


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("adjust", [False, True], ids=["plain", "cuped"])
@pytest.mark.parametrize("outcome", TRUTH)
def test_the_interval_holds_the_truth_at_its_rate(outcome, adjust, sizes):
    held = []
    for seed in range(SEEDS):
        treated, past, outcomes = campaign(seed, *sizes)
        held.append(TRUTH[outcome] in effect(outcomes[outcome], treated, past if adjust else None))
    within_three_sigma(held)


def test_another_level_is_held_too():
    held = []
    for seed in range(SEEDS):
        treated, _, outcomes = campaign(seed, *SIZES["unequal"])
        held.append(TRUTH["units"] in effect(outcomes["units"], treated, level=0.8))
    within_three_sigma(held, 0.8)


def test_the_adjustment_makes_no_bias_and_takes_variance_away():
    plain, adjusted, reduction = [], [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated = rng.random(600) < 0.7
        past = rng.gamma(2.0, 10.0, 600)
        spend = 0.6 * past + rng.normal(0, 6.0, 600) + 2.0 * treated
        plain.append(effect(spend, treated).difference)
        found = effect(spend, treated, past)
        adjusted.append(found.difference)
        reduction.append(found.variance_reduction)
    # planted: 0.36 * 200 of 0.36 * 200 + 36 is foretold
    assert np.mean(reduction) == pytest.approx(72 / 108, abs=0.02)
    assert np.var(adjusted) / np.var(plain) == pytest.approx(36 / 108, abs=0.1)
    assert np.mean(adjusted) == pytest.approx(2.0, abs=4 * np.std(adjusted) / math.sqrt(SEEDS))


def test_without_an_effect_p_is_uniform():
    found = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated = rng.random(800) < 0.8
        found.append(effect(rng.gamma(1.0, 5.0, 800), treated).p)
    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert np.mean(np.array(found) < 0.05) < 0.05 + 3 * math.sqrt(0.05 * 0.95 / SEEDS)


def test_the_effect_on_those_contacted_is_held_where_many_were_not():
    held, itt = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated = rng.random(2000) < 0.7
        # the keen ones are easier to reach, so comparing contacted with others would flatter
        keen = rng.random(2000)
        contacted = np.where(treated, keen > 0.4, keen > 0.95)
        spend = rng.gamma(2.0, 2.0, 2000) * (0.5 + keen) + 1.0 * contacted
        found = complier_effect(spend, treated, contacted)
        held.append(1.0 in found)
        itt.append(effect(spend, treated).difference)
    within_three_sigma(held)
    assert np.mean(itt) == pytest.approx(0.55, abs=0.03)  # 0.60 - 0.05 of them


def test_the_interval_of_a_ratio_is_held():
    held = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated = rng.random(1500) < 0.6
        orders = rng.poisson(2.0, 1500)
        money = np.array([rng.gamma(2.0, 5.0, k).sum() for k in orders]) + 1.5 * orders * treated
        held.append(1.5 in ratio_effect(money, orders, treated))
    within_three_sigma(held)
