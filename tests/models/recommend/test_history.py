"""Histories in codes: aligned, cut at the date, cheap to take parts of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.recommend import History, LabelledWindow


def test_codes_and_ages(small):
    assert small.customers.tolist() == ["ann", "bob", "cat", "dan"]
    assert small.items.tolist() == ["apple", "bread", "cream", "dates"]
    assert small.lines["age"].tolist() == [30, 30, 0, 20, 20, 20, 10, 0]
    assert small.starts.tolist() == [0, 3, 6, 7, 8]


def test_owned_and_weighted(small):
    expected = [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert small.owned().toarray().tolist() == expected
    assert small.owned(np.array([3, 0])).toarray().tolist() == [expected[3], expected[0]]
    assert small.weighted(np.ones(8))[0].toarray().tolist() == [[2, 1, 0, 0]]


def test_decay_halves_and_counts_an_item_once_a_basket(small):
    lines = pd.concat([small.lines.iloc[:1], small.lines], ignore_index=True)
    twice = History(
        small.as_of,
        small.customers,
        small.items,
        lines,
        small.customer_features,
        small.item_features,
    )
    np.testing.assert_allclose(twice.decay(10.0)[:4], [1 / 8, 0, 1 / 8, 1])


def test_of_customers_keeps_the_order_asked_for(small):
    some = small.of_customers([2, 0])
    assert some.customers.tolist() == ["cat", "ann"]
    assert some.owned().toarray().tolist() == [[1, 0, 0, 0], [1, 1, 0, 0]]
    assert some.of_customers([]).owned().shape == (0, 4)


def test_with_items_recodes_and_drops(small):
    other = small.with_items(pd.Index(["zebra", "bread"], dtype=object))
    assert other.owned().toarray().tolist() == [[0, 1], [0, 1], [0, 0], [0, 0]]
    assert small.with_items(small.items) is small


def test_later_purchase_is_refused(small):
    late = pd.DataFrame(
        {
            "customer_id": ["ann"],
            "item_id": ["apple"],
            "order_id": ["9"],
            "ordered_at": [pd.Timestamp("2024-02-01")],
            "quantity": [1.0],
            "amount": [1.0],
        }
    )
    with pytest.raises(ValueError, match="1 purchases are later than as_of 2024-01-31"):
        History.from_purchases(late, pd.Timestamp("2024-01-31"))


def test_window_is_recoded_with_its_history(small):
    bought = sparse.csr_matrix(np.eye(4, dtype=np.float32))
    other = LabelledWindow(small, bought).with_items(pd.Index(["dates", "new", "apple"]))
    assert other.bought.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert other.history.shape == (4, 3)


def test_orders_hold_each_item_once(small):
    assert small.orders().toarray().tolist() == [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 1],
    ]
    lines = pd.concat([small.lines, small.lines.iloc[:1]], ignore_index=True)
    assert replace(small, lines=lines).orders().max() == 1
    cream = small.with_items(pd.Index(["cream"], dtype=object))
    assert cream.orders().toarray().tolist() == [[1]]
    assert small.of_customers([]).orders().shape == (0, 4)


def test_texts_are_aligned_with_the_items():
    texts = pd.Series({"bread": "Rye bread", "cream": None, "other": "Other"})
    history = History.from_purchases(
        pd.DataFrame(
            {
                "customer_id": ["ann"],
                "item_id": ["apple"],
                "order_id": ["1"],
                "ordered_at": [pd.Timestamp("2024-01-01")],
                "quantity": [1.0],
                "amount": [1.0],
            }
        ),
        pd.Timestamp("2024-01-31"),
        items=pd.Index(["apple", "bread", "cream"], dtype=object),
        item_texts=texts,
    )
    assert history.item_texts.tolist() == ["", "Rye bread", ""]
    assert history.of_customers([0]).item_texts is history.item_texts


def shop(table, as_of="2024-01-31", **known):
    return History.from_purchases(table, pd.Timestamp(as_of), **known)


def test_equal_purchases_have_one_fingerprint(small, small_purchases):
    assert small.fingerprint == shop(small_purchases).fingerprint
    shuffled = small_purchases.sample(frac=1, random_state=1)
    assert shop(shuffled.assign(order_id="no " + shuffled["order_id"])).fingerprint == (
        small.fingerprint
    )


def test_how_baskets_are_numbered_does_not_count(small, small_purchases):
    more = small_purchases.iloc[[0]].assign(customer_id="abe", order_id="0")
    whole = shop(pd.concat([small_purchases, more]))
    part = whole.of_customers([1, 2, 3, 4])
    assert part.lines["basket"].tolist() != small.lines["basket"].tolist()
    assert part.fingerprint == small.fingerprint


@pytest.mark.parametrize(
    "how",
    [
        {"as_of": "2024-02-01"},
        {"items": pd.Index(["apple", "bread", "cream"])},
        {"items": pd.Index(["apple", "bread", "cream", "dates", "zest"])},
        {"items": pd.Index(["apple", "bread", "cream", "data"])},
        {"item_texts": pd.Series({"apple": "A red one"})},
        {"item_features": pd.DataFrame({"price": [1.0]}, index=["apple"])},
    ],
)
def test_what_recommenders_learn_from_is_in_the_fingerprint(small, small_purchases, how):
    assert shop(small_purchases, **how).fingerprint != small.fingerprint


@pytest.mark.parametrize("column", ["quantity", "amount"])
def test_every_line_is_in_the_fingerprint(small, small_purchases, column):
    for row in range(len(small_purchases)):
        table = small_purchases.copy()
        table.loc[row, column] += 1
        assert shop(table).fingerprint != small.fingerprint


def test_fewer_customers_have_another_fingerprint(small, small_purchases):
    silent = pd.DataFrame({"frequency": [0.0]}, index=["zoe"])
    more = shop(small_purchases, customer_features=silent)
    assert len({small.fingerprint, more.fingerprint, small.of_customers([0, 1]).fingerprint}) == 3


def test_what_followed_is_in_the_fingerprint_of_a_window(small):
    bought = np.zeros(small.shape, dtype=np.float32)
    windows = []
    for item in (None, 0, 1):
        if item is not None:
            bought[2, item] = 1
        windows.append(LabelledWindow(small, sparse.csr_matrix(bought)))
    same = LabelledWindow(replace(small), sparse.csr_matrix(bought))
    assert len({window.fingerprint for window in windows}) == 3
    assert same.fingerprint == windows[-1].fingerprint
