"""Item likeness computed by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from models.recommend.cosine import Cosine, item_cosine


def test_likeness(small):
    found = item_cosine(small.owned(), neighbours=3).toarray()
    assert found[0, 1] == pytest.approx(2 / np.sqrt(3 * 2))
    assert found[1, 2] == pytest.approx(1 / np.sqrt(2 * 1))
    assert found[0, 3] == 0
    assert np.diag(found).tolist() == [0, 0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(
    owned=npst.arrays(np.float32, (7, 5), elements=st.sampled_from([0.0, 1.0])),
    block=st.integers(1, 6),
    shrinkage=st.sampled_from([0.0, 2.0]),
)
def test_blocks_equal_the_plain_formula(owned, block, shrinkage):
    found = item_cosine(sparse.csr_matrix(owned), 5, shrinkage, block).toarray()
    length = np.sqrt((owned**2).sum(axis=0))
    for one in range(5):
        for other in range(5):
            bottom = length[one] * length[other] + shrinkage
            plain = owned[:, one] @ owned[:, other] / bottom if bottom and one != other else 0.0
            assert found[one, other] == pytest.approx(plain, abs=1e-6)


def test_score_is_likeness_times_weight(small):
    model = Cosine(half_life=10, shrinkage=0).fit(small)
    scores = model.scores(small, np.array([2]))[0]
    assert scores[1] == pytest.approx(0.5 * 2 / np.sqrt(6))


def test_reasons(small, names):
    model = Cosine(shrinkage=0).fit(small)
    said = model.explain(small, np.array([0, 2]), np.array([2, 3]), names)
    assert said[0].text == "Bought APPLE; customers who did often buy CREAM too."
    assert said[0].evidence_id == "alike:apple>cream"
    assert said[1].evidence_id == "popular:dates"


def test_alike_by_order(small, names):
    model = Cosine(basket="order", shrinkage=0).fit(small)
    # Apple lies in four orders, bread in two of these.
    assert model.similarity_[0, 1] == pytest.approx(2 / np.sqrt(4 * 2))
    said = model.explain(small, np.array([0]), np.array([2]), names)
    assert said[0].text == "Bought APPLE; orders often hold CREAM too."


def test_unknown_basket(small):
    with pytest.raises(ValueError, match="basket must be one of customer, order but got 'week'"):
        Cosine(basket="week").fit(small)
