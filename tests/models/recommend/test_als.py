"""Implicit ALS against the normal equations of the paper."""

import numpy as np
import pytest
from scipy import sparse

from models.recommend.als import Als, factor_items, solve_factors


@pytest.fixture
def sureness():
    random = np.random.RandomState(5)
    dense = random.rand(12, 8) * (random.rand(12, 8) < 0.4) * 9
    dense[3] = 0
    return sparse.csr_matrix(dense.astype(np.float32))


@pytest.fixture
def factors():
    return np.random.RandomState(6).standard_normal((8, 3)).astype(np.float32)


def solved(c, y, penalty):
    """Solve the equations of Hu, Koren and Volinsky, customer by customer."""
    rows = []
    for row in c.toarray():
        normal = y.T @ np.diag(1 + row) @ y + penalty * np.eye(y.shape[1])
        rows.append(np.linalg.solve(normal, y.T @ ((1 + row) * (row > 0))))
    return np.array(rows)


def loss(c, x, y, penalty):
    dense = c.toarray()
    fit = ((1 + dense) * ((dense > 0) - x @ y.T) ** 2).sum()
    return fit + penalty * ((x**2).sum() + (y**2).sum())


def test_as_many_steps_as_factors_are_exact(sureness, factors):
    start = np.zeros((12, 3), np.float32)
    found = solve_factors(sureness, factors, start, 0.5, steps=3)
    np.testing.assert_allclose(found, solved(sureness, factors, 0.5), atol=1e-4)


def test_a_solved_row_stays(sureness, factors):
    exact = solved(sureness, factors, 0.5).astype(np.float32)
    found = solve_factors(sureness, factors, exact, 0.5, steps=2)
    np.testing.assert_allclose(found, exact, atol=1e-4)


def test_each_sweep_lowers_the_loss(sureness):
    values = []
    for sweeps in (1, 2, 5, 20):
        items = factor_items(sureness, 3, 0.5, sweeps, random_state=1)
        values.append(loss(sureness, solved(sureness, items, 0.5), items, 0.5))
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


def test_seed_decides(sureness):
    one, same, other = (factor_items(sureness, 3, 0.5, 2, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_scores_come_from_one_solve(small):
    model = Als(rank=3, penalty=0.5, half_life=10, confidence=4).fit(small)
    weights = small.weighted(small.decay(10)) * np.float32(4)
    expected = solved(weights, model.factors_, 0.5) @ model.factors_.T
    found = model.scores(small, np.arange(4))
    np.testing.assert_allclose(found[expected > 1e-3], expected[expected > 1e-3], rtol=1e-3)


def test_score_is_the_sum_of_the_parts_that_reasons_compare(small, names):
    model = Als(rank=3, penalty=0.5, half_life=10, confidence=4).fit(small)
    row = (small.weighted(small.decay(10)).toarray() * 4)[1]
    y = model.factors_
    inverse = np.linalg.inv(y.T @ np.diag(1 + row) @ y + 0.5 * np.eye(3))
    parts = (1 + row) * (row > 0) * (y @ inverse @ y.T)
    score = model.scores(small, np.array([1]))[0]
    np.testing.assert_allclose(parts.sum(axis=1)[:3], score[:3], rtol=1e-3)
    said = model.explain(small, np.ones(3, int), np.arange(3), names)
    for item, reason in enumerate(said):
        cause = int(np.argmax(parts[item]))
        same = f"favourite:{small.items[item]}"
        other = f"factors:{small.items[cause]}>{small.items[item]}"
        assert reason.evidence_id == (same if cause == item else other)


def test_customers_unseen_when_fitting_are_scored_alike(small):
    model = Als(rank=3).fit(small.of_customers([0, 1, 3]))
    bread = model.scores(small, np.array([2]))
    again = model.scores(small.of_customers([2]), np.array([0]))
    np.testing.assert_array_equal(bread, again)
    assert np.isfinite(bread).all()


@pytest.mark.parametrize("name", ["rank", "sweeps", "penalty", "confidence", "half_life"])
def test_bad_parameters(small, name):
    with pytest.raises(ValueError, match=f"{name} must be at least .* but got 0"):
        Als(**{name: 0}).fit(small)
