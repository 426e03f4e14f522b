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


@pytest.mark.parametrize(
    ("days", "time_format", "said"),
    [
        (
            ("2023-01-31", "2023-02-30"),
            None,
            "3: column 'day' holds '2023-02-30': there is no",
        ),
        (
            ("2023-01-31", "13/13"),
            None,
            "3: column 'day' holds '13/13': not a time; ISO dates",
        ),
        (("2023-02-30", "x", "x"), None, "2: column 'day' holds '2023-02-30', the first of 3 such"),
        (
            ("13/01/2020",) * 2,
            None,
            "of 2 such .* give --time-format %d/%m/%Y: fits them all",
        ),
        (("01/02/2020",), None, "give --time-format %d/%m/%Y or %m/%d/%Y: both fit them all$"),
        (("5", "x", "7"), None, "3: column 'day' holds 'x': not a whole number, as other times"),
        (("31-01-2020", "2020-01-31"), "%d-%m-%Y", "3: .* not written as --time-format %d-%m-%Y$"),
        (("29-02-2024", "30-02-2023"), "%d-%m-%Y", "3: column 'day' holds '30-02-2023': no such"),
        (("2023-01-31T25:00",), None, "2: column 'day' holds '2023-01-31T25:00': there is no such"),
    ],
)
def test_times_that_cannot_be_read(file, days, time_format, said):
    text = "who,day,item\n" + "".join(f"x,{day},tea\n" for day in days)
    with pytest.raises(DataError, match=said) as refused:
        read_table_events(file(text), WHO, time_format=time_format)
    assert ", line " in refused.value.message
    assert ("give --time-format" in refused.value.message) == (
        days[0] in ("13/01/2020", "01/02/2020")
    )


def test_the_line_is_that_of_the_file(file):
    """Rows that are left out, empty lines and quoted line ends count as lines, too."""
    text = 'who,day,item\n,x,tea\n\nx,5,"a\nb"\n,y,tea\nx,late,tea\n'
    with pytest.raises(DataError, match="line 7: column 'day' holds 'late'"):
        read_table_events(file(text), WHO)


def test_a_row_of_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"who": [1, 2], "day": ["3", "x"], "item": ["a", "b"]}), path)
    with pytest.raises(DataError, match="row 2: column 'day' holds 'x'"):
        read_table_events(path, WHO, parquet=True)
