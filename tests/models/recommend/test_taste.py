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


def test_gains_add_up_to_the_score(small):
    model = Taste(rank=3, penalty=0.1).fit(small)
    who, what = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    gains = np.asarray(model._gains(small, who, what).sum(axis=1)).ravel()
    scores = model.scores(small, np.arange(4)).ravel()
    assert (scores > 0).any()
    np.testing.assert_allclose(gains[scores > 0], scores[scores > 0], rtol=1e-4)
    assert (gains[scores < 0] < 1e-6).all()


def test_the_reason_is_the_purchase_of_the_largest_gain(small, names):
    model = Taste(rank=3, penalty=0.1).fit(small)
    who, what = np.array([0, 0, 1]), np.array([2, 0, 0])
    gains = model._gains(small, who, what).toarray()
    for row, item, reason in zip(gains, what, model.explain(small, who, what, names), strict=True):
        cause = small.items[int(np.argmax(row))]
        known = small.items[item]
        expected = f"favourite:{known}" if cause == known else f"taste:{cause}>{known}"
        assert reason.evidence_id == (expected if row.max() > 0 else f"popular:{known}")


def test_sample_keeps_whole_customers_in_order(small):
    some = sample(small, 2, random_state=1)
    assert len(some.customers) == 2
    assert some.customers.is_monotonic_increasing
    assert sample(small, 4, 0) is small
    pd.testing.assert_index_equal(sample(small, 2, 1).customers, some.customers)
