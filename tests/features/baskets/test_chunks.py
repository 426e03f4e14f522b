"""Chunks hold the baskets that the reader of the whole file gives."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.baskets import fimi_chunks, list_chunks, read_fimi, read_lists
from lodeworks.errors import DataError

shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
names = st.sampled_from(["tea", "a b", "jam", "🍵", "é", "12"])


def together(lists, chunks):
    return [basket for chunk in chunks for basket in lists(chunk)]


@shared
@given(
    baskets=st.lists(st.lists(st.integers(0, 30), max_size=5), min_size=1, max_size=30),
    block=st.integers(1, 60), packed=st.booleans(), ended=st.booleans(),
)  # fmt: skip
def test_fimi_equals_the_whole_file(file, lists, baskets, block, packed, ended):
    text = "1\n" + "\n".join(" ".join(map(str, basket)) for basket in baskets) + "\n" * ended
    path = file(text, "a.gz" if packed else "a.txt")
    chunks = fimi_chunks(path, block)
    assert together(lists, chunks) == lists(read_fimi(path))
    assert together(lists, chunks) == lists(read_fimi(path))  # once more


@shared
@given(
    baskets=st.lists(st.lists(names, max_size=4), min_size=1, max_size=20),
    block=st.integers(1, 60), packed=st.booleans(), quoted=st.booleans(),
)  # fmt: skip
def test_lists_equal_the_whole_file(file, lists, baskets, block, packed, quoted):
    form = '"{}"'.format if quoted else str
    text = "\ufeffx,y\n" + "".join(",".join(map(form, basket)) + "\n" for basket in baskets)
    path = file(text, "a.gz" if packed else "a.txt")
    assert together(lists, list_chunks(path, block=block)) == lists(read_lists(path))


def test_quoted_items_hold_delimiters_quotes_and_line_ends(file, lists):
    path = file('tea,"a,b"\n"say ""hi""","two\nlines"\n🍵,a b\n')
    assert together(lists, list_chunks(path, block=4)) == [
        ["tea", "a,b"], ['say "hi"', "two\nlines"], ["🍵", "a b"]]  # fmt: skip


def test_a_basket_larger_than_a_block(file, lists):
    basket = [str(k) for k in range(10_000)]
    path = file(" ".join(basket) + "\n7\n")
    assert together(lists, fimi_chunks(path, 1000)) == [basket, ["7"]]
    path = file(",".join(basket) + "\n7\n")
    assert together(lists, list_chunks(path, block=1000)) == [basket, ["7"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n3\n4 x\n", "line 3: 'x' is not a whole number"),
        ("1 2\n3\n4 -7\n", "line 3: item -7 is negative"),
        ("1,2\n3,4\n", "line 1: '1,2' is not a whole number.*looks like format"),
        ("1 2\n3\n\0\n", "line 3: a zero byte"),
        ("", "is empty"),
        (" \n\n", "is empty"),
    ],
)
def test_errors_name_the_line_of_the_file(file, text, message):
    with pytest.raises(DataError, match=message):
        list(fimi_chunks(file(text), 4))


def test_lists_that_are_something_else(file):
    with pytest.raises(DataError, match="no ',' between items; the file looks like format 'fimi'"):
        list_chunks(file("1 2\n3 4\n"))
    with pytest.raises(DataError, match=r"line \d: a double quote is not closed"):
        list(list_chunks(file('a,b\n"c,d\n')))
    with pytest.raises(DataError, match="line 2: not UTF-8"):
        list(list_chunks(file(b"a,b\n\xff,c\n"), block=4))


def test_a_packed_file_that_is_cut_off(file):
    path = file("1 2 3\n" * 5000, "a.gz")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match="looks cut off: the gzip stream ends"):
        list(fimi_chunks(path))
    data = bytearray(gzip.compress(b"1 2\n" * 5000))
    data[20] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"damaged|looks cut off"):
        list(fimi_chunks(path))
