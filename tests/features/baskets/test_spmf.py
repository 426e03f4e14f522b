import pytest

from features.baskets import read_spmf
from lodeworks.errors import DataError


@pytest.mark.parametrize(
    ("text", "baskets", "note"),
    [
        ("1 2\n3\n", [["1", "2"], ["3"]], ()),
        ("# about\n%x\n1 2\n\n3\n", [["1", "2"], ["3"]], ()),
        ("1 2 -1 3 -1 -2\r\n4 -1 -2\r\n", [["1", "2", "3"], ["4"]], "sequences"),
        ("1 2:30:10 20\n3:5:5\n", [["1", "2"], ["3"]], "utilities"),
        ("@CONVERTED_FROM_TEXT\n@ITEM=1=café au lait\n@ITEM=-1=|\n1 2\n",
         [["café au lait", "2"]], ()),
        ("#a:b\n5 6\n", [["5", "6"]], ()),
    ],
)  # fmt: skip
def test_each_kind_is_read_as_baskets(file, lists, text, baskets, note):
    read = read_spmf(file(text, "a.txt.gz"))
    assert lists(read) == baskets
    assert [note in told for told in read.notes] == ([True] if note else [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 -3\n", "line 1: -3 is neither an item"),
        ("# only\n", "holds no item"),
        ("-1 -2\n", "holds no item"),
        ("1 2\ntea,jam\n", "line 2: 'tea,jam' is not a whole number"),
        ("tea,jam\n", "looks like format 'baskets'"),
    ],
)
def test_what_cannot_be_read_is_told(file, text, message):
    with pytest.raises(DataError, match=message):
        read_spmf(file(text))


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("bms_webview_1.txt.gz", (59_601, 497, 149_638)),
        ("foodmart_utility.txt", (4_141, 1_559, 18_319)),
    ],
)
def test_real_files_as_published(real_data, name, counts):
    read = read_spmf(real_data / name)
    assert (len(read), len(read.names), len(read.indices)) == counts
