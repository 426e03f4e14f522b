"""Reducts against brute force on random tables, and fast enough on a large one."""

import time
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.rough import approximate, classes, core, dependency, greedy_reduct, reducts
from models.rough.reducts import _clauses  # the budget is tested at its source

COLUMNS = list("abcef")
tables = st.lists(
    st.tuples(*[st.integers(0, 2)] * 5, st.integers(0, 2)), min_size=1, max_size=12
).map(lambda rows: pd.DataFrame(rows, columns=[*COLUMNS, "d"]))


def by_brute_force(table):
    """Try every set of columns."""
    whole = dependency(table, COLUMNS, "d")
    found = []
    for n in range(len(COLUMNS) + 1):
        for few in combinations(COLUMNS, n):
            enough = dependency(table, list(few), "d") == whole
            if enough and not any(set(smaller) <= set(few) for smaller in found):
                found.append(few)
    return found


@settings(max_examples=40, deadline=None)
@given(tables)
def test_all_reducts_are_those_of_brute_force(table):
    assert reducts(table, "d") == by_brute_force(table)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_the_core_is_in_every_reduct(table):
    common = set.intersection(*map(set, by_brute_force(table)))
    assert set(core(table, "d")) == common


@settings(max_examples=40, deadline=None)
@given(tables)
def test_the_greedy_reduct_is_one_of_them(table):
    assert greedy_reduct(table, "d") in by_brute_force(table)


@settings(max_examples=40, deadline=None)
@given(tables, st.floats(0.1, 1))
def test_an_approximate_reduct_reaches_its_share(table, share):
    few = greedy_reduct(table, "d", min_dependency=share)
    assert dependency(table, list(few), "d") >= share * dependency(table, COLUMNS, "d") - 1e-12


@settings(max_examples=40, deadline=None)
@given(tables, st.lists(st.booleans(), min_size=12, max_size=12))
def test_the_set_lies_between_its_approximations(table, members):
    inside = np.array(members[: len(table)])
    near = approximate(table, ["a", "b"], inside)
    assert (near.lower <= inside).all()
    assert (inside <= near.upper).all()
    other = approximate(table, ["a", "b"], ~inside)
    assert (near.lower == ~other.upper).all()
    finer = approximate(table, COLUMNS, inside)
    assert (near.lower <= finer.lower).all()
    assert (finer.upper <= near.upper).all()


@settings(max_examples=40, deadline=None)
@given(tables)
def test_classes_are_those_of_a_group_by(table):
    assert (classes(table, ["a", "b"]) == table.groupby(["a", "b"], sort=False).ngroup()).all()


def test_missing_is_a_value():
    table = pd.DataFrame({"a": ["x", None, None, "x"], "d": [1, 0, 0, 1]})
    assert dependency(table, ["a"], "d") == 1
    assert reducts(table, "d") == [("a",)]


def test_a_decision_that_never_changes_needs_no_column():
    table = pd.DataFrame({"a": [1, 2], "d": [0, 0]})
    assert reducts(table, "d") == [()]
    assert greedy_reduct(table, "d") == ()
    assert core(table, "d") == ()


def test_no_rows():
    empty = pd.DataFrame({"a": [], "d": []})
    assert reducts(empty, "d") == [()]
    assert dependency(empty, ["a"], "d") == 1


def test_too_many_clauses_are_refused_with_the_way_out(monkeypatch):
    monkeypatch.setitem(_clauses.__globals__, "MAX_CLAUSES", 3)
    rng = np.random.default_rng(0)
    with pytest.raises(BudgetExceeded, match="use greedy_reduct"):
        _clauses(rng.integers(0, 2, (40, 12)), np.arange(40))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: reducts(t, "e"), "unknown column 'e'"),
        (lambda t: core(t, "d", ["a", "x"]), "unknown column 'x'"),
        (lambda t: greedy_reduct(t, "d", ["d"]), "cannot be among the columns"),
        (lambda t: greedy_reduct(t, "d", min_dependency=0), "min_dependency"),
        (lambda t: approximate(t, ["a"], [1, 0]), "2 booleans"),
        (lambda t: reducts(pd.concat([t, t], axis=1), "d"), "come twice"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call(pd.DataFrame({"a": [1, 2], "d": [0, 1]}))


def test_a_hundred_thousand_rows():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(0, 6, (100_000, 12)), columns=[f"c{i}" for i in range(12)])
    table["d"] = (table["c3"] + table["c7"] * table["c9"]) % 4
    start = time.perf_counter()
    assert greedy_reduct(table, "d") == ("c3", "c7", "c9")
    assert time.perf_counter() - start < 30
