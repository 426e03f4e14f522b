"""Whatever reads a file refuses an endless line and a file that grows without end when unpacked."""

import gzip
import io
import zipfile
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from features import packed
from features.baskets import opening
from features.baskets.chunks import fimi_chunks, list_chunks
from features.baskets.fimi import read_fimi
from features.baskets.lists import read_lists
from features.baskets.spmf import read_spmf
from features.baskets.table import Columns
from features.baskets.table import read_table as read_rows
from features.sources import Source, open_reading, workbook
from features.sources import csv as csv_module
from features.sources import text as text_module
from lodeworks.errors import DataError
from pipelines.lists.tables import read_table as read_bounds
from pipelines.measuring import contacts, experiment, given_list, orders
from pipelines.mining.taxonomy import read_taxonomy

LIMIT = 64 << 10
LINES = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}
TABLE = b"c,i,t,customer_id,item_id,parent\n"
ROW = b"a,tea,2011-01-01,b,1,2\n"
LOG = b'10.0.0.1 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.1" 200 1\n'


def source(kind, **more):
    """Read all rows of a source of a kind."""

    def read(path):
        import duckdb

        declared = TypeAdapter(Source).validate_python({"kind": kind, "path": str(path), **more})
        reading = open_reading(declared)
        with duckdb.connect() as connection:
            try:
                connection.execute(f"SELECT count(*) FROM ({reading.relation(connection)})")
            except duckdb.Error as error:
                raise reading.failure or error from None

    return read


def all_of(chunks):
    """Read all chunks of a reader that gives some at a time."""
    return lambda path: list(chunks(path))


BOUNDS = {"needed": ["customer_id"]}
# How each reads, the rows that a file begins with, and a row to repeat.
READERS = {
    "csv": (source("csv", columns=LINES), TABLE, ROW),
    "json": (source("json", columns=LINES), b"", b'{"c": "a", "i": "b", "t": "2011-01-01"}\n'),
    "access log": (source("access_log", table="own:hits", columns={"host": "host"}), b"", LOG),
    "baskets": (source("baskets", day="2024-05-31"), b"", b"1 2 3\n"),
    "utilities": (source("spmf_utility", day="2024-05-31"), b"", b"1 2:3:1 2\n"),
    "mine fimi": (read_fimi, b"", b"1 2 3\n"),
    "mine fimi in chunks": (all_of(fimi_chunks), b"", b"1 2 3\n"),
    "mine lists": (read_lists, b"", b"a,b,c\n"),
    "mine lists in chunks": (all_of(list_chunks), b"", b"a,b,c\n"),
    "mine spmf": (read_spmf, b"", b"1 2 -1 3 -1 -2\n"),
    "mine table": (lambda path: read_rows(path, Columns("i", customer="c")), TABLE, ROW),
    "taxonomy": (read_taxonomy, b"item,parent\n", b"a,b\n"),
    "opt-outs and bounds": (lambda path: read_bounds(path, "opt-outs", **BOUNDS), TABLE, ROW),
    "list": (given_list._read, TABLE, ROW),
    "contacts": (contacts._read, TABLE, ROW),
    "orders": (orders.currencies, b"currency,c\n", b"EUR,a\n"),
    "experiment": (
        lambda path: experiment._read(type("Request", (), {"path": path})),
        TABLE,
        ROW,
    ),
}


@pytest.fixture
def small(monkeypatch):
    """Lower the limits, so that the files are small."""
    for module in (packed, opening, text_module, workbook):
        monkeypatch.setattr(module, "LONGEST_LINE", LIMIT)
    monkeypatch.setattr("features.baskets.lists.LONGEST_LINE", LIMIT)
    monkeypatch.setattr("features.sources.json_array.LONGEST_LINE", LIMIT)
    monkeypatch.setattr(csv_module, "_BLOCK", LIMIT)
    monkeypatch.setattr(packed, "_FREE", LIMIT)


def wrapped(content, path, is_packed):
    """Write the content, packed or not."""
    path.write_bytes(gzip.compress(content) if is_packed else content)
    return path


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("reader", READERS)
def test_an_endless_line_is_refused(small, tmp_path, reader, is_packed):
    read, start, row = READERS[reader]
    endless = start + row * 3 + row.rstrip(b"\n") + b"7" * (40 * LIMIT)
    with pytest.raises(DataError, match=r"longer than|looks like a zip bomb"):
        read(wrapped(endless, tmp_path / "file.csv", is_packed))


@pytest.mark.parametrize("reader", READERS)
def test_a_bomb_of_short_lines_is_refused(small, tmp_path, monkeypatch, reader):
    read, start, row = READERS[reader]
    monkeypatch.setattr(packed, "HIGHEST_RATIO", 20)
    path = wrapped(start + row * (40 * LIMIT // len(row)), tmp_path / "file.csv", True)
    with pytest.raises(DataError, match="looks like a zip bomb: it grows more than 20 times"):
        read(path)


def sheet_of(text):
    """Give a workbook of one sheet with one cell."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["c", "i", "t"])
    book.active.append(["a", "tea", "2011-01-01"])
    file, out = io.BytesIO(), io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                cell = b'<c t="inlineStr"><is><t>' + text + b"</t></is></c>"
                content = content.replace(b"</row></sheetData>", cell + b"</row></sheetData>")
            new.writestr(part.filename, content)
    return out.getvalue()


def test_an_endless_row_of_a_sheet_is_refused(small, tmp_path):
    path = tmp_path / "file.xlsx"
    path.write_bytes(sheet_of(Random(1).randbytes(2 << 20).hex().encode()))
    with pytest.raises(DataError, match="holds a row longer than"):
        source("excel", columns=LINES)(path)
    path.write_bytes(sheet_of(b"a" * 100))
    source("excel", columns=LINES)(path)


@pytest.mark.parametrize(
    "read",
    [
        source("parquet", columns=LINES),
        lambda path: read_rows(path, Columns("i", customer="c"), parquet=True),
        lambda path: read_bounds(path, "opt-outs", needed=["c"]),
        given_list._read,
        contacts._read,
    ],
    ids=["source", "mine", "bounds", "list", "contacts"],
)
def test_a_bomb_of_columns_is_refused(small, tmp_path, read):
    rows = pa.table({name: pa.array(["a" * 1000]).take([0] * 20_000) for name in ("c", "i", "t")})
    path = tmp_path / "file.parquet"
    pq.write_table(rows, path, compression="zstd", use_dictionary=False)
    with pytest.raises(DataError, match="looks like a zip bomb"):
        read(path)


def test_a_pattern_that_would_hang_other_engines_does_not(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b"c,i,t\n" + b"a" * 100_000 + b"!,tea,2011-01-01\naa,tea,2011-01-01\n")
    declared = {"kind": "csv", "path": str(path), "columns": LINES}
    rule = {"column": "customer_id", "matches": "^(a+)+$", "reason": "no a"}
    from features.warehouse import Warehouse

    checked = TypeAdapter(Source).validate_python({**declared, "rules": [rule], "max_rejected": 1})
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([checked]).to_dict()
    assert (report["rows_in"], report["rows_rejected"]) == (2, 1)
