"""A run and a scoring that know customers by pseudonyms, and use the mart of contacts."""

from datetime import date

import pandas as pd
import pytest

from features.privacy import pseudonym
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError
from pipelines.run import run
from pipelines.score import score

KEY = "sixteen characters and more"
DAY = date(2024, 12, 31)
CHANGES = {
    "timezone": "Europe/London",
    "currency": "EUR",
    "privacy": {"pseudonymise": True, "min_group": 5},
    "features": {"families": ["rfm", "contacts"]},
    "candidates": [{"kind": "tree", "tune": False}],
    "tuning": {"trials": 0},
}


@pytest.fixture
def named(shop, tmp_path):
    """Name some customers who opted out in a file, as the shop names them."""
    people = pd.read_csv(shop.paths["customers"], dtype=str)["customer_id"]
    path = tmp_path / "out.csv"
    people.sample(150, random_state=3).to_csv(path, index=False)
    return path


@pytest.fixture
def config(prepared, shop, named):
    contacts = {
        "kind": "csv",
        "name": "contacts",
        "table": "contacts",
        "path": str(shop.paths["contacts"]),
        "columns": {"customer_id": "customer_id", "contacted_at": "contacted_on"},
    }
    plain = prepared()
    sources = [*plain.model_dump(mode="json", by_alias=True)["sources"], contacts]
    return prepared(**CHANGES, sources=sources, policy={"rows": 3, "opt_out": str(named)})


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY)


def test_run_and_score_give_one_list_of_pseudonyms(config, key, shop, named, tmp_path):
    summary = run(config)
    listed = pd.read_parquet(summary.paths["list"])
    people = set(listed["customer_id"])
    known = pd.read_csv(shop.paths["customers"], dtype=str)["customer_id"]
    assert people
    assert people <= set(pseudonym(known, KEY.encode()))
    assert not people & set(pseudonym(pd.read_csv(named, dtype=str)["customer_id"], KEY.encode()))

    data = {name: [shop.paths[name]] for name in ("lines", "items", "customers", "contacts")}
    given = {"data": data, "as_of": DAY, "opt_out": named}
    again = score(summary.paths["bundle"], out=tmp_path / "again.parquet", **given)
    columns = ["customer_id", "item_id", "rank"]
    pd.testing.assert_frame_equal(pd.read_parquet(again.out)[columns], listed[columns])
    assert again.values["economics"]["currency"] == "EUR"

    lacking = {name: files for name, files in data.items() if name != "contacts"}
    with pytest.raises(DataError, match="contacts: give --data contacts=FILE"):
        score(summary.paths["bundle"], out=tmp_path / "no.parquet", **{**given, "data": lacking})
    assert not (tmp_path / "no.parquet").exists()


def test_no_name_is_left_in_the_workspace(config, key, shop):
    summary = run(config)
    name = pd.read_csv(shop.paths["customers"], dtype=str)["customer_id"].iloc[0].encode()
    place = summary.paths["list"].parents[2]
    files = [path for path in place.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path.name for path in files if name in path.read_bytes()] == []
    with Warehouse.open(place / "warehouse.duckdb") as warehouse:
        facts = dict(warehouse.table("facts").to_pandas().to_numpy().tolist())
    assert (facts["timezone"], facts["currency"]) == ("Europe/London", "EUR")


def test_without_the_key_nothing_is_loaded(config, monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    with pytest.raises(ConfigError, match="LODE_PSEUDONYM_KEY is not set"):
        run(config)
