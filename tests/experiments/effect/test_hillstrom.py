"""The e-mail test of Kevin Hillstrom, 64,000 customers in three arms, against sums by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from experiments.effect import effect

pytestmark = pytest.mark.real

# Counted in the file: customers, visits, conversions of each arm.
COUNTS = {
    "Mens E-Mail": (21_307, 3_894, 267),
    "Womens E-Mail": (21_387, 3_238, 189),
    "No E-Mail": (21_306, 2_262, 122),
}


@pytest.fixture(scope="module")
def hillstrom(real_data):
    return pd.read_csv(real_data / "hillstrom.csv.gz")


def compared(frame, arm, outcome, covariates=None):
    both = frame[frame["segment"].isin([arm, "No E-Mail"])]
    treated = (both["segment"] == arm).to_numpy()
    known = None if covariates is None else both[covariates].to_numpy()
    return effect(both[outcome].to_numpy(), treated, known)


def test_the_counts_written_here_are_those_of_the_file(hillstrom):
    groups = hillstrom.groupby("segment")
    for arm, (n, visits, conversions) in COUNTS.items():
        part = groups.get_group(arm)
        assert (len(part), part["visit"].sum(), part["conversion"].sum()) == (
            *(n, visits, conversions),
        )


@pytest.mark.parametrize("arm", ["Mens E-Mail", "Womens E-Mail"])
@pytest.mark.parametrize("place", [1, 2], ids=["visit", "conversion"])
def test_shares_by_hand(hillstrom, arm, place):
    n1, k1 = COUNTS[arm][0], COUNTS[arm][place]
    n0, k0 = COUNTS["No E-Mail"][0], COUNTS["No E-Mail"][place]
    p1, p0 = k1 / n1, k0 / n0
    se = math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    found = compared(hillstrom, arm, ("visit", "conversion")[place - 1])
    assert found.difference == pytest.approx(p1 - p0, abs=1e-12)
    # for shares of this size Wald's interval is nearly the score interval
    assert found.low == pytest.approx(p1 - p0 - 1.959964 * se, abs=4e-5)
    assert found.high == pytest.approx(p1 - p0 + 1.959964 * se, abs=4e-5)


def test_the_figures_of_the_documentation(hillstrom):
    figures = {
        ("Mens E-Mail", "visit"): (0.07659, 0.06995, 0.08323),
        ("Womens E-Mail", "visit"): (0.04523, 0.03889, 0.05157),
        ("Mens E-Mail", "spend"): (0.76983, 0.48514, 1.05451),
        ("Womens E-Mail", "spend"): (0.42441, 0.16896, 0.67987),
    }
    for (arm, outcome), told in figures.items():
        found = compared(hillstrom, arm, outcome)
        assert (found.difference, found.low, found.high) == pytest.approx(told, abs=6e-6)


@pytest.mark.parametrize("arm", ["Mens E-Mail", "Womens E-Mail"])
def test_spend_by_hand(hillstrom, arm):
    a = hillstrom.loc[hillstrom["segment"] == arm, "spend"].tolist()
    b = hillstrom.loc[hillstrom["segment"] == "No E-Mail", "spend"].tolist()
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    var_a = sum((value - mean_a) ** 2 for value in a) / (len(a) - 1)
    var_b = sum((value - mean_b) ** 2 for value in b) / (len(b) - 1)
    se = math.sqrt(var_a / len(a) + var_b / len(b))
    found = compared(hillstrom, arm, "spend")
    assert found.difference == pytest.approx(mean_a - mean_b)
    assert found.se == pytest.approx(se)
    # with so many customers t is the normal distribution
    assert found.low == pytest.approx(mean_a - mean_b - 1.959964 * se, abs=1e-4)
    assert found.high == pytest.approx(mean_a - mean_b + 1.959964 * se, abs=1e-4)


def test_what_was_known_before_changes_the_estimate_little(hillstrom):
    plain = compared(hillstrom, "Mens E-Mail", "spend")
    found = compared(hillstrom, "Mens E-Mail", "spend", ["history", "recency", "newbie"])
    assert found.difference == pytest.approx(plain.difference, abs=plain.se)
    assert 0 < found.variance_reduction < 0.01


def test_the_arms_are_as_large_as_planned(hillstrom):
    from experiments.effect import sample_ratio

    sizes = hillstrom["segment"].value_counts()
    for arm in ("Mens E-Mail", "Womens E-Mail"):
        assert not sample_ratio(sizes[arm], sizes["No E-Mail"], 0.5).mismatch
    assert np.isclose(sizes.sum(), 64_000)
