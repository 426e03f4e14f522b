"""Trees from lines."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from app.readers.trees import branches_of


def tree(*lines):
    return branches_of(pd.DataFrame({"line": lines}))


def walk(branches):
    for branch in branches:
        yield branch
        yield from walk(branch.below)


def test_depth_is_read_from_the_indent():
    (root,) = tree("all: 10", "  a: 4", "    b: 1", "    c: 3", "  d: 6")
    assert [below.text for below in root.below] == ["a", "d"]
    assert [below.text for below in root.below[0].below] == ["b", "c"]
    assert root.leaves == 3


def test_lines_drawn_with_signs_are_read_too():
    (root,) = tree("all: 10", "├─ a: 4", "│  └─ b: 1", "└─ d: 6")
    assert [below.text for below in root.below] == ["a", "d"]
    assert root.below[0].below[0].text == "b"


def test_the_rate_is_shown_against_the_highest():
    (root,) = tree("all: 2 of 8 (25.00%)", "  a: 2 of 4 (50.00%)", "  b: 0 of 4 (0.00%)")
    assert [branch.share for branch in walk([root])] == [0.5, 1.0, 0.0]


def test_a_tree_without_rates_has_no_bars():
    assert [branch.share for branch in walk(tree("all", "  a"))] == [None, None]


def test_a_table_without_lines_is_no_tree():
    assert branches_of(pd.DataFrame({"x": [1]})) == []
    assert tree("", "  ") == []


@given(st.lists(st.tuples(st.integers(0, 6), st.text(st.characters(categories=["L"]), min_size=1))))
def test_every_line_becomes_one_branch(given_lines):
    found = list(walk(tree(*(f"{'  ' * depth}{text}" for depth, text in given_lines))))
    assert [branch.text for branch in found] == [text for _, text in given_lines]
