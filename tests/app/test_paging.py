"""Parts of long tables."""

from hypothesis import given
from hypothesis import strategies as st

from app.paging import MOST_ROWS, part_of, place


@given(st.integers(-5, 10**6), st.integers(-5, 10**6), st.integers(0, 10**6))
def test_a_place_is_always_inside_the_table(page, rows, total):
    number, size = place(page, rows, total)
    assert 1 <= size <= MOST_ROWS
    assert number >= 1
    assert (number - 1) * size < max(total, 1)


@given(st.integers(0, 400), st.integers(1, 60))
def test_all_pages_together_are_all_rows(total, size):
    rows = list(range(total))
    first = part_of(rows, 1, size)
    together = [row for page in range(1, first.pages + 1) for row in part_of(rows, page, size)]
    assert together == rows


def test_a_part_says_where_it_is():
    part = part_of(range(120), 3, 50)
    assert (list(part), part.first, part.last, part.pages) == (list(range(100, 120)), 101, 120, 3)
    nothing = part_of([], 9)
    assert (list(nothing), nothing.first, nothing.last, nothing.pages) == ([], 0, 0, 1)
