"""Factors of purchases, against the closed formula."""

import numpy as np
import pandas as pd

from models.recommend.taste import Taste, sample


def test_full_rank_equals_ridge_regression(small):
    model = Taste(rank=4, half_life=10, penalty=0.5).fit(small)
    owned = small.owned().toarray()
    unit = owned / np.linalg.norm(owned, axis=1, keepdims=True)
    recent = np.minimum(small.weighted(small.decay(10)).toarray(), 1)
    ridge = np.linalg.solve(unit.T @ unit + 0.5 * np.eye(4), unit.T @ recent)
    expected = unit @ ridge
    found = model.scores(small, np.arange(4))
    np.testing.assert_allclose(found[expected > 1e-4], expected[expected > 1e-4], atol=1e-4)


def test_reason_names_a_purchase_other_than_the_item(small, names):
    model = Taste(rank=3, penalty=0.1).fit(small)
    said = model.explain(small, np.array([0, 0]), np.array([2, 0]), names)
    assert said[0].evidence_id in {"taste:apple>cream", "taste:bread>cream", "popular:cream"}
    assert "apple>apple" not in said[1].evidence_id


def test_sample_keeps_whole_customers_in_order(small):
    some = sample(small, 2, random_state=1)
    assert len(some.customers) == 2
    assert some.customers.is_monotonic_increasing
    assert sample(small, 4, 0) is small
    pd.testing.assert_index_equal(sample(small, 2, 1).customers, some.customers)
