"""Generalisation goes one level at a time, and counts are kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.concepts import generalise

# The university of Han, Cai and Cercone (1992): its graduates, counted, and its concept trees.
GRADUATES = pd.DataFrame(
    [
        ("Anderson", "history", "Vancouver", 3.5, 35),
        ("Fraser", "physics", "Ottawa", 3.9, 10),
        ("Gupta", "math", "Bombay", 3.3, 10),
        ("Liu", "biology", "Shanghai", 3.4, 8),
        ("Monk", "computing", "Victoria", 3.8, 30),
        ("Wang", "statistics", "Nanjing", 3.2, 7),
    ],
    columns=["name", "major", "birth_place", "gpa", "votes"],
)
CONCEPTS = {
    "major": {
        "tree": {
            "art": ["history", "music", "literature"],
            "science": ["physics", "math", "biology", "computing", "statistics"],
        }
    },
    "birth_place": {
        "tree": {
            "Canada": {"B.C.": ["Vancouver", "Victoria"], "Ontario": ["Ottawa", "Toronto"]},
            "foreign": {"China": ["Shanghai", "Nanjing"], "India": ["Bombay"]},
        }
    },
    "gpa": {
        "intervals": {
            "poor": [None, 1.99], "average": [1.99, 2.99], "good": [2.99, 3.49],
            "excellent": [3.49, 4],
        }
    },
}  # fmt: skip


def rows(found):
    return [tuple(row) for row in found.tuples.itertuples(index=False)]


def test_one_level_of_the_published_example():
    found = generalise(GRADUATES, CONCEPTS, max_values=4, weight="votes")
    assert found.columns == ["major", "birth_place", "gpa"]
    assert rows(found) == [
        ("art", "B.C.", "excellent", 35),
        ("science", "B.C.", "excellent", 30),
        ("science", "China", "good", 15),
        ("science", "India", "good", 10),
        ("science", "Ontario", "excellent", 10),
    ]


def test_two_levels_of_the_published_example():
    found = generalise(GRADUATES, CONCEPTS, max_values=3, weight="votes")
    assert rows(found) == [
        ("science", "Canada", "excellent", 40),
        ("art", "Canada", "excellent", 35),
        ("science", "foreign", "good", 25),
    ]


def test_the_steps_are_told_one_level_at_a_time():
    steps = generalise(GRADUATES, CONCEPTS, max_values=3, weight="votes").steps_frame()
    assert steps[["column", "action", "n_before", "n_after"]].values.tolist() == [
        ["gpa", "concepts", 6, 2],
        ["name", "removed", 6, 0],
        ["major", "climbed", 6, 2],
        ["birth_place", "climbed", 6, 4],
        ["birth_place", "climbed", 4, 2],
    ]


def test_the_relation_threshold_climbs_the_widest_column():
    found = generalise(GRADUATES, CONCEPTS, max_values=4, max_tuples=3, weight="votes")
    assert len(found.tuples) == 3
    assert set(found.tuples["birth_place"]) == {"Canada", "foreign"}


def test_age_over_60_becomes_a_macro_tuple_with_its_count():
    people = pd.DataFrame({"age": [61, 62, 75, 60, 20], "sex": list("fffmf")})
    ages = {"age": {"intervals": {"not yet": [None, 60], "elderly": [60, None]}}}
    assert rows(generalise(people, ages)) == [
        ("elderly", "f", 3), ("not yet", "f", 1), ("not yet", "m", 1)
    ]  # fmt: skip


def test_a_column_that_reaches_any_is_removed():
    people = pd.DataFrame({"city": ["a", "b", "c"], "sex": list("ffm")})
    concepts = {"city": {"tree": {"X": list("abc")}}}
    assert rows(generalise(people, concepts, max_values=2)) == [("X", "f", 2), ("X", "m", 1)]
    fewer = generalise(people, concepts, max_tuples=1)
    assert fewer.tuples["count"].tolist() == [3]
    assert fewer.columns == []


def test_kept_columns_stay():
    table = pd.DataFrame({"id": range(9), "class": range(9)})
    found = generalise(table, {}, keep=("class",))
    assert found.columns == ["class"]
    assert len(found.tuples) == 9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Vancouver", "Ottawa", "Bombay"]), st.integers(0, 4)),
        min_size=1,
    ),
    st.integers(1, 4),
    st.one_of(st.none(), st.integers(1, 4)),
)
def test_counts_are_kept_and_thresholds_met(people, max_values, max_tuples):
    table = pd.DataFrame(people, columns=["birth_place", "gpa"])
    concepts = {
        "birth_place": CONCEPTS["birth_place"],
        "gpa": {"intervals": {"low": [None, 2], "high": [2, None]}},
    }
    found = generalise(table, concepts, max_values=max_values, max_tuples=max_tuples)
    assert found.tuples["count"].sum() == len(people)
    assert not found.columns or not found.tuples.duplicated(found.columns).any()
    assert all(found.tuples[name].nunique() <= max_values for name in found.columns)
    assert max_tuples is None or len(found.tuples) <= max_tuples


def test_missing_is_a_concept_of_its_own():
    table = pd.DataFrame({"city": ["Ottawa", None], "n": [np.nan, 1.0]})
    found = generalise(table, {"city": CONCEPTS["birth_place"]})
    assert set(found.tuples["city"]) == {"Ottawa", "missing"}
    assert set(found.tuples["n"]) == {"1.0", "missing"}


def test_row_order_and_index_do_not_matter():
    other = GRADUATES.iloc[[3, 1, 5, 0, 2, 4]].set_axis(list("abcdef"))
    first = generalise(GRADUATES, CONCEPTS, weight="votes").tuples
    pd.testing.assert_frame_equal(first, generalise(other, CONCEPTS, weight="votes").tuples)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_values": 0}, "1 or more, not 0"),
        ({"max_tuples": 0}, "1 or more, not 0"),
        ({"keep": ("nobody",)}, "no column 'nobody'"),
        ({"weight": "none"}, "no column 'none'"),
        ({"max_values": {"mayor": 3}}, "no column 'mayor'"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        generalise(GRADUATES, CONCEPTS, **settings)


def test_a_tree_of_no_column_and_a_column_called_count_are_refused():
    with pytest.raises(ValueError, match="no column 'age'"):
        generalise(GRADUATES, {"age": {"parents": {}}})
    with pytest.raises(ValueError, match="'count' is the name of the counts"):
        generalise(GRADUATES.rename(columns={"votes": "count"}), CONCEPTS)


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="major: a concept tree has a cycle: a -> b -> a"):
        generalise(GRADUATES, {"major": {"parents": {"a": "b", "b": "a"}}})
