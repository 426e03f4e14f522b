import json
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from lodeworks.errors import ConfigError, DataError
from pipelines.monitor import monitor
from pipelines.monitoring import MonitorRequest
from pipelines.monitoring.job import _refuse_missing


@pytest.fixture
def ask(finished, shop):
    """Look at data with the bundle of the finished run."""

    def asked(as_of=None, data=None, **more):
        files = {name: (shop.paths[name],) for name in ("lines", "items", "customers")}
        request = MonitorRequest(
            address=str(finished.summary.paths["bundle"]),
            data={name: paths for name, paths in (files | (data or {})).items() if paths},
            as_of=as_of or date.fromisoformat(manifest(finished)["list_as_of"]),
            **more,
        )
        return monitor(request)

    return asked


def manifest(finished):
    return json.loads(finished.summary.paths["manifest"].read_text())


def test_the_training_data_themselves_raise_no_alarm_about_customers(ask, tmp_path):
    found = ask(out=tmp_path / "monitor.json")
    assert not [one for one in found.alarms if one.check in ("psi", "auc", "missing", "schema")]
    checks = {(one.check, one.subject): one for one in found.checks}
    assert checks["volume", "customers"].value == 1.0
    assert checks["psi", "frequency"].value == pytest.approx(0.0, abs=1e-9)
    assert {"scores", "offers", "unknown_items"} <= {one.check for one in found.checks}
    told = json.loads((tmp_path / "monitor.json").read_text())
    assert told["command"] == "monitor"
    assert len(told["checks"]) == len(found.checks)
    assert told["load"]["rows_in"] > 0


def test_half_a_year_earlier_is_another_shop(ask, finished):
    latest = date.fromisoformat(manifest(finished)["list_as_of"])
    found = ask(as_of=date(latest.year - 1, latest.month, 1))
    assert found.exit_code == 4
    assert "beyond their limit" in found.text()
    assert found.to_dict()["alarms"] == len(found.alarms) > 0


def test_limits_can_be_changed_for_one_look(ask):
    strict = ask(limits={"volume_low": 1.5, "volume_high": 3.0})
    assert {("volume", "customers"), ("volume", "lines")} <= {
        (one.check, one.subject) for one in strict.alarms
    }
    with pytest.raises(ConfigError) as caught:
        ask(limits={"psy": 1.0, "auc": 7.0})
    assert "'psy'" in str(caught.value)
    assert "psi" in str(caught.value)
    assert "auc" in str(caught.value)


def test_an_earlier_list_is_held_against_what_was_bought(ask, finished, tmp_path):
    rows = pd.read_parquet(finished.summary.paths["list"])
    test = manifest(finished)["windows"][0]
    rows["as_of"] = pd.Timestamp(test["as_of"]).date()
    rows.to_parquet(tmp_path / "earlier.parquet")
    found = {one.check: one for one in ask(earlier=tmp_path / "earlier.parquet").checks}
    assert "were expected" in found["calibration"].sentence
    assert f"of {len(rows):,} offers" in found["calibration"].sentence


def test_a_list_whose_days_are_not_over_is_refused(ask, finished):
    with pytest.raises(DataError, match="is not known yet"):
        ask(earlier=finished.summary.paths["list"])


def test_a_day_after_the_data_is_refused(ask):
    with pytest.raises(DataError, match="is after the data"):
        ask(as_of=date(2039, 1, 1))


def test_a_source_that_the_indicators_read_is_asked_for(ask, tmp_path):
    with pytest.raises(DataError, match="would count as moved") as caught:
        ask(data={"items": ()}, out=tmp_path / "monitor.json")
    assert "read the source 'items': give --data items=FILE" in str(caught.value)
    assert "customers" not in str(caught.value)
    assert not (tmp_path / "monitor.json").exists()


def test_a_source_that_no_indicator_reads_may_be_left_out(ask):
    found = ask(data={"customers": ()})
    assert not [one for one in found.alarms if one.check in ("psi", "auc", "missing", "schema")]


def test_all_missing_sources_are_named_at_once():
    tables = {
        "shop-lines": "lines",
        "articles": "items",
        "people": "customers",
        "calls": "contacts",
    }
    meta = {
        "families": ["rfm", "category", "attributes"],
        "sources": [{"name": name, "table": table} for name, table in tables.items()],
    }
    given = [SimpleNamespace(table="lines")]
    with pytest.raises(DataError) as caught:
        _refuse_missing(SimpleNamespace(meta=meta), given)
    assert [text.rpartition("--data ")[2] for text in caught.value.problems] == [
        "articles=FILE",
        "people=FILE",
    ]
    _refuse_missing(SimpleNamespace(meta=meta | {"families": ["rfm"]}), given)
    meta["sources"][1]["kind"] = "sql"
    with pytest.raises(DataError, match="'articles' from a database, which no file can take the"):
        _refuse_missing(SimpleNamespace(meta=meta), given)
