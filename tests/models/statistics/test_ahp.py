"""The analytic hierarchy process: Saaty's figures, and contradictions that are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.statistics import comparison_matrix, weigh_criteria
from models.statistics.ahp import RANDOM_INDEX


def test_the_textbook_matrix():
    found = weigh_criteria([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], ["a", "b", "c"])
    assert found.weights.round(3).to_dict() == {"a": 0.637, "b": 0.258, "c": 0.105}
    assert found.largest_eigenvalue == pytest.approx(3.0385, abs=1e-4)
    assert found.index == pytest.approx(0.0193, abs=1e-4)
    assert found.ratio == pytest.approx(0.033, abs=1e-3)
    assert found.is_consistent


def test_saaty_s_random_index():
    assert RANDOM_INDEX[2:10] == (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=15))
def test_consistent_comparisons_give_their_weights_back(values):
    true = np.array(values) / sum(values)
    found = weigh_criteria(np.outer(true, 1 / true))
    assert found.weights.tolist() == pytest.approx(true, rel=1e-6)
    assert found.ratio == pytest.approx(0, abs=1e-6)
    assert found.is_consistent


def test_contradictions_are_refused_and_located():
    said = {"a": {"b": 5, "c": 1 / 7, "d": 3}, "b": {"c": 5, "d": 2}, "c": {"d": 2}}
    matrix = comparison_matrix(said)
    found = weigh_criteria(matrix, list(matrix.index))
    assert found.ratio > 0.1
    with pytest.raises(ValueError, match=r"contradict .* ratio .* above 0.10; look at a against c"):
        found.require_consistent()


def test_two_criteria_cannot_contradict():
    assert weigh_criteria([[1, 9], [1 / 9, 1]]).weights.tolist() == pytest.approx([0.9, 0.1])


def test_pairs_either_way_round_give_the_same_matrix():
    first = comparison_matrix({"a": {"b": 2, "c": 4}, "b": {"c": 2}})
    second = comparison_matrix({"b": {"a": 0.5}, "c": {"a": 0.25, "b": 0.5}}, list("abc"))
    assert first.to_numpy() == pytest.approx(second.to_numpy())


@pytest.mark.parametrize(
    ("pairs", "names", "message"),
    [
        ({"a": {"b": 2}, "b": {"c": 2}}, None, "missing: a against c"),
        ({"a": {"b": 2}, "b": {"a": 2}}, None, "b against a comes twice"),
        ({"a": {"a": 1, "b": 2}}, None, "compared with itself"),
        ({"a": {"b": 0}}, None, "a positive number is needed, not 0"),
        ({"price": {"servise": 2}}, ["price", "service"], "did you mean 'service'"),
    ],
)
def test_bad_pairs(pairs, names, message):
    with pytest.raises(ValueError, match=message):
        comparison_matrix(pairs, names)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 2]], "square"),
        ([[1, 2], [2, 1]], r"entry \(1, 2\) is 2, but \(2, 1\) is 2"),
        ([[1, -2], [-0.5, 1]], "positive"),
        (np.ones((16, 16)), "15 criteria at most, not 16"),
    ],
)
def test_bad_matrices(matrix, message):
    with pytest.raises(ValueError, match=message):
        weigh_criteria(matrix)
    with pytest.raises(ValueError, match="2 criteria and 1 names"):
        weigh_criteria(np.ones((2, 2)), ["a"])
