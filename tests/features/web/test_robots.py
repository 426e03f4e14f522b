from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.web.robots import is_robot_name, too_fast

NOON = datetime(2024, 5, 1, 12)


def named(agents):
    table = ibis.memtable({"agent": agents}, schema={"agent": "string"})
    return table.select(found=is_robot_name(table.agent)).to_pyarrow()["found"].to_pylist()


def test_programs_that_say_so_are_robots():
    agents = [
        "Googlebot/2.1 (+http://www.google.com/bot.html)",
        "Mozilla/5.0 (iPhone) Safari/8536.25 (compatible; Googlebot/2.1)",
        "Tiny Tiny RSS/1.11 (http://tt-rss.org/)",
        "curl/8.0",
        "Python-urllib/3.11",
        "Something/1.0 (+https://example.com/why)",
    ]
    assert named(agents) == [True] * len(agents)


def test_browsers_and_programs_without_a_name_are_not():
    agents = [
        "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0 Safari",
        "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
        "Opera/9.80 (Android; Opera Mini/36) Presto/2.12",
        None,
    ]
    assert named(agents) == [False] * len(agents)


def fast(seconds_by_visitor, pages):
    rows = [
        (visitor, NOON + timedelta(seconds=second))
        for visitor, seconds in seconds_by_visitor.items()
        for second in seconds
    ]
    views = ibis.memtable(pd.DataFrame(rows, columns=["visitor", "at"]))
    return sorted(too_fast(views, pages).to_pyarrow()["visitor"].to_pylist())


@pytest.mark.parametrize(
    ("seconds", "robot"),
    [([0, 20, 40], False), ([0, 20, 40, 59], True), ([0, 20, 40, 60], False), ([5] * 4, True)],
)
def test_more_pages_than_allowed_within_a_minute(seconds, robot):
    assert fast({1: seconds}, 3) == ([1] if robot else [])


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.integers(1, 3), st.lists(st.integers(0, 300), min_size=1, max_size=12), min_size=1
    ),
    st.integers(1, 5),
)
def test_speed_is_what_counting_in_every_minute_gives(views, pages):
    expected = [
        visitor
        for visitor, seconds in sorted(views.items())
        if any(sum(a <= b < a + 60 for b in seconds) > pages for a in seconds)
    ]
    assert fast(views, pages) == expected


def test_less_than_a_page_is_refused():
    with pytest.raises(ValueError, match="at least 1 but got 0"):
        fast({1: [0]}, 0)
