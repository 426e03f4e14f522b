"""EASE against the regression it stands for, solved column by column."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from models.recommend.ease import Ease, ease_weights

MATRIX = npst.arrays(np.float64, (6, 4), elements=st.sampled_from([0.0, 0.5, 1.0]))


def ridge(evidence, wanted, penalty, skip=None):
    """Weights of one item predicted, by plain ridge regression; `skip` may not speak."""
    kept = [column for column in range(evidence.shape[1]) if column != skip]
    some = evidence[:, kept]
    solved = np.linalg.solve(some.T @ some + penalty * np.eye(len(kept)), some.T @ wanted)
    weights = np.zeros(evidence.shape[1])
    weights[kept] = solved
    return weights


@settings(max_examples=40, deadline=None)
@given(evidence=MATRIX, wanted=MATRIX, penalty=st.sampled_from([0.5, 4.0]))
def test_each_column_is_a_ridge_regression(evidence, wanted, penalty):
    if not evidence.any():
        return
    least = penalty * (evidence**2).sum(axis=0).mean()
    x, y = sparse.csr_matrix(evidence), sparse.csr_matrix(wanted)
    original = ease_weights(x, penalty)
    recent = ease_weights(x, penalty, y)
    free = ease_weights(x, penalty, y, repeats=True)
    for item in range(4):
        alone = ridge(evidence, evidence[:, item], least, skip=item)
        np.testing.assert_allclose(original[:, item], alone, atol=1e-9)
        alone = ridge(evidence, wanted[:, item], least, skip=item)
        np.testing.assert_allclose(recent[:, item], alone, atol=1e-9)
        np.testing.assert_allclose(free[:, item], ridge(evidence, wanted[:, item], least))


def test_predicting_the_evidence_itself_is_the_original(small):
    x = small.owned().astype(np.float64)
    np.testing.assert_allclose(ease_weights(x, 2.0, x), ease_weights(x, 2.0), atol=1e-12)


@pytest.mark.parametrize("repeats", [False, True])
def test_single_precision_gives_the_same_weights(repeats):
    random = np.random.RandomState(0)
    x = sparse.random(300, 60, 0.1, "csr", random_state=random, dtype=np.float64)
    y = sparse.random(300, 60, 0.1, "csr", random_state=random, dtype=np.float64)
    double = ease_weights(x, 0.5, y, repeats=repeats)
    single = ease_weights(x.astype(np.float32), 0.5, y.astype(np.float32), repeats=repeats)
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(single, double, atol=1e-5 * np.abs(double).max())


def test_a_penalty_too_small_for_single_precision_is_solved_in_double(small):
    x = small.owned()
    assert ease_weights(x, 3e-5).dtype == np.float64
    assert ease_weights(x, 5e-5).dtype == np.float32


def test_scores_are_evidence_times_weights(small):
    model = Ease(half_life=10, demand=None, scaling=1.0).fit(small)
    evidence = np.minimum(small.weighted(small.decay(10)).toarray(), 1)
    evidence = evidence / np.linalg.norm(evidence, axis=1, keepdims=True)
    expected = evidence @ ease_weights(sparse.csr_matrix(evidence), 6.0)
    found = model.scores(small, np.arange(4))
    np.testing.assert_allclose(found[expected > 1e-6], expected[expected > 1e-6], rtol=1e-4)
    assert (found[expected <= 0] < 0).all()


def test_items_beyond_the_limit_follow_by_popularity(small):
    model = Ease(max_items=2).fit(small)
    assert small.items[model.known_].tolist() == ["apple", "bread"]
    assert model.weights_.shape == (2, 2)
    scores = model.scores(small, np.arange(4))
    share = np.broadcast_to(model.popularity_[2:] - 1, (4, 2))
    np.testing.assert_allclose(scores[:, 2:], share, rtol=1e-6)


def test_gains_are_the_parts_of_the_score(small):
    model = Ease(half_life=9, max_items=3).fit(small)
    who, what = np.array([0, 1, 2, 1]), np.array([1, 2, 0, 3])
    gains = model._gains(small, who, what)
    scores = model.scores(small, who)[np.arange(4), what]
    known = scores > 0
    assert known.any()
    np.testing.assert_allclose(np.asarray(gains.sum(axis=1)).ravel()[known], scores[known], 1e-5)
    assert gains[3].nnz == 0 or not gains[3].data.any()  # dates take no part


def test_reasons_name_the_largest_part_of_the_sum(small, names):
    model = Ease(half_life=None, demand=None, scaling=0.0).fit(small)
    who, what = np.array([0, 0, 3]), np.array([2, 3, 0])
    said = model.explain(small, who, what, names)
    parts = small.owned().toarray()[0] * model.weights_[2]
    cause, share = small.items[int(np.argmax(parts))], parts.max() / parts[parts > 0].sum()
    assert said[0].evidence_id == f"ease:{cause}>cream"
    assert said[0].text == (
        f"Bought {cause.upper()}, which is {share:.0%} of what speaks for CREAM."
    )
    assert [reason.evidence_id for reason in said[1:]] == ["popular:dates", "popular:apple"]


def test_reason_for_a_repeat(small, names):
    said = Ease(penalty=0.1).fit(small).explain(small, np.array([3]), np.array([3]), names)
    assert said[0].text == ("Bought DATES once, today; 0% of its buyers bought it more than once.")
    assert said[0].evidence_id == "favourite:dates"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"penalty": 0}, "penalty must be at least 0.001 but got 0"),
        ({"scaling": 1.5}, "scaling must be from 0 to 1 but got 1.5"),
        ({"max_items": 0}, "max_items must be at least 1 but got 0"),
        ({"demand": -1}, "demand must be at least 0.001 but got -1"),
    ],
)
def test_bad_parameters(small, params, message):
    with pytest.raises(ValueError, match=message):
        Ease(**params).fit(small)
