import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.baskets import Columns, read_spmf_utilities, read_table_utilities
from lodeworks.errors import DataError

ORDERS = Columns("item", basket="order")


def rows_of(read):
    names = read.names[read.codes].tolist()
    return list(zip(read.baskets.tolist(), names, read.utilities.tolist(), strict=True))


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_lines_of_items_and_utilities(file, name):
    read = read_spmf_utilities(file("# about\n3 1:9:4 5\n\n1:2:2\n", name))
    assert rows_of(read) == [(0, "3", 4), (0, "1", 5), (1, "1", 2)]
    assert (read.n_baskets, read.utilities.dtype) == (2, np.int64)


def test_names_that_the_file_states(file):
    read = read_spmf_utilities(file("@ITEM=1=green tea\n1 2:3:1 2\n"))
    assert [name for _, name, _ in rows_of(read)] == ["green tea", "2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1:2:2\n1 2:3:3\n", "line 2: not as many utilities as items"),
        ("1 2\n", "line 1: not as many utilities as items.*looks like format 'fimi'"),
        ("1 2:4:1 2\n", "line 1: the total is not the sum of the utilities"),
        ("1 2:-1:1 -2\n", "line 1: negative numbers are not supported"),
        ("tea,jam\n", "looks like format 'baskets'"),
    ],
)
def test_what_is_wrong_in_a_line(file, text, message):
    with pytest.raises(DataError, match=message):
        read_spmf_utilities(file(text))


@pytest.mark.parametrize(("worth", "kind"), [((3, 4), np.int64), ((0.1 + 0.2, 4.0), np.float64)])
@pytest.mark.parametrize("stored", [False, True])
def test_tables(file, tmp_path, worth, kind, stored):
    columns = {"order": [1, 1], "item": ["tea", "jam"], "worth": list(worth)}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    if not stored:
        path = file("order,item,worth\n" + f"1,tea,{worth[0]}\n1,jam,{worth[1]}\n,x,1\n")
    read = read_table_utilities(path, ORDERS, "worth", parquet=stored)
    assert rows_of(read) == [(0, "tea", worth[0]), (0, "jam", worth[1])]
    assert read.names.tolist() == ["jam", "tea"]
    assert read.utilities.dtype == kind
    assert len(read.notes) == (not stored)


@pytest.mark.parametrize(
    ("worth", "message"),
    [
        (
            "?",
            "line 4: column 'worth' holds '.', the first of 2 such values: not a number",
        ),
        (
            "-1",
            "line 4: column 'worth' holds '-1', the first of 2 such values: negative or",
        ),
        ("inf", "infinite"),
    ],
)
def test_utilities_that_are_none(file, worth, message):
    with pytest.raises(DataError, match=message):
        read_table_utilities(
            file(f"order,item,worth\n1,tea,3\n,tea,y\n1,jam,{worth}\n2,tea,{worth}\n"),
            ORDERS,
            "worth",
        )
