"""Every figure of the published table of patients with flu."""

import pytest

from models.rough import (
    approximate,
    core,
    decision_rules,
    dependency,
    greedy_reduct,
    indiscernible,
    positive_region,
    reducts,
)

CONDITIONS = ["headache", "muscle_pain", "temperature"]


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        (["headache"], [["p1", "p4", "p6"], ["p2", "p3", "p5"]]),
        (["headache", "muscle_pain"], [["p1", "p4", "p6"], ["p2", "p5"], ["p3"]]),
        (CONDITIONS, [["p1"], ["p2", "p5"], ["p3"], ["p4"], ["p6"]]),
    ],
)
def test_patients_that_cannot_be_told_apart(flu, columns, groups):
    assert indiscernible(flu, columns) == groups


def test_patients_with_flu(flu):
    near = approximate(flu, CONDITIONS, (flu["flu"] == "yes").to_numpy())
    assert flu.index[near.lower].tolist() == ["p1", "p3", "p6"]
    assert flu.index[near.upper].tolist() == ["p1", "p2", "p3", "p5", "p6"]
    assert flu.index[near.boundary].tolist() == ["p2", "p5"]
    assert near.accuracy == pytest.approx(3 / 5)


def test_patients_without_flu(flu):
    near = approximate(flu, CONDITIONS, (flu["flu"] == "no").to_numpy())
    assert flu.index[near.lower].tolist() == ["p4"]
    assert flu.index[near.upper].tolist() == ["p2", "p4", "p5"]
    assert near.accuracy == pytest.approx(1 / 3)


def test_the_degree_of_dependency_is_two_thirds(flu):
    assert dependency(flu, CONDITIONS, "flu") == pytest.approx(4 / 6)
    assert flu.index[positive_region(flu, CONDITIONS, "flu")].tolist() == ["p1", "p3", "p4", "p6"]


def test_temperature_says_most_and_half_is_certain_by_it(flu):
    assert dependency(flu, ["temperature"], "flu") == pytest.approx(3 / 6)
    assert dependency(flu, ["headache"], "flu") == 0
    assert dependency(flu, ["muscle_pain"], "flu") == 0


def test_the_two_reducts_and_the_core(flu):
    assert reducts(flu, "flu") == [("headache", "temperature"), ("muscle_pain", "temperature")]
    assert core(flu, "flu") == ("temperature",)
    assert greedy_reduct(flu, "flu") in reducts(flu, "flu")


def test_the_rules(flu):
    rules = decision_rules(flu, "flu", ["headache", "temperature"])
    assert [(r.text, r.n_rows, round(r.certainty, 2), round(r.coverage, 2)) for r in rules] == [
        ("IF temperature is very high THEN yes", 2, 1.0, 0.5),
        ("IF temperature is normal THEN no", 1, 1.0, 0.5),
        ("IF headache is no and temperature is high THEN yes", 1, 1.0, 0.25),
        ("IF headache is yes and temperature is high THEN possibly no", 1, 0.5, 0.5),
        ("IF headache is yes and temperature is high THEN possibly yes", 1, 0.5, 0.25),
    ]


def test_strengths_of_all_rules_over_classes_sum_to_one(flu):
    rules = decision_rules(flu, "flu", CONDITIONS, shorten=False)
    assert sum(rule.strength for rule in rules) == pytest.approx(1)
    for decision in ("yes", "no"):
        assert sum(r.coverage for r in rules if r.decision == decision) == pytest.approx(1)
