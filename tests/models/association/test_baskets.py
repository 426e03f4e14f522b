"""Baskets from every form of input."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from models.association.baskets import Baskets

rows = [["b", "a"], [], ["c", "a", "c"]]


def as_lists(baskets):
    ends = baskets.indptr
    return [baskets.labels[baskets.indices[a:b]].tolist() for a, b in pairwise(ends)]


def test_lists_are_sorted_and_without_repeats():
    baskets = Baskets.from_lists(rows)
    assert as_lists(baskets) == [["a", "b"], [], ["a", "c"]]
    assert baskets.counts.tolist() == [2, 1, 1]
    assert baskets.lengths.tolist() == [2, 0, 2]
    assert (len(baskets), baskets.n_items) == (3, 3)


def test_every_form_gives_the_same_baskets():
    onehot = pd.DataFrame([[1, 1, 0], [0, 0, 0], [1, 0, 1]], columns=["a", "b", "c"])
    lines = pd.DataFrame({"order": [7, 7, 9, 9, 9], "item": ["b", "a", "c", "a", "c"]})
    matrix = sparse.csr_matrix(onehot.to_numpy())
    assert as_lists(Baskets.of(onehot)) == as_lists(Baskets.of(rows))
    assert as_lists(Baskets.of(onehot.astype(bool))) == as_lists(Baskets.of(rows))
    sparse_frame = pd.DataFrame.sparse.from_spmatrix(matrix, columns=["a", "b", "c"])
    assert as_lists(Baskets.of(sparse_frame)) == as_lists(Baskets.of(rows))
    assert as_lists(Baskets.from_sparse(matrix, ["a", "b", "c"])) == as_lists(Baskets.of(rows))
    assert as_lists(Baskets.of(matrix)) == [[0, 1], [], [0, 2]]
    assert as_lists(Baskets.from_table(lines, "order", "item")) == [["a", "b"], ["a", "c"]]


def test_table_rows_may_come_in_any_order():
    lines = pd.DataFrame({"order": [9, 7, 9, 7], "item": ["x", "y", "z", "x"]})
    mixed = lines.sample(frac=1, random_state=3)
    assert as_lists(Baskets.from_table(mixed, "order", "item")) == [["x", "y"], ["x", "z"]]


def test_stored_zeros_of_a_sparse_matrix_are_no_items():
    matrix = sparse.csr_matrix(([1, 0], [0, 1], [0, 2]), shape=(1, 2))
    assert as_lists(Baskets.from_sparse(matrix)) == [[0]]


@pytest.mark.parametrize("name", ["a b", "a,b", 'say "x"', "😀", "", 1.5, ("a", 1)])
def test_names_may_be_anything(name):
    assert as_lists(Baskets.from_lists([[name]])) == [[name]]


def test_names_of_mixed_types_have_an_order_too():
    one, two = Baskets.from_lists([["x", 1]]), Baskets.from_lists([[1, "x"]])
    assert one.labels.tolist() == two.labels.tolist() == [1, "x"]


@settings(max_examples=100, deadline=None)
@given(
    baskets=st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=12), size=st.integers(1, 5)
)
def test_capping_keeps_the_most_frequent(baskets, size):
    given_ = Baskets.from_lists(baskets)
    frequency = dict(zip(given_.labels.tolist(), given_.counts.tolist(), strict=True))
    expected = [
        sorted(sorted(set(basket), key=lambda item: (-frequency[item], item))[:size])
        for basket in baskets
    ]
    assert as_lists(given_.capped(size)) == expected


def test_taking_baskets():
    baskets = Baskets.from_lists(rows)
    assert as_lists(baskets.take(np.array([2, 0, 2]))) == [["a", "c"], ["a", "b"], ["a", "c"]]
    assert as_lists(baskets.take(np.array([], int))) == []


def test_matrix_and_back():
    baskets = Baskets.from_lists(rows)
    again = Baskets.from_sparse(baskets.matrix(), baskets.labels)
    assert as_lists(again) == as_lists(baskets)


def test_codes_of_names():
    baskets = Baskets.from_lists(rows)
    assert baskets.code_of(["c", "a"]).tolist() == [2, 0]
    with pytest.raises(ValueError, match="unknown items: 'q', 'r'"):
        baskets.code_of(["q", "a", "r"])


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ([["a", None]], "an item is missing"),
        ([["a", float("nan")]], "an item is missing"),
        (["milk"], "a basket is a list of items, not the text 'milk'"),
        ("milk", "not str"),
        (3, "not int"),
        (pd.DataFrame([[2, 0]]), "holds only 0 and 1"),
        (pd.DataFrame([[1, None]]), "holds only 0 and 1"),
    ],
)
def test_what_is_no_basket_is_refused(given_, message):
    with pytest.raises(ValueError, match=message):
        Baskets.of(given_)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [0, 0], 1), "begin with 0"),
        (([0, 2, 1], [0, 0], 1), "never fall"),
        (([0, 1], [0, 0], 1), "ends at 1 but there are 2 items"),
        (([0, 1], [3], 3), r"0 \.\. 2"),
        (([0, 1], [-1], 3), r"0 \.\. 2"),
        (([0, 1], [0], 2, ["a"]), "2 items need as many labels, not 1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Baskets.from_csr(*arguments)


def test_table_columns_are_checked():
    lines = pd.DataFrame({"order": [1, None], "item": ["x", "y"]})
    with pytest.raises(ValueError, match="columns with missing values: order"):
        Baskets.from_table(lines, "order", "item")
    with pytest.raises(ValueError, match="columns not found: basket, product"):
        Baskets.from_table(lines, "basket", "product")
