"""Concept trees hold what they are given, and refuse what is no tree."""

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.concepts import ANY, ConceptTree, read_concepts

PLACES = ConceptTree.nested(
    {"Canada": {"B.C.": ["Vancouver", "Victoria"], "Ontario": ["Ottawa"]}, "foreign": ["India"]}
)


def test_age_over_60_is_elderly():
    age = ConceptTree(intervals={"young": (None, 30), "middle": (30, 60), "elderly": (60, None)})
    ages = pd.Series([18, 30, 31, 60, 60.5, 61, 99, None])
    assert age.concepts(ages).tolist() == [
        "young", "young", "middle", "middle", "elderly", "elderly", "elderly", "missing"
    ]  # fmt: skip


def test_a_path_climbs_to_any():
    assert PLACES.path("Victoria") == ["Victoria", "B.C.", "Canada", ANY]
    assert PLACES.depth("India") == 2
    assert PLACES.parent("Canada") == ANY


def test_only_the_deepest_climb():
    assert PLACES.lift(["Victoria", "India", "Canada"]) == {
        "Canada": "Canada",
        "India": "India",
        "Victoria": "B.C.",
    }
    assert PLACES.lift(["B.C.", "India"]) == {"B.C.": "Canada", "India": "foreign"}


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(PLACES.names)), min_size=1))
def test_climbing_ends_at_any_in_as_many_steps_as_the_deepest_has(names):
    steps = max(map(PLACES.depth, names))
    here = set(names)
    for _ in range(steps):
        assert here != {ANY}
        lifted = PLACES.lift(here)
        here = {lifted.get(name, ANY) for name in here}
    assert here == {ANY}


def test_yaml_holds_trees_of_both_forms():
    text = """
    age: {intervals: {young: [null, 60], elderly: [60, null]}, parents: {elderly: pensioner}}
    city: {tree: {Canada: {B.C.: [Vancouver]}}}
    job: {parents: {nurse: care, doctor: care}}
    """
    trees = read_concepts(yaml.safe_load(text))
    assert trees["age"].path("elderly") == ["elderly", "pensioner", ANY]
    assert trees["city"].path("Vancouver") == ["Vancouver", "B.C.", "Canada", ANY]
    assert trees["job"].parent("nurse") == "care"


def test_whole_numbers_with_gaps_are_known():
    tree = ConceptTree({"1": "low", "2": "low"})
    assert tree.concepts(pd.Series([1.0, 2.0, np.nan])).tolist() == ["1", "2", "missing"]


@pytest.mark.parametrize(
    ("parents", "loop"),
    [
        ({"a": "a"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"x": "a", "a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a"),
    ],
)
def test_a_cycle_is_refused(parents, loop):
    with pytest.raises(ValueError, match=f"a concept tree has a cycle: {loop}"):
        ConceptTree(parents)


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        ({"a": (None, 30), "b": (40, None)}, "'a' and 'b' leave a gap"),
        ({"a": (None, 30), "b": (20, None)}, "'a' and 'b' overlap"),
        ({"a": (30, 30)}, "low < high"),
        ({"a": (1, 2, 3)}, "low < high"),
    ],
)
def test_intervals_that_do_not_part_the_numbers_are_refused(intervals, message):
    with pytest.raises(ValueError, match=message):
        ConceptTree(intervals=intervals)


def test_an_orphan_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"\['Vancover'\]; did you mean 'Vancouver'"):
        PLACES.concepts(pd.Series(["Ottawa", "Vancover"], name="city"))


def test_a_number_in_no_interval_is_refused():
    tree = ConceptTree(intervals={"a": (0, 10)})
    with pytest.raises(ValueError, match=r"'x' has numbers in no interval: \[0.0, 11.0\]"):
        tree.concepts(pd.Series([0, 5, 10, 11], name="x"))


def test_a_value_in_two_places_is_refused():
    with pytest.raises(ValueError, match="'Springfield' stands below both 'Ohio' and 'Texas'"):
        ConceptTree.nested({"Ohio": ["Springfield"], "Texas": ["Springfield"]})


def test_all_problems_come_at_once():
    with pytest.raises(ValueError, match="concept trees cannot be used") as refused:
        read_concepts({"a": {"parents": {"x": "x"}}, "b": {"parrents": {}}, "c": 3})
    said = str(refused.value)
    assert "a: a concept tree has a cycle" in said
    assert "b: unknown key 'parrents'; did you mean 'parents'" in said
    assert "c: a mapping with" in said
