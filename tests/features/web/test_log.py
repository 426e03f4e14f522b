import gzip

import duckdb
import pytest

from features.web import load_hits
from lodeworks.errors import DataError


@pytest.fixture
def database():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")  # what a person set must not matter
        yield connection


def rows(database, query):
    return database.execute(query).fetchall()


def test_the_parts_of_a_line_are_read(database, log, line):
    text = line(path="/a?q=1", user="ann", status=404, referrer="http://x.example/y")
    assert load_hits(database, [log(text)]) == 1
    found = rows(database, 'SELECT place, host, "user", method, path, status, referrer FROM hits')
    assert found == [(1, "10.0.0.1", "ann", "GET", "/a?q=1", 404, "http://x.example/y")]
    assert rows(database, "SELECT agent FROM hits") == [
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/27.0",)
    ]
    assert rows(database, "SELECT count(*) FROM rejected") == [(0,)]


@pytest.mark.parametrize(
    "at",
    ["17/May/2015:10:00:00 +0000", "17/May/2015:12:00:00 +0200", "17/May/2015:04:30:00 -0530"],
)
def test_every_offset_means_the_same_moment(database, log, line, at):
    load_hits(database, [log(line(at=at))])
    assert rows(database, 'SELECT CAST("at" AS VARCHAR) FROM hits') == [("2015-05-17 10:00:00",)]


def test_the_common_format_has_no_program(database, log):
    load_hits(database, [log('10.0.0.1 - - [17/May/2015:10:00:00 +0000] "GET / HTTP/1.0" 200 -')])
    assert rows(database, "SELECT path, agent, referrer FROM hits") == [("/", None, None)]


def test_lines_that_are_no_requests_are_kept_with_their_number_and_reason(database, log, line):
    lines = [line(), line()[:-1], line(at="31/Feb/2015:10:00:00 +0000"), line()]
    assert load_hits(database, [log(*lines)]) == 4
    assert rows(database, "SELECT place FROM hits ORDER BY 1") == [(1,), (4,)]
    found = rows(database, "SELECT line, reason FROM rejected ORDER BY 1")
    assert found == [
        (2, "not a line of a common or combined access log"),
        (3, "at is not a timestamp"),
    ]


def test_no_rejected_line_tells_an_address(database, log, line):
    load_hits(database, [log(line(), line(host="192.0.2.77")[:-1])])
    assert "192.0.2.77" not in str(rows(database, "SELECT * FROM rejected"))


def test_parts_of_a_log_are_read_one_after_the_other(database, log, line):
    first = log(line(path="/a"), line(path="/b"), name="one")
    second = log(line(path="/c"), name="two", packed=True)
    assert load_hits(database, [first, second]) == 3
    assert rows(database, "SELECT place, path FROM hits ORDER BY 1") == [
        (1, "/a"),
        (2, "/b"),
        (3, "/c"),
    ]


def test_a_log_that_is_given_twice_is_refused_before_anything_is_read(database, log, line):
    first, again = log(line(), name="one"), log(line(), name="two")
    with pytest.raises(DataError, match="given twice") as caught:
        load_hits(database, [first, again])
    assert caught.value.problems == (f"{again} has the same content as {first}",)
    assert rows(database, "SHOW TABLES") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b,c\n1,2,3\n", "a table"),
        (b'{"host": "x"}\n', "JSON"),
        (b"<14>May 17 10:00:00 host program: text\n", "a syslog"),
        (gzip.compress(b"x" * 100_000)[:-20], "cut off"),
        (b"PAR1....", "Parquet"),
    ],
)
def test_what_is_no_log_is_named(database, tmp_path, content, said):
    path = tmp_path / "access.log"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        load_hits(database, [path])


def test_a_missing_file_is_named(database, tmp_path):
    (tmp_path / "access.log").touch()
    with pytest.raises(DataError, match=r"no such file; did you mean 'access\.log'\?"):
        load_hits(database, [tmp_path / "acess.log"])
