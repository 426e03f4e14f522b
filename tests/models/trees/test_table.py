"""Columns of every type become numbers or categories, and text is drawn right."""

import numpy as np
import pandas as pd
import pytest

from models.trees import Node, ReadableTree, Split
from models.trees.table import Table, as_frame, category_columns
from models.trees.text import draw

Y = [0, 0, 1, 1] * 10


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["a", "a", "b", "b"] * 10),
        pd.Series(["a", "a", "b", "b"] * 10, dtype=object),
        pd.Series(["a", "a", "b", "b"] * 10, dtype="category"),
        pd.Series([False, False, True, True] * 10),
        pd.Series([1, 1, 2, 2] * 10, dtype="Int64"),
        pd.Series([1, 1, 2, 2] * 10, dtype="int8"),
        pd.Series([1.5, 1.5, 2.5, 2.5] * 10, dtype="float32"),
        pd.Series([1, 1, "b", "b"] * 10, dtype=object),
    ],
    ids=lambda values: str(values.dtype),
)
def test_every_type_of_column_can_be_split(values):
    X = pd.DataFrame({"x": values})
    assert ReadableTree().fit(X, Y).score(X, Y) == 1


@pytest.mark.parametrize("lost", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_is_missing(lost):
    frame = pd.DataFrame({"text": pd.Series(["a", lost, "b"], dtype=object)})
    assert Table(frame).labels("text")[0].tolist() == [0, -1, 1]


def test_missing_numbers_of_nullable_columns():
    frame = pd.DataFrame({"n": pd.Series([1, None, 3], dtype="Int64")})
    assert np.isnan(Table(frame).numbers("n")).tolist() == [False, True, False]


def test_codes_do_not_depend_on_the_order_of_rows():
    codes, uniques = Table(pd.DataFrame({"a": ["z", "a", "m"]})).labels("a")
    assert uniques == ["a", "m", "z"]
    assert codes.tolist() == [2, 0, 1]


def test_arrays_get_names():
    assert as_frame(np.ones((2, 3))).columns.tolist() == ["x0", "x1", "x2"]
    mixed = as_frame(np.array([[1, "a"], [2, "b"]], dtype=object))
    assert category_columns(mixed) == {"x1"}


def test_names_that_are_numbers_become_texts():
    X = pd.DataFrame(np.arange(20).reshape(10, 2), columns=[7, 8])
    tree = ReadableTree(min_samples_leaf=2, pruning="none").fit(X, [0] * 5 + [1] * 5)
    assert tree.root_.split.column == "7"
    assert tree.predict(X).tolist() == [0] * 5 + [1] * 5


def test_codes_can_be_named_categories():
    X = pd.DataFrame({"area": [1, 2, 3, 4] * 10})
    y = [1, 0, 1, 0] * 10
    tree = ReadableTree(categorical=["area"]).fit(X, y)
    assert set(map(frozenset, tree.root_.split.groups)) == {frozenset("13"), frozenset("24")}
    with_gap = pd.DataFrame({"area": [1.0, 4.0, np.nan]})
    assert tree.predict(with_gap)[:2].tolist() == [1, 0]


def test_columns_in_another_order_or_missing_are_refused():
    X = pd.DataFrame({"a": range(10), "b": range(10)})
    tree = ReadableTree().fit(X, [0, 1] * 5)
    with pytest.raises(ValueError, match="feature names"):
        tree.predict(X[["b", "a"]])
    with pytest.raises(ValueError, match="feature names"):
        tree.predict(X[["a"]])


def test_the_drawing():
    leaves = (Node("root.1", (), 1), Node("root.2", (), 2), Node("root.3", (), 3))
    root = Node("root", (), 6, Split("age", (30.0, 60.0), told=False, forced=True), leaves)
    assert draw(root, lambda node: f"{node.n_rows} rows").splitlines() == [
        "all: 6 rows",
        "├─ age is up to 30: 1 rows [by a person]",
        "├─ age is above 30 and up to 60: 2 rows [by a person]",
        "└─ age is above 60: 3 rows [by a person]",
    ]


def test_a_target_that_is_no_class_is_refused():
    tree = ReadableTree().fit(pd.DataFrame({"a": range(40)}), Y)
    with pytest.raises(ValueError, match="target 'yes' is not a class"):
        tree.to_text("yes")
