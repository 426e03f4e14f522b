from datetime import date

import pytest
import yaml

from features.warehouse import Warehouse
from lodeworks.errors import ConfigError
from pipelines.config import load as read
from pipelines.load import load


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A shop of two files, and where its warehouse will be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day-1.csv").write_text("c,i,t\na,tea,2011-01-01\n,tea,2011-01-01\n")
    (tmp_path / "people.csv").write_text("id,town\na,Bath\n")
    sales = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}
    people = {"customer_id": "id", "town": "town"}
    values = {
        "kind": "cross-sell",
        "name": "x",
        "sources": [
            {"kind": "csv", "name": "sales", "path": "day-*.csv", "columns": sales},
            {"kind": "csv", "path": "people.csv", "table": "customers", "columns": people},
        ],
    }
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_files_are_loaded_once(config, tmp_path):
    first = load(read(config))
    assert first.warehouse.resolve() == tmp_path / ".lode" / "warehouse.duckdb"
    assert "people: people.csv: loaded, 1 rows loaded, 0 rejected" in first.text()
    said = "sales: day-1.csv: loaded, 1 rows loaded, 1 rejected (1 customer_id is missing)"
    assert said in first.text()
    (tmp_path / "day-2.csv").write_text("c,i,t\nb,tea,2011-01-02\n")
    again = load(read(config)).to_dict()
    assert [one["status"] for one in again["sources"]] == ["unchanged", "unchanged", "loaded"]
    assert (again["rows_in"], again["rows_loaded"], again["rows_rejected"]) == (4, 3, 1)
    assert again["orphans"] == {"customer_id": 1}


def test_snapshots_of_a_day_make_history(config, tmp_path):
    load(read(config))
    (tmp_path / "people.csv").write_text("id,town\na,Hull\n")
    summary = load(read(config), only=["people"], effective=date(2011, 2, 1))
    with Warehouse.open(summary.warehouse) as warehouse:
        history = warehouse.table("customers_history").order_by("valid_from").to_pandas()
        assert sorted(history["town"]) == ["Bath", "Hull"]
        assert warehouse.lines.count().to_pandas() == 1


def test_a_source_that_is_not_there_is_refused_with_the_nearest(config, tmp_path):
    with pytest.raises(ConfigError, match="'peeple': did you mean 'people'"):
        load(read(config), only=["peeple"])
    assert not list(tmp_path.glob("**/*.duckdb"))


def test_replace_begins_anew(config):
    load(read(config))
    summary = load(read(config), only=["sales"], replace=True)
    with Warehouse.open(summary.warehouse) as warehouse:
        assert warehouse.loads.to_pandas()["source"].tolist() == ["sales"]


def test_the_zone_and_the_money_of_the_configuration_are_the_warehouse_s(config):
    stated = read(config, ["timezone=Europe/London", "currency=GBP"])
    summary = load(stated)
    with Warehouse.open(summary.warehouse) as warehouse:
        facts = dict(warehouse.table("facts").to_pandas().to_numpy().tolist())
    assert (facts["timezone"], facts["currency"]) == ("Europe/London", "GBP")
    before = summary.warehouse.read_bytes()
    with pytest.raises(ConfigError, match="timezone: Europe/London there, not stated here"):
        load(read(config))
    assert summary.warehouse.read_bytes() == before
    assert [one.status for one in load(stated).report.sources] == ["unchanged", "unchanged"]


def test_identifiers_are_hidden_as_the_configuration_says(config, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "sixteen characters and more")
    summary = load(read(config, ["privacy.pseudonymise=true"]))
    with Warehouse.open(summary.warehouse) as warehouse:
        (bought,) = warehouse.lines.customer_id.to_pandas()
        (known,) = warehouse.customers.customer_id.to_pandas()
    assert bought == known
    assert len(bought) == 32
