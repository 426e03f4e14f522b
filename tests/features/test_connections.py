import duckdb
import pytest

from features.connections import connect, connect_to_read


def write(path, value):
    connection = connect(path)
    connection.execute(f"CREATE OR REPLACE TABLE t AS SELECT {value} AS x")
    connection.close()


def asked(connection):
    return connection.execute("SELECT x FROM t").fetchall()


def test_a_replaced_file_is_seen_as_it_is_now_while_others_keep_what_they_opened(tmp_path):
    path, other = tmp_path / "w.duckdb", tmp_path / "new.duckdb"
    write(path, 1)
    before = connect_to_read(path)
    write(other, 2)
    other.rename(path)
    after = connect_to_read(path)
    assert (asked(before), asked(after)) == ([(1,)], [(2,)])
    before.close()
    after.close()


def test_nothing_can_be_written_through_it(tmp_path):
    write(tmp_path / "w.duckdb", 1)
    connection = connect_to_read(tmp_path / "w.duckdb")
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("CREATE TABLE u AS SELECT 1")
    connection.close()


@pytest.mark.parametrize("content", [None, b"no database, but text that is long enough"])
def test_what_is_not_there_or_no_database_is_refused(tmp_path, content):
    path = tmp_path / "it's.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(duckdb.Error):
        connect_to_read(path)
    assert path.exists() == (content is not None)


def test_a_limit_of_memory_is_kept(tmp_path):
    connection = connect(tmp_path / "w.duckdb", "100MB")
    (limit,) = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    assert limit == "95.3 MiB"
    connection.close()
