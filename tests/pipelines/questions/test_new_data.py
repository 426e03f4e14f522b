"""Files of new data by the sources of a bundle, and tables written whole."""

from pathlib import Path

import pandas as pd
import pytest

from lodeworks.errors import ConfigError
from pipelines.questions.new_data import sources_of, write_table

OWN = {"kind": "csv", "name": "people", "table": "own:members", "path": "p.csv", "columns": "all"}
LINES = {
    "kind": "csv",
    "name": "sales",
    "path": "s.csv",
    "columns": {"customer_id": "who", "item_id": "what", "ordered_at": "when"},
}
SQL = {**LINES, "kind": "sql", "name": "shop", "url": "sqlite:///shop.db", "table_name": "t"}


def given(declared, **data):
    return sources_of(declared, {name: [Path(p) for p in files] for name, files in data.items()})


@pytest.mark.parametrize("name", ["people", "members", "lines"])
def test_the_only_source_has_three_names(name):
    found = given([OWN], **{name: ["new.csv"]})
    assert [(one.name, one.table, one.path) for one in found] == [
        ("people", "own:members", "new.csv")
    ]


def test_of_two_sources_lines_means_the_table():
    found = given([OWN, LINES], lines=["a.csv"], members=["b.csv"])
    assert [one.name for one in found] == ["sales", "people"]
    assert sources_of([OWN], {"own:members": [Path("x.csv")]})[0].path == "x.csv"


def test_more_files_are_sources_of_their_own():
    found = given([LINES], sales=["a.csv", "b.csv", "c.csv"])
    assert [one.name for one in found] == ["sales", "sales-2", "sales-3"]
    assert [one.path for one in found] == ["a.csv", "b.csv", "c.csv"]


def test_every_unknown_name_is_told_with_a_hint():
    with pytest.raises(ConfigError, match="does not know") as caught:
        given([OWN, LINES], peeple=["a.csv"], sails=["b.csv"])
    assert "did you mean 'people'" in str(caught.value)
    assert "did you mean 'sales'" in str(caught.value)


def test_a_file_cannot_stand_for_a_database():
    with pytest.raises(ConfigError, match="--data shop: the bundle reads it from a database"):
        given([SQL], shop=["a.csv"])


@pytest.mark.parametrize("ending", ["csv", "CSV", "parquet", "PARQUET"])
def test_the_ending_says_the_form(tmp_path, ending):
    table = pd.DataFrame({"who": ["a", "b"], "score": [0.1, 1 / 3]})
    write_table(table, tmp_path / f"t.{ending}")
    read = pd.read_csv if ending.lower() == "csv" else pd.read_parquet
    pd.testing.assert_frame_equal(read(tmp_path / f"t.{ending}"), table, check_dtype=False)


def test_digits_bound_numbers_of_csv(tmp_path):
    write_table(pd.DataFrame({"score": [1 / 3]}), tmp_path / "t.csv", digits=4)
    assert (tmp_path / "t.csv").read_text().splitlines() == ["score", "0.3333"]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@sum"])
def test_formulas_are_marked_in_csv_only(tmp_path, value):
    table = pd.DataFrame({"who": [value, "b"], "number": [-1.0, 2.0]})
    write_table(table, tmp_path / "t.csv")
    write_table(table, tmp_path / "t.parquet")
    read = pd.read_csv(tmp_path / "t.csv")
    assert read["who"].tolist() == [f"'{value}", "b"]
    assert read["number"].tolist() == [-1.0, 2.0]
    assert pd.read_parquet(tmp_path / "t.parquet")["who"].tolist() == [value, "b"]


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(Exception, match=r"mixed|convert|Expected"):
        write_table(pd.DataFrame({"a": [1, "x", object()]}), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []
