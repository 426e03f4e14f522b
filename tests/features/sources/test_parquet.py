from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

KEYS = {"customer_id": "customer", "item_id": "item", "ordered_at": "when"}


@pytest.fixture
def file(tmp_path, declare):
    def make(columns=None, content=None, **more):
        path = tmp_path / "sales.parquet"
        if content is None:
            pq.write_table(pa.table(columns), path)
        else:
            path.write_bytes(content)
        return declare("parquet", **{"path": str(path), "columns": KEYS, **more})

    return make


GOOD = {
    "customer": pa.array([17850.0, None, 3.0]),
    "item": ["a", "b", "c"],
    "when": pa.array([datetime(2011, 1, 1), datetime(2011, 1, 2), None], pa.timestamp("us")),
}


def test_types_of_the_file_are_kept(file, judge):
    judged = judge(file(GOOD))
    assert judged.good == [
        {"line": 1, "customer_id": "17850", "item_id": "a", "ordered_at": datetime(2011, 1, 1)}
    ]
    assert judged.bad == [
        (2, "customer_id is missing", "customer_id is missing"),
        (3, "ordered_at is missing", "ordered_at is missing"),
    ]
    assert judged.accounted


def test_all_missing_columns_are_listed_with_the_nearest(file, refusal):
    said = refusal(file({"customer": ["c"], "itm": ["a"], "wen": ["x"]}))
    assert "lacks 2 of the mapped columns" in said
    assert "'item': did you mean 'itm'?" in said


def test_files_that_are_none(file, refusal, tmp_path):
    source = file(GOOD)
    whole = (tmp_path / "sales.parquet").read_bytes()
    missing = source.model_copy(update={"path": "no.parquet"})
    assert "there is no such file" in refusal(missing)
    assert "is empty" in refusal(file(content=b""))
    assert "is declared as Parquet but looks like text" in refusal(file(content=b"a,b\n"))
    assert "looks cut off or damaged" in refusal(file(content=whole[:-20]))


def test_a_file_without_rows_has_none(file, read):
    reading, rows = read(file({name: pa.array([], pa.string()) for name in GOOD}))
    assert (reading.rows, rows) == (0, [])
