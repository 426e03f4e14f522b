"""Every reader, given spoilt files: rows, or a sentence that says what is wrong with the file."""

import contextlib
import gzip
import io
import json
import sqlite3
import zipfile

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from features.sources import Source, SqlSource, open_reading
from features.sources.contract import checked_query
from features.warehouse import Warehouse
from lodeworks import LodeError

from .conftest import Fuzz

ADAPTER = TypeAdapter(Source)
NAMES = ("who", "what", "when", "pieces")
KEYS = {"customer_id": "who", "item_id": "what", "ordered_at": "when", "quantity": "pieces"}
ROWS = [(f"c{n % 7}", f"i{n % 5}", f"2024-02-{n % 28 + 1:02d} 10:00:00", n) for n in range(40)]
HIT = '10.0.0.%d - ann [17/May/2015:10:05:03 +0200] "GET /shop?q=%d HTTP/1.1" 200 512 "-" "a b"\n'


def table_of_bytes(write, frame):
    """Give the bytes that a writer of Arrow tables writes."""
    file = io.BytesIO()
    write(frame, file)
    return file.getvalue()


def parquet():
    """Write the rows as Parquet."""
    columns = dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))
    return table_of_bytes(pq.write_table, pa.table(columns))


def workbook():
    """Write the rows as a workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (NAMES, *ROWS):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def objects():
    """Give the rows as objects."""
    return [dict(zip(NAMES, row, strict=True)) for row in ROWS]


CSV = "\n".join(",".join(map(str, row)) for row in (NAMES, *ROWS)).encode()
LINES = "\n".join(map(json.dumps, objects())).encode()
SIGNS = [b"", b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xc3", b"\\", b"-"]
JSON = [b"{", b"}", b"[", b"]", b'"\\ud800"', b"1e999", b"NaN", b"[" * 3000, b'{"who":{', b":"]
HITS = [b"[", b"]", b'\\"', b"99/Foo/2015:", b"+9999", b" - ", b"GET " * 9]

FILES = {
    "csv": (CSV, SIGNS, {"columns": KEYS}),
    "json": (LINES, [*SIGNS, *JSON], {"columns": KEYS}),
    "array": (json.dumps(objects()).encode(), [*SIGNS, *JSON], {"columns": KEYS}),
    "parquet": (parquet(), [*SIGNS, b"PAR1", b"\x15\x00"], {"columns": KEYS}),
    "excel": (workbook(), [*SIGNS, b"PK\x03\x04"], {"columns": KEYS}),
    "access_log": (
        "".join(HIT % (n, n) for n in range(40)).encode(),
        [*SIGNS, *HITS],
        {"table": "own:hits", "columns": {"host": "host", "at": "time", "path": "path"}},
    ),
    "baskets": (
        "".join(f"{n} {n + 1} {n + 9}\n" for n in range(40)).encode(),
        [*SIGNS, b" -1 -2", b";", b"1:2:3"],
        {"day": "2024-05-31"},
    ),
    "spmf_utility": (
        "".join(f"{n} {n + 1}:30:10 20\n" for n in range(40)).encode(),
        [*SIGNS, b":", b"::", b"#", b"9" * 30, b"nan", b"1e5"],
        {"day": "2024-05-31"},
    ),
}
KIND = {"array": "json"}
ENDINGS = {"excel": "xlsx", "parquet": "parquet"}


def reads_or_says_why(source):
    """Read a source and judge its rows, as a load does; count the rows, or give what is said."""
    try:
        reading = open_reading(source)
        with contextlib.closing(duckdb.connect()) as connection:
            raw = reading.relation(connection)
            query = checked_query(source, reading.names, reading.types, raw, None)
            try:
                (found,) = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
            except duckdb.Error:
                if reading.failure is None:
                    return says_why(source)
                raise reading.failure from None
    except LodeError as error:
        return names_its_source(source, error)
    assert found + len(reading.malformed) == reading.rows
    return found


def names_its_source(source, error):
    """Check that a refusal says what is refused; give it."""
    assert source.name in str(error)
    return str(error)


def says_why(source):
    """Load a source, which must be refused in words: what DuckDB says is put into them there."""
    with pytest.raises(LodeError) as caught, Warehouse.open(None) as warehouse:
        warehouse.load([source])
    return str(caught.value)


@pytest.fixture(scope="module", params=FILES)
def spoilt(request, tmp_path_factory):
    """Give a kind: a strategy of changes, and what is done with them."""
    good, words, about = FILES[request.param]
    kind = KIND.get(request.param, request.param)
    path = tmp_path_factory.mktemp("fuzz") / f"lines.{ENDINGS.get(kind, 'txt')}"
    source = ADAPTER.validate_python({"kind": kind, "path": str(path), **about})

    def tried(content):
        path.write_bytes(content)
        return reads_or_says_why(source)

    assert tried(good) > 0
    return good, words, tried


@Fuzz.settings
@given(data=st.data())
def test_any_file_is_read_or_refused_in_words(spoilt, data):
    good, words, tried = spoilt
    tried(Fuzz.spoil(good, data.draw(Fuzz.spoilt(words))))


@Fuzz.settings
@given(changes=Fuzz.spoilt(SIGNS), inside=st.booleans(), cut=st.integers(0, 60))
def test_any_packed_file_is_read_or_refused_in_words(tmp_path_factory, changes, inside, cut):
    path = tmp_path_factory.getbasetemp() / "packed.csv.gz"
    packed = gzip.compress(Fuzz.spoil(CSV, changes) if inside else CSV, mtime=0)
    packed = packed if inside else Fuzz.spoil(packed, changes)
    path.write_bytes(packed[: len(packed) - cut])
    source = ADAPTER.validate_python({"kind": "csv", "path": str(path), "columns": KEYS})
    reads_or_says_why(source)


PARTS = ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
         "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]  # fmt: skip
MARKS = [
    b"<",
    b">",
    b"</c>",
    b'r="ZZZ9999999"',
    b't="s"',
    b"<v>99999</v>",
    b"&#0;",
    b"&amp;",
    b"\x00",
]


@Fuzz.settings
@given(part=st.sampled_from(PARTS), changes=Fuzz.spoilt(MARKS))
def test_any_part_of_a_workbook_is_read_or_refused_in_words(tmp_path_factory, part, changes):
    path = tmp_path_factory.getbasetemp() / "parts.xlsx"
    with zipfile.ZipFile(io.BytesIO(workbook_once())) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            bad.writestr(name, Fuzz.spoil(content, changes) if name == part else content)
    source = ADAPTER.validate_python({"kind": "excel", "path": str(path), "columns": KEYS})
    reads_or_says_why(source)


def workbook_once():
    """Give the workbook of `FILES`."""
    return FILES["excel"][0]


@Fuzz.settings
@given(changes=Fuzz.spoilt([*SIGNS, b"SQLite", b"CREATE TABLE"]))
def test_any_database_file_is_read_or_refused_in_words(tmp_path_factory, database, changes):
    path = tmp_path_factory.getbasetemp() / "spoilt.db"
    path.write_bytes(Fuzz.spoil(database, changes))
    given_url = {"url": f"sqlite:///{path}", "table_name": "orders"}
    reads_or_says_why(ADAPTER.validate_python({"kind": "sql", "columns": KEYS, **given_url}))


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Write the rows into a database and give its bytes."""
    path = tmp_path_factory.mktemp("database") / "good.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE orders (who, what, 'when', pieces)")
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", ROWS)
    return path.read_bytes()


SECRET = "s3cr3tw0rd"
SIGNS_OF_ADDRESSES = [
    *"/:@?=&#% ",
    "://",
    "sqlite",
    "postgresql",
    "%40",
    "${X}",
    "[::1",
    "65536",
    "\0",
]
ADDRESSES = st.lists(st.sampled_from(SIGNS_OF_ADDRESSES) | st.text(max_size=3), max_size=10)


@Fuzz.settings
@given(before=ADDRESSES.map("".join), after=ADDRESSES.map("".join), known=st.booleans())
def test_any_address_is_opened_or_refused_without_its_secret(before, after, known):
    start = "sqlite://" if known else before
    stated = {"url": f"{start}u:{SECRET}@{after}", "table_name": "t", "columns": KEYS}
    assert SECRET not in str(declared_or_said(stated, known))


def declared_or_said(stated, known):
    """Declare a database and open it where no machine is called; give what is shown of it."""
    try:
        source = SqlSource(**stated)
    except ValidationError as error:
        return error
    return source.path, reads_or_says_why(source) if known else None
