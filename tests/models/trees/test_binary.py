"""The best split of a node is the best of all splits."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees import entropy, gini
from models.trees._binary import best_binary
from models.trees._bins import Bins, fit_columns
from models.trees._grow import branches
from models.trees.table import Table

numbers = st.one_of(st.none(), st.integers(0, 5).map(float))
labels = st.one_of(st.none(), st.sampled_from("abcd"))
rows = st.lists(st.tuples(numbers, labels, st.integers(0, 1)), min_size=2, max_size=25)


def best(frame, classes, criterion="gini", min_leaf=1, n_classes=2):
    columns = fit_columns(Table(frame), frozenset({"job"} & set(frame)), 255, frozenset())
    codes = np.array([column.encode(Table(frame)) for column in columns])
    bins = Bins(columns, codes, classes, np.ones(len(classes)), n_classes)
    weight, number = bins.count(np.arange(len(classes)))
    return best_binary(weight, number, columns, criterion, min_leaf)


def gain(inside, classes, impurity, n_classes=2):
    parts = [np.bincount(classes[m], minlength=n_classes) for m in (inside, ~inside)]
    whole = parts[0] + parts[1]
    return whole.sum() * impurity(whole) - sum(part.sum() * impurity(part) for part in parts)


def every_way(frame):
    """Give every question: all cuts and subsets, with missing on either side."""
    age = frame["age"].to_numpy(float)
    lost = np.isnan(age)
    for cut in sorted(set(age[~lost])):
        yield from (age <= cut, (age <= cut) | lost)
    yield lost
    known = sorted(set(frame["job"].dropna()))
    gone = frame["job"].isna().to_numpy()
    for n in range(1, len(known) + 1):
        for group in combinations(known, n):
            inside = frame["job"].isin(group).to_numpy()
            yield from (inside, inside | gone)


@pytest.mark.parametrize(("criterion", "impurity"), [("gini", gini), ("entropy", entropy)])
@settings(max_examples=60, deadline=None)
@given(rows=rows, min_leaf=st.integers(1, 3))
def test_no_question_gains_more(criterion, impurity, rows, min_leaf):
    frame = pd.DataFrame(rows, columns=["age", "job", "y"])
    frame["age"] = frame["age"].astype(float)
    classes = frame["y"].to_numpy()
    found = best(frame[["age", "job"]], classes, criterion, min_leaf)
    allowed = [
        gain(inside, classes, impurity)
        for inside in every_way(frame)
        if min(inside.sum(), (~inside).sum()) >= min_leaf
    ]
    most = max(allowed, default=0.0)
    if found is None:
        assert most < 1e-9
        return
    assert found.gain == pytest.approx(most)
    left = branches(found.split, Table(frame), np.arange(len(frame))) == 0
    assert gain(left, classes, impurity) == pytest.approx(found.gain)
    assert min(left.sum(), (~left).sum()) >= min_leaf


def test_three_classes_are_parted_by_the_order_of_one():
    frame = pd.DataFrame({"job": list("aabbccdd")})
    classes = np.array([0, 0, 1, 1, 2, 2, 2, 2])
    found = best(frame, classes, n_classes=3)
    assert set(map(frozenset, found.split.groups)) == {frozenset("ab"), frozenset("cd")}


def test_of_equal_columns_the_first_is_taken():
    frame = pd.DataFrame({"b": [0, 0, 1, 1], "a": [0, 0, 1, 1]})
    assert best(frame, np.array([0, 0, 1, 1])).split.column == "b"
