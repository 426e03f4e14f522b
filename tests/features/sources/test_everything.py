import gzip

import pandas as pd
import pytest
from pydantic import ValidationError

from features.sources import CsvSource, JsonSource, ParquetSource, with_all_columns
from features.warehouse import Warehouse
from lodeworks.errors import DataError

TEXT = """who,age,score,code,born,seen,empty,word,huge
1,20,1.5,007,1990-01-31,2020-01-01 10:00:00,,tea,9e15
2, ,-2e3,012,1991-02-28,2020-01-02T11:30:00,,inf,1
3,40,.5,1,,2020-01-03,,3,2
"""


def source(path, **more):
    return CsvSource(
        path=str(path), table="own:people", **{"columns": {}, "all_columns": True, **more}
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TEXT)
    return path


def test_types_are_those_of_every_value_of_the_file(path):
    found = with_all_columns(source(path))
    assert {name: spec.type for name, spec in found.columns.items()} == {
        "who": "number",
        "age": "number",
        "score": "number",
        "code": "text",
        "born": "date",
        "seen": "timestamp",
        "empty": "text",
        "word": "text",
        "huge": "text",
    }
    assert with_all_columns(found) is found


def test_one_late_word_makes_a_long_column_text(tmp_path):
    path = tmp_path / "long.csv.gz"
    path.write_bytes(gzip.compress(b"n,m\n" + b"1,2\n" * 50_000 + b"1,two\n"))
    types = {n: s.type for n, s in with_all_columns(source(path)).columns.items()}
    assert types == {"n": "number", "m": "text"}


def test_declared_columns_keep_what_was_declared(path):
    found = with_all_columns(source(path, columns={"customer": "who"}))
    assert found.columns["customer"].source == "who"
    assert found.columns["customer"].type is None
    assert "who" not in found.columns
    assert list(found.columns)[:2] == ["customer", "age"]


def test_all_rows_are_loaded_with_these_types(path):
    with Warehouse.open(None) as warehouse:
        report = warehouse.add([source(path, columns={"customer": "who"})])
        rows = warehouse.table("people").to_pandas().sort_values("customer")
    assert report.to_dict()["rows_rejected"] == 0
    assert rows["customer"].tolist() == ["1", "2", "3"]
    assert rows["score"].tolist() == [1.5, -2000.0, 0.5]
    assert rows["code"].tolist() == ["007", "012", "1"]
    assert rows["age"].isna().tolist() == [False, True, False]


def test_parquet_keeps_its_own_types(tmp_path):
    path = tmp_path / "p.parquet"
    frame = pd.DataFrame({"n": [1, 2], "t": ["1", "b"], "b": [True, False]})
    frame.assign(d=pd.to_datetime(["2020-01-01", None])).to_parquet(path)
    found = with_all_columns(ParquetSource(path=str(path), table="own:p", columns="all"))
    types = {name: spec.type for name, spec in found.columns.items()}
    assert types == {"n": "number", "t": "text", "b": "boolean", "d": "timestamp"}


def test_names_that_cannot_be_taken_over_are_all_named(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("line,a,A,c7\n1,2,3,4\n")
    with pytest.raises(DataError) as caught:
        with_all_columns(source(path))
    told = str(caught.value)
    assert "'line': is a column of the warehouse's own" in told
    assert "'a': stands twice" in told
    assert "'A': stands twice" in told
    assert "'c7': is a column of the warehouse's own" in told
    kept = with_all_columns(source(path, columns={"row": "line", "b": "A", "seven": "c7"}))
    assert sorted(kept.columns) == ["a", "b", "row", "seven"]


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        (CsvSource, {"table": "customers", "columns": {"customer_id": "who"}}, "write own:NAME"),
        (JsonSource, {"table": "own:people", "columns": {}}, "only CSV, Parquet and Excel files"),
    ],
)
def test_what_cannot_give_all_columns_says_so(kind, more, told):
    with pytest.raises(ValidationError, match=told):
        kind(path="people.csv", all_columns=True, **more)
