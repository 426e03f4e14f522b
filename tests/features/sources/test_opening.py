import hashlib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from features.sources import CsvSource, Source, SqlSource, file_by_file, open_reading, source_digest
from features.sources.opening import KINDS
from lodeworks.errors import DataError

KEYS = {"customer_id": "customer", "item_id": "item", "ordered_at": "when"}


def test_every_kind_that_can_be_declared_can_be_opened():
    schema = TypeAdapter(Source).json_schema()
    assert set(KINDS) == set(schema["discriminator"]["mapping"])


def test_a_kind_opens_its_own_reading(csv_source):
    assert type(open_reading(csv_source("c,o,i,2011-01-01,1,1"))).__name__ == "CsvReading"


def test_a_pattern_is_one_source_a_file_in_order(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt", "deep/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    source = CsvSource(name="sales", path=f"{tmp_path}/*.csv", columns=KEYS)
    found = file_by_file(source)
    assert [one.path for one in found] == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"]
    assert {one.name for one in found} == {"sales"}
    deep = file_by_file(source.model_copy(update={"path": f"{tmp_path}/**/*.csv"}))
    assert [one.path[len(str(tmp_path)) + 1 :] for one in deep] == ["a.csv", "b.csv", "deep/d.csv"]


def test_a_plain_path_is_one_file_even_with_brackets(tmp_path):
    path = tmp_path / "sales[1].csv"
    path.write_text("x")
    source = CsvSource(path=str(path), columns=KEYS)
    assert file_by_file(source) == [source]
    assert file_by_file(CsvSource(path="missing.csv", columns=KEYS))[0].path == "missing.csv"


def test_a_pattern_without_files_is_refused(tmp_path):
    source = CsvSource(name="sales", path=f"{tmp_path}/*.csv", columns=KEYS)
    with pytest.raises(DataError, match="no file fits this pattern"):
        file_by_file(source)


def test_a_database_is_one_and_has_no_digest():
    source = SqlSource(url="sqlite:///a*.db", table_name="t", columns=KEYS)
    assert file_by_file(source) == [source]
    assert source_digest(source) is None


def test_a_file_has_the_digest_of_its_bytes(csv_source):
    source = csv_source("c,o,i,2011-01-01,1,1")
    content = Path(source.path).read_bytes()
    assert source_digest(source) == hashlib.sha256(content).hexdigest()
