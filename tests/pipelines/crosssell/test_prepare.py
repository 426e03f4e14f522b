"""The windows that a run uses, and the reasons why there are none."""

from datetime import date
from itertools import pairwise
from types import SimpleNamespace

import pytest

from features.sources.spec import CsvSource
from lodeworks import DataError
from lodeworks.progress import Silent
from pipelines.cache import Cache
from pipelines.crosssell.prepare import load_sources, plan_windows

SPAN = SimpleNamespace(first_day=date(2024, 1, 1), last_day=date(2024, 12, 31))


def plan(as_of, n=2, gap=0, outcome=31):
    return plan_windows(SPAN, as_of, observe=365, gap=gap, outcome=outcome, n=n)


def test_latest_ends_with_the_data_and_outcomes_never_overlap():
    windows = plan("latest", gap=7)
    assert windows[0].outcome_until.date() == date(2025, 1, 1)
    assert [str(one.as_of) for one in windows] == ["2024-11-23", "2024-10-16", "2024-09-08"]
    for later, earlier in pairwise(windows):
        assert earlier.outcome_until <= later.seen_until


@pytest.mark.parametrize("as_of", ["2024-10-31", date(2024, 10, 31)])
def test_a_day_may_be_text_or_a_date(as_of):
    assert plan(as_of)[0].as_of == date(2024, 10, 31)


@pytest.mark.parametrize("as_of", ["2024-12-01", "2024-12-31", "2025-06-01"])
def test_a_day_after_the_data_is_refused_and_the_latest_possible_is_told(as_of):
    message = (
        rf"window.as_of {as_of} leaves no 31 days for gap and outcome: "
        r"the data spans 2024-01-01 to 2024-12-31; the latest that does is 2024-11-30"
    )
    with pytest.raises(DataError, match=message):
        plan(as_of)


def test_too_many_backtests_are_refused_and_the_possible_number_is_told():
    with pytest.raises(DataError, match=r"window.backtests can be 10 at most") as caught:
        plan("latest", n=20)
    assert "20 back-tests of 31 days before 2024-11-30" in str(caught.value)
    assert plan("latest", n=10)[-1].as_of >= SPAN.first_day


def test_data_shorter_than_one_outcome_can_have_no_backtest():
    short = SimpleNamespace(first_day=date(2024, 12, 1), last_day=date(2024, 12, 31))
    with pytest.raises(DataError, match=r"window.backtests can be 0 at most"):
        plan_windows(short, "latest", observe=365, gap=0, outcome=30, n=1)


@pytest.fixture
def source(tmp_path):
    def build(rows=("ann,A,2024-01-10", "bob,B,2024-02-10")):
        path = tmp_path / "lines.csv"
        path.write_text("\n".join(["c,i,t", *rows]) + "\n")
        columns = {
            "customer_id": "c",
            "item_id": "i",
            "ordered_at": {"from": "t", "format": "%Y-%m-%d"},
        }
        about = {"kind": "csv", "name": "lines", "table": "lines", "path": str(path)}
        return CsvSource.model_validate({**about, "columns": columns})

    return build


def load(source, folder):
    cache = Cache(folder / "cache")
    loaded = load_sources([source], folder / "warehouse.duckdb", cache, Silent())
    digest = loaded.warehouse.digest
    loaded.warehouse.close()
    return loaded.report, digest, cache.steps[0].reused


def test_the_same_files_are_loaded_once(source, tmp_path):
    report, digest, reused = load(source(), tmp_path)
    again, same, reused_again = load(source(), tmp_path)
    assert (reused, reused_again) == (False, True)
    assert report["rows_loaded"] == 2
    assert again == report
    assert digest == same == report["digest"]


def test_a_changed_file_is_loaded_again(source, tmp_path):
    _, before, _ = load(source(), tmp_path)
    report, after, reused = load(source(("ann,A,2024-01-10",)), tmp_path)
    assert not reused
    assert report["rows_loaded"] == 1
    assert after != before


def test_a_warehouse_that_holds_something_else_is_filled_again(source, tmp_path):
    first, _, _ = load(source(), tmp_path)
    load(source(("ann,A,2024-01-10",)), tmp_path)
    report, digest, reused = load(source(), tmp_path)
    assert reused
    assert report == first
    assert digest == first["digest"]


def test_a_missing_warehouse_is_filled_again(source, tmp_path):
    first, _, _ = load(source(), tmp_path)
    (tmp_path / "warehouse.duckdb").unlink()
    report, digest, _ = load(source(), tmp_path)
    assert digest == report["digest"] == first["digest"]


def test_a_missing_file_is_named_and_nothing_is_written(source, tmp_path):
    gone = source().model_copy(update={"path": str(tmp_path / "gone.csv")})
    with pytest.raises(DataError, match=r"source 'lines': .*gone.csv: No such file or directory"):
        load(gone, tmp_path)
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "warehouse.duckdb").exists()
