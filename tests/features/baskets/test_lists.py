import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.baskets import read_lists
from lodeworks.errors import DataError

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
words = st.text("ab ,\"'é🍵;\t", min_size=1, max_size=5).map(str.strip).filter(bool)


@shared
@given(
    rows=st.lists(st.lists(words, min_size=1, max_size=4), min_size=1),
    delimiter=st.sampled_from(",;\t"),
)
def test_reads_what_a_csv_writer_wrote(file, lists, rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    assert lists(read_lists(file(out.getvalue()), delimiter)) == rows


def test_odd_names_are_kept_and_blanks_around_them_are_not(file, lists):
    text = " whole milk , 5\" nails\nfish & chips,🍵 tea,O'Brien\n"
    assert lists(read_lists(file(text))) == [
        ["whole milk", '5" nails'],
        ["fish & chips", "🍵 tea", "O'Brien"],
    ]


@pytest.mark.parametrize("quote", ["", '"x"\n'])
def test_empty_items_and_blank_lines(file, lists, quote):
    read = lists(read_lists(file(f"{quote}tea,,jam,\n\n,\nmilk")))
    assert read[len(quote) > 0 :] == [["tea", "jam"], [], [], ["milk"]]


def test_a_name_with_the_delimiter_stands_in_quotes(file, lists):
    assert lists(read_lists(file('"milk, whole",tea\r\n'))) == [["milk, whole", "tea"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tea\n"jam,milk\n', r"line 2: a double quote is not closed as in CSV"),
        (" , \n,\n", "holds no item"),
        ("1 2 3\n4 5\n", "no ',' between items; the file looks like format 'fimi'"),
        ("1 -1 3 -2\n", "no ',' between items; the file looks like format 'spmf'"),
    ],
)
def test_what_cannot_be_read_is_told(file, text, message):
    with pytest.raises(DataError, match=message):
        read_lists(file(text))


def test_numbers_with_a_stated_delimiter_are_names(file, lists):
    assert lists(read_lists(file("1 2\n3\n"), " ")) == [["1", "2"], ["3"]]


def test_one_item_a_basket_needs_no_delimiter(file, lists):
    assert lists(read_lists(file("tea\njam\n"))) == [["tea"], ["jam"]]


@pytest.mark.real
def test_groceries_as_published(real_data):
    read = read_lists(real_data / "groceries.csv")
    assert (len(read), len(read.names), len(read.indices)) == (9_835, 169, 43_367)
