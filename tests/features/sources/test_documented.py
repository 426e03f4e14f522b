"""The reference of the sources is held against the sources."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from features.sources import CANONICAL, REQUIRED, Source, SourceBase
from features.sources.column import ColumnSpec
from features.sources.opening import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "sources.md"
TEXT = PAGE.read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S))
EXAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


def examples():
    for section, text in SECTIONS.items():
        for block in EXAMPLE.findall(text):
            for stated in yaml.safe_load(re.sub(r"\$\{\w+:-(.*?)\}", r"\1", block))["sources"]:
                yield section, stated


@pytest.mark.parametrize(("section", "stated"), list(examples()))
def test_every_example_is_a_source(section, stated):
    source = TypeAdapter(Source).validate_python(stated)
    assert source.kind in (section, "csv")


def test_every_kind_has_an_example():
    assert {stated["kind"] for section, stated in examples() if stated["kind"] == section} == set(
        KINDS
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_kind_is_in_its_section(kind):
    model = next(
        model for model in _kinds(SourceBase) if model.model_fields["kind"].default == kind
    )
    own = set(model.model_fields) - set(SourceBase.model_fields) - {"kind"}
    assert {key for key in own if not re.search(rf"\b{key}\b", SECTIONS[kind])} == set()


def _kinds(model):
    for below in model.__subclasses__():
        yield from _kinds(below)
        if "kind" in below.model_fields:
            yield below


def test_every_common_key_is_explained():
    head = TEXT.partition("## Tables")[0]
    keys = {field.alias or name for name, field in ColumnSpec.model_fields.items()}
    for key in {*SourceBase.model_fields, *keys}:
        assert f"`{key}`" in head, key


def test_every_table_is_listed_with_its_columns():
    for table, columns in CANONICAL.items():
        (row,) = re.findall(rf"^\| `{table}` \| (.*) \|$", TEXT, re.M)
        assert set(re.findall(r"`(\w+)`", row)) == set(columns)
        assert set(re.findall(r"`(\w+)`\*", row)) == set(REQUIRED[table])
