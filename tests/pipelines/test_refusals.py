"""Customers who opted out or did not consent are left out of texts, web usage and rejected rows."""

import json

import pandas as pd
import pytest

from features.sources import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError
from pipelines.cli import main
from pipelines.refusals import Refusals

KEY = "a key of the tests, long enough"
PEOPLE = "who,out,consent\nc1,no,yes\nc2,yes,yes\nc3,no,no\nc4,no,yes\n"
LINES = (
    "who,what,when\nc1,i1,2024-01-01\nc2,i1,2024-01-02\nc2,i2,oops\nc3,i2,never\nc4,c2,nothing\n"
)
TEXTS = [
    ("c1", "late delivery"),
    ("c2", "secret wish of a secret person"),
    ("c2", "secret wish again"),
    ("c3", "wish"),
    ("c4", "delivery late again"),
    (None, "late again"),
    ("c9", "late delivery"),
]


def source(folder, name, table, columns, hidden):
    who = {"from": "who", "pseudonymise": True} if hidden else "who"
    given = {"kind": "csv", "name": name, "table": table, "path": str(folder / f"{name}.csv")}
    return CsvSource(**given, columns={"customer_id": who, **columns})


def load(folder, *, hidden=False):
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "lines.csv").write_text(LINES)
    out = {"from": "out", "type": "boolean"}
    consent = {"from": "consent", "type": "boolean"}
    bought = {"item_id": "what", "ordered_at": "when"}
    with Warehouse.open(folder / "ws" / "warehouse.duckdb") as warehouse:
        warehouse.load(
            [
                source(folder, "people", "customers", {"opt_out": out, "consent": consent}, hidden),
                source(folder, "lines", "lines", bought, hidden),
            ]
        )
    return folder / "ws"


@pytest.fixture
def lode(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)

    def run(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_refusals_are_opt_outs_and_consents_not_given(tmp_path):
    found = Refusals.of(load(tmp_path))
    assert found.customers == {"c2", "c3"}
    assert found.among_named(["c1", "c2", "c9"]) == {"c2"}


def test_pseudonyms_are_found_with_the_key_and_refused_without(tmp_path, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY)
    place = load(tmp_path, hidden=True)
    found = Refusals.of(place)
    assert "c2" not in found.customers
    assert found.among_named(["c1", "c2", "c3", "c9"]) == {"c2", "c3"}
    assert found.among_named(found.customers) == found.customers
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    with pytest.raises(ConfigError, match="LODE_PSEUDONYM_KEY is not set"):
        Refusals.of(place)


def test_no_warehouse_is_said(tmp_path):
    with pytest.raises(DataError, match="nothing was loaded yet"):
        Refusals.of(tmp_path)


def test_texts_of_who_refused_are_not_learned_from(lode, tmp_path):
    place = load(tmp_path)
    pd.DataFrame(TEXTS, columns=["who", "said"]).to_csv("texts.csv", index=False)
    words = ("text", "texts.csv", "--column", "said", "--by", "who", "--segmenter", "bigrams")
    code, out, err = lode(*words, "--workspace", place, "--out", "out", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["texts"], told["left_out"]) == (4, {"customers": 2, "texts": 3})
    assert "secret" not in out
    people = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    assert sorted(people["customer_id"]) == ["c1", "c4", "c9"]
    texts = pd.read_parquet(tmp_path / "out" / "texts.parquet")
    assert texts["line"].tolist() == [2, 6, 7, 8]
    _, shown, _ = lode(*words, "--workspace", place)
    assert "2 customers left out who opted out or did not consent (3 texts)" in shown
    code, out, _ = lode(*words, "--json")
    assert json.loads(out)["texts"] == 7
    assert json.loads(out)["left_out"] is None


def test_texts_without_customers_cannot_be_left_out(lode, tmp_path):
    place = load(tmp_path)
    pd.DataFrame(TEXTS[1:3], columns=["who", "said"]).to_csv("texts.csv", index=False)
    words = ("text", "texts.csv", "--column", "said", "--workspace", place, "--out", "out")
    code, _, err = lode(*words)
    assert (code, "--workspace needs --by" in err) == (2, True)
    code, _, err = lode(*words, "--by", "who")
    assert (code, "every row is of a customer who opted out" in err) == (3, True)
    assert not (tmp_path / "out").exists()


def request(minute, user, page, host):
    at = f"01/May/2024:10:{minute:02}:00 +0000"
    return f'{host} - {user} [{at}] "GET {page} HTTP/1.1" 200 5 "-" "Firefox/27.0"\n'


LOG = [
    request(0, "-", "/before", "192.0.2.2"),  # c2 before signing in
    request(1, "c2", "/secret", "192.0.2.2"),
    request(2, "c1", "/", "192.0.2.1"),
    request(3, "c1", "/paid", "192.0.2.1"),
    request(4, "-", "/", "192.0.2.9"),
    request(5, "c3", "/secret", "192.0.2.3"),
]


def test_users_who_refused_leave_no_visit(lode, tmp_path):
    place = load(tmp_path)
    (tmp_path / "access.log").write_text("".join(LOG))
    words = ("web", "access.log", "--visitor-by", "user", "--step", "paid=^/paid")
    code, out, err = lode(*words, "--workspace", place, "--out", "web", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["left_out"], told["visitors"]["people"], told["requests"]["page"]) == (2, 2, 6)
    assert [row["reached"] for row in told["funnel"]] == [2, 1]
    assert {row["page"] for row in told["entry_pages"]} == {"/"}
    folder = tmp_path / "web"
    sessions = pd.read_parquet(folder / "sessions.parquet")
    assert sorted(sessions["customer_id"].dropna()) == ["c1"]
    assert len(pd.read_parquet(folder / "visitors.parquet")) == 2
    assert set(pd.read_parquet(folder / "views.parquet")["page"]) == {"/", "/paid"}
    assert "secret" not in (folder / "transitions.csv").read_text()
    _, shown, _ = lode(*words, "--workspace", place)
    assert "2 users left out who opted out or did not consent" in shown
    _, out, _ = lode(*words, "--json")
    assert (json.loads(out)["left_out"], json.loads(out)["visitors"]["people"]) == (None, 4)


def test_visitors_without_users_cannot_be_left_out(lode, tmp_path):
    place = load(tmp_path)
    (tmp_path / "access.log").write_text("".join(LOG))
    code, _, err = lode("web", "access.log", "--workspace", place, "--out", "web")
    assert (code, "--workspace needs --visitor-by user" in err) == (2, True)
    assert not (tmp_path / "web").exists()


def test_rejected_rows_of_who_refused_are_not_written(lode, tmp_path):
    place = load(tmp_path)
    code, out, err = lode("quality", "--workspace", place, "--rejected", "bad.csv")
    assert code == 0, err
    assert "2 rejected rows of customers who opted out or did not consent were not written" in out
    # the row of c4 mentions c2 as an item, which is another thing
    rows = pd.read_csv(tmp_path / "bad.csv")
    assert [json.loads(row)["who"] for row in rows["row"]] == ["c4"]
    _, out, _ = lode("quality", "--workspace", place, "--json")
    assert json.loads(out)["left_out"] is None
    assert sum(row["rows"] for row in json.loads(out)["rejected"]) == 3
