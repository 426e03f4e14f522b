"""The closest purchases, against a count by hand and one by brute force."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.recommend import History
from models.recommend.pair_closest import closest_columns
from models.recommend.pairs import PairMaker


def history_of(owned: np.ndarray) -> History:
    """Make a history in which each customer bought the items marked, once."""
    row, item = np.nonzero(owned)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{code:02d}" for code in row],
            "item_id": [f"i{code:02d}" for code in item],
            "order_id": [f"o{code:02d}" for code in row],
            "ordered_at": pd.Timestamp("2024-01-01"),
            "quantity": 1.0,
            "amount": 2.0,
        }
    )
    items = pd.Index([f"i{code:02d}" for code in range(owned.shape[1])], dtype=object)
    return History.from_purchases(table, pd.Timestamp("2024-01-31"), items=items)


@pytest.mark.parametrize("seed", range(5))
def test_columns_equal_brute_force(seed):
    random = np.random.RandomState(seed)
    owned = random.rand(7, 9) < 0.5
    owned[:, 0] = True
    dense = (random.rand(9, 9) * (random.rand(9, 9) < 0.6)).astype(np.float32)
    row, item = random.randint(7, size=40), random.randint(9, size=40)
    found = closest_columns(sparse.csr_matrix(dense), history_of(owned), row, item)
    for pair in range(40):
        values = np.sort(dense[item[pair]] * owned[row[pair]])[::-1]
        assert found["content_closest"][pair] == values[0]
        assert found["content_close"][pair] == pytest.approx(values[:3].sum() / 3, rel=1e-6)
        assert found["content_count"][pair] == (values > 0).sum()
        assert found["content_sum"][pair] == pytest.approx(values.sum(), rel=1e-5)


def test_nothing_alike_gives_zeros():
    nothing = sparse.csr_matrix((3, 3), dtype=np.float32)
    found = closest_columns(nothing, history_of(np.eye(3)), np.array([0, 1]), np.array([1, 2]))
    assert [part.tolist() for part in found.values()] == [[0.0, 0.0]] * 4


def test_items_share_words_with_purchases(small):
    texts = pd.Series(["red apple", "brown bread", "ice cream", "red dates"], index=small.items)
    named = replace(small, item_texts=texts)
    maker = PairMaker(new_only=True, width=3).fit(named)
    ann, cat = 0, 2
    table = maker.pairs(named, np.array([ann, ann, cat]), np.array([2, 3, 3])).features
    assert table["content_closest"].iloc[0] == 0
    assert (table["content_closest"].iloc[1:] > 0).all()
    assert table["content_count"].tolist() == [0, 1, 1]


def test_without_words_there_is_no_likeness(small):
    maker = PairMaker(new_only=True, width=3).fit(small)
    table = maker.candidates(small).features
    names = ["content", "content_closest", "content_close", "content_count", "content_sum"]
    assert (table[names] == 0).all(axis=None)
