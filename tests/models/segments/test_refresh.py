"""Segments over time: numbers that stay, who moved where, and what a class earns."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import class_returns, flows, match_by_centres, match_by_members, migration


def test_numbers_survive_a_renumbering():
    before = pd.Series(np.repeat([1, 2, 3], [50, 30, 20]))
    after = before.map({1: 2, 2: 0, 3: 1})
    found = match_by_members(before, after)
    assert found.ids.tolist() == [2, 3, 1]
    assert found.likeness.tolist() == [1.0, 1.0, 1.0]
    assert found.gone == []


def test_a_new_segment_takes_a_number_never_used_and_a_lost_one_is_told():
    before = pd.Series([1] * 10 + [4] * 10)
    after = pd.Series([0] * 10 + [1] * 5 + [2] * 5)
    found = match_by_members(before, after, used=7)
    assert found.ids.tolist() == [1, 4, 8]
    assert np.isnan(found.likeness[2])
    lost = match_by_members(before, pd.Series([0] * 20), used=7)
    assert (lost.ids.tolist(), lost.gone) == ([1], [4])


def test_too_little_likeness_is_no_match():
    before = pd.Series([1] * 20)
    after = pd.Series([0] * 1, index=[0])
    assert match_by_members(before, after, least=0.9).ids.tolist() == [1]
    mixed = pd.Series([0] * 19 + [1])
    assert match_by_members(before, mixed, least=0.5).ids.tolist() == [1, 2]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=25))
def test_no_other_matching_is_better(pairs):
    before = pd.Series([p[0] for p in pairs])
    after = pd.Series(pd.factorize(np.array([p[1] for p in pairs]))[0])
    found = match_by_members(before, after, least=0.0)

    def likeness(new, old):
        own, other = set(after.index[after == new]), set(before.index[before == old])
        return len(own & other) / len(own | other)

    news = range(after.max() + 1)
    best = max(
        sum(likeness(new, old) for new, old in zip(news, olds, strict=False))
        for olds in permutations(range(1, 7), len(news))
    )
    assert np.nansum(found.likeness) == pytest.approx(best)
    assert len(set(found.ids.tolist())) == len(found.ids)


def test_nobody_in_common_and_customers_twice_are_refused():
    with pytest.raises(ValueError, match="no customer is in both"):
        match_by_members(pd.Series([1], index=["a"]), pd.Series([0], index=["b"]))
    with pytest.raises(ValueError, match="stands twice"):
        match_by_members(pd.Series([1, 1], index=["a", "a"]), pd.Series([0], index=["a"]))


def test_centres_match_the_nearest():
    old = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]])
    found = match_by_centres(old, old[[2, 0]] + 0.1, np.array([11, 12, 13]))
    assert found.ids.tolist() == [13, 11]
    assert found.gone == [12]


def test_the_case_of_the_source():
    """Opening 572; joined 83 + 40 + 1 + 12 + 58 + 254; left 369; closing 651."""
    came = {"inactive": 83, "small": 40, "top": 1, "large": 12, "suspects": 58, "new": 254}
    before, after = ["medium"] * 572, ["medium"] * (572 - 369) + ["small"] * 300 + [None] * 69
    for origin, count in came.items():
        before += [None if origin == "new" else origin] * count
        after += ["medium"] * count
    customers = [f"c{number}" for number in range(len(before))]
    table = migration(pd.Series(before, customers).dropna(), pd.Series(after, customers).dropna())
    row = flows(table).loc["medium"]
    assert row[["opening", "joined", "left", "closing"]].tolist() == [572, 448, 369, 651]
    assert row["joined"] == 83 + 40 + 1 + 12 + 58 + 254
    assert {name: row[f"joined from {name}"] for name in came} == came
    assert table.loc["medium", "gone"] == 69


states = st.dictionaries(st.integers(0, 30), st.sampled_from(["a", "b", "c"]), max_size=20)


@settings(deadline=None)
@given(states, states)
def test_opening_plus_joined_less_left_is_closing(before, after):
    first, second = (pd.Series(one, dtype="str") for one in (before, after))
    table = migration(first, second, ["a", "b", "c"])
    found = flows(table)
    assert (found["opening"] + found["joined"] - found["left"] == found["closing"]).all()
    assert found["opening"].tolist() == [sum(v == n for v in before.values()) for n in "abc"]
    assert found["closing"].tolist() == [sum(v == n for v in after.values()) for n in "abc"]
    assert table.to_numpy().sum() == len(before.keys() | after.keys())


def test_classes_that_cannot_be_counted_are_refused():
    one = pd.Series({"x": "new"})
    with pytest.raises(ValueError, match="cannot be counted: new"):
        migration(one, one)
    with pytest.raises(ValueError, match="cannot be counted: b"):
        migration(pd.Series({"x": "b"}), pd.Series({"x": "a"}), ["a"])
    twice = pd.Series(["a", "a"], index=["x", "x"])
    with pytest.raises(ValueError, match="stands twice"):
        migration(twice, twice)


def test_a_class_may_cost_more_than_it_brings():
    classes = pd.Series({"a": "top", "b": "top", "c": "small", "d": "silent"})
    revenue = pd.Series({"a": 100.0, "b": 20.0, "c": 1.0})
    cost = pd.Series({"a": 10.0, "b": 10.0, "c": 4.0})
    table = class_returns(classes, revenue, cost, ["top", "small", "silent", "lost"])
    assert table["roi"].iloc[:2].tolist() == [5.0, -0.75]
    assert table["roi"].iloc[2:].isna().all()
    assert table["profit"].tolist() == [100.0, -3.0, 0.0, 0.0]
    assert table["customers"].tolist() == [2, 1, 1, 0]
