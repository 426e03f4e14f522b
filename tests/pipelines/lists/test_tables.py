"""Small files are read strictly: what is wrong is said, and no list is made."""

import pandas as pd
import pytest

from lodeworks import DataError
from pipelines.lists.stock import read_stock
from pipelines.lists.tables import read_table


@pytest.fixture
def write(tmp_path):
    def put(text, name="a.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return put


def test_identifiers_are_text_without_blanks(write):
    frame = read_table(write("customer_id,n\n 007 ,1\n,2\n"), "things")
    assert frame["customer_id"].tolist() == ["007", None]
    assert frame["n"].tolist() == [1, 2]


def test_numbers_in_parquet_stay_whole(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"customer_id": [7.0, None]}).to_parquet(path)
    assert read_table(path, "things")["customer_id"].tolist() == ["7", None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "has no column item_id and stock; it has a, b"),
        ("item_id,stock\nA,1,9\n", "the stock in .* cannot be read, so no list is made"),
        ("item_id,stock\nA,few\nB,2\n", "1 of 2 rows have no stock: given 'few'; a number of at"),
        ("item_id,stock\nA,\n", "given an empty cell; a number of at least 0 is needed"),
        ("item_id,stock\nA,-1\n", "1 rows have a stock below 0"),
        ('item_id,stock\n"A,1\nB",2\n', "an identifier goes over the end of a line"),
        ("", "cannot be read, so no list is made"),
    ],
)
def test_a_stock_that_is_none_is_refused(write, text, message):
    with pytest.raises(DataError, match=message):
        read_stock(write(text))


def test_a_stock_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"gone\.csv cannot be read, so no list is made"):
        read_stock(tmp_path / "gone.csv")


def test_the_smaller_stock_of_an_item_holds(write):
    assert read_stock(write("item_id,stock\nA,3\nB,0\nA,2.9\n,5\n")) == {"A": 2, "B": 0}
