"""Logs worked up whole, against a loop over their lines."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.web import WebUsage
from lodeworks.errors import BudgetExceeded, DataError

KEY = b"a key of 16 byte"
ROBOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
BEGIN = datetime(2024, 3, 30, 23, 0, tzinfo=UTC)


def stamp(second, offset):
    moment = (BEGIN + timedelta(seconds=second)).astimezone(timezone(timedelta(minutes=offset)))
    return moment.strftime("%d/%b/%Y:%H:%M:%S %z")


def pages_of(usage):
    rows = usage.views.order_by("session_id", "position").to_pyarrow().to_pylist()
    ways = {}
    for row in rows:
        ways.setdefault((row["session_id"], row["is_robot"]), []).append(row["page"])
    return Counter((robot, tuple(pages)) for (_, robot), pages in ways.items())


LINES = st.lists(
    st.tuples(
        st.sampled_from(["10.0.0.1", "10.0.0.2"]),
        st.integers(0, 9000),
        st.sampled_from([0, 60, 120, -330, 345]),
        st.sampled_from(["/", "/a?x=1", "/a", "/b", "/s.css", "/robots.txt", "/gone"]),
        st.sampled_from(["Firefox/27.0", "Chrome/30.0", ROBOT]),
    ),
    min_size=1,
    max_size=40,
)


def looped(lines):
    """Sessions as a loop over sorted lines gives them: whether of a robot, and the pages."""
    robots = {(h, a) for h, _, _, path, a in lines if a == ROBOT or path == "/robots.txt"}
    own = {}
    for second, _, host, path, agent in sorted(
        (second, place, host, path, agent)
        for place, (host, second, _, path, agent) in enumerate(lines)
    ):
        if path in ("/", "/a", "/a?x=1", "/b"):
            own.setdefault((host, agent), []).append((second, path.partition("?")[0]))
    found = Counter()
    for visitor, seen in own.items():
        ways = [[seen[0][1]]]
        for (before, _), (now, page) in pairwise(seen):
            ways.append([page]) if now - before > 1800 else ways[-1].append(page)
        found.update((visitor in robots, tuple(way)) for way in ways)
    return found


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES)
def test_whole_logs_give_the_sessions_of_a_loop(tmp_path, line, lines):
    text = [
        line(host, stamp(second, offset), path, agent=agent, status=404 if path == "/gone" else 200)
        for host, second, offset, path, agent in lines
    ]
    path = tmp_path / "access.log"
    path.write_text("\n".join([*text, "nonsense"]) + "\n")
    with WebUsage.open([path], pages_a_minute=100) as usage:
        assert pages_of(usage) == looped(lines)
        assert usage.lines == len(lines) + 1
        assert usage.rejected.count().execute() == 1


def test_summer_time_makes_no_session_longer(usage, line):
    """At 01:00 UTC the clock jumps from +0100 to +0200; twenty minutes stay twenty minutes."""
    before = line(at="31/Mar/2024:01:50:00 +0100")
    after = line(at="31/Mar/2024:03:10:00 +0200", path="/b")
    found = usage(before, after).sessions.to_pyarrow().to_pylist()
    assert [(row["pages"], row["ended_at"] - row["started_at"]) for row in found] == [
        (2, timedelta(minutes=20))
    ]


def test_the_hour_that_comes_twice_is_two_hours(usage, line):
    lines = [line(at="27/Oct/2024:02:10:00 +0200"), line(at="27/Oct/2024:02:10:00 +0100")]
    assert usage(*lines).sessions.count().execute() == 2


def test_speed_makes_a_robot(usage, line):
    quick = [line(at=stamp(second, 0), path=f"/{second}") for second in range(31)]
    slow = [line("10.0.0.2", at=stamp(second * 3, 0), path=f"/{second}") for second in range(31)]
    found = usage(*quick, *slow).visitors.to_pyarrow().to_pylist()
    assert sorted((row["visitor_id"], row["robot_by"]) for row in found) == [
        ("v1", "speed"),
        ("v2", None),
    ]


def test_parts_of_pages_and_errors_make_nobody_quick(usage, line):
    parts = [line(at=stamp(0, 0), path=f"/{number}.png") for number in range(100)]
    assert usage(line(), *parts).visitors.is_robot.any().execute() == False  # noqa: E712


def test_addresses_are_in_no_table_but_the_requests(usage, line):
    found = usage(line("192.0.2.77"), key=KEY)
    for table in (found.visitors, found.views, found.sessions, found.rejected):
        assert "192.0.2.77" not in str(table.to_pyarrow().to_pylist())


def test_keyed_names_are_the_same_in_every_log_and_differ_by_key(log, line):
    def names(*lines, key):
        with WebUsage.open([log(*lines)], key=key) as found:
            return set(found.visitors.visitor_id.to_pyarrow().to_pylist())

    one = names(line(), key=KEY)
    both = names(line("10.0.0.2"), line(), key=KEY)
    assert one < both
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in both)
    assert not one & names(line(), key=b"another of 16 byte")


def test_users_join_their_devices(usage, line):
    lines = [
        line(user="ann"),
        line("10.0.0.2", at="17/May/2015:10:05:00 +0000", path="/b"),
        line("10.0.0.2", at="17/May/2015:10:06:00 +0000", path="/c", user="ann"),
    ]
    found = usage(*lines, visitor_by="user").sessions.to_pyarrow().to_pylist()
    assert [(row["customer_id"], row["pages"], row["exit_page"]) for row in found] == [
        ("ann", 3, "/c")
    ]


def test_without_being_asked_no_user_is_kept(usage, line):
    found = usage(line(user="ann"))
    assert "ann" not in str([found.sessions.to_pyarrow(), found.views.to_pyarrow()])


def test_the_order_of_files_does_not_matter_but_for_ties(log, line):
    first = log(*[line(at=stamp(n, 0), path=f"/{n}") for n in range(0, 5000, 500)], name="one")
    second = log(*[line(at=stamp(n, 0), path=f"/{n}") for n in range(7, 5000, 900)], name="two")
    told = []
    for paths in ([first, second], [second, first]):
        with WebUsage.open(paths) as found:
            told.append(found.sessions.order_by("session_id").to_pyarrow().to_pylist())
    assert told[0] == told[1]


def test_too_little_memory_is_a_budget(log, line):
    lines = [line(f"10.0.{n >> 8}.{n & 255}", path=f"/{n}") for n in range(60_000)]
    with (
        pytest.raises(BudgetExceeded, match="more memory than 2MB"),
        WebUsage.open([log(*lines)], memory_limit="2MB"),
    ):
        pass


def test_a_damaged_log_leaves_words_and_no_folder(log, tmp_path, line):
    path = log(*[line() for _ in range(5000)], packed=True)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="cut off"), WebUsage.open([path]):
        pass


@pytest.mark.real
def test_the_apache_log(real_data):
    with WebUsage.open([real_data / "apache_access.log.gz"]) as found:
        assert found.lines == 10_000
        assert found.hits.count().execute() == 9_999
        assert found.rejected.to_pyarrow()["line"].to_pylist() == [8899]
        status = found.hits.status.value_counts(name="n").to_pyarrow().to_pylist()
        known = {row["status"]: row["n"] for row in status}
        assert [known[code] for code in (200, 304, 404, 301)] == [9125, 445, 213, 164]
        assert found.hits.host.nunique().execute() == 1753
        people = found.sessions.filter(~found.sessions.is_robot)
        assert (
            people.pages.sum().execute()
            == found.views.filter(~found.views.is_robot).count().execute()
        )
