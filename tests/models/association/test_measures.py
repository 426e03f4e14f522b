"""Measures against formulas written another way, and against values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score, jaccard_score, matthews_corrcoef, mutual_info_score

from models.association.measures import MEASURES, RuleCounts, measure

# 100 baskets, 30 with X, 40 with Y, 20 with both: a = 20, b = 10, c = 20, d = 50
N, X, Y, XY = 100, 30, 40, 20
a, b, c, d = 0.2, 0.1, 0.2, 0.5
px, py = 0.3, 0.4


def log2(value):
    return math.log(value) / math.log(2)


BY_HAND = {
    "support": 0.2,
    "antecedent_support": 0.3,
    "consequent_support": 0.4,
    "confidence": 2 / 3,
    "lift": 5 / 3,
    "leverage": 0.08,
    "conviction": 1.8,
    "cosine": 0.2 / math.sqrt(0.12),
    "jaccard": 0.4,
    "sorensen": 4 / 7,
    "kulczynski": (2 / 3 + 1 / 2) / 2,
    "imbalance": 0.2,
    "all_confidence": 0.5,
    "max_confidence": 2 / 3,
    "chi_squared": 100 * 0.08**2 / (0.3 * 0.7 * 0.4 * 0.6),
    "phi": 0.08 / math.sqrt(0.3 * 0.7 * 0.4 * 0.6),
    "odds_ratio": 5.0,
    "yules_q": 4 / 6,
    "yules_y": (math.sqrt(5) - 1) / (math.sqrt(5) + 1),
    "added_value": 2 / 3 - 0.4,
    "loevinger": (2 / 3 - 0.4) / 0.6,
    "certainty_factor": (2 / 3 - 0.4) / 0.6,
    "collective_strength": 0.7 / 0.54 * 0.46 / 0.3,
    "j_measure": 0.2 * math.log(5 / 3) + 0.1 * math.log((1 / 3) / 0.6),
    "gini": 0.3 * (4 / 9 + 1 / 9) + 0.7 * (4 / 49 + 25 / 49) - 0.16 - 0.36,
    "kappa": (0.7 - 0.54) / 0.46,
    "goodman_kruskal": (0.2 + 0.5 - 0.6) / 0.4,
    "mutual_information": sum(
        p * math.log(p / q)
        for p, q in ((a, px * py), (b, px * 0.6), (c, 0.7 * py), (d, 0.7 * 0.6))
    ),
    "normalised_mutual_information": sum(
        p * math.log(p / q)
        for p, q in ((a, px * py), (b, px * 0.6), (c, 0.7 * py), (d, 0.7 * 0.6))
    ) / -(0.3 * math.log(0.3) + 0.7 * math.log(0.7)),
    "laplace": 21 / 32,
    "least_contradiction": 0.25,
    "sebag_schoenauer": 2.0,
    "counterexample_rate": 0.5,
    "relative_risk": (2 / 3) / (2 / 7),
    "confidence_difference": 2 / 3 - 2 / 7,
    "klosgen": math.sqrt(0.2) * (2 / 3 - 0.4),
    "zhang": 0.08 / max(0.2 * 0.7, 0.3 * 0.2),
    "lerman": (20 - 12) / math.sqrt(12),
    "implication_index": (10 - 18) / math.sqrt(18),
    "causal_support": 0.7,
    "causal_confidence": (2 / 3 + 5 / 6) / 2,
    "confirmed_confidence": 1 / 3,
    "importance": math.log10((21 / 32) / (21 / 72)),
    "odd_multiplier": (0.2 * 0.6) / (0.4 * 0.1),
    "one_way_support": 2 / 3 * log2(5 / 3),
    "two_way_support": 0.2 * log2(5 / 3),
    "standardised_lift": (0.2 - 0.01) / (0.3 - 0.01),
    "counterexamples": 0.1,
    "varying_rates": 2 / 3,
    "fisher_p": stats.fisher_exact([[20, 10], [20, 50]], alternative="greater").pvalue,
    "hyper_confidence": 1 - stats.fisher_exact([[20, 10], [20, 50]], alternative="greater").pvalue,
    "hyper_lift": 20 / stats.hypergeom.ppf(0.99, 100, 30, 40),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_value_worked_out_by_hand(name):
    assert measure(name, RuleCounts(N, [X], [Y], [XY]))[0] == pytest.approx(BY_HAND[name], rel=1e-9)


def test_there_are_more_than_thirty_and_each_cites_or_defines():
    assert len(MEASURES) >= 45
    assert all(function.__doc__ for function in MEASURES.values())


@st.composite
def tables(draw):
    n = draw(st.integers(2, 60))
    x, y = draw(st.integers(1, n - 1)), draw(st.integers(1, n - 1))
    return n, x, y, draw(st.integers(max(0, x + y - n), min(x, y)))


def as_labels(n, x, y, xy):
    left = np.repeat([1, 1, 0, 0], [xy, x - xy, y - xy, n - x - y + xy])
    right = np.repeat([1, 0, 1, 0], [xy, x - xy, y - xy, n - x - y + xy])
    return left, right


def of(name, table):
    n, x, y, xy = table
    return measure(name, RuleCounts(n, [x], [y], [xy]))[0]


@settings(max_examples=150, deadline=None)
@given(table=tables())
def test_agrees_with_other_libraries(table):
    n, x, y, xy = table
    cells = [[xy, x - xy], [y - xy, n - x - y + xy]]
    left, right = as_labels(*table)
    chi = stats.chi2_contingency(cells, correction=False).statistic
    assert of("chi_squared", table) == pytest.approx(chi, abs=1e-9)
    fisher = stats.fisher_exact(cells, alternative="greater").pvalue
    assert of("fisher_p", table) == pytest.approx(fisher, rel=1e-8, abs=1e-14)
    assert of("phi", table) == pytest.approx(matthews_corrcoef(left, right), abs=1e-9)
    assert of("kappa", table) == pytest.approx(cohen_kappa_score(left, right), abs=1e-9)
    assert of("jaccard", table) == pytest.approx(jaccard_score(left, right), abs=1e-12)
    mutual = mutual_info_score(left, right)
    assert of("mutual_information", table) == pytest.approx(mutual, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(table=tables())
def test_hypergeometric_measures_agree_with_scipy(table):
    n, x, y, xy = table
    below = stats.hypergeom.cdf(xy - 1, n, x, y)
    assert of("hyper_confidence", table) == pytest.approx(below, abs=1e-10)
    limit = stats.hypergeom.ppf(0.99, n, x, y)
    expected = xy / limit if limit else (math.inf if xy else math.nan)
    assert of("hyper_lift", table) == pytest.approx(expected, nan_ok=True)


@settings(max_examples=200, deadline=None)
@given(table=tables())
def test_ranges(table):
    for name in ("support", "confidence", "jaccard", "cosine", "kulczynski", "sorensen",
                 "fisher_p", "laplace", "imbalance", "hyper_confidence"):  # fmt: skip
        assert -1e-12 <= of(name, table) <= 1 + 1e-12
    for name in ("zhang", "phi", "yules_q", "yules_y", "certainty_factor", "kappa"):
        value = of(name, table)
        assert math.isnan(value) or -1 - 1e-9 <= value <= 1 + 1e-9


SYMMETRIC = ["lift", "leverage", "cosine", "jaccard", "phi", "chi_squared", "odds_ratio", "kappa",
             "fisher_p", "mutual_information", "all_confidence", "collective_strength"]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(table=tables())
def test_symmetric_measures(table):
    n, x, y, xy = table
    for name in SYMMETRIC:
        one, other = of(name, table), of(name, (n, y, x, xy))
        assert one == pytest.approx(other, rel=1e-9, abs=1e-12, nan_ok=True)


INDEPENDENT = {"lift": 1, "leverage": 0, "conviction": 1, "odds_ratio": 1, "phi": 0, "kappa": 0,
               "yules_q": 0, "added_value": 0, "certainty_factor": 0, "zhang": 0, "gini": 0,
               "j_measure": 0, "mutual_information": 0, "collective_strength": 1, "klosgen": 0,
               "relative_risk": 1, "chi_squared": 0, "varying_rates": 0}  # fmt: skip


@pytest.mark.parametrize("name", sorted(INDEPENDENT))
def test_value_under_independence(name):
    assert of(name, (100, 20, 50, 10)) == pytest.approx(INDEPENDENT[name], abs=1e-12)


def test_rule_without_exception():
    table = (10, 3, 5, 3)
    assert of("conviction", table) == math.inf
    assert of("odds_ratio", table) == math.inf
    assert of("confidence", table) == 1.0


def test_consequent_in_every_basket():
    table = (10, 4, 10, 4)
    assert of("lift", table) == 1.0
    assert of("loevinger", table) == 0.0
    assert of("conviction", table) == math.inf


def test_falling_rules_use_the_other_bound_of_the_certainty_factor():
    # P(Y|X) = 0.1 against P(Y) = 0.5
    assert of("certainty_factor", (100, 20, 50, 2)) == pytest.approx(-0.8)


def test_tiny_p_values_keep_their_size():
    table = (100_000, 1_000, 1_000, 500)
    log10 = stats.hypergeom.logsf(499, 100_000, 1_000, 1_000) / math.log(10)
    value = of("fisher_p", table)
    if value:  # below 1e-308 there is nothing but 0
        assert math.log10(value) == pytest.approx(log10, rel=1e-6)
    assert of("fisher_p", (1_000, 100, 100, 60)) == pytest.approx(
        stats.hypergeom.sf(59, 1_000, 100, 100), rel=1e-8
    )


def test_unknown_name():
    with pytest.raises(ValueError, match=r"unknown measure 'convction'; did you mean 'conviction'"):
        measure("convction", RuleCounts(1, [1], [1], [1]))
