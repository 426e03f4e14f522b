import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.baskets.arrays import from_names, from_numbers


def lists_of(read):
    names = read.names[read.indices].tolist()
    return [names[a:b] for a, b in zip(read.indptr[:-1], read.indptr[1:], strict=True)]


@given(st.lists(st.lists(st.integers(0, 10**17), max_size=4), min_size=1, max_size=5))
def test_numbers_come_back_as_text_in_their_order(baskets):
    owners = [b for b, basket in enumerate(baskets) for _ in basket]
    numbers = [item for basket in baskets for item in basket]
    read = from_numbers(np.array(owners, np.int64), np.array(numbers, np.int64), len(baskets))
    assert lists_of(read) == [[str(item) for item in basket] for basket in baskets]
    assert read.names.tolist() == [str(number) for number in sorted(set(numbers))]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["tea", "jam", "oil", "é", "🍵"]))))
def test_names_are_sorted_and_rows_of_a_basket_need_not_stand_together(rows):
    names = list(dict.fromkeys(name for _, name in rows))
    owners = np.array([owner for owner, _ in rows], np.int64)
    codes = np.array([names.index(name) for _, name in rows], np.int64)
    read = from_names(owners, codes, names, 4)
    assert lists_of(read) == [[name for b, name in rows if b == basket] for basket in range(4)]
    assert read.names.tolist() == sorted(names)


def test_notes_and_types():
    read = from_numbers(np.array([0]), np.array([5]), 2, ["odd"])
    assert (len(read), read.notes) == (2, ("odd",))
    assert (read.indptr.dtype, read.indices.dtype) == (np.int64, np.int32)
