import gzip

import pytest

from features.baskets.opening import line_of, read_bytes, read_start, read_text
from lodeworks.errors import DataError


def test_gzip_is_known_by_its_content_whatever_the_name(file):
    packed = file(gzip.compress(b"1 2\n"), "plain.dat")
    assert read_bytes(packed) == read_start(packed) == b"1 2\n"


@pytest.mark.parametrize("content", ["", "\n \n"])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_an_empty_file_is_told(file, content, name):
    path = file(content, name)
    with pytest.raises(DataError, match=r"a\.txt(\.gz)? is empty"):
        read_bytes(path)


def test_a_file_cut_in_half_is_told(file):
    whole = gzip.compress(bytes(range(1, 256)) * 200)
    path = file(whole[: len(whole) // 2], "half")
    with pytest.raises(DataError, match="half looks cut off: the gzip stream ends before"):
        read_bytes(path)
    assert read_start(path) in (b"", (bytes(range(1, 256)) * 200)[: len(read_start(path))])


def test_a_damaged_file_is_told(file):
    whole = bytearray(gzip.compress(b"1 2 3\n" * 500))
    whole[-6] ^= 255
    with pytest.raises(DataError, match="the gzip stream is damaged"):
        read_bytes(file(bytes(whole), "bad"))


def test_the_mark_before_utf8_is_taken_off(file):
    path = file("\ufefftea,jam\n")
    assert read_text(path) == b"tea,jam\n"
    assert read_start(path) == b"tea,jam\n"


def test_the_line_that_is_not_utf8_is_named(file):
    with pytest.raises(DataError, match="line 2: not UTF-8; convert the file first"):
        read_text(file(b"tea\n" + "café\n".encode("latin-1")))


def test_text_has_no_zero_bytes(file):
    with pytest.raises(DataError, match="line 3: a zero byte; the file is not text"):
        read_text(file(b"a\nb\n\0c"))


def test_lines_are_counted_from_one():
    assert [line_of(b"a\nb", place) for place in range(3)] == [1, 1, 2]
