"""Catalogue, quality, doctor and forget as a person calls them."""

import json
import shutil

import pytest
import yaml

from features.sources import CsvSource
from features.warehouse import Warehouse
from pipelines.cli import main

LINES = "who,what,when\nc100,i1,2024-01-01\nc200,i1,2024-01-02\nc200,i2,oops\n"
PEOPLE = "who,mail,town\nc100,ann@example.org,Bonn\nc200,bob@example.org,\n"
COLUMNS = {"customer_id": "who", "item_id": "what", "ordered_at": "when"}


def config(folder, **mail):
    lines = {"kind": "csv", "table": "lines", "path": str(folder / "lines.csv"), "columns": COLUMNS}
    columns = {"customer_id": "who", "mail": {"from": "mail", **mail}, "town": "town"}
    people = {"kind": "csv", "table": "customers", "path": str(folder / "people.csv")}
    people["columns"] = columns
    path = folder / "shop.yaml"
    values = {"kind": "cross-sell", "name": "shop", "sources": [lines, people]}
    path.write_text(yaml.safe_dump(values | {"workspace": str(folder / "ws")}))
    return path


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "lines.csv").write_text(LINES)
    (folder / "people.csv").write_text(PEOPLE)
    sources = yaml.safe_load(config(folder).read_text())["sources"]
    with Warehouse.open(folder / "ws" / "warehouse.duckdb") as warehouse:
        warehouse.load([CsvSource(**source) for source in sources])
    return folder


@pytest.fixture
def shop(loaded, tmp_path):
    shutil.copytree(loaded, tmp_path / "shop")
    config(tmp_path / "shop")
    return tmp_path / "shop"


def lode(*words):
    return main([str(word) for word in words])


def test_catalog_lists_and_describes(shop, capsys):
    assert lode("catalog", "--workspace", shop / "ws") == 0
    assert "bought and returned lines" in capsys.readouterr().out
    assert lode("catalog", "lines.item_id", "--workspace", shop / "ws") == 0
    assert "indicators: basket" in capsys.readouterr().out


def test_catalog_as_json_and_page(shop, capsys):
    page = shop / "catalog.html"
    assert lode("catalog", "lines", "--workspace", shop / "ws", "--json", "--html", page) == 0
    values = json.loads(capsys.readouterr().out)
    assert [table["name"] for table in values["tables"]] == ["lines"]
    assert page.read_text().startswith("<!doctype html>")
    assert lode("catalog", "--workspace", shop / "ws", "--html", page) == 0
    assert capsys.readouterr().out.endswith(f"page      {page}\n")


def test_catalog_offers_the_nearest_name(shop, capsys):
    assert lode("catalog", "costumers", "--workspace", shop / "ws") == 2
    assert "did you mean 'customers'?" in capsys.readouterr().err


def test_without_a_warehouse_there_is_a_kind_error(tmp_path, capsys):
    for command in ("catalog", "quality"):
        assert lode(command, "--workspace", tmp_path / "none") == 3
        assert "nothing was loaded yet" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_quality_prints_writes_and_fails_on_a_broken_demand(shop, capsys):
    path = config(shop, completeness=1.0, unique=True)
    assert lode("quality", path, "--out", shop / "q.json", "--rejected", shop / "bad.csv") == 0
    assert "All demands on 1 columns are met." in capsys.readouterr().out
    assert json.loads((shop / "q.json").read_text())["broken"] == []
    assert "oops" in (shop / "bad.csv").read_text()
    wanted = yaml.safe_load(path.read_text())
    wanted["sources"][1]["columns"]["town"] = {"from": "town", "completeness": 0.9}
    path.write_text(yaml.safe_dump(wanted))
    assert lode("quality", path) == 3
    assert "customers.town: 50.00% complete, 90.00% demanded" in capsys.readouterr().out
    assert lode("quality", path, "--warn-only") == 0


def test_quality_counts_freshness_from_a_given_day(shop, capsys):
    words = ("quality", "--workspace", shop / "ws", "--as-of", "2024-01-12", "--json")
    assert lode(*words) == 0
    columns = json.loads(capsys.readouterr().out)["columns"]
    (moment,) = [row for row in columns if row["column"] == "ordered_at"]
    assert moment["age_days"] == 10


def test_a_report_of_another_kind_is_refused_before_any_work(shop, capsys):
    assert lode("quality", "--workspace", shop / "ws", "--out", shop / "q.pdf") == 2
    assert "must end in .html or .json" in capsys.readouterr().err
    assert not (shop / "q.pdf").exists()


def test_doctor_finds_what_is_not_tagged(shop, capsys):
    assert lode("doctor", "--workspace", shop / "ws") == 4
    shown = capsys.readouterr()
    assert "customers.mail: e-mail address? 99%" in shown.out
    assert "1 untagged columns look personal" in shown.err
    assert "ann@example.org" not in shown.out + shown.err


def test_doctor_is_content_with_a_tag_or_a_look(shop, capsys):
    assert lode("doctor", config(shop, tag="personal")) == 0
    assert lode("doctor", "--workspace", shop / "ws", "--accept", "customers.mail") == 0
    assert lode("doctor", "--workspace", shop / "ws", "--accept", "customers.male") == 2
    assert "did you mean 'customers.mail'?" in capsys.readouterr().err


def test_doctor_as_json_is_one_object(shop, capsys):
    assert lode("doctor", "--workspace", shop / "ws", "--json") == 4
    values = json.loads(capsys.readouterr().out)
    assert [one["column"] for one in values["personal"]["findings"]] == ["mail"]
    machine = {one["name"]: one["state"] for one in values["machine"]}
    assert machine["duckdb"] == "ok"
    assert {"python", "disk", "java", "key"} <= machine.keys()


def test_doctor_looks_at_the_machine_when_nothing_is_loaded(tmp_path, capsys):
    assert lode("doctor", "--workspace", tmp_path / "none") == 0
    assert "Nothing was loaded yet" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_forget_removes_and_certifies(shop, capsys, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    words = ("forget", "c200", "--reason", "letter of 3 May", "--workspace", shop / "ws")
    assert lode(*words, "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["left"] == 0
    assert values["removed"] > 0
    assert values["reason"] == "letter of 3 May"
    assert lode("catalog", "lines", "--workspace", shop / "ws") == 0
    assert "(1 rows)" in capsys.readouterr().out


def test_forget_tells_nothing_about_others(shop, capsys, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    assert lode("forget", "c201", "--workspace", shop / "ws") == 3
    shown = capsys.readouterr().err
    assert "knows no such customer" in shown
    assert "c200" not in shown


def test_forget_needs_the_key(shop, capsys, monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    assert lode("forget", "c200", "--workspace", shop / "ws") == 2
    assert "LODE_PSEUDONYM_KEY is not set" in capsys.readouterr().err
