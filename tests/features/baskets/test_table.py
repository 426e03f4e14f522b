from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.baskets import Columns, read_table
from lodeworks.errors import DataError

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
ORDERS = Columns("item", basket="order")


@pytest.fixture
def parquet(tmp_path):
    def write(**columns):
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return write


def grouped(lists, read):
    return sorted(sorted(basket) for basket in lists(read))


@shared
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["a b", "c,d", "🍵", "x"])), min_size=1
    )
)
def test_csv_and_parquet_give_the_same_baskets(file, parquet, lists, rows):
    text = "order,item\n" + "".join(f'{order},"{item}"\n' for order, item in rows)
    stored = parquet(order=[order for order, _ in rows], item=[item for _, item in rows])
    expected = sorted(
        sorted(item for order, item in rows if order == wanted)
        for wanted in {order for order, _ in rows}
    )
    assert grouped(lists, read_table(file(text), ORDERS)) == expected
    assert grouped(lists, read_table(stored, ORDERS, parquet=True)) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"basket": "o"}, [["a", "b", "c"], ["d"]]),
        ({"basket": "o", "customer": "c"}, [["a", "b"], ["c"], ["d"]]),
        ({"customer": "c"}, [["a", "b", "d"], ["c"]]),
        ({"time": "t"}, [["a", "c"], ["b"], ["d"]]),
        ({"customer": "c", "time": "t"}, [["a"], ["b"], ["c"], ["d"]]),
        ({"basket": "o", "time": "t"}, [["a", "b", "c"], ["d"]]),
    ],
)
def test_the_columns_that_name_a_basket(file, lists, columns, expected):
    text = "c;o;t;i\n1;1;mon;a\n1;1;tue;b\n2;1;mon;c\n1;2;wed;d\n"
    assert grouped(lists, read_table(file(text), Columns("i", **columns))) == expected


def test_rows_with_gaps_are_left_out_and_counted(file, lists):
    read = read_table(file("order,item\n1,a\n,b\n2, \n3,c\n"), ORDERS)
    assert grouped(lists, read) == [["a"], ["c"]]
    assert read.notes == ("2 of 4 rows lack 'item' or 'order' and are left out",)


def test_a_table_without_a_usable_row(file):
    with pytest.raises(DataError, match="holds no row with 'item' and 'order'"):
        read_table(file("order,item\n1,\n"), ORDERS)


def test_ids_written_as_decimal_numbers_stay_text_and_are_told(file):
    read = read_table(file("order,item\n17850.0,a\n17850,b\n"), ORDERS)
    assert len(read) == 2
    assert read.notes == (
        "column 'order': 1 ids are written as decimal numbers, such as 17850.0; they are kept as "
        "text, so that 17850 is another id",
    )


def test_ids_stored_as_decimal_numbers_are_whole_numbers(parquet, lists):
    read = read_table(parquet(order=[1.0, None], item=[17850.0, 2.0]), ORDERS, parquet=True)
    assert lists(read) == [["17850"]]
    assert any("'item' is of type double; its ids are read as whole" in n for n in read.notes)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([1.5], "'item' is of type double and holds 1.5; ids are whole numbers or text"),
        ([["a", "b"]], "'item' is of type list<.*>; text, numbers, dates are allowed"),
    ],
)
def test_items_that_are_no_ids(parquet, items, message):
    with pytest.raises(DataError, match=message):
        read_table(parquet(order=[1], item=items), ORDERS, parquet=True)


def test_times_and_categories_of_parquet(parquet, lists):
    when = [datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 8), datetime(2024, 1, 2)]
    item = pa.array(["a", "b", "a"]).dictionary_encode()
    read = read_table(parquet(t=when, i=item), Columns("i", time="t"), parquet=True)
    assert grouped(lists, read) == [["a"], ["a", "b"]]


@pytest.mark.parametrize("parquet_file", [False, True])
def test_missing_columns_are_all_told_with_the_nearest(file, parquet, parquet_file):
    path = parquet(orders=[1], itm=["a"]) if parquet_file else file("orders,itm\n1,a\n")
    with pytest.raises(DataError) as caught:
        read_table(path, ORDERS, parquet=parquet_file)
    assert "lacks 2 of the columns" in caught.value.message
    assert caught.value.problems == (
        "'item': did you mean 'itm'?",
        "'order': did you mean 'orders'?",
    )


def test_a_column_that_stands_twice(file):
    with pytest.raises(DataError, match="'item' stands twice in the header"):
        read_table(file("order,item,item\n1,a,b\n"), ORDERS)


def test_a_list_file_is_told_from_a_table(file):
    with pytest.raises(DataError, match="looks like format 'baskets'"):
        read_table(file("tea,jam\nmilk\noil,tea,soda\nsoda\n"), ORDERS)


def test_a_row_with_too_few_fields(file):
    with pytest.raises(DataError, match=r"not a table: .*Expected 2 columns, got 1"):
        read_table(file("order,item\n1,a\n2\n"), ORDERS)


def test_a_stated_delimiter_wins(file, lists):
    text = "order|item\n1|a,b\n"
    assert lists(read_table(file(text), ORDERS, delimiter="|")) == [["a,b"]]
    with pytest.raises(DataError, match="lacks 2 of the columns"):
        read_table(file(text), ORDERS, delimiter=";")


def test_what_is_not_parquet(file, parquet):
    with pytest.raises(DataError, match="not a Parquet file; the file looks like format 'fimi'"):
        read_table(file("1 2\n"), ORDERS, parquet=True)
    half = parquet(order=[1], item=["a"])
    half.write_bytes(half.read_bytes()[:-20])
    with pytest.raises(DataError, match="looks cut off or damaged"):
        read_table(half, ORDERS, parquet=True)


@pytest.mark.real
def test_members_as_published(real_data):
    columns = Columns("itemDescription", customer="Member_number", time="Date")
    read = read_table(real_data / "groceries_members.csv", columns)
    assert (len(read), len(read.names), len(read.indices)) == (14_963, 167, 38_765)
