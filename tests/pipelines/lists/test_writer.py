"""The list is written whole, with the columns of the contract, and safe for spreadsheets."""

import csv

import pandas as pd
import pytest

from lodeworks import ConfigError
from pipelines.lists import COLUMNS, write_list


@pytest.fixture
def rows():
    return pd.DataFrame(
        {
            "customer_id": ["=cmd()", "b"],
            "rank": [1, 1],
            "item_id": ["85123A", "+1"],
            "score": [0.1, 1 / 3],
            "probability": [0.01, 0.02],
            "expected_profit": [-0.5, 2.0],
            "reason": ['Bought "A", B', "@home\nline"],
            "evidence_id": ["rule:A>B", "popular:C"],
            "segment": ["top", "small"],
            "group": ["target", "control"],
            "model": ["rules", "rules"],
            "model_version": ["1", "1"],
            "as_of": ["2011-11-08", "2011-11-08"],
            "surplus": [0, 0],
        }
    )


def test_csv_cells_that_a_spreadsheet_would_run_are_neutralised(rows, tmp_path):
    write_list([rows], tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert table[0]["customer_id"] == "'=cmd()"
    assert table[1]["item_id"] == "'+1"
    assert table[1]["reason"] == "'@home\nline"
    assert table[0]["expected_profit"] == "-0.5"
    assert tuple(table[0]) == COLUMNS


def test_parquet_holds_the_values_as_they_are(rows, tmp_path):
    write_list([rows], tmp_path / "list.parquet")
    back = pd.read_parquet(tmp_path / "list.parquet")
    assert back["customer_id"].tolist() == ["=cmd()", "b"]
    assert tuple(back.columns) == COLUMNS


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_the_same_rows_give_the_same_bytes(rows, tmp_path, name):
    write_list([rows], tmp_path / name)
    first = (tmp_path / name).read_bytes()
    write_list([rows.copy()], tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_another_ending_is_refused_before_anything_is_written(rows, tmp_path):
    with pytest.raises(ConfigError, match=r"list\.xlsx must end in \.csv or \.parquet"):
        write_list([rows], tmp_path / "list.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_batches_are_written_one_after_the_other(rows, tmp_path, name):
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    write_list([rows.iloc[:1], rows.iloc[1:]], tmp_path / name)
    in_two = read(tmp_path / name)
    write_list([rows], tmp_path / name)
    pd.testing.assert_frame_equal(in_two, read(tmp_path / name))


def test_a_batch_that_fails_leaves_nothing(rows, tmp_path):
    def batches():
        yield rows
        raise RuntimeError("died")

    with pytest.raises(RuntimeError, match="died"):
        write_list(batches(), tmp_path / "list.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_chances_are_written_where_some_rows_were_drawn(rows, tmp_path, name):
    drawn = rows.assign(propensity=[1.0, 0.05])
    write_list([drawn, drawn], tmp_path / name)
    back = (pd.read_csv if name.endswith("csv") else pd.read_parquet)(tmp_path / name)
    assert tuple(back.columns) == (*COLUMNS, "propensity")
    assert back["propensity"].tolist() == [1.0, 0.05] * 2
