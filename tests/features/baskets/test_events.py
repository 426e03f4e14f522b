from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.baskets import Columns, read_spmf_sequences, read_table_events
from lodeworks.errors import DataError

WHO = Columns("item", customer="who", time="day")


def rows_of(read):
    names = read.names[read.codes].tolist()
    return list(zip(read.customers.tolist(), read.times.tolist(), names, strict=True))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 2 -1 3 -1 -2\n", [(0, 0, "1"), (0, 0, "2"), (0, 1, "3")]),
        ("1 -1 3\n\n3 -1 -2\n", [(0, 0, "1"), (0, 1, "3"), (1, 0, "3")]),
        ("-1 1 -1 -2\n2 -1\n", [(0, 1, "1"), (1, 0, "2")]),
        ("@ITEM=7=tea\n7 -1 -2\n", [(0, 0, "tea")]),
    ],
)
def test_lines_of_sequences(file, text, rows):
    assert rows_of(read_spmf_sequences(file(text, "a.gz"))) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n3\n", "no sequences, in which -1 ends a basket.*looks like format 'fimi'"),
        ("1 -1 -2\n1 -3\n", "line 2: no sequences"),
    ],
)
def test_files_without_sequences(file, text, message):
    with pytest.raises(DataError, match=message):
        read_spmf_sequences(file(text))


@pytest.mark.parametrize(
    ("days", "time_format", "expected"),
    [
        (("5", "-3"), None, (5, -3)),
        (("1970-01-02", "1969-12-31"), None, (1, -1)),
        (("1970-01-02 23:59:59", "1970-01-03T00:00:00"), None, (1, 2)),
        (("02-01-1970", "01-02-1970"), "%d-%m-%Y", (1, 31)),
        (("19700102", "19700103"), "%Y%m%d", (1, 2)),
    ],
)
def test_times_of_a_table(file, days, time_format, expected):
    text = "who,day,item\n" + "".join(f"x,{day},tea\n" for day in days)
    read = read_table_events(file(text), WHO, time_format=time_format)
    assert read.times.tolist() == list(expected)
    assert read.customers.tolist() == [0, 0]


def test_parquet_keeps_its_times(tmp_path):
    when = [datetime(1970, 1, 3, 12), datetime(1970, 1, 2)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"who": [1, 2], "day": when, "item": ["a", "b"]}), path)
    assert rows_of(read_table_events(path, WHO, parquet=True)) == [(0, 2, "a"), (1, 1, "b")]


def test_rows_with_gaps_are_left_out_and_counted(file):
    read = read_table_events(file("who,day,item\nx,1,tea\nx,,jam\n,1,oil\n"), WHO)
    assert rows_of(read) == [(0, 1, "tea")]
    assert read.notes == ("2 of 3 rows lack 'item' or 'who' or 'day' and are left out",)


@pytest.mark.parametrize("time_format", [None, "%d-%m-%Y"])
def test_a_time_that_cannot_be_read(file, time_format):
    with pytest.raises(DataError, match=r"column 'day': .*13/13.*give --time-format"):
        read_table_events(file("who,day,item\nx,13/13,tea\n"), WHO, time_format=time_format)
