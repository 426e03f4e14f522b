from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.web import sessions, with_sessions

NOON = datetime(2024, 3, 31, 0, 30)
COLUMNS = ["visitor_id", "at", "place", "page", "referrer", "user", "is_robot"]


def views(*rows):
    """One view a row: visitor, second, page; what came first in the log has the lower place."""
    full = [
        (visitor, NOON + timedelta(seconds=second), place, page, None, None, False)
        for place, (visitor, second, page) in enumerate(rows)
    ]
    frame = pd.DataFrame(full, columns=COLUMNS)
    strings = dict.fromkeys(["visitor_id", "page", "referrer", "user"], "string")
    return ibis.memtable(
        frame, schema=strings | {"at": "timestamp", "place": "int64", "is_robot": "boolean"}
    )


def divided(table, inactivity=timedelta(minutes=30)):
    return with_sessions(table, inactivity).order_by("place").to_pyarrow().to_pylist()


def brute_force(rows, limit):
    """Give every view's session (visitor, second of its begin) and place in it."""
    found, last = {}, {}
    order = sorted(range(len(rows)), key=lambda place: (rows[place][1], place))
    for place in order:
        visitor, second, _ = rows[place]
        begun, seen, number = last.get(visitor, (None, None, 0))
        if seen is None or second - seen > limit:
            begun, number = second, 0
        last[visitor] = (begun, second, number + 1)
        found[place] = (visitor, begun, number + 1)
    return [found[place] for place in range(len(rows))]


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 300), st.sampled_from(["/", "/x", "/y"])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 60))
def test_sessions_are_those_of_a_loop_whatever_the_order_of_lines(rows, limit):
    found = divided(views(*rows), timedelta(seconds=limit))
    epoch = int((NOON - datetime(1970, 1, 1)).total_seconds())
    expected = [
        (f"{visitor}-{epoch + begun}", number)
        for visitor, begun, number in brute_force(rows, limit)
    ]
    assert [(row["session_id"], row["position"]) for row in found] == expected


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 60))
def test_sums_of_sessions_are_those_of_a_loop(rows, limit):
    together = {}
    for place, (visitor, begun, number) in enumerate(brute_force(rows, limit)):
        together.setdefault((visitor, begun), {})[number] = rows[place]
    expected = {
        (visitor, NOON + timedelta(seconds=begun)): (
            len(seen),
            NOON + timedelta(seconds=seen[len(seen)][1]),
            seen[1][2],
            seen[len(seen)][2],
        )
        for (visitor, begun), seen in together.items()
    }
    table = sessions(with_sessions(views(*rows), timedelta(seconds=limit)))
    found = {
        (row["visitor_id"], row["started_at"]): (
            row["pages"],
            row["ended_at"],
            row["entry_page"],
            row["exit_page"],
        )
        for row in table.to_pyarrow().to_pylist()
    }
    assert found == expected


def test_a_pause_as_long_as_the_limit_ends_no_session():
    ids = [
        row["session_id"]
        for row in divided(views(("a", 0, "/"), ("a", 1800, "/"), ("a", 3601, "/")))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_views_of_one_moment_keep_the_order_of_the_log():
    table = views(("a", 5, "/first"), ("a", 5, "/second"), ("a", 5, "/third"))
    assert [row["position"] for row in divided(table)] == [1, 2, 3]
    found = sessions(with_sessions(table)).to_pyarrow().to_pylist()
    assert [(row["entry_page"], row["exit_page"]) for row in found] == [("/first", "/third")]


def test_later_views_leave_the_name_of_a_session_as_it_was():
    early = divided(views(("a", 0, "/"), ("a", 10, "/")))
    late = divided(views(("a", 0, "/"), ("a", 10, "/"), ("a", 20, "/"), ("a", 9000, "/")))
    assert [row["session_id"] for row in early] == [row["session_id"] for row in late[:2]]


def test_less_than_a_second_is_refused():
    with pytest.raises(ValueError, match="at least 1 second"):
        with_sessions(views(("a", 0, "/")), timedelta(milliseconds=10))


def summed(**columns):
    frame = pd.DataFrame({"visitor_id": "v", "is_robot": False, "page": "/", **columns})
    frame["at"] = NOON
    frame["place"] = range(len(frame))
    return sessions(with_sessions(ibis.memtable(frame))).to_pyarrow().to_pylist()[0]


@pytest.mark.parametrize(
    ("users", "customer"),
    [(["ann", None], "ann"), (["ann", "bob"], None), (["ann", "ann"], "ann")],
)
def test_the_only_user_of_a_session_is_its_customer(users, customer):
    assert summed(user=users, referrer="x")["customer_id"] == customer


@pytest.mark.parametrize(
    ("referrer", "site"),
    [
        ("https://WWW.Search.example/find?q=my+illness", "www.search.example"),
        ("http://user:secret@mail.example:8080/inbox", "mail.example"),
        ("-", None),
        ("not an address", None),
    ],
)
def test_of_the_referrer_only_the_site_is_kept(referrer, site):
    assert (
        summed(user=["ann", "ann"], referrer=[referrer, "http://later.example/"])["referrer"]
        == site
    )
