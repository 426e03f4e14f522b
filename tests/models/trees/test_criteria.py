"""Impurities and the chi-square test agree with their definitions and with scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency
from scipy.stats import entropy as scipy_entropy

from models.trees import chi_square, entropy, gini
from models.trees._merge import log_chi_square_tail

counts = st.lists(st.integers(0, 50), min_size=2, max_size=5)


@settings(deadline=None)
@given(counts)
def test_impurities_are_those_of_the_definition(values):
    if sum(values) == 0:
        assert gini(values) == 0
        assert entropy(values) == 0
        return
    share = np.array(values) / sum(values)
    assert gini(values) == pytest.approx(1 - (share**2).sum())
    assert entropy(values) == pytest.approx(scipy_entropy(share, base=2))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=2, max_size=6))
def test_chi_square_is_that_of_scipy(rows):
    expected = chi2_contingency(rows, correction=False)
    statistic, degrees = chi_square(rows)
    assert statistic == pytest.approx(expected.statistic)
    assert degrees == expected.dof


def test_empty_rows_and_columns_do_not_count():
    padded = [[10, 20, 0], [0, 0, 0], [20, 10, 0]]
    assert chi_square(padded) == chi_square([[10, 20], [20, 10]])


def test_a_p_value_that_underflows_keeps_its_logarithm():
    assert log_chi_square_tail(9000.0, 2) == pytest.approx(-4500)
    assert log_chi_square_tail(9000.0, 4) == pytest.approx(-4500 + np.log(4501))
    far = [log_chi_square_tail(x, 7) for x in (1400.0, 1410.0, 3000.0)]
    assert (np.diff(far) < 0).all()


def test_no_degree_of_freedom_is_no_evidence():
    assert log_chi_square_tail(0.0, 0) == 0
    assert log_chi_square_tail(5.0, 0) == 0


@settings(deadline=None)
@given(st.floats(0, 1200), st.integers(1, 60))
def test_the_log_p_value_is_that_of_scipy(statistic, degrees):
    expected = chi2.logsf(statistic, degrees)
    assert log_chi_square_tail(statistic, degrees) == pytest.approx(expected, rel=1e-8, abs=1e-12)
