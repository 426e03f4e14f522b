import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.baskets import read_fimi
from lodeworks.errors import DataError

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


@shared
@given(rows=st.lists(st.lists(st.integers(0, 10**17), max_size=3), min_size=1))
def test_reads_what_was_written(file, lists, rows):
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows) + "7\n"
    assert lists(read_fimi(file(text))) == [[str(item) for item in row] for row in rows] + [["7"]]


def test_reads_gzip_and_counts_blank_lines_as_empty_baskets(file, lists):
    assert lists(read_fimi(file("3 1 \n\n1", "a.dat.gz"))) == [["3", "1"], [], ["1"]]


def test_negative_items_are_refused_with_the_format_it_looks_like(file):
    with pytest.raises(DataError) as caught:
        read_fimi(file("1 2\n3 -1 4 -2\n"))
    message = str(caught.value)
    assert "line 2: item -1 is negative; items of format 'fimi' are whole numbers" in message
    assert "the file looks like format 'spmf'" in message


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("tea,jam\nmilk\n", "baskets"),
        ("order,item\n1,tea\n2,jam\n", "csv"),
        ("1 2:9:4 5\n", "spmf"),
    ],
)
def test_another_format_is_told(file, text, looks):
    with pytest.raises(DataError, match=f"line 1.*looks like format '{looks}'"):
        read_fimi(file(text))


@pytest.mark.real
def test_retail_as_published(real_data):
    read = read_fimi(real_data / "retail.dat.gz")
    assert (len(read), len(read.names), len(read.indices)) == (88_162, 16_470, 908_576)
