from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.generate.writer import TableWriter

TABLE = pa.table(
    {
        "id": pa.array(["a", None, "c"], pa.string()),
        "price": [1.0, 2.5, 1234567.89],
        "day": [date(2023, 1, 2)] * 3,
        "yes": [True, False, True],
        "n": [1, -2, 3],
    }
)


def write(path, *tables):
    with TableWriter(path) as writer:
        for table in tables:
            writer.write(table)
    return path


def test_csv_is_plain_text_with_money_and_empty_cells(tmp_path):
    path = write(tmp_path / "t.csv", TABLE)
    assert path.read_text().splitlines() == [
        "id,price,day,yes,n",
        "a,1.00,2023-01-02,true,1",
        ",2.50,2023-01-02,false,-2",
        "c,1234567.89,2023-01-02,true,3",
    ]


def test_pieces_follow_each_other_under_one_header(tmp_path):
    lines = write(tmp_path / "t.csv", TABLE, TABLE).read_text().splitlines()
    assert len(lines) == 7
    assert lines[1:4] == lines[4:]


def test_parquet_keeps_types_and_values(tmp_path):
    path = write(tmp_path / "t.parquet", TABLE, TABLE)
    assert pq.read_table(path).equals(pa.concat_tables([TABLE, TABLE]))


def test_floating_point_dust_is_rounded_away_in_csv(tmp_path):
    path = write(tmp_path / "t.csv", pa.table({"price": [0.1 + 0.2, 4.989999999999]}))
    assert path.read_text().splitlines()[1:] == ["0.30", "4.99"]


def test_a_text_that_would_need_quotes_is_refused(tmp_path):
    with pytest.raises(pa.ArrowInvalid):
        write(tmp_path / "t.csv", pa.table({"name": ["a, b"]}))


def test_the_table_given_is_not_changed(tmp_path):
    before = TABLE.schema
    write(tmp_path / "t.csv", TABLE)
    assert TABLE.schema == before
    assert TABLE.column("price").to_pylist() == [1.0, 2.5, 1234567.89]


def test_a_table_without_rows_has_its_header(tmp_path):
    assert write(tmp_path / "t.csv", TABLE.slice(0, 0)).read_text().strip() == "id,price,day,yes,n"
