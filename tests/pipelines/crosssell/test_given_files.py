"""Files in place of the sources of a bundle."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from lodeworks.errors import ConfigError
from pipelines.crosssell.scoring import given_sources

COLUMNS = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}


def bundle_of(*sources):
    return SimpleNamespace(meta={"sources": list(sources)})


def test_a_file_takes_the_place_of_a_file():
    lines = {"kind": "csv", "name": "sales", "path": "old.csv", "columns": COLUMNS}
    found = given_sources(bundle_of(lines), {"lines": [Path("a.csv"), Path("b.csv")]})
    assert [(source.name, source.path) for source in found] == [
        ("sales", "a.csv"),
        ("sales-2", "b.csv"),
    ]


@pytest.mark.parametrize("given", ["lines", "sales"])
def test_a_file_cannot_take_the_place_of_a_database(given):
    lines = {
        "kind": "sql",
        "name": "sales",
        "columns": COLUMNS,
        "query": "select 1",
        "url": "postgresql://reader:secret@db.example:5432/shop",
    }
    with pytest.raises(ConfigError, match="a file cannot take its place") as caught:
        given_sources(bundle_of(lines), {given: [Path("a.csv")]})
    assert "--data sales: the model reads 'sales' from a database" in str(caught.value)
    assert "secret" not in str(caught.value)
