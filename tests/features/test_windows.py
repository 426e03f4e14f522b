from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.windows import Window, backtests, end_of

windows = st.builds(
    Window,
    as_of=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    observe=st.integers(1, 2000),
    gap=st.integers(0, 60),
    outcome=st.integers(1, 200),
)


def test_protocol_of_online_retail():
    window = Window(date(2011, 11, 8), observe=730, gap=0, outcome=31)
    assert window.seen_from == datetime(2009, 11, 9)
    assert window.seen_until == datetime(2011, 11, 9) == window.outcome_from
    assert window.outcome_until == datetime(2011, 12, 10)


@given(windows)
def test_lengths_are_exact(window):
    assert window.seen_until - window.seen_from == timedelta(days=window.observe)
    assert window.outcome_from - window.seen_until == timedelta(days=window.gap)
    assert window.outcome_until - window.outcome_from == timedelta(days=window.outcome)


@given(windows, st.integers(1, 6))
def test_backtests_never_share_an_outcome_nor_see_one(window, n):
    chain = [window, *backtests(window, n)]
    assert len(chain) == n + 1
    for later, before in pairwise(chain):
        assert before.outcome_until == later.outcome_from - timedelta(days=later.gap)
        assert before.outcome_until <= later.seen_until
        assert before.seen_until - before.seen_from == later.seen_until - later.seen_from
        assert before.seen_until < later.seen_until


@given(windows)
def test_latest_window_ends_with_the_data(window):
    last_day = (window.outcome_until - timedelta(days=1)).date()
    lengths = {"observe": window.observe, "gap": window.gap, "outcome": window.outcome}
    assert Window.latest(last_day, **lengths) == window


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ((0, 0, 1), "observe must be at least 1 day, not 0"),
        ((1, -1, 1), "gap must be at least 0 days, not -1"),
        ((1, 0, 0), "outcome must be at least 1 day, not 0"),
    ],
)
def test_impossible_lengths_are_refused(lengths, message):
    with pytest.raises(ValueError, match=message):
        Window(date(2020, 1, 1), *lengths)


def test_no_backtests_when_none_are_asked_for():
    assert backtests(Window(date(2020, 1, 1), 10, 0, 5), 0) == []


def test_a_day_ends_at_the_next_midnight():
    assert end_of(date(2020, 2, 28)) == datetime(2020, 2, 29)
