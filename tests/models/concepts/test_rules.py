"""t-weights and d-weights of the published tables, and by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.concepts import describe_classes, weigh


def test_the_cross_tab_of_the_book():
    """Han and Kamber, Data Mining (2001): sales of TVs and computers, both weights in percent."""
    sales = pd.DataFrame(
        [("Europe", "TV", 80), ("Europe", "computer", 240),
         ("North America", "TV", 120), ("North America", "computer", 560)],
        columns=["location", "item", "count"],
    )  # fmt: skip
    weighed = weigh(sales, "location")
    assert (100 * weighed["t_weight"]).round(2).tolist() == [25, 75, 17.65, 82.35]
    assert (100 * weighed["d_weight"]).round(2).tolist() == [40, 30, 60, 70]


def test_the_discriminant_rule_of_the_book():
    """Of 300 who were born in Canada, are 25 to 30 and good, 90 are graduates: d-weight 30 %."""
    table = pd.DataFrame({"status": ["graduate", "undergraduate"], "count": [90, 210]})
    table.insert(0, "tuple", "Canada, 25-30, good")
    assert weigh(table, "status")["d_weight"].tolist() == [0.3, 0.7]


STUDENTS = pd.DataFrame(
    [
        ("graduate", "Vancouver", 3.5, 35),
        ("graduate", "Ottawa", 3.9, 10),
        ("graduate", "Bombay", 3.3, 10),
        ("graduate", "Shanghai", 3.4, 15),
        ("graduate", "Victoria", 3.8, 30),
        ("undergraduate", "Vancouver", 2.5, 60),
        ("undergraduate", "Ottawa", 3.9, 25),
        ("undergraduate", "Shanghai", 2.1, 15),
    ],
    columns=["status", "born", "gpa", "votes"],
)
CONCEPTS = {
    "born": {
        "tree": {
            "Canada": {"B.C.": ["Vancouver", "Victoria"], "Ontario": ["Ottawa"]},
            "foreign": {"China": ["Shanghai"], "India": ["Bombay"]},
        }
    },
    "gpa": {"intervals": {"average": [None, 2.99], "good": [2.99, 3.49], "excellent": [3.49, 4]}},
}


@pytest.fixture
def described():
    return describe_classes(STUDENTS, "status", CONCEPTS, max_values=3, weight="votes")


def test_the_characteristic_rule_of_the_paper(described):
    """Han, Cai and Cercone (1992): graduates are Canadian and excellent [75 %] or foreign, good."""
    assert described.sentence("graduate") == (
        "graduate: (born is Canada and gpa is excellent) [75 %]"
        " or (born is foreign and gpa is good) [25 %]"
    )


def test_the_discriminant_rules(described):
    rules = described.discriminant("graduate")
    assert rules[["born", "gpa", "d_weight"]].values.tolist() == [
        ["foreign", "good", 1.0],
        ["Canada", "excellent", 0.75],
    ]
    assert rules["rule"].iloc[0] == "IF born is foreign and gpa is good THEN graduate"


def test_thresholds_leave_out_the_small_and_the_mixed(described):
    assert len(described.characteristic("graduate", min_t=0.5)) == 1
    assert len(described.discriminant("graduate", min_d=0.9)) == 1
    assert described.characteristic("graduate")["rule"].iloc[0].startswith("graduate: born is")


def test_the_steps_are_kept(described):
    assert described.steps["action"].tolist() == ["concepts", "climbed", "climbed"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=1, max_size=60))
def test_t_weights_sum_to_one_a_class_and_d_weights_to_one_a_tuple(people):
    table = pd.DataFrame(people, columns=["job", "class"])
    weighed = describe_classes(table, "class", {}).table
    assert weighed.groupby("class")["t_weight"].sum().tolist() == pytest.approx(
        [1] * table["class"].nunique()
    )
    assert weighed.groupby("job")["d_weight"].sum().tolist() == pytest.approx(
        [1] * table["job"].nunique()
    )
    assert (weighed["d_low"] <= weighed["d_weight"] + 1e-12).all()
    assert (weighed["d_weight"] <= weighed["d_high"] + 1e-12).all()


def test_a_table_of_the_class_alone():
    described = describe_classes(pd.DataFrame({"class": list("aab")}), "class", {})
    assert described.table["t_weight"].tolist() == [1, 1]
    assert described.table["d_weight"].round(4).tolist() == [0.6667, 0.3333]
    assert described.sentence("a") == "a: (always) [100 %]"


def test_bad_input(described):
    with pytest.raises(ValueError, match="'phd' is not a value of 'status'"):
        described.characteristic("phd")
    with pytest.raises(ValueError, match="target 'state' is not a column"):
        describe_classes(STUDENTS, "state", {})
    with pytest.raises(ValueError, match="cannot climb"):
        describe_classes(STUDENTS, "status", {"status": {"parents": {}}})
