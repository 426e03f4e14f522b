import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.sources import text as module
from features.sources.formats import looks_like
from features.sources.text import TextFile
from features.sources.values import as_text


@pytest.fixture
def file(csv_source):
    def make(content, packed=False):
        return TextFile(csv_source(text=content, packed=packed), "text")

    return make


@given(
    st.lists(st.text("abcé ", max_size=12).map(str.encode), min_size=1, max_size=30),
    st.sampled_from([1, 3, 16, 1 << 20]),
    st.booleans(),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_lines_do_not_depend_on_the_size_of_blocks(file, lines, block, packed):
    lines = [b"first", *lines]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        found = list(file(b"\n".join([*lines, b""]), packed).line_blocks())
    assert [line for _, block in found for line in block] == lines
    numbers = [first + place for first, block in found for place in range(len(block))]
    assert numbers == list(range(1, len(lines) + 1))


def test_a_line_over_the_limit_is_refused_before_the_next_is_read(file, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_LINE", 2 << 20)
    text = file(b"ok\n" + b"x" * (5 << 20) + b"\nok\n", packed=True)
    seen = []
    with pytest.raises(Exception, match="line 2 is longer than 2 MiB, the longest that is read"):
        for _, block in text.line_blocks():
            seen += block
    assert seen == [b"ok"]


def test_a_packed_file_of_nothing_is_empty(csv_source):
    source = csv_source(text="", packed=True)
    with gzip.open(source.path) as file:
        assert file.read() == b""
    with pytest.raises(Exception, match="is empty"):
        TextFile(source, "text")


def test_an_endless_header_is_refused(csv_source, refusal, monkeypatch):
    monkeypatch.setattr("features.sources.csv._BLOCK", 1000)
    said = refusal(csv_source(text="a," * 10_000))
    assert "its first row is longer than" in said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (float("nan"), None),
        (float("inf"), "inf"),
        (1e300, "1e+300"),
        (-0.5, "-0.5"),
        (b"\xff\x41", "\\xffA"),
        ({"a": [1]}, '{"a": [1]}'),
    ],
)
def test_values_as_text(value, text):
    assert as_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans())
def test_numbers_as_text_lose_nothing(value):
    if isinstance(value, bool):
        assert json.loads(as_text(value)) is value
    else:
        assert float(as_text(value)) == float(value)


def test_formats_are_told_by_their_first_bytes():
    assert looks_like(b"\xd0\xcf\x11\xe0") == "an old Excel workbook"
    assert looks_like(b"id,name") == "text"
