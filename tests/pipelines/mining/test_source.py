import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lodeworks.errors import ConfigError, DataError
from pipelines.mining.source import Source

LISTS = "tea,jam\nmilk\noil,tea,soda\n"
TABLE = "order,item\n1,tea\n1,jam\n2,tea\n"


@pytest.fixture
def source(tmp_path):
    def make(content, name="a.txt", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Source(path, **options)

    return make


@pytest.mark.parametrize(
    ("content", "name", "options", "expected"),
    [
        ("1 2\n", "a.csv", {}, ("fimi", "by its content")),
        (LISTS, "a.csv", {}, ("baskets", "by its content")),
        (LISTS, "a.dat", {}, ("fimi", "by its ending .dat")),
        ("1\n2\n", "a.spmf", {}, ("spmf", "by its ending .spmf")),
        (TABLE, "a.txt", {}, ("csv", "by its content")),
        (LISTS, "a.txt", {"item": "x"}, ("csv", "a table, because --item names a column")),
        ("1 2\n", "a.txt", {"format": "baskets"}, ("baskets", "as --format says")),
    ],
)
def test_the_format_and_what_decided_it(source, content, name, options, expected):
    assert source(content, name, **options).decided() == expected


def test_a_file_of_no_format_is_named(source):
    with pytest.raises(DataError, match="cannot be read: it looks like a zip archive"):
        source(b"PK\x03\x04", "a.xlsx").decided()


def test_every_format_is_read(source, notebook, tmp_path):
    pq.write_table(pa.table({"order": [1, 1, 2], "item": ["1", "2", "2"]}), tmp_path / "t")
    names = {"item": "item", "basket": "order"}
    sources = {
        "fimi": source("1 2\n2\n", "f"),
        "spmf": source("1 -1 2 -1 -2\n2 -1 -2\n", "s"),
        "baskets": source("1,2\n2\n", "b", format="baskets"),
        "csv": source("order,item\n1,1\n1,2\n2,2\n", "c", **names),
        "parquet": Source(tmp_path / "t", **names),
    }
    for name, given in sources.items():
        loaded = given.load(notebook)
        assert (loaded.baskets, loaded.items, loaded.about["format"]) == (2, 2, name)
        assert loaded.data.labels.tolist() == ["1", "2"]
        assert np.array_equal(loaded.data.counts, [1, 2])


def test_what_a_person_should_know_is_told(source, notebook):
    long = " ".join(map(str, range(10_000)))
    loaded = source(f"{long}\n1 2\n\n3\n").load(notebook)
    assert notebook.notes[0].endswith("a.txt: read as format 'fimi' (by its content)")
    assert notebook.notes[1:] == [
        "the longest basket has 10,000 items; 1 basket has more than 100 (25.00%): long baskets "
        "cost most, and --max-basket-size would cap them",
        "1 basket is empty and counted as such",
    ]
    assert loaded.about["longest_basket"] == 10_000
    assert loaded.about["long_baskets_share"] == 0.25


def test_notes_of_the_reader_are_passed_on(source, notebook):
    loaded = source("1 -1 2 -1 -2\n").load(notebook)
    assert loaded.about["notes"] == ["the file holds sequences; each line is taken as one basket"]
    assert loaded.about["notes"][0] in notebook.notes


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"format": "fimi", "item": "x", "time": "t"}, "--item, --time: format 'fimi' has no col"),
        ({"format": "csv"}, "format 'csv' needs --item COLUMN and one of --basket, --customer"),
        ({"format": "parquet", "item": "x"}, "format 'parquet' needs --item COLUMN and one of"),
        ({"delimiter": "ab"}, "--delimiter 'ab': one plain character is needed"),
        ({"delimiter": "é"}, "--delimiter 'é': one plain character is needed"),
    ],
)
def test_problems_are_told_before_reading(source, options, problem):
    (found,) = source(LISTS, **options).problems()
    assert problem in found


def test_a_table_that_was_recognised_needs_its_columns(source, notebook):
    with pytest.raises(ConfigError, match="format 'csv' needs --item COLUMN"):
        source(TABLE).load(notebook)


def test_a_missing_file_is_told_with_the_nearest(source, tmp_path):
    source(LISTS, "baskets.csv")
    missing = tmp_path / "basket.csv"
    assert Source(missing).problems() == [f"no file {missing}; did you mean 'baskets.csv'?"]
    assert Source(tmp_path / "x" / "y").problems() == [f"no file {tmp_path / 'x' / 'y'}"]
    assert Source(tmp_path).problems() == [f"{tmp_path} is a folder, not a file"]
