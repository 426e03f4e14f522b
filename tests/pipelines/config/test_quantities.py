from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config.quantities import parse_as_of, parse_days, parse_seconds


@given(st.integers(0, 10**6))
def test_a_number_means_the_same_as_text_with_or_without_its_smallest_unit(n):
    assert parse_days(n) == parse_days(str(n)) == parse_days(f"{n}d") == parse_days(f" {n} d ") == n
    assert parse_seconds(n) == parse_seconds(str(n)) == parse_seconds(f"{n}s") == n


@pytest.mark.parametrize(("text", "days"), [("12w", 84), ("2y", 730), ("0d", 0)])
def test_days(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize(("text", "seconds"), [("2m", 120), ("1h", 3600), ("1d", 86400)])
def test_seconds(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "value", ["6m", "", "d", "-3d", "1.5d", "1d2w", "٣d", True, None, 1.5, [], {}, "9" * 20]
)
def test_refuses_what_is_no_span_of_days(value):
    with pytest.raises(ValueError, match="a span of days is needed, such as 30"):
        parse_days(value)


@pytest.mark.parametrize("value", ["3w", "1y", "", True, None, 0.5])
def test_refuses_what_is_no_span_of_time(value):
    with pytest.raises(ValueError, match="a span of time is needed"):
        parse_seconds(value)


def test_reads_a_day_or_latest():
    assert parse_as_of("latest") == "latest"
    assert parse_as_of("2011-11-08") == parse_as_of(date(2011, 11, 8)) == date(2011, 11, 8)


@pytest.mark.parametrize(
    "value", ["2011-02-30", "Latest", "", "tomorrow", 20111108, None, datetime(2011, 1, 1, 5), []]
)
def test_refuses_what_is_no_day(value):
    with pytest.raises(ValueError, match="a date such as 2011-11-08 or the word 'latest'"):
        parse_as_of(value)
