from datetime import date, datetime

import ibis
import pandas as pd
import pytest

from features.web import behaviour

AS_OF = date(2024, 5, 10)
COLUMNS = ["visitor_id", "customer_id", "started_at", "ended_at", "pages", "entry_page", "is_robot"]


def sessions(*rows):
    return ibis.memtable(
        pd.DataFrame(rows, columns=COLUMNS),
        schema=dict(
            zip(
                COLUMNS,
                ["string", "string", "timestamp", "timestamp", "int64", "string", "boolean"],
                strict=True,
            )
        ),
    )


def day(number, hour=12, minute=0):
    return datetime(2024, 5, number, hour, minute)


ROWS = [
    ("v1", "ann", day(1), day(1, 12, 6), 3, "/", False),
    ("v1", "ann", day(1, 18), day(1, 18), 1, "/a", False),
    ("v1", None, day(8), day(8, 12, 3), 2, "/", False),
    ("v2", "ann", day(10), day(10, 12, 1), 4, "/", None),
    ("v3", "bob", day(2), day(2), 1, "/", True),
]


def figures(rows, **options):
    found = behaviour(sessions(*rows), AS_OF, **options).to_pandas()
    return found.set_index(found.columns[0]).sort_index()


def test_the_figures_of_visitors_are_those_counted_by_hand():
    found = figures(ROWS)
    assert found.index.tolist() == ["v1", "v2"]
    assert found.loc["v1"].to_dict() == {
        "web_sessions": 3,
        "web_pages": 6,
        "web_days": 2,
        "web_entry_pages": 2,
        "web_recency_days": 2,
        "web_age_days": 9,
        "web_pages_mean": 2.0,
        "web_minutes_mean": 3.0,
        "web_bounce_share": pytest.approx(1 / 3),
    }


def test_customers_are_summed_over_their_visitors():
    found = figures(ROWS, by="customer_id")
    assert found.index.tolist() == ["ann"]
    assert found.loc["ann", ["web_sessions", "web_pages", "web_recency_days"]].tolist() == [3, 8, 0]


@pytest.mark.parametrize(
    "later",
    [
        ("v1", "ann", day(11, 0), day(11, 1), 9, "/new", False),
        ("v1", "ann", day(10, 23, 59), day(11, 0, 0), 9, "/new", False),
        ("new", "new", day(20), day(20), 1, "/new", False),
    ],
)
@pytest.mark.parametrize("by", ["visitor_id", "customer_id"])
def test_nothing_after_the_day_changes_anything(later, by):
    pd.testing.assert_frame_equal(figures([*ROWS, later], by=by), figures(ROWS, by=by))


def test_a_session_without_an_end_ends_when_it_begins():
    assert figures([("v", None, day(10), None, 1, "/", False)]).loc["v", "web_sessions"] == 1


def test_an_unknown_key_is_refused():
    with pytest.raises(ValueError, match="'visitor_id' or 'customer_id' but got 'host'"):
        behaviour(sessions(*ROWS), AS_OF, by="host")
