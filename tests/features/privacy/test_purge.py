import json

import duckdb
import pytest

from features.privacy import compact, purge
from features.privacy.purge import customer_columns, names_customers, traces


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        opened.execute("CREATE TABLE lines (customer_id VARCHAR, item_id VARCHAR)")
        opened.execute("INSERT INTO lines VALUES ('a', 'x'), ('b', 'a'), (NULL, 'a')")
        opened.execute("CREATE TABLE own (kunden_nr BIGINT, note VARCHAR)")
        opened.execute("INSERT INTO own VALUES (7, 'seven'), (77, 'more'), (NULL, '7')")
        opened.execute("CREATE TABLE rejected (reason VARCHAR, row VARCHAR, rule VARCHAR)")
        yield opened


def reject(connection, row, reason="bad"):
    text = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
    connection.execute("INSERT INTO rejected VALUES (?, ?, 'rule')", [reason, text])


@pytest.mark.parametrize(
    "name", ["customer_id", "CustomerID", "Kunden-Nr", "client_no", "customer"]
)
def test_names_that_say_who(name):
    assert names_customers(name)


@pytest.mark.parametrize("name", ["item_id", "customers_in_town", "amount", "id", "idcustomer"])
def test_names_that_do_not(name):
    assert not names_customers(name)


def test_columns_of_customers_are_found_in_every_table(connection):
    assert customer_columns(connection) == {"lines": ["customer_id"], "own": ["kunden_nr"]}


def test_only_rows_of_the_customer_go(connection):
    assert purge(connection, ["a"]) == {"lines": 1, "own": 0, "rejected": 0}
    assert connection.execute("FROM lines").fetchall() == [("b", "a"), (None, "a")]


def test_numbers_are_compared_as_they_read(connection):
    assert purge(connection, ["7"]) == {"lines": 0, "own": 1, "rejected": 0}
    assert connection.execute("SELECT note FROM own").fetchall() == [("more",), ("7",)]


@pytest.mark.parametrize(
    "row",
    [
        {"who": "a1"},
        {"who": " A1 "},
        {"list": ["x", {"deep": "a1"}]},
        ["a1", "2"],
        '"z;A1;x"',
        "not json, a1",
        {"text": "letter of a1, again"},
    ],
)
def test_a_rejected_row_about_the_customer_loses_its_content(connection, row):
    reject(connection, row)
    purge(connection, ["A1"])
    assert connection.execute("FROM rejected").fetchall() == [("rule", "null", "rule")]


@pytest.mark.parametrize("row", [{"who": "a12"}, ["xa1"], '"a-1"', None])
def test_a_rejected_row_about_another_stays(connection, row):
    reject(connection, row)
    before = connection.execute("FROM rejected").fetchall()
    purge(connection, ["a1"])
    assert connection.execute("FROM rejected").fetchall() == before


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "Zoë", "王", "it's"])
def test_odd_names_are_found_in_rejected_rows_too(connection, name):
    reject(connection, {"who": name})
    reject(connection, json.dumps({"who": name}))
    assert traces(connection, [name])["rejected"] == 2


def test_a_reason_that_names_the_customer_is_replaced(connection):
    reject(connection, {"x": "1"}, reason="customer_id: 'a1' is given twice")
    purge(connection, ["a1"])
    assert connection.execute("SELECT reason FROM rejected").fetchall() == [("rule",)]


def test_deleted_rows_leave_no_bytes_once_the_file_is_compact(tmp_path):
    path = tmp_path / "w.duckdb"
    name = "customer-0815-of-the-shop"
    with duckdb.connect(str(path)) as opened:
        opened.execute("CREATE TABLE t (customer_id VARCHAR NOT NULL, n INTEGER)")
        opened.execute("INSERT INTO t VALUES (?, 1), ('other', 2)", [name])
    assert name.encode() in path.read_bytes()
    with duckdb.connect(str(path)) as opened:
        purge(opened, [name])
    compact(path)
    assert name.encode() not in path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["w.duckdb"]
    with duckdb.connect(str(path), read_only=True) as opened:
        assert opened.execute("FROM t").fetchall() == [("other", 2)]
