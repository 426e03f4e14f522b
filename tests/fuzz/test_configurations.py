"""The loader of configurations, given spoilt files of every kind of question."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks import ConfigError
from pipelines.config import load, resolved

from .conftest import Fuzz

EXAMPLES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
SIGNS = [
    b":",
    b"- ",
    b"  ",
    b"\n",
    b"\t",
    b"{",
    b"[",
    b"&a ",
    b"*a",
    b"<<: ",
    b"|",
    b"~",
    b"'",
    b'"',
]
VALUES = [
    b"!!python/name:os.system",
    b"${X}",
    b"${",
    b"\0",
    b"\xff",
    b"1e999",
    b"-1",
    b"2024-02-31",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("configs") / "a.yaml"


@Fuzz.settings
@given(example=st.sampled_from(EXAMPLES), changes=Fuzz.spoilt([*SIGNS, *VALUES]))
def test_any_file_loads_or_is_refused_in_words(place, example, changes):
    place.write_bytes(Fuzz.spoil(example.read_bytes(), changes))
    try:
        said = resolved(load(place, environ={"X": "from outside"}))
    except ConfigError as error:
        said = str(error)
    assert said.strip()
    assert "from outside" not in said
