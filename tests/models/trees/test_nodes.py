"""Branches and conditions of a split agree, and JSON keeps a tree."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees import Node, Split
from models.trees._grow import branches
from models.trees.nodes import branch_name
from models.trees.table import Table

FRAME = pd.DataFrame(
    {"age": [*range(0, 60, 5), np.nan, np.nan], "job": [*"abcdabcdabcd", None, "new"]}
)
cuts = st.lists(st.integers(0, 60).map(float), unique=True, max_size=4).map(sorted)


@st.composite
def number_splits(draw):
    points = tuple(draw(cuts))
    return Split("age", points, None, draw(st.integers(0, len(points) + 1)))


@st.composite
def category_splits(draw):
    homes = draw(st.lists(st.integers(0, 2), min_size=4, max_size=4))
    groups = tuple(
        tuple(v for v, home in zip("abcd", homes, strict=True) if home == i) for i in range(3)
    )
    return Split("job", (), groups, draw(st.integers(0, 2)))


@settings(deadline=None)
@given(st.one_of(number_splits(), category_splits()))
def test_each_record_meets_the_condition_of_its_branch_alone(split):
    table = Table(FRAME)
    where = branches(split, table, np.arange(len(FRAME)))
    for branch in range(split.n_branches):
        assert (split.condition(branch).mask(table) == (where == branch)).all()


@settings(deadline=None)
@given(st.one_of(number_splits(), category_splits()))
def test_json_keeps_a_split(split):
    assert Split.from_dict(json.loads(json.dumps(split.to_dict()))) == split


def small_tree():
    leaves = [Node(f"root.{side}", (1.0, 2.0), 3) for side in ("left", "right")]
    return Node("root", (2.0, 4.0), 6, Split("age", (30.0,)), tuple(leaves))


def test_walking_goes_parents_first():
    assert [node.path for node in small_tree().walk()] == ["root", "root.left", "root.right"]
    assert [node.path for node in small_tree().leaves()] == ["root.left", "root.right"]


def test_cutting_makes_a_leaf_with_a_reason():
    cut = small_tree().cut({"root"}, "tested")
    assert (cut.split, cut.children, cut.why) == (None, (), "tested")
    assert small_tree().cut({"elsewhere"}, "tested") == small_tree()


def test_json_keeps_a_tree():
    assert Node.from_dict(json.loads(json.dumps(small_tree().to_dict()))) == small_tree()


@pytest.mark.parametrize(
    ("branch", "n", "name"), [(0, 2, "left"), (1, 2, "right"), (0, 3, "1"), (2, 3, "3")]
)
def test_names_of_branches(branch, n, name):
    assert branch_name(branch, n) == name
