import pytest

from features.baskets import looks_like
from features.baskets.sniff import hint


@pytest.mark.parametrize(
    ("text", "name", "sure"),
    [
        ("1 2 3\n4\n", "fimi", True),
        ("1\n2\n", "fimi", False),
        ("1 -1 2 -1 -2\n", "spmf", True),
        ("1 2:9:4 5\n", "spmf", True),
        ("1 2:-3:-4 1\n", "spmf", True),
        ("@CONVERTED_FROM_TEXT\n1 2\n", "spmf", True),
        ("tea,jam\nmilk\noil,tea,soda\n", "baskets", False),
        ("tea\n", "baskets", False),
        ("order;item\n1;tea\n1;jam\n", "csv", False),
        ('order,item\n1,"tea, green"\n', "csv", False),
        (b"PAR1rest", "parquet", True),
        ("", "baskets", False),
    ],
)
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_formats_are_known(file, text, name, sure, packed):
    look = looks_like(file(text, f"a{packed}"))
    assert (look.format, look.sure) == (name, sure)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"PK\x03\x04...", "a zip archive or a spreadsheet"), (b"a\0b", "binary"), (b"BZh9", "bzip2")],
)
def test_foreign_files_are_named(file, data, words):
    path = file(data)
    assert looks_like(path).format is None
    assert words in hint(path, "fimi")


def test_a_long_last_line_that_was_cut_does_not_mislead(file):
    assert looks_like(file("1 2\n" * 20_000 + "3,x")).format == "fimi"


def test_no_hint_when_it_is_what_was_expected(file):
    assert hint(file("1 2\n"), "fimi") == ""
