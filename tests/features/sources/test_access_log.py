import gzip
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sources.access_log import COLUMNS, parse_line, parse_lines

COMMON = '10.0.0.1 - ann [17/May/2015:10:05:03 +0200] "GET /shop?a=1 HTTP/1.1" 200 512'
COMBINED = COMMON + ' "http://example.org/" "Mozilla/5.0 (X11)"'
FIELDS = {"host": "host", "at": {"from": "time", "type": "timestamp"}, "page": "path"}


@pytest.fixture
def log(tmp_path, declare):
    def make(*lines, text=None, name="access.log", **more):
        path = tmp_path / name
        content = text if text is not None else "".join(f"{line}\n" for line in lines).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return declare(
            "access_log", **{"path": str(path), "table": "own:hits", "columns": FIELDS, **more}
        )

    return make


def test_a_combined_line_is_split():
    assert parse_line(COMBINED) == {
        "host": "10.0.0.1",
        "identity": None,
        "user": "ann",
        "time": "2015-05-17T10:05:03+02:00",
        "method": "GET",
        "path": "/shop?a=1",
        "protocol": "HTTP/1.1",
        "status": "200",
        "bytes": "512",
        "referrer": "http://example.org/",
        "agent": "Mozilla/5.0 (X11)",
    }


@pytest.mark.parametrize(
    ("line", "part", "value"),
    [
        (COMMON, "agent", None),
        (COMBINED.replace("512", "-"), "bytes", None),
        (COMBINED.replace("ann", "Ann Smith"), "user", "Ann Smith"),
        (COMBINED.replace("(X11)", r"\"X\" 11"), "agent", 'Mozilla/5.0 "X" 11'),
        (COMBINED.replace("GET /shop?a=1 HTTP/1.1", "GET /a b HTTP/1.1"), "path", "/a b"),
        (COMBINED.replace("GET /shop?a=1 HTTP/1.1", "GET /old"), "path", "/old"),
        (COMBINED.replace("GET /shop?a=1 HTTP/1.1", "GET /old"), "protocol", None),
        (COMBINED.replace("GET /shop?a=1 HTTP/1.1", r"\x16\x03\x01"), "method", None),
        (COMBINED.replace("GET /shop?a=1 HTTP/1.1", "-"), "path", None),
        (COMBINED.replace("10.0.0.1", "2001:db8::1"), "host", "2001:db8::1"),
        (COMBINED.replace("+0200", "-0930"), "time", "2015-05-17T10:05:03-09:30"),
        (COMBINED + "  ", "agent", "Mozilla/5.0 (X11)"),
    ],
)
def test_odd_lines_are_still_lines(line, part, value):
    assert parse_line(line)[part] == value


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        COMBINED[:-1],
        COMBINED.replace("May", "Mai"),
        COMBINED.replace("200", "OK"),
        COMBINED.replace("[", ""),
        COMBINED + ' "more"',
    ],
)
def test_other_lines_are_not(line):
    assert parse_line(line) is None


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)


@given(
    st.builds(dict, host=words, user=words, method=st.sampled_from(["GET", "POST"]),
              path=words.map("/".__add__), status=st.integers(100, 599).map(str),
              bytes=st.integers(0, 10**9).map(str),
              agent=st.text(st.characters(codec="utf-8", exclude_characters='"\\\r\n'),
                            min_size=2, max_size=9).filter(str.strip),
              day=st.dates()),
)  # fmt: skip
def test_what_is_written_is_read(hit):
    day = hit.pop("day")
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    stamp = f"{day.day:02d}/{months[day.month - 1]}/{day.year:04d}:01:02:03 +0000"
    line = (
        f"{hit['host']} - {hit['user']} [{stamp}] "
        f'"{hit["method"]} {hit["path"]} HTTP/1.0" {hit["status"]} {hit["bytes"]} '
        f'"-" "{hit["agent"]}"'
    )
    found = parse_line(line)
    assert {name: found[name] for name in hit} == hit
    assert found["time"] == f"{day.isoformat()}T01:02:03+00:00"


def test_many_lines_are_split_as_one_is():
    lines = [COMMON, "bad", COMBINED, ""]
    parsed = parse_lines(pa.array(lines))
    assert parsed.to_pylist() == [parse_line(line) for line in lines]
    assert [field.name for field in parsed.type] == list(COLUMNS)
    assert len(parse_lines(pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
def test_malformed_lines_are_kept_and_counted(log, judge, name):
    judged = judge(log(COMMON, "", "what is this", COMBINED, COMMON[:40], name=name), "UTC")
    assert [row["line"] for row in judged.good] == [1, 4]
    assert judged.bad == [
        (line, "no line of an access log", "not a line of a common or combined access log")
        for line in (3, 5)
    ]
    assert [row.text for row in judged.reading.malformed] == ["what is this", COMMON[:40]]
    assert judged.accounted
    assert str(judged.good[0]["at"]) == "2015-05-17 08:05:03"


def test_times_stand_as_written_unless_a_zone_is_stated(log, judge):
    assert str(judge(log(COMMON)).good[0]["at"]) == "2015-05-17 10:05:03"
    moved = judge(log(COMMON, timezone="America/New_York")).good[0]["at"]
    assert str(moved) == "2015-05-17 04:05:03"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("#Software: Microsoft Internet Information Services", "W3C extended log"),
        ('{"host": "10.0.0.1"}', "JSON"),
        ("www.example.org:80 " + COMBINED, "the virtual host in front"),
        ("[Sun May 17 10:05:03 2015] [error] no such file", "Apache's error log"),
        ("2015/05/17 10:05:03 [error] 12#0: *1 open()", "nginx's error log"),
        ("May 17 10:05:03 web sshd[12]: closed", "a syslog"),
        ("https 2015-05-17T10:05:03.1Z app/x 10.0.0.1:5", "a log of a load balancer"),
        ("1431857103.000    12 10.0.0.1 TCP_MISS/200 512", "the proxy Squid"),
        ("host,time,path", "a table; declare the source as kind csv"),
        ("It was a dark and stormy night", "something else"),
    ],
)
def test_a_log_in_another_format_is_named(log, refusal, line, name):
    said = refusal(log(line, line))
    assert "is declared as an access log but looks like" in said
    assert name in said


def test_one_good_line_among_the_first_hundred_is_enough(log, read):
    reading, rows = read(log(*["bad"] * 50, COMMON))
    assert (reading.rows, len(rows), len(reading.malformed)) == (51, 1, 50)


def test_unknown_columns_offer_the_nearest(log, refusal):
    said = refusal(log(COMMON, columns={"a": "hots", "b": "refferer"}))
    assert "lacks 2 of the mapped columns" in said
    assert "'hots': did you mean 'host'?" in said
    assert "'refferer': did you mean 'referrer'?" in said


def test_a_log_cut_short_or_empty_is_refused(log, refusal, tmp_path):
    assert "is empty" in refusal(log())
    source = log(*(COMMON.replace("512", str(n * n)) for n in range(30_000)), name="a.log.gz")
    path = tmp_path / "a.log.gz"
    path.write_bytes(path.read_bytes()[:-500])
    assert "looks cut off: the gzip stream ends" in refusal(source)


def test_an_endless_line_is_refused_with_its_limit(log, refusal, monkeypatch):
    monkeypatch.setattr("features.sources.text.LONGEST_LINE", 3 << 20)
    said = refusal(log(text=COMMON.encode() + b"\n" + b"a" * (5 << 20)))
    assert "line 2 is longer than 3 MiB, the longest that is read" in said


def test_too_many_malformed_lines_end_the_reading(log, refusal, monkeypatch):
    monkeypatch.setattr("features.sources.stream.MOST_MALFORMED", 10)
    assert "more than 10 rows cannot be read" in refusal(log(COMMON, *["bad"] * 11))


@pytest.mark.real
def test_the_real_log_has_one_malformed_line(real_data, judge, declare):
    path = real_data / "apache_access.log.gz"
    source = declare("access_log", path=str(path), table="own:hits", columns=FIELDS)
    judged = judge(source)
    assert judged.reading.rows == 10_000
    assert len(judged.good) == 9_999
    assert [line for line, *_ in judged.bad] == [8899]
    assert len({row["host"] for row in judged.good}) == 1753
    assert re.match("2015-05-17 10:05:03", str(judged.good[0]["at"]))


def test_a_log_in_another_encoding_is_read_in_it(log, judge, refusal):
    line = COMBINED.replace("/shop?a=1", "/caf\u00e9")
    content = f"{line}\n".encode("latin-1")
    rows = judge(log(text=content, encoding="latin-1"))
    assert "/caf\u00e9" in str(rows)
    assert "utf-8" in refusal(log(text=content)).lower()
