from datetime import date

import pandas as pd
import pytest

from features.catalog import open_read_only
from features.quality import Threshold, quality, thresholds_of
from features.quality.rejected import write_rejected
from lodeworks.errors import DataError, LodeError

TODAY = date(2024, 1, 20)


@pytest.fixture
def report(connection):
    return quality(connection, today=TODAY)


def figures(report, table, column):
    found = report.columns
    (row,) = found[(found["table"] == table) & (found["column"] == column)].to_dict("records")
    return row


def broken(report, table, says):
    found = report.checks
    (row,) = found[(found["table"] == table) & found["check"].str.contains(says)].to_dict("records")
    return row["broken"], row["example"]


def test_completeness_is_the_share_with_a_value(report):
    mail = figures(report, "customers", "mail")
    assert (mail["rows"], mail["filled"]) == (3, 2)
    assert mail["completeness"] == pytest.approx(2 / 3)


def test_rejected_rows_count_against_validity_of_their_column(report):
    quantity = figures(report, "lines", "quantity")
    assert (quantity["valid"], quantity["filled"]) == (4, 4)
    assert quantity["validity"] == pytest.approx(4 / 5)


def test_a_day_in_the_future_is_not_valid_and_not_the_latest(report):
    moment = figures(report, "lines", "ordered_at")
    assert moment["valid"] == 3
    assert moment["validity"] == pytest.approx(3 / 5)
    assert moment["latest"] == date(2024, 1, 3)
    assert moment["age_days"] == 17


def test_uniqueness_is_the_share_of_different_values(report):
    code = figures(report, "items", "category")
    assert (code["filled"], code["distinct"], code["uniqueness"]) == (2, 1, 0.5)
    assert figures(report, "items", "item_id")["uniqueness"] == 1.0


def test_contradictions_are_counted_and_shown_where_they_stand(report):
    assert broken(report, "lines", "amount is quantity") == (1, "lines, line 4")
    assert broken(report, "lines", "an order has one customer")[0] == 3
    assert broken(report, "lines", "not in the future") == (1, "lines, line 5")
    assert broken(report, "lines", "item_id is known") == (1, "lines, line 4")
    assert broken(report, "lines", "customer_id is known")[0] == 0


def test_rejected_rows_are_counted_by_reason_and_not_shown(report):
    assert report.rejected[["source", "rows", "first_line"]].values.tolist() == [
        ["lines", 1, 6],
        ["lines", 1, 7],
    ]
    assert "row" not in report.rejected


def test_demands_come_from_the_sources_that_were_loaded(report, faulty):
    assert report.demands == len(thresholds_of(faulty[1])) == 6
    assert list(report.broken) == ["items.category: 1 values stand more than once"]


def test_every_kind_of_demand_can_be_broken(connection):
    demands = [
        Threshold("customers", "mail", completeness=0.9),
        Threshold("lines", "ordered_at", fresh_within=16),
        Threshold("lines", "amount", fresh_within=16),
        Threshold("items", "category", unique=True),
        Threshold("items", "colour", unique=True),
    ]
    told = quality(connection, demands, today=TODAY).broken
    assert told == (
        "customers.mail: 66.67% complete, 90.00% demanded",
        "lines.ordered_at: the latest is 2024-01-03, 17 days ago, 16 are allowed",
        "lines.amount: has no day to tell its age, 16 days are allowed",
        "items.category: 1 values stand more than once",
        "items.colour: the warehouse has no such column",
    )


def test_demands_that_just_hold_are_met(connection):
    demands = [
        Threshold("customers", "mail", completeness=2 / 3),
        Threshold("lines", "ordered_at", fresh_within=17),
        Threshold("items", "item_id", unique=True),
    ]
    assert quality(connection, demands, today=TODAY).broken == ()
    assert "All demands on 3 columns are met." in quality(connection, demands, today=TODAY).text()


def test_the_report_reads_as_text_html_and_values(report):
    assert "Broken demands: 1" in report.text()
    assert "<td>items" in report.html()
    values = report.to_dict()
    assert values["today"] == "2024-01-20"
    assert values["broken"] == list(report.broken)
    assert {row["check"] for row in values["consistency"]} == set(report.checks["check"])


def test_rejected_rows_can_be_written_in_full(connection, tmp_path):
    assert write_rejected(connection, tmp_path / "bad.csv") == (2, 0)
    rows = pd.read_csv(tmp_path / "bad.csv")
    assert rows["source_line"].tolist() == [6, 7]
    assert "never" in rows["row"][0]


def test_no_warehouse_and_no_duckdb_are_told(tmp_path):
    with (
        pytest.raises(DataError, match="nothing was loaded yet"),
        open_read_only(tmp_path / "no.duckdb"),
    ):
        pass
    (tmp_path / "odd.duckdb").write_text("not a database at all")
    with (
        pytest.raises(LodeError, match="cannot be read"),
        open_read_only(tmp_path / "odd.duckdb"),
    ):
        pass
