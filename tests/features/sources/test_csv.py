import codecs
import gzip
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.sources import CsvSource
from features.sources.csv import CsvReading
from lodeworks.errors import DataError

ROW = "1,o1,a,2011-01-01,1,2.5"


def read(source):
    reading = CsvReading(source)
    connection = duckdb.connect()
    try:
        query = reading.relation(connection)
        return reading, connection.execute(query).fetchall()
    except duckdb.Error:
        raise reading.failure from None
    finally:
        connection.close()


def refusal(source):
    with pytest.raises(DataError) as caught:
        read(source)
    return str(caught.value)


def test_values_are_read_as_text(csv_source):
    _, rows = read(csv_source("007,1e3,a,NA,, x "))
    assert rows == [(2, "007", "1e3", "a", "NA", "", " x ")]


def test_quotes_hold_delimiters_quotes_and_line_ends(csv_source):
    _, rows = read(csv_source('1,"o,1","a ""b""","2011\n-01",1,2', ROW))
    assert rows[0] == (2, "1", "o,1", 'a "b"', "2011\n-01", "1", "2")
    assert rows[1][0] == 3  # the number counts rows, as a spreadsheet does


def test_malformed_rows_are_kept_with_line_and_reason(csv_source):
    reading, rows = read(csv_source(ROW, "1,o1,a", ROW, ROW + ",extra", ROW))
    assert [row[0] for row in rows] == [2, 4, 6]
    assert [(bad.line, bad.reason, bad.text) for bad in reading.malformed] == [
        (3, "expected 6 fields, got 3", "1,o1,a"),
        (5, "expected 6 fields, got 7", ROW + ",extra"),
    ]
    assert reading.rows == 5


def test_line_numbers_stay_right_over_many_blocks(csv_source, monkeypatch):
    monkeypatch.setattr("features.sources.csv._BLOCK", 400)
    lines = ["short" if n % 7 == 3 else f"{n},o,i,t,1,1" for n in range(500)]
    reading, rows = read(csv_source(*lines))
    assert [row[0] for row in rows] == [n + 2 for n in range(500) if n % 7 != 3]
    assert all(row[1] == str(row[0] - 2) for row in rows)
    assert [bad.line for bad in reading.malformed] == [n + 2 for n in range(500) if n % 7 == 3]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_ends_do_not_matter(csv_source, end, last):
    text = end.join(["customer,order,item,when,pieces,price", ROW, ROW]) + (end if last else "")
    reading, rows = read(csv_source(text=text))
    assert len(rows) == reading.rows == 2
    assert rows[0][1:] == tuple(ROW.split(","))


@pytest.mark.parametrize(
    ("encoding", "bom"), [("utf-8", codecs.BOM_UTF8), ("latin-1", b""), ("utf-16", b"")]
)
def test_encodings_are_read_as_declared(csv_source, encoding, bom):
    text = "customer,order,item,when,pieces,price\nMüller,o,é,t,1,1\n"
    _, rows = read(csv_source(text=bom + text.encode(encoding), encoding=encoding))
    assert rows[0][1:4] == ("Müller", "o", "é")


def test_a_file_without_header_names_columns_by_position(csv_source):
    columns = {"customer_id": "1", "item_id": "3", "ordered_at": "4"}
    source = csv_source(text=f"{ROW}\n{ROW}\n", columns=columns, header=False)
    reading, rows = read(source)
    assert reading.names == ["1", "2", "3", "4", "5", "6"]
    assert [row[0] for row in rows] == [1, 2]


def test_gzip_is_known_by_its_bytes(csv_source, tmp_path):
    packed = tmp_path / "named.csv"
    packed.write_bytes(gzip.compress(f"customer,order,item,when,pieces,price\n{ROW}\n".encode()))
    _, rows = read(CsvSource(path=str(packed), columns=csv_source(ROW).columns))
    assert len(rows) == 1


def test_missing_file(csv_source, tmp_path):
    (tmp_path / "lines.csv").touch()
    source = CsvSource(path=str(tmp_path / "line.csv"), columns=csv_source(ROW).columns)
    assert "there is no such file; did you mean 'lines.csv'?" in refusal(source)


def test_empty_file(csv_source):
    assert "is empty" in refusal(csv_source(text=""))
    assert "its first row holds nothing" in refusal(csv_source(text="\n\n\n"))


def test_all_missing_columns_are_listed_with_the_nearest_name(csv_source):
    said = refusal(csv_source(ROW, first="customer,order,itme,wen,pieces,price"))
    assert "lacks 2 of the mapped columns" in said
    assert "'item': did you mean 'itme'?" in said
    assert "'when': did you mean 'wen'?" in said
    assert "sales.csv" in said


def test_another_delimiter_is_suspected(csv_source):
    said = refusal(csv_source(first="customer;order;item;when;pieces;price"))
    assert "looks separated by ';', not ','" in said


def test_a_column_named_twice_is_refused_only_when_mapped(csv_source):
    header = "customer,order,item,when,pieces,price,{},{}"
    _, rows = read(csv_source(ROW + ",x,y", first=header.format("note", "note")))
    assert rows[0][-2:] == ("x", "y")
    said = refusal(csv_source(ROW + ",x,y", first=header.format("item", "note")))
    assert "more than one column named item" in said


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_gzip_cut_off(csv_source, share):
    source = csv_source(*(f"{n},o{n * n},a,t,1,1" for n in range(50_000)), packed=True)
    path = Path(source.path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "looks cut off: the gzip stream ends" in refusal(source)


def test_damaged_gzip(csv_source):
    source = csv_source(*(f"{n},o{n * n},a,t,1,1" for n in range(5_000)), packed=True)
    path = Path(source.path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50] = b"\xff" * 50
    path.write_bytes(content)
    assert "is a damaged gzip file" in refusal(source)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"PAR1....", "Parquet"),
        (b"PK\x03\x04....", "a zip archive or an Excel workbook"),
        (b'{"a": 1}', "JSON"),
        (b"<html>", "HTML or XML"),
        (b"SQLite format 3\x00", "an SQLite database"),
        ("customer,item\n".encode("utf-16"), "UTF-16 text"),
        (b"a\x00b", "binary data"),
    ],
)
def test_another_format_is_named(csv_source, head, name):
    assert f"declared as CSV but looks like {name}" in refusal(csv_source(text=head))


def test_wrong_encoding_names_byte_and_line(csv_source):
    header = b"customer,order,item,when,pieces,price\n"
    for row in (b"1,o,\xe9,t,1,1\n", b"short \xe9\n"):
        said = refusal(csv_source(text=header + ROW.encode() + b"\n" + row))
        assert "is not text in encoding 'utf-8': byte 0xe9 in line 3" in said


def test_an_open_quote_is_suspected_in_an_endless_row(csv_source, monkeypatch):
    monkeypatch.setattr("features.sources.csv._BLOCK", 2000)
    said = refusal(csv_source('1,"o1,a,2011-01-01,1,2.5', *[ROW] * 500))
    assert "is a quote left open?" in said


def test_header_only_has_no_rows(csv_source):
    reading, rows = read(csv_source())
    assert (reading.rows, rows) == (0, [])


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\",'"), max_size=5)


@given(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_either_split_or_malformed(csv_source, rows):
    columns = {"customer_id": "a", "item_id": "b", "ordered_at": "c"}
    text = "\n".join(["a,b,c", *(",".join(row) for row in rows)]) + "\n"
    reading, split = read(csv_source(text=text, columns=columns))
    # A row with one empty cell is a blank line: it reads as a row of empty values.
    whole = {n for n, row in enumerate(rows, 2) if len(row) == 3 or row == [""]}
    assert reading.rows == len(rows)
    assert {row[0] for row in split} == whole
    assert {bad.line for bad in reading.malformed} == set(range(2, len(rows) + 2)) - whole
    for line, *values in split:
        assert values == (rows[line - 2] if rows[line - 2] != [""] else ["", "", ""])


def test_malformed_text_is_kept_readable(csv_source):
    reading, _ = read(csv_source("é" * 5000))
    assert len(reading.malformed[0].text) == 1000
    assert json.dumps(reading.malformed[0].text)


def test_too_many_malformed_rows_end_the_reading(csv_source, monkeypatch):
    monkeypatch.setattr("features.sources.stream.MOST_MALFORMED", 10)
    said = refusal(csv_source(ROW, *["short"] * 50, ROW))
    assert "more than 10 rows cannot be read" in said
