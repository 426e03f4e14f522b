"""Intervals and corrections against statsmodels and simulation."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from models.association.rules import rules_of_baskets
from models.association.significance import (
    adjusted,
    benjamini_hochberg,
    confidence_interval,
    holm,
    lift_interval,
    rule_p_values,
)

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def of_statsmodels(p, method):
    """Correct p-values; what statsmodels collects at each call are the objects of all tests."""
    with mock.patch("gc.collect"):
        return multipletests(p, method=method)[1]


@settings(max_examples=50, deadline=None)
@given(p=p_values)
def test_corrections_are_those_of_statsmodels(p):
    np.testing.assert_allclose(holm(p), of_statsmodels(p, "holm"), atol=1e-12)
    np.testing.assert_allclose(benjamini_hochberg(p), of_statsmodels(p, "fdr_bh"), atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(p=p_values, more=st.integers(0, 40))
def test_unseen_tests_count_as_ones(p, more):
    every = p + [1.0] * more
    np.testing.assert_allclose(holm(p, len(every)), holm(every)[: len(p)], atol=1e-12)
    ours, theirs = benjamini_hochberg(p, len(every)), benjamini_hochberg(every)[: len(p)]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(n=st.integers(1, 500), share=st.floats(0, 1), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_confidence_interval_is_wilsons(n, share, level):
    k = round(share * n)
    low, high = confidence_interval([k], [n], level)
    expected = proportion_confint(k, n, 1 - level, method="wilson")
    assert (low[0], high[0]) == pytest.approx(expected, abs=1e-9)


def test_lift_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    cells = np.array([0.15, 0.10, 0.20, 0.55])  # both, X only, Y only, neither
    draws = rng.multinomial(2_000, cells, size=4_000)
    xy, x, y = draws[:, 0], draws[:, 0] + draws[:, 1], draws[:, 0] + draws[:, 2]
    low, high = lift_interval(2_000, x, y, xy, 0.9)
    true = 0.15 / (0.25 * 0.35)
    assert np.mean((low <= true) & (true <= high)) == pytest.approx(0.9, abs=0.02)


def test_rules_searched_count_not_the_rules_kept():
    rng = np.random.default_rng(2)
    baskets = [rng.choice(8, 3, replace=False).tolist() for _ in range(200)] + [[8, 9]] * 9
    every = rules_of_baskets(baskets, min_count=1)
    kept = rules_of_baskets(baskets, min_count=1, min_confidence=0.5)
    assert len(kept) < len(every) == kept.n_searched
    plain = rule_p_values(kept, "none")
    assert rule_p_values(kept, "holm").min() == pytest.approx(min(1, plain.min() * len(every)))


def test_noise_gives_few_findings_and_a_planted_rule_is_found():
    rng = np.random.default_rng(3)
    noise = rng.random((500, 20)) < 0.2
    noise[:, 19] = noise[:, 18] & (rng.random(500) < 0.9)
    baskets = [np.flatnonzero(row).tolist() for row in noise]
    rules = rules_of_baskets(baskets, min_count=5, max_length=2)
    found = rules.take(rule_p_values(rules, "holm") < 0.05).to_frame([])
    assert {frozenset(x | y) for x, y in found.to_numpy()} == {frozenset([18, 19])}


def test_held_out_baskets_are_what_is_tested():
    learned = [["a", "b"]] * 10 + [["c"]] * 10
    rules = rules_of_baskets(learned, min_count=5)
    assert rule_p_values(rules, "none").max() < 1e-4
    unrelated = [["a", "b"], ["a"], ["b"], ["c"]] * 10
    held = rule_p_values(rules, "none", unrelated)
    cells = [[10, 10], [10, 10]]
    expected = stats.fisher_exact(cells, alternative="greater").pvalue
    np.testing.assert_allclose(held, expected)
    np.testing.assert_allclose(rule_p_values(rules, "holm", unrelated), np.minimum(1, 2 * held))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: holm([0.1, 0.2], 1), "2 p-values cannot come from 1 tests"),
        (lambda: holm([1.2]), "p-values lie between 0 and 1"),
        (lambda: holm([float("nan")]), "p-values lie between 0 and 1"),
        (lambda: adjusted([0.1], "sidak"), "'holm', 'bh' or 'none', not 'sidak'"),
        (lambda: confidence_interval([1], [2], 1.0), "a level lies between 0 and 1, not 1.0"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
