"""The number of segments by what comes again, not by eye."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import (
    KMeansSegments,
    gap_statistic,
    jaccard_of_segments,
    prediction_strength,
    silhouette,
    stability,
)
from models.segments.separation import dispersion


def groups(k, n=60, seed=0):
    rng = np.random.default_rng(seed)
    centres = 12 * rng.normal(size=(k, 3))
    return np.vstack([centre + rng.normal(size=(n, 3)) for centre in centres])


def make(k):
    return lambda seed: KMeansSegments(k=k, starts=3, random_state=seed)


def measured(X, k):
    return stability(make(k), X, rounds=8, random_state=0)


def test_the_true_number_is_stable_and_a_wrong_one_is_not():
    X = groups(4)
    right, wrong = measured(X, 4), measured(X, 7)
    assert right.mean > 0.95
    assert right.strength.mean() > 0.9
    assert wrong.mean < 0.85
    assert wrong.strength.mean() < 0.6


def test_customers_without_structure_are_not_stable():
    X = np.random.default_rng(0).uniform(size=(200, 4))
    assert measured(X, 5).mean < 0.75


def test_shapes_and_means():
    found = measured(groups(3), 3)
    assert found.jaccard.shape == (8, 3)
    assert found.sizes.tolist() == [60, 60, 60]
    assert found.by_round.mean() == pytest.approx(found.mean)
    assert found.by_segment == pytest.approx(found.jaccard.mean(axis=0))


def test_the_same_seed_gives_the_same_answer_whatever_the_order():
    X = groups(3)
    first, second = measured(X, 4), measured(X[::-1], 4)
    assert first.jaccard.tolist() == second.jaccard.tolist()
    assert first.strength.tolist() == second.strength.tolist()


def test_too_few_customers_are_refused():
    with pytest.raises(ValueError, match="10 customers are needed, not 20 and 9"):
        stability(make(2), np.zeros((9, 2)))


labels = st.lists(st.integers(0, 3), min_size=2, max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_jaccard_by_sets(pairs):
    own, other = (np.unique([p[side] for p in pairs], return_inverse=True)[1] for side in (0, 1))
    expected = []
    for a in range(own.max() + 1):
        members = set(np.flatnonzero(own == a))
        others = [set(np.flatnonzero(other == b)) for b in range(other.max() + 1)]
        expected.append(max(len(members & b) / len(members | b) for b in others))
    assert jaccard_of_segments(own, other) == pytest.approx(expected)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=20))
def test_prediction_strength_by_pairs(pairs):
    own, other = np.array(pairs).T
    shares = []
    for a in set(own.tolist()):
        members = np.flatnonzero(own == a)
        together = [other[i] == other[j] for i in members for j in members if i != j]
        shares += [np.mean(together)] if together else []
    assert prediction_strength(own, other) == pytest.approx(min([1.0, *shares]))


def test_silhouette_is_high_between_groups_and_zero_for_one():
    X = groups(3)
    owner = np.repeat(np.arange(3), 60)
    assert silhouette(X, owner).mean() > 0.6
    assert silhouette(X, np.zeros(180, dtype=int)).tolist() == [0.0] * 180
    assert silhouette(X[:3], np.arange(3)).tolist() == [0.0] * 3


def test_the_gap_is_largest_at_the_true_number():
    X = groups(4)
    found = {
        k: gap_statistic(make(k), X, make(k)(0).fit(X).labels_, references=5) for k in (2, 3, 4, 6)
    }
    assert max(found, key=lambda k: found[k].gap) == 4
    assert found[3].gap < found[4].gap - found[4].error


def test_the_gap_of_no_structure_is_near_zero():
    X = np.random.default_rng(1).uniform(size=(200, 2))
    found = gap_statistic(make(3), X, make(3)(0).fit(X).labels_, references=10)
    assert abs(found.gap) < 0.15


def test_dispersion_by_hand():
    X = np.array([[0.0, 0.0], [0.0, 2.0], [5.0, 5.0]])
    assert dispersion(X, np.array([0, 0, 1])) == 2.0
