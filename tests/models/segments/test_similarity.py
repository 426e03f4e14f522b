"""Coefficients for yes-or-no variables against counts made by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from models.segments import COEFFICIENTS, similarity

# a = 3 both, b = 1 first only, c = 2 second only, d = 4 neither
HELD = pd.DataFrame(
    {"card": [1] * 3 + [1] + [0] * 2 + [0] * 4, "loan": [1] * 3 + [0] + [1] * 2 + [0] * 4}
)
BY_HAND = {
    "jaccard": 3 / 6,
    "dice": 6 / 9,
    "simple_matching": 7 / 10,
    "russell_rao": 3 / 10,
    "rogers_tanimoto": 7 / 13,
    "sokal_sneath": 3 / 9,
    "ochiai": 3 / (4 * 5) ** 0.5,
    "kulczynski": (3 / 4 + 3 / 5) / 2,
    "yule": (12 - 2) / (12 + 2),
    "phi": (12 - 2) / (4 * 5 * 6 * 5) ** 0.5,
}


def test_every_coefficient_has_a_figure_by_hand():
    assert set(BY_HAND) == set(COEFFICIENTS)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_by_hand(name):
    found = similarity(HELD, name)
    assert found.loc["card", "loan"] == pytest.approx(BY_HAND[name])
    assert found.loc["loan", "card"] == pytest.approx(BY_HAND[name])


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=1, max_size=20))
def test_jaccard_and_matching_equal_those_of_scipy(rows):
    held = pd.DataFrame(rows, columns=list("xyz"))
    columns = held.to_numpy(dtype=bool).T
    apart = 1 - cdist(columns, columns, "jaccard")
    found = similarity(held, "jaccard").to_numpy()
    known = ~np.isnan(found)
    assert found[known] == pytest.approx(apart[known])
    assert similarity(held, "simple_matching").to_numpy() == pytest.approx(
        1 - cdist(columns, columns, "hamming")
    )


def test_phi_is_the_correlation():
    assert similarity(HELD, "phi").loc["card", "loan"] == pytest.approx(HELD.corr().iloc[0, 1])


def test_two_empty_columns_have_no_likeness():
    empty = pd.DataFrame({"a": [0, 0], "b": [0, 0]})
    assert similarity(empty).isna().all().all()


def test_other_values_are_refused_by_name():
    with pytest.raises(ValueError, match="unlike age, land"):
        similarity(pd.DataFrame({"age": [3], "card": [1], "land": ["UK"]}))


def test_an_unknown_coefficient_is_told():
    with pytest.raises(ValueError, match="phi but got 'tanimoto'"):
        similarity(HELD, "tanimoto")
