import ibis
import pandas as pd
import pytest

from features.web import visitors, with_key

COLUMNS = ("host", "agent", "user")


def hits(*rows):
    """One request a row, a second apart: host, agent, user, page."""
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "page"], dtype="object")
    frame["at"] = pd.Timestamp("2024-05-01") + pd.to_timedelta(range(len(rows)), unit="s")
    frame["place"] = range(len(rows))
    return ibis.memtable(
        frame,
        schema=dict.fromkeys([*COLUMNS, "page"], "string") | {"at": "timestamp", "place": "int64"},
    )


def keyed(table, by="agent"):
    return with_key(table, by).order_by("place").to_pyarrow().to_pylist()


def groups(table, by="agent"):
    numbers = {}
    return [numbers.setdefault(row["key"], len(numbers)) for row in keyed(table, by)]


def test_an_address_with_a_program_is_a_visitor():
    table = hits(
        ("h", "a", "x", "/"), ("h", "b", "x", "/"), ("h", "a", "y", "/"), ("i", "a", None, "/")
    )
    assert groups(table) == [0, 1, 0, 2]
    assert [row["user"] for row in keyed(table)] == [None] * 4


def test_a_missing_program_is_one_of_its_own():
    assert groups(hits(("h", None, None, "/"), ("h", "a", None, "/"), ("h", None, None, "/"))) == [
        0,
        1,
        0,
    ]


def test_a_user_is_one_visitor_from_everywhere():
    table = hits(("h", "a", "ann", "/"), ("i", "b", "ann", "/"), ("i", "b", "bob", "/"))
    assert groups(table, "user") == [0, 0, 1]


def test_what_was_done_before_signing_in_belongs_to_the_only_user():
    table = hits(("h", "a", None, "/"), ("h", "a", "ann", "/"), ("h", None, None, "/"))
    assert [row["user"] for row in keyed(table, "user")] == ["ann", "ann", None]
    assert groups(table, "user") == [0, 0, 1]


def test_what_may_belong_to_several_users_belongs_to_none():
    table = hits(("h", "a", None, "/"), ("h", "a", "ann", "/"), ("h", "a", "bob", "/"))
    assert [row["user"] for row in keyed(table, "user")] == [None, "ann", "bob"]
    assert groups(table, "user") == [0, 1, 2]


def test_an_unknown_kind_of_visitor_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'agent'"):
        with_key(hits(("h", "a", None, "/")), "agnt")


def listed(table):
    return visitors(with_key(table)).order_by("visitor").to_pyarrow().to_pylist()


def test_visitors_are_numbered_by_their_first_request():
    found = listed(hits(("z", "a", None, "/"), ("b", "a", None, "/"), ("z", "a", None, "/")))
    assert [(row["visitor"], row["key"]) for row in found] == [(1, "host z a"), (2, "host b a")]


def test_robots_are_known_by_name_and_by_reading_their_rules():
    table = hits(
        ("h", "Googlebot", None, "/"),
        ("i", "Firefox", None, "/"),
        ("i", "Firefox", None, "/robots.txt"),
        ("j", "Firefox", None, "/robots.txt.html"),
        ("k", "wget", None, "/robots.txt"),
    )
    assert [row["robot_by"] for row in listed(table)] == ["agent", "robots.txt", None, "agent"]
