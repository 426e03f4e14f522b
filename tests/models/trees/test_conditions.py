"""Conditions mark records, join and speak."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees import Excluded, Included, Interval, condition_from_dict, holds, joined, words
from models.trees.table import Table

RECORDS = pd.DataFrame(
    {"age": [10, 20, 30, 40, np.nan, 60], "job": ["a", "b", "c", None, "a", "new"]}
)
ends = st.one_of(st.just(-np.inf), st.just(np.inf), st.integers(0, 60).map(float))
intervals = st.builds(Interval, st.just("age"), ends, ends, st.booleans())
values = st.frozensets(st.sampled_from("abc"))
sets = st.one_of(
    st.builds(Included, st.just("job"), values), st.builds(Excluded, st.just("job"), values)
)


@settings(deadline=None)
@given(intervals, intervals)
def test_joined_intervals_mark_what_both_mark(first, second):
    table = Table(RECORDS)
    both = first.mask(table) & second.mask(table)
    assert (first.meet(second).mask(table) == both).all()


@settings(deadline=None)
@given(sets, sets)
def test_joined_sets_mark_what_both_mark(first, second):
    table = Table(RECORDS)
    both = first.mask(table) & second.mask(table)
    assert (first.meet(second).mask(table) == both).all()


@settings(deadline=None)
@given(st.lists(st.one_of(intervals, sets), max_size=5))
def test_joining_and_dropping_the_empty_ones_changes_nothing(conditions):
    assert (holds(joined(conditions), RECORDS) == holds(conditions, RECORDS)).all()
    assert len({c.column for c in joined(conditions)}) == len(joined(conditions))


@settings(deadline=None)
@given(st.one_of(intervals, sets))
def test_json_keeps_a_condition(condition):
    again = condition_from_dict(json.loads(json.dumps(condition.to_dict())))
    assert (holds([again], RECORDS) == holds([condition], RECORDS)).all()


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Interval("age", high=30), "age is up to 30"),
        (Interval("age", 30, 60.5, True), "age is above 30 and up to 60.5 or missing"),
        (Interval("age", 30, 60, True, told=False), "age is above 30 and up to 60"),
        (Interval("age", np.inf, np.inf, True), "age is missing"),
        (Interval("age"), "age is known"),
        (Included("job", frozenset("cab")), "job is a, b or c"),
        (Excluded("job", frozenset("a")), "job is not a"),
        (Excluded("job", frozenset("a"), frozenset("bc")), "job is b, c or other"),
        (Excluded("job", frozenset("a"), frozenset("bc"), told=False), "job is b or c"),
        (Excluded("job", frozenset("a"), frozenset("bcdef")), "job is not a"),
    ],
)
def test_words(condition, text):
    assert condition.text == text


def test_no_condition_holds_always():
    assert words([]) == "always"
    assert holds([], RECORDS).all()


def test_whole_numbers_are_the_same_category_with_and_without_gaps():
    whole, gaps = pd.DataFrame({"code": [1, 2]}), pd.DataFrame({"code": [1.0, np.nan]})
    condition = Included("code", frozenset({"1"}))
    assert holds([condition], whole).tolist() == holds([condition], gaps).tolist() == [True, False]
