from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.baskets.integers import parse_integers
from lodeworks.errors import DataError

NOWHERE = Path("baskets.dat")
numbers = st.integers(-(10**17) + 1, 10**18 - 1)


@given(
    st.lists(st.lists(numbers, max_size=4), min_size=1, max_size=5),
    st.sampled_from([" ", "  ", "\t", " \r"]),
    st.sampled_from(["\n", "\r\n", " \n"]),
)
def test_every_number_and_its_line_come_back(rows, between, end):
    text = "".join(between.join(map(str, row)) + end for row in rows)
    parsed = parse_integers(text.encode(), NOWHERE, "fimi")
    assert parsed.values.tolist() == [value for row in rows for value in row]
    assert parsed.lines.tolist() == [line for line, row in enumerate(rows) for _ in row]
    assert parsed.n_lines == len(rows)


@pytest.mark.parametrize(("text", "n_lines"), [(b"1", 1), (b"1\n", 1), (b"1\n\n", 2), (b"", 0)])
def test_a_last_line_needs_no_end(text, n_lines):
    assert parse_integers(text, NOWHERE, "fimi").n_lines == n_lines


def test_takes_an_array_of_bytes():
    text = np.frombuffer(b"12 3", np.uint8)
    assert parse_integers(text, NOWHERE, "fimi").values.tolist() == [12, 3]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("1 2\n3 tea 4\n", 2, "tea"),
        ("1\n2\n1234567890123456789 1\n", 3, "1234567890123456789"),
        ("1 - 2\n", 1, "-"),
        ("1 2-3\n", 1, "2-3"),
        ("1.5 2\n", 1, "1.5"),
        ("1 5x\n", 1, "5x"),
        ("é", 1, "é"),
    ],
)
def test_what_is_no_number_is_shown_with_its_line(tmp_path, text, line, word):
    path = tmp_path / "a.dat"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        parse_integers(text.encode(), path, "fimi")
    assert f"a.dat, line {line}: {word!r} is not a whole number" in str(caught.value)
