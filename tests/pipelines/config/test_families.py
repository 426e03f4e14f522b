"""Families of indicators that no source feeds are refused when the configuration is checked."""

import pytest
import yaml

from lodeworks.errors import ConfigError
from pipelines.config import load
from pipelines.config.families import unfed_families

LINES = {
    "kind": "csv",
    "name": "lines",
    "table": "lines",
    "path": "lines.csv",
    "columns": {"customer_id": "c", "item_id": "i", "ordered_at": "d"},
}
PEOPLE = {
    "kind": "csv",
    "name": "people",
    "table": "customers",
    "path": "people.csv",
    "columns": {"customer_id": "c", "town": "t"},
}
BARE = {**PEOPLE, "columns": {"customer_id": "c", "opt_out": {"from": "o", "type": "boolean"}}}


def read(folder, kind, *sources):
    path = folder / "question.yaml"
    values = {
        "kind": kind,
        "name": "x",
        "sources": [LINES, *sources],
        "features": {"families": ["rfm", "attributes"]},
    }
    path.write_text(yaml.safe_dump(values))
    return load(path)


@pytest.mark.parametrize("kind", ["cross-sell", "segments", "deviation"])
class TestAttributes:
    def test_they_need_a_source_of_customers(self, tmp_path, kind):
        with pytest.raises(ConfigError) as caught:
            read(tmp_path, kind)
        told = str(caught.value)
        assert "'attributes' needs a source of the table 'customers' with attributes" in told
        assert [path.name for path in tmp_path.iterdir()] == ["question.yaml"]

    def test_identifiers_and_opt_outs_are_no_attributes(self, tmp_path, kind):
        with pytest.raises(ConfigError, match="'customers' with attributes"):
            read(tmp_path, kind, BARE)

    def test_with_one_they_are_taken(self, tmp_path, kind):
        assert read(tmp_path, kind, PEOPLE).features.families == ("rfm", "attributes")


def test_every_family_that_lacks_its_source_is_told():
    assert unfed_families(["web", "rfm", "contacts"], []) == [
        "'web' needs a source of the table 'sessions'",
        "'contacts' needs a source of the table 'contacts'",
    ]
