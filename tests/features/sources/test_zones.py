from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.sources import ParquetSource, zone_problems
from features.sources.zones import zone_problem

LONDON = ZoneInfo("Europe/London")
KEYS = {"customer_id": "customer", "item_id": "item", "ordered_at": "when"}


@pytest.fixture
def at(csv_source, judge):
    """Give what becomes of timestamps as text: the stored ones, and reasons."""

    def go(*texts, zone=None, form=None, **more):
        when = {"from": "when", "format": form} if form else "when"
        rows = [f"c,o,i,{text},1,1" for text in texts]
        judged = judge(csv_source(*rows, columns={**KEYS, "ordered_at": when}, **more), zone)
        assert judged.accounted
        return [str(row["ordered_at"]) for row in judged.good], [why for *_, why in judged.bad]

    return go


def test_without_any_zone_times_stand_as_they_are(at):
    assert at("2011-07-01 12:00:00", "2011-07-01T12:00:00+02:00")[0] == ["2011-07-01 12:00:00"] * 2


def test_times_of_a_zone_move_to_that_of_the_warehouse(at):
    moved, _ = at("2011-07-01 12:00", "2011-12-01 12:00", timezone="Europe/London", zone="UTC")
    assert moved == ["2011-07-01 11:00:00", "2011-12-01 12:00:00"]


def test_a_zone_of_the_source_alone_moves_only_offsets(at):
    moved, _ = at("2011-07-01 12:00", "2011-07-01T12:00Z", timezone="Europe/London")
    assert moved == ["2011-07-01 12:00:00", "2011-07-01 13:00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "2011-07-01T12:00:00+02:00",
        "2011-07-01T12:00:00.000+02",
        "2011-07-01 12:00:00 +0200",
        "2011-07-01 10:00:00Z",
        "2011-07-01 12:00 Europe/Berlin",
    ],
)
def test_an_offset_in_the_text_wins_over_the_zone(at, text):
    assert at(text, timezone="America/New_York", zone="Europe/London")[0] == ["2011-07-01 11:00:00"]


def test_an_offset_in_the_format_is_kept(at):
    given = {"form": "%d/%m/%Y %H:%M %z"}
    assert at("01/07/2011 12:00 +0200", zone="Europe/London", **given)[0] == ["2011-07-01 11:00:00"]
    assert at("01/07/2011 12:00 +0200", **given)[0] == ["2011-07-01 10:00:00"]


def test_of_a_time_that_stands_twice_the_later_is_meant(at):
    # In London the clock went from 02:00 back to 01:00 on 30 October 2011.
    moved, reasons = at("2011-10-30 01:30", timezone="Europe/London", zone="UTC")
    assert (moved, reasons) == (["2011-10-30 01:30:00"], [])
    stays, _ = at("2011-10-30 01:30", timezone="Europe/London")
    assert stays == ["2011-10-30 01:30:00"]


def test_a_time_that_clocks_leave_out_is_rejected(at):
    # In London the clock went from 01:00 on to 02:00 on 27 March 2011.
    texts = ["2011-03-27 00:59", "2011-03-27 01:00", "2011-03-27 01:59:59", "2011-03-27 02:00"]
    for zone in ("UTC", None):
        moved, reasons = at(*texts, timezone="Europe/London", zone=zone)
        assert len(moved) == 2
        assert reasons == [
            f"ordered_at: '{text}' is a time that clocks in Europe/London leave out"
            for text in texts[1:3]
        ]


def test_what_is_no_time_is_still_said_so(at):
    _, reasons = at("2011-03-27 00:59", "soon", timezone="Europe/London", zone="UTC")
    assert reasons == ["ordered_at: 'soon' is not a timestamp"]


def test_a_format_without_offset_is_in_the_zone(at):
    moved, _ = at("01.07.2011 12:00", timezone="Europe/London", zone="UTC", form="%d.%m.%Y %H:%M")
    assert moved == ["2011-07-01 11:00:00"]


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(microsecond=0))
)
@example(datetime(2011, 10, 30, 1, 30))
@example(datetime(2011, 3, 27, 1, 30))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_zones_agree_with_the_standard_library(at, when):
    instant = when.replace(tzinfo=LONDON, fold=1).astimezone(UTC)
    exists = instant.astimezone(LONDON).replace(tzinfo=None) == when
    # A row that is surely good stands beside it.
    moved, _ = at("2011-01-01 00:00", str(when), timezone="Europe/London", zone="UTC")
    assert moved[1:] == ([str(instant.replace(tzinfo=None))] if exists else [])


def test_instants_of_parquet_move_to_the_zone(tmp_path, judge):
    instant = datetime(2011, 7, 1, 10, tzinfo=UTC)
    local = datetime(2011, 7, 1, 12)
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table(
            {
                "customer": ["c"],
                "item": ["i"],
                "instant": pa.array([instant], pa.timestamp("us", "UTC")),
                "local": pa.array([local], pa.timestamp("us")),
            }
        ),
        path,
    )
    for column, source_zone, zone, stored in (
        ("instant", None, None, "2011-07-01 10:00:00"),
        ("instant", None, "Europe/London", "2011-07-01 11:00:00"),
        ("instant", "Europe/Berlin", None, "2011-07-01 12:00:00"),
        ("local", None, "Europe/London", "2011-07-01 12:00:00"),
        ("local", "Europe/Berlin", "Europe/London", "2011-07-01 11:00:00"),
    ):
        source = ParquetSource(
            path=str(path), columns={**KEYS, "ordered_at": column}, timezone=source_zone
        )
        (row,) = judge(source, zone).good
        assert str(row["ordered_at"]) == stored


def test_dates_are_not_moved(tmp_path, declare, judge):
    path = tmp_path / "people.csv"
    path.write_text("id,born\n1,1980-02-03\n")
    columns = {"customer_id": "id", "born": {"from": "born", "type": "date"}}
    source = declare(
        "csv", path=str(path), table="customers", columns=columns, timezone="Asia/Tokyo"
    )
    assert str(judge(source, "UTC").good[0]["born"]) == "1980-02-03"


def test_different_zones_need_one_of_the_warehouse(csv_source):
    london = csv_source(name="uk", timezone="Europe/London")
    tokyo = csv_source(name="jp", timezone="Asia/Tokyo")
    plain = csv_source(name="plain")
    assert zone_problems([london, plain]) == []
    assert zone_problems([london, tokyo], "UTC") == []
    assert zone_problems([london, tokyo, plain]) == [
        "the sources are in different time zones ('uk' in Europe/London, 'jp' in Asia/Tokyo): "
        "state the warehouse's timezone"
    ]


def test_an_unknown_zone_offers_the_nearest():
    assert zone_problem("Europe/London") is None
    assert zone_problem("Europe/Lodnon") == (
        "'Europe/Lodnon' is no time zone; did you mean 'Europe/London'?"
    )
    assert "write an IANA name" in zone_problem("???")
    assert timedelta(hours=1) == LONDON.utcoffset(datetime(2011, 7, 1))
