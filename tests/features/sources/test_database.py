import sqlite3
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.sources import SqlSource, open_reading
from features.sources.database import SqlReading
from features.warehouse import Warehouse
from lodeworks.errors import DataError, NotInstalled

pytest.importorskip("sqlalchemy", reason="the extra 'sql' is not installed")

COLUMNS = {
    "customer_id": "who",
    "item_id": "what",
    "ordered_at": "at",
    "quantity": "pieces",
    "price": "price",
}
ORDERS = [
    ("c1", "a", "2011-05-04 10:00:00", 2, 1.5),
    ("c2", "b", "2011-05-05 11:00:00", 1, 3.0),
    ("c2", "b", "never", 1, 3.0),
]


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (who, what, at, pieces, price)")
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", ORDERS)
    return path


def source_of(path, **more):
    if not {"query", "table_name"} & set(more):
        more["table_name"] = "orders"
    return SqlSource(url=f"sqlite:///{path}", **{"columns": COLUMNS, **more})


def test_a_table_is_read_whole(shop, judge):
    judged = judge(source_of(shop))
    assert judged.reading.names == ["who", "what", "at", "pieces", "price"]
    assert [row["customer_id"] for row in judged.good] == ["c1", "c2"]
    assert judged.good[0]["ordered_at"] == datetime(2011, 5, 4, 10)
    assert judged.bad == [
        (3, "ordered_at is not a timestamp", "ordered_at: 'never' is not a timestamp")
    ]
    assert judged.accounted


def test_a_query_may_compute_filter_and_hold_colons(shop, read):
    query = """SELECT who, upper(what) AS what, at || ':30' AS at, pieces, price
               FROM orders WHERE at <> '12:30' AND who = 'c1';"""
    _, rows = read(source_of(shop, query=query))
    assert rows == [(1, "c1", "A", "2011-05-04 10:00:00:30", "2", "1.5")]


@pytest.mark.parametrize("batch_rows", [1, 2, 10_000])
def test_the_size_of_batches_changes_nothing(shop, read, batch_rows):
    _, rows = read(source_of(shop, batch_rows=batch_rows))
    assert [row[:3] for row in rows] == [(1, "c1", "a"), (2, "c2", "b"), (3, "c2", "b")]


def test_views_are_tables(shop, read):
    with sqlite3.connect(shop) as database:
        database.execute("CREATE VIEW some AS SELECT * FROM orders WHERE who = 'c1'")
    _, rows = read(source_of(shop, table_name="some"))
    assert len(rows) == 1


def test_nothing_can_be_written_there(shop, refusal):
    before = shop.read_bytes()
    assert "readonly" in refusal(source_of(shop, query="DELETE FROM orders"))
    assert "readonly" in refusal(source_of(shop, query="DELETE FROM orders RETURNING *"))
    assert shop.read_bytes() == before


def test_a_missing_file_is_not_made(tmp_path, refusal):
    said = refusal(source_of(tmp_path / "no.db"))
    assert "no.db): there is no such file" in said
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_refused(tmp_path, refusal):
    (tmp_path / "notes.db").write_text("who,what\n" * 200)
    assert "file is not a database" in refusal(source_of(tmp_path / "notes.db"))


def test_a_missing_table_offers_the_nearest(shop, refusal):
    said = refusal(source_of(shop, table_name="ordrs"))
    assert "has no table 'ordrs'; did you mean 'orders'?" in said


def test_missing_columns_are_listed_all_at_once(shop, refusal):
    columns = {**COLUMNS, "price": "prise", "quantity": "piece"}
    said = refusal(source_of(shop, columns=columns))
    assert "lacks 2 of the mapped columns" in said
    assert "'piece': did you mean 'pieces'?" in said
    assert "'prise': did you mean 'price'?" in said


def test_a_column_that_stands_twice_is_refused(shop, refusal):
    said = refusal(source_of(shop, query="SELECT *, who FROM orders"))
    assert "more than one column named who" in said


def test_a_wrong_query_says_what_the_database_says(shop, refusal):
    assert 'near "SELEC": syntax error' in refusal(source_of(shop, query="SELEC 1"))


def test_an_empty_table_has_no_rows(shop, read):
    reading, rows = read(source_of(shop, query="SELECT * FROM orders WHERE 0"))
    assert (reading.rows, rows) == (0, [])


def test_columns_that_change_between_look_and_reading_are_refused(shop):
    reading = open_reading(source_of(shop))
    with sqlite3.connect(shop) as database:
        database.execute("ALTER TABLE orders ADD COLUMN more")
    connection = duckdb.connect()
    with pytest.raises(duckdb.Error):
        connection.execute(reading.relation(connection)).fetchall()
    assert "changed its columns while it was read" in str(reading.failure)


def test_without_the_extra_the_message_says_what_to_install(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(NotInstalled) as caught:
        open_reading(source_of(shop))
    assert "pip install 'lodeworks[sql]'" in str(caught.value)


def test_a_missing_driver_is_named():
    source = SqlSource(url="mysql+pymysql://me:hidden@h/shop", table_name="t", columns=COLUMNS)
    with pytest.raises(NotInstalled) as caught:
        open_reading(source)
    assert "needs the driver 'pymysql'" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_an_unknown_dialect_is_refused(refusal):
    source = SqlSource(url="oracel://me:hidden@h/shop", table_name="t", columns=COLUMNS)
    said = refusal(source)
    assert "knows no such dialect" in said
    assert "hidden" not in said


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)


@given(st.lists(st.tuples(cells, st.integers(-(2**60), 2**60), st.booleans()), max_size=30))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rows_come_back_as_they_were_written(tmp_path_factory, read, rows):
    path = tmp_path_factory.mktemp("sql") / "t.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a, b, c)")
        database.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    source = SqlSource(
        url=f"sqlite:///{path}", table_name="t", table="customers", columns={"customer_id": "a"}
    )
    reading, found = read(source)
    assert [row[1:] for row in found] == [(a, str(b), str(int(c))) for a, b, c in rows]
    assert reading.rows == len(rows)


def test_an_address_may_be_looked_up_when_it_is_needed(shop, read, refusal, monkeypatch):
    source = SqlSource(url="${SHOP_DB}", table_name="orders", columns=COLUMNS)
    monkeypatch.delenv("SHOP_DB", raising=False)
    assert "the environment variable SHOP_DB is not set" in refusal(source)
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{shop}")
    assert len(read(source)[1]) == 3
    kept = SqlSource(url="${SHOP_DB}", path="sqlite:///x.db", table_name="t", columns=COLUMNS)
    assert kept.path == "sqlite:///x.db"


# PostgreSQL, over a real connection.


@pytest.fixture
def orders(postgres):
    """A table of 5,000 rows with the types that databases have."""
    postgres.run(
        "DROP SCHEMA IF EXISTS till CASCADE",
        "CREATE SCHEMA till",
        """CREATE TABLE till.orders AS SELECT
               n::bigint AS number, 'c' || n % 7 AS who, 'i' || n % 11 AS what,
               timestamptz '2011-05-04 10:00:00+02' + n * interval '1 minute' AS at,
               date '2011-05-04' AS day, (n % 5 + 1)::numeric(9, 3) AS pieces,
               (n / 100.0)::numeric(12, 2) AS price, n % 2 = 0 AS even,
               CASE WHEN n % 3 = 0 THEN NULL ELSE 'ü' END AS note
           FROM generate_series(1, 5000) AS n ORDER BY n""",
    )
    return postgres


def pg_source(server, **more):
    given = {"columns": COLUMNS, "table_name": "till.orders", "batch_rows": 500, **more}
    if "query" in given:
        del given["table_name"]
    return SqlSource(**{"url": server.url(), **given})


def test_postgresql_types_become_values(orders, judge):
    columns = {
        "number": {"from": "number", "type": "integer"},
        "who": "who",
        "at": {"from": "at", "type": "timestamp"},
        "day": {"from": "day", "type": "date"},
        "pieces": {"from": "pieces", "type": "number"},
        "price": {"from": "price", "type": "number"},
        "even": {"from": "even", "type": "boolean"},
        "note": "note",
    }
    query = "SELECT * FROM till.orders ORDER BY number"
    judged = judge(pg_source(orders, table="own:orders", query=query, columns=columns), "UTC")
    assert judged.bad == []
    assert len(judged.good) == judged.reading.rows == 5000
    assert judged.good[2] == {
        "line": 3,
        "number": 3,
        "who": "c3",
        "at": datetime(2011, 5, 4, 8, 3),
        "day": date(2011, 5, 4),
        "pieces": 4.0,
        "price": 0.03,
        "even": False,
        "note": None,
    }
    assert sum(Decimal(str(row["price"])) for row in judged.good) == Decimal("125025.00")


def test_postgresql_table_in_a_schema(orders, read):
    reading, rows = read(pg_source(orders))
    assert reading.rows == len(rows) == 5000
    assert {row[2] for row in rows} == {f"c{n}" for n in range(7)}


def test_postgresql_rows_are_not_fetched_all_at_once(orders):
    """The server makes rows as they are asked for: the rest of a huge result is never made."""
    query = """SELECT 'c' AS who, 'i' AS what, '2011-01-01' AS at, 1 AS pieces,
               generate_series(1, 1000000000) AS price"""
    reading = open_reading(pg_source(orders, query=query))
    rows = reading._rows()
    assert [next(rows)[0] for _ in range(1500)] == list(range(1, 1501))
    rows.close()


def killed_after(postgres, rows):
    """Give a reading that loses its connection when `rows` rows have come."""

    class Killed(SqlReading):
        def _rows(self):
            for number, row in super()._rows():
                if number == rows:
                    postgres.run(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                    )
                yield number, row

    return Killed


def test_a_connection_that_drops_halfway_loads_nothing(orders, tmp_path, monkeypatch):
    monkeypatch.setattr("features.sources.database.SqlReading", killed_after(orders, 1200))
    place = tmp_path / "store" / "warehouse.duckdb"
    with Warehouse.open(place) as warehouse:
        with pytest.raises(DataError) as caught:
            warehouse.load([pg_source(orders)])
        assert not warehouse.is_loaded
    said = str(caught.value)
    assert f"source 'till.orders' (postgresql://127.0.0.1:{orders.port}/postgres)" in said
    assert "the connection was lost" in said
    assert orders.password not in said
    assert [path for path in place.parent.iterdir() if not path.name.endswith(".lock")] == []


def test_a_former_warehouse_survives_a_dropped_connection_and_a_retry_loads(
    orders, tmp_path, monkeypatch
):
    place = tmp_path / "warehouse.duckdb"
    with Warehouse.open(place) as warehouse:
        warehouse.load([pg_source(orders, query="SELECT * FROM till.orders WHERE number < 9")])
        before = warehouse.digest
        with monkeypatch.context() as patched:
            patched.setattr("features.sources.database.SqlReading", killed_after(orders, 1200))
            with pytest.raises(DataError, match=r"'till.orders'.* the connection was lost"):
                warehouse.load([pg_source(orders)])
        assert warehouse.digest == before
        assert warehouse.lines.count().to_pandas() == 8
        warehouse.load([pg_source(orders)])
        assert warehouse.lines.count().to_pandas() == 5000


def test_a_database_that_is_down_is_named_without_its_password(postgres, refusal):
    import socket

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        said = refusal(pg_source(postgres, url=postgres.url(port=port)))
    assert f"postgresql://127.0.0.1:{port}/postgres" in said
    assert "refused" in said
    assert postgres.password not in said


@pytest.mark.parametrize("word", ["wr0ng-w0rd", "p%40ss%2Fword"])
def test_a_refused_password_is_not_shown(postgres, refusal, word):
    said = refusal(pg_source(postgres, url=postgres.url(user="ann", password=word)))
    assert "password authentication failed" in said
    for secret in (word, "p@ss/word", "ann:", '"ann"'):
        assert secret not in said


def test_postgresql_is_asked_only_to_read(orders, refusal, read):
    orders.run("CREATE SEQUENCE till.counter")
    columns = {"customer_id": "who"}
    for query, answer in (
        ("DELETE FROM till.orders RETURNING *", 'syntax error at or near "DELETE"'),
        ("WITH gone AS (DELETE FROM till.orders RETURNING who) TABLE gone", "data-modifying"),
        ("SELECT nextval('till.counter') AS who", "read-only transaction"),
    ):
        source = pg_source(orders, query=query, table="customers", columns=columns)
        assert answer in refusal(source)
    _, rows = read(pg_source(orders))
    assert len(rows) == 5000


def test_a_missing_schema_or_table_is_named(orders, refusal):
    said = refusal(pg_source(orders, table_name="till.ordrs"))
    assert "has no table 'ordrs'; did you mean 'orders'?" in said
    assert "has no table 'orders'; it has no tables" in refusal(
        pg_source(orders, table_name="nowhere.orders")
    )


def test_words_of_a_name_are_quoted(postgres, read):
    name = 'odd "name"; DROP TABLE x'
    postgres.run(
        f'DROP TABLE IF EXISTS "{name.replace(chr(34), chr(34) * 2)}"',
        f'CREATE TABLE "{name.replace(chr(34), chr(34) * 2)}" (who text)',
        f"INSERT INTO \"{name.replace(chr(34), chr(34) * 2)}\" VALUES ('c1')",
    )
    source = pg_source(postgres, table_name=name, table="customers", columns={"customer_id": "who"})
    _, rows = read(source)
    assert rows == [(1, "c1")]


def test_the_tests_leave_no_server_behind(postgres):
    assert not Path(f"/var/run/postgresql/.s.PGSQL.{postgres.port}").exists()
