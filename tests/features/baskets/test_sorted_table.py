"""Tables sorted on disk give the baskets that the table read at once gives."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import features.baskets.sorted_table as module
from features.baskets import Columns, database_chunks, read_table, table_chunks
from lodeworks.errors import DataError

shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
ORDERS = Columns("item", basket="order")
ids = st.sampled_from(["1", "2", "a b", "c,d", "🍵", 'say "x"', ""])


@pytest.fixture
def parquet(tmp_path):
    def write(**columns):
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return write


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute('CREATE TABLE lines(item VARCHAR, "order" INTEGER)')
        connection.execute("INSERT INTO lines VALUES ('tea', 2), ('jam', 1), ('oil', 2)")
    return path


def grouped(lists, chunks):
    return sorted(sorted(basket) for chunk in chunks for basket in lists(chunk))


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


@shared
@given(rows=st.lists(st.tuples(ids, ids, ids), min_size=1, max_size=30), size=st.integers(1, 9))
def test_the_same_baskets_and_notes(file, parquet, lists, tmp_path, rows, size):
    rows.append(("1", "1", "tea"))
    text = "who,order,item\n" + "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    who, order, item = zip(*rows, strict=True)
    columns = Columns("item", basket="order", customer="who")
    stored = parquet(who=list(who), order=list(order), item=list(item))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROWS", size)
        for path, is_parquet in ((file(text), False), (file(text, "a.gz"), False), (stored, True)):
            whole = read_table(path, columns, parquet=is_parquet)
            with table_chunks(path, columns, parquet=is_parquet, temp=tmp_path) as chunks:
                assert grouped(lists, chunks) == grouped(lists, [whole])
                assert grouped(lists, chunks) == grouped(lists, [whole])  # once more
                assert chunks.notes == whole.notes
                assert chunks.names.tolist() == whole.names.tolist()
    assert not list(tmp_path.glob("lode-*"))


@pytest.mark.parametrize(
    "columns",
    [{"basket": "o"}, {"basket": "o", "customer": "c"}, {"customer": "c"}, {"time": "t"},
     {"customer": "c", "time": "t"}],
)  # fmt: skip
def test_the_columns_that_name_a_basket(file, lists, columns):
    path = file("c;o;t;i\n1;1;mon;a\n1;1;tue;b\n2;1;mon;c\n1;2;wed;d\n")
    wanted = Columns("i", **columns)
    with table_chunks(path, wanted) as chunks:
        assert grouped(lists, chunks) == grouped(lists, [read_table(path, wanted)])


def test_a_basket_that_spans_many_batches(parquet, lists, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 1000)
    order, item = [7] * 10_000 + [8], [*range(10_000), 3]
    with table_chunks(parquet(order=order, item=item), ORDERS, parquet=True) as chunks:
        assert sorted(len(basket) for chunk in chunks for basket in lists(chunk)) == [1, 10_000]


def test_ids_that_are_floats(parquet, file, lists):
    stored = parquet(order=[1.0, None], item=[17850.0, 2.0])
    with table_chunks(stored, ORDERS, parquet=True) as chunks:
        assert grouped(lists, chunks) == [["17850"]]
        assert any("'item' is of type double" in note for note in chunks.notes)
    with table_chunks(file("order,item\n17850.0,a\n17850,b\n"), ORDERS) as chunks:
        assert grouped(lists, chunks) == [["a"], ["b"]]
        assert "'order': 1 ids are written as decimal numbers" in chunks.notes[0]
    with pytest.raises(DataError, match=r"holds 1.5; ids are whole numbers or text"):
        table_chunks(parquet(order=[1], item=[1.5]), ORDERS, parquet=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("orders,itm\n1,a\n", "lacks 2 of the columns"),
        ("order,item,item\n1,a,b\n", "'item' stands twice"),
        ("order,item\n1,\n", "holds no row with 'item' and 'order'"),
        ("order,item\n1,a\n2\n", "not a table: .*Expected 2 columns, got 1"),
        ("tea,jam\nmilk\noil,tea,soda\nsoda\n", "looks like format 'baskets'"),
        (b"order,item\n1,\xff\n", "not UTF-8"),
        (b"order,\xff\n1,2\n", "line 1: not UTF-8"),
        ("", "is empty"),
    ],
)
def test_csv_that_cannot_be_read_leaves_nothing(file, tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        table_chunks(file(text), ORDERS, temp=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["baskets.txt"]


def test_packed_csv_that_is_cut_off(file, tmp_path):
    path = file("order,item\n" + "".join(f"{k},{k * k}\n" for k in range(20_000)), "a.csv.gz")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"a\.csv\.gz"):
        table_chunks(path, ORDERS, temp=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv.gz"]


def test_what_is_not_parquet(file, parquet):
    with pytest.raises(DataError, match="not a Parquet file; the file looks like format 'fimi'"):
        table_chunks(file("1 2\n"), ORDERS, parquet=True)
    half = parquet(order=[1], item=["a"])
    half.write_bytes(half.read_bytes()[:-20])
    with pytest.raises(DataError, match="looks cut off or damaged"):
        table_chunks(half, ORDERS, parquet=True)


@pytest.mark.parametrize("relation", ["lines", "SELECT * FROM lines WHERE item <> 'x'"])
def test_a_table_or_query_of_a_database(database, lists, relation):
    with database_chunks(database, relation, ORDERS) as chunks:
        assert grouped(lists, chunks) == [["jam"], ["oil", "tea"]]
        assert chunks.n_lines == 3


@pytest.mark.parametrize(
    ("relation", "columns", "message"),
    [
        ("line", ORDERS, "no table 'line'; did you mean 'lines'"),
        ("lines", Columns("itm", basket="order"), "'itm': did you mean 'item'"),
        ("SELECT nothing FROM lines", ORDERS, "nothing"),
        ("DROP TABLE lines", ORDERS, "a.duckdb: "),
    ],
)
def test_relations_that_cannot_be_read(database, tmp_path, relation, columns, message):
    with pytest.raises(DataError, match=message):
        database_chunks(database, relation, columns, temp=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.duckdb"]


def test_what_is_no_database(file):
    with pytest.raises(DataError, match="not a DuckDB database; the file looks like format 'fimi'"):
        database_chunks(file("1 2\n"), "lines", ORDERS)


@pytest.mark.real
def test_members_as_published(real_data):
    columns = Columns("itemDescription", customer="Member_number", time="Date")
    with table_chunks(real_data / "groceries_members.csv", columns) as chunks:
        assert (sum(len(c) for c in chunks), len(chunks.names), chunks.n_lines) == (
            14_963, 167, 38_765)  # fmt: skip
