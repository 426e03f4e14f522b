"""Conditions in text: members, sets, intervals, quotes, and what cannot be read."""

import pytest

from features.cube.conditions import Bound, Interval, Members, as_condition, read_condition
from lodeworks.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "level", "condition"),
    [
        ("a.b=c", "a.b", Members(("c",))),
        ("a.b = c, d", "a.b", Members(("c", "d"))),
        ("a.b!=c,d", "a.b", Members(("c", "d"), exclude=True)),
        ("a.b=1..3", "a.b", Interval("1", "3")),
        ("a.b=1..", "a.b", Interval("1", None)),
        ("a.b=..3", "a.b", Interval(None, "3")),
        ('a.b="1..3"', "a.b", Members(("1..3",))),
        ('a.b="x,y","say ""hi"""', "a.b", Members(("x,y", 'say "hi"'))),
        ("a.b=x=y", "a.b", Members(("x=y",))),
        ("a.b=(none),c", "a.b", Members((None, "c"))),
        ('a.b="(none)"', "a.b", Members(("(none)",))),
    ],
)
def test_conditions_are_read(text, level, condition):
    assert read_condition(text) == (level, condition)


@pytest.mark.parametrize("text", ["a.b", "a.b=", "=c", "", 'a.b="c', "a.b=..", "a.b=1..2..3"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(ConfigError):
        read_condition(text)


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ("x", Members(("x",))),
        (3, Members((3,))),
        (None, Members((None,))),
        ([1, 2], Members((1, 2))),
        ({"b", "a"}, Members(("a", "b"))),
        ({"from": 1, "to": 2}, Interval(1, 2)),
        (Interval(1), Interval(1)),
    ],
)
def test_values_of_python_are_understood(given, condition):
    assert as_condition(given) == condition


def test_empty_sets_and_intervals_without_ends_are_refused():
    with pytest.raises(ConfigError, match="at least one member"):
        as_condition([])
    with pytest.raises(ConfigError, match="at least one end"):
        Interval()


def test_values_go_beside_the_statement():
    bound = Bound()
    sql = bound.condition('"t"."x"', "VARCHAR", Members(("a'b", None)))
    assert sql == '(COALESCE("t"."x" IN (CAST($v0 AS VARCHAR)), FALSE) OR "t"."x" IS NULL)'
    assert bound.values == {"v0": "a'b"}
