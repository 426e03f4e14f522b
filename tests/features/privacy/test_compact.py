from contextlib import closing
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from features.privacy.compact import compact


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "it's a shop.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(
            "CREATE TABLE lines (customer_id VARCHAR NOT NULL, price DECIMAL(18, 4), n UBIGINT,"
            ' "at" TIMESTAMP, day DATE, kept BOOLEAN, rules JSON, share DOUBLE)'
        )
        connection.execute(
            "INSERT INTO lines VALUES ('a''b', 12345678901234.0001, 18446744073709551615,"
            " '2024-01-02 03:04:05.123456', '1890-01-01', true, '{\"x\": [1]}', 0.1),"
            " ('\U0001f600', NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        )
        connection.execute("CREATE TABLE nothing (a INTEGER)")
        connection.execute(
            "INSERT INTO lines (customer_id) SELECT 'SECRET' || i FROM range(9) t(i)"
        )
        connection.execute("DELETE FROM lines WHERE customer_id LIKE 'SECRET%'")
    return path


def content(path):
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        return (
            connection.execute("SELECT * FROM lines").fetchall(),
            connection.execute("SELECT count(*) FROM nothing").fetchall(),
            connection.execute("DESCRIBE lines").fetchall(),
        )


def test_every_value_and_type_stays_and_deleted_bytes_go(shop):
    before = content(shop)
    assert b"SECRET" in shop.read_bytes()
    compact(shop)
    assert content(shop) == before
    assert before[0][0][:5] == (
        "a'b",
        Decimal("12345678901234.0001"),
        18446744073709551615,
        datetime(2024, 1, 2, 3, 4, 5, 123456),
        date(1890, 1, 1),
    )
    assert b"SECRET" not in shop.read_bytes()
    assert [path.name for path in shop.parent.iterdir()] == [shop.name]


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(duckdb.Error):
        compact(path)
    assert path.read_bytes() == b"nothing of the kind" * 1000
    assert [one.name for one in tmp_path.iterdir()] == ["x.duckdb"]
