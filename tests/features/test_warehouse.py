import multiprocessing
import random
import resource
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.cut import Cut
from features.items import item_features
from features.purchases import outcomes, purchases
from features.sources import CsvSource, ParquetSource
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import BudgetExceeded, ConfigError, DataError, LodeError

GOOD = "c1,o1,a1,2011-05-04 10:00:00,2,1.5"
OTHER = "c2,o2,a2,2011-06-04 10:00:00,1,3"
BAD = "c1,o1,a1,never,2,1.5"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store" / "warehouse.duckdb"


@pytest.fixture
def former(file, csv_source):
    """A warehouse that holds something to lose."""
    with Warehouse.open(file) as warehouse:
        warehouse.load([csv_source(GOOD, OTHER, name="former")])
        yield warehouse


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_report_counts_every_row(csv_source):
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([csv_source(GOOD, BAD, "c1,o1", BAD, OTHER)])
        assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (5, 2, 3)
        (source,) = report.sources
        assert dict(source.reasons) == {
            "ordered_at is not a timestamp": 2,
            "wrong number of fields": 1,
        }
        assert len(source.sha256) == 64
        plain = report.to_dict()
        assert (plain["rows_in"], plain["sources"][0]["rows_loaded"]) == (5, 2)
        loads = warehouse.loads.to_pandas()
        assert loads[["rows_in", "rows_loaded", "rows_rejected"]].to_numpy().tolist() == [[5, 2, 3]]
        assert loads["sha256"].tolist() == [source.sha256]


def test_first_and_last_day(former):
    assert (former.first_day, former.last_day) == (date(2011, 5, 4), date(2011, 6, 4))


def test_nothing_is_created_before_the_first_load(file):
    with Warehouse.open(file) as warehouse:
        assert not warehouse.is_loaded
        with pytest.raises(DataError, match="is empty: load sources first"):
            warehouse.lines  # noqa: B018
        with pytest.raises(DataError, match="is empty: load sources first"):
            warehouse.digest  # noqa: B018
    assert not file.parent.exists()


def test_content_survives_closing(former, file):
    with Warehouse.open(file) as again:
        assert again.digest == former.digest
        assert again.lines.count().to_pandas() == 2


def test_a_load_replaces_the_whole_content(former, csv_source):
    before = former.digest
    former.load([csv_source(OTHER)])
    assert former.lines.to_pandas()["customer_id"].tolist() == ["c2"]
    assert former.customers.to_pandas()["customer_id"].tolist() == ["c2"]
    assert former.digest != before


def test_digest_does_not_depend_on_order_name_or_file(csv_source):
    rows = [f"c{n % 5},o{n % 7},a{n % 3},2011-05-04,{n % 4 + 1},1.5" for n in range(60)]
    shuffled = random.Random(1).sample(rows, len(rows))
    digests = []
    for name, lines in (("one", rows), ("two", shuffled), ("three", rows[:-1])):
        with Warehouse.open(None) as warehouse:
            digests.append(warehouse.load([csv_source(*lines, name=name)]).digest)
    assert digests[0] == digests[1] != digests[2]


def test_digest_tells_neighbouring_columns_apart(csv_source):
    digests = set()
    for row in ("ab,c,x,2011-05-04,1,1", "a,bc,x,2011-05-04,1,1"):
        with Warehouse.open(None) as warehouse:
            digests.add(warehouse.load([csv_source(row)]).digest)
    assert len(digests) == 2


def test_several_sources_feed_one_table(csv_source):
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([csv_source(GOOD, name="a"), csv_source(OTHER, BAD, name="b")])
        assert [one.source for one in report.sources] == ["a", "b"]
        assert sorted(warehouse.lines.to_pandas()["source"]) == ["a", "b"]


def test_orphans_are_counted_and_strangers_become_customers(csv_source, tmp_path):
    items, people = tmp_path / "items.csv", tmp_path / "people.csv"
    items.write_text("id\na1\na1\n")
    people.write_text("id,out\nc1,true\n")
    sources = [
        csv_source(GOOD, OTHER),
        CsvSource(path=str(items), table="items", columns={"item_id": "id"}),
        CsvSource(
            path=str(people), table="customers", columns={"customer_id": "id", "opt_out": "out"}
        ),
    ]
    with Warehouse.open(None) as warehouse:
        report = warehouse.load(sources)
        assert dict(report.orphans) == {"item_id": 1, "customer_id": 1}
        assert warehouse.lines.count().to_pandas() == 2
        customers = warehouse.customers.order_by("customer_id").to_pandas()
        assert customers.to_numpy().tolist() == [["c1", True], ["c2", False]]
        assert warehouse.rejected.to_pandas()["reason"].tolist() == [
            "item_id: 'a1' stands in line 2"
        ]
        assert warehouse.has_items


def test_a_key_may_not_come_from_two_sources(csv_source, tmp_path):
    sources = [csv_source(GOOD)]
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("id\na1\n" + ("a2\n" if name == "two" else ""))
        path = str(tmp_path / f"{name}.csv")
        sources.append(CsvSource(path=path, table="items", columns={"item_id": "id"}))
    with Warehouse.open(None) as warehouse:
        warehouse.load(sources)
        reasons = warehouse.rejected.to_pandas()["reason"].tolist()
        assert reasons == ["item_id: 'a1' stands in another source"]


def test_parquet_keeps_its_types(tmp_path):
    path = tmp_path / "sales.parquet"
    table = pa.table(
        {
            "who": pa.array([17850.0, None, 3.0]),
            "what": pa.array([1, 2, 3]),
            "when": pa.array([date(2011, 5, 4)] * 3),
            "n": pa.array([1, 1, -1], pa.int32()),
        }
    )
    pq.write_table(table, path)
    columns = {"customer_id": "who", "item_id": "what", "ordered_at": "when", "quantity": "n"}
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([ParquetSource(path=str(path), columns=columns)])
        assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (3, 1, 2)
        line = warehouse.lines.to_pandas().iloc[0]
        assert (line["customer_id"], line["item_id"], line["source_line"]) == ("17850", "1", 1)
        rejected = warehouse.rejected.order_by("source_line").to_pandas()
        assert rejected["reason"].tolist() == [
            "customer_id is missing",
            "quantity: '-1' is not above 0",
        ]


def test_parquet_that_is_none_or_cut(tmp_path, csv_source):
    text = tmp_path / "a.parquet"
    text.write_text("customer,item\n")
    cut = tmp_path / "b.parquet"
    pq.write_table(pa.table({"who": list(range(1000))}), cut)
    cut.write_bytes(cut.read_bytes()[:500])
    columns = {"customer_id": "who", "item_id": "what", "ordered_at": "when"}
    sources = [ParquetSource(path=str(path), columns=columns) for path in (text, cut)]
    with Warehouse.open(None) as warehouse, pytest.raises(DataError) as caught:
        warehouse.load(sources)
    assert "2 sources cannot be read" in str(caught.value)
    assert "declared as Parquet but looks like text" in str(caught.value)
    assert "looks cut off or damaged" in str(caught.value)


BROKEN = [
    ({"text": ""}, DataError, "is empty"),
    ({"text": "customer,order\n1,2\n"}, DataError, "lacks 4 of the mapped columns"),
    ({"rows": []}, DataError, "holds no rows"),
    ({"rows": [BAD, BAD]}, DataError, "all 2 rows were rejected"),
    ({"rows": [GOOD, BAD], "max_rejected": 0.4}, DataError, r"1 of 2 rows \(50.0%\)"),
    ({"rows": [GOOD], "min_rows": 2}, DataError, "holds 1 rows; at least 2 expected"),
    ({"rows": [GOOD, "\xe9"], "encoding": "ascii"}, DataError, "not text in encoding 'ascii'"),
    (
        {"rows": [GOOD], "rules": [{"column": "item_id", "matches": "(?=a)"}]},
        ConfigError,
        "sources cannot be used",
    ),
]


@pytest.mark.parametrize(("given", "kind", "message"), BROKEN)
def test_a_refused_load_leaves_the_former_state(former, file, csv_source, given, kind, message):
    before, bytes_before = names_in(file.parent), file.read_bytes()
    digest = former.digest
    given = dict(given)
    source = csv_source(*given.pop("rows", ()), **given)
    with pytest.raises(kind, match=message):
        former.load([source])
    assert names_in(file.parent) == before
    assert file.read_bytes() == bytes_before
    assert former.digest == digest
    assert former.lines.count().to_pandas() == 2


def test_a_gzip_cut_in_half_leaves_the_former_state(former, file, csv_source):
    source = csv_source(*(f"c{n},o{n * n},a,2011-05-04,1,1" for n in range(30_000)), packed=True)
    content = Path(source.path).read_bytes()
    Path(source.path).write_bytes(content[: len(content) // 2])
    before = file.read_bytes()
    with pytest.raises(DataError, match="looks cut off"):
        former.load([source])
    assert file.read_bytes() == before


def test_a_plain_file_cut_in_half_shows_its_last_row(csv_source):
    with Warehouse.open(None) as warehouse:
        warehouse.load([csv_source(text=f"customer,order,item,when,pieces,price\n{GOOD}\nc2,o2,a")])
        rejected = warehouse.rejected.to_pandas()
        assert rejected[["source_line", "reason"]].to_numpy().tolist() == [
            [3, "expected 6 fields, got 3"]
        ]


def test_declarations_that_contradict_each_other(csv_source, tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("id\n1\n")
    items = CsvSource(path=str(path), name="twin", table="items", columns={"item_id": "id"})
    with Warehouse.open(None) as warehouse, pytest.raises(ConfigError) as caught:
        warehouse.load([items, items])
    assert "two sources are named 'twin'" in str(caught.value)


def test_a_table_of_the_users_own_is_enough(tmp_path):
    (tmp_path / "people.csv").write_text("who,n\nann,2\nbob,5\n")
    columns = {"who": "who", "n": {"from": "n", "type": "number"}}
    own = CsvSource(path=str(tmp_path / "people.csv"), table="own:people", columns=columns)
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        assert warehouse.load([own]).rows_loaded == 2
        assert warehouse.table("people").to_pandas()["n"].tolist() == [2.0, 5.0]
        with pytest.raises(DataError, match="holds no lines"):
            _ = warehouse.last_day


def test_a_foreign_file_is_no_warehouse(tmp_path):
    text = tmp_path / "text.duckdb"
    text.write_text("hello, this is no database at all")
    with pytest.raises(LodeError, match="cannot be"):
        Warehouse.open(text)
    foreign = tmp_path / "foreign.duckdb"
    duckdb.connect(str(foreign)).execute("CREATE TABLE t (a INT)").close()
    with pytest.raises(LodeError, match="but not a warehouse"):
        Warehouse.open(foreign)


def hold(path, ready, done):
    connection = duckdb.connect(path)
    ready.set()
    done.wait(60)
    connection.close()


def test_a_file_locked_by_another_process(former, file):
    former.close()
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(str(file), ready, done))
    process.start()
    try:
        assert ready.wait(60)
        with pytest.raises(LodeError, match="is in use by another process"):
            Warehouse.open(file)
    finally:
        done.set()
        process.join(60)


class LoadsAgain:
    """A progress that starts a second load of the same file in the middle of the first."""

    def __init__(self, path, source):
        self.path, self.source, self.said = path, source, None

    def start(self, task, total=None):
        with Warehouse.open(self.path) as second:
            self.rows_seen = second.lines.count().to_pandas()
            with pytest.raises(LodeError) as caught:
                second.load([self.source])
        self.said = str(caught.value)

    def done(self, task, detail=""):
        self.detail = detail


def test_only_one_load_at_a_time_and_readers_see_the_former_state(former, file, csv_source):
    progress = LoadsAgain(file, csv_source(GOOD, name="second"))
    former.load([csv_source(GOOD, name="first")], progress)
    assert "another process is loading" in progress.said
    assert progress.rows_seen == 2
    assert progress.detail == "1 rows loaded, 0 rejected"
    assert former.lines.count().to_pandas() == 1


def test_too_little_memory_is_a_budget(file, tmp_path):
    path = tmp_path / "big.parquet"
    duckdb.execute(
        f"COPY (SELECT 'c' || i AS c, i AS i, DATE '2011-01-01' AS d FROM range(400000) t(i)) "
        f"TO '{path}'"
    )
    source = ParquetSource(
        path=str(path), columns={"customer_id": "c", "item_id": "i", "ordered_at": "d"}
    )
    with Warehouse.open(file, memory_limit="8MB") as warehouse:
        with pytest.raises(BudgetExceeded, match="needs more memory than allowed"):
            warehouse.load([source])
        assert not file.exists()


class Interrupts:
    """A progress that is interrupted when the rows have been moved."""

    def start(self, task, total=None):
        self.task = task

    def done(self, task, detail=""):
        raise KeyboardInterrupt


def test_an_interrupted_load_leaves_the_former_state(former, file, csv_source):
    before, bytes_before = names_in(file.parent), file.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        former.load([csv_source(GOOD, name="next")], Interrupts())
    assert names_in(file.parent) == before
    assert file.read_bytes() == bytes_before
    assert former.lines.count().to_pandas() == 2


def load_with_little_disk(path, source, said):
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    with Warehouse.open(path) as warehouse:
        try:
            warehouse.load([source])
        except LodeError as error:
            said.put(str(error))
        else:
            said.put("loaded")


def test_a_disk_that_fills_leaves_the_former_state(former, file, csv_source):
    before, bytes_before = names_in(file.parent), file.read_bytes()
    source = csv_source(*(f"c{n},o{n},a{n},2011-05-04,1,{n}" for n in range(5_000)), name="next")
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    process = context.Process(target=load_with_little_disk, args=(file, source, said))
    process.start()
    refusal = said.get(timeout=60)
    assert refusal.startswith(f"the warehouse {file} cannot be")
    assert "too large" in refusal
    process.join(60)
    assert names_in(file.parent) == before
    assert file.read_bytes() == bytes_before


cells = st.sampled_from(["c1", "", "2011-05-04", "1", "-1", "x", '"', 'a"b', "a,b", "  ", "\u00e9"])


@given(st.lists(st.lists(cells, min_size=1, max_size=7).map(",".join), max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_in_are_rows_loaded_and_rejected(csv_source, rows):
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([csv_source(GOOD, *rows)])
        loaded = warehouse.lines.count().to_pandas()
        rejected = warehouse.rejected.to_pandas()
    assert report.rows_in == loaded + len(rejected)
    assert (report.rows_loaded, report.rows_rejected) == (loaded, len(rejected))
    assert rejected["reason"].notna().all()
    if not any('"' in row for row in rows):
        assert report.rows_in == 1 + len(rows)


@pytest.mark.real
def test_online_retail(real_data, tmp_path):
    source = CsvSource(
        path=str(real_data / "online_retail.csv.gz"),
        columns={
            "customer_id": "CustomerID",
            "order_id": "InvoiceNo",
            "item_id": {"from": "StockCode", "upper": True},
            "item_name": "Description",
            "ordered_at": {"from": "InvoiceDate", "format": "%Y-%m-%d %H:%M:%S"},
            "quantity": "Quantity",
            "price": "UnitPrice",
        },
        returns={"column": "order_id", "matches": "^C"},
        rules=[
            {"column": "price", "above": 0},
            {"column": "item_id", "matches": "^[0-9]{5}"},
        ],
    )
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        report = warehouse.load([source])
        assert report.rows_in == 541_909 == report.rows_loaded + report.rows_rejected
        assert report.sources[0].reasons["customer_id is missing"] == 135_080
        bought = purchases(Cut.at(warehouse, warehouse.last_day))
        assert len(bought) == 396_337
        assert bought["customer_id"].nunique() == 4_334
        assert bought["item_id"].nunique() == 3_659
        window = Window(date(2011, 11, 8), observe=730, gap=0, outcome=31)
        known = Cut.of(warehouse, window)
        later = outcomes(warehouse, window)
        later = later[later["customer_id"].isin(purchases(known)["customer_id"])]
        assert later["customer_id"].nunique() == 1_395
        later = later[later["item_id"].isin(item_features(known).index)]
        assert later["customer_id"].nunique() == 1_394


@pytest.mark.parametrize(
    "people",
    [
        "id,out,kids\nc1,true,many\nc2,false,1\n",  # the row says so, and another cell is wrong
        "id,out,kids\nc1,X,1\nc2,false,1\n",  # the cell itself cannot be read
        "id,out,kids\nc1,false,1\nc1,true,1\nc2,false,1\n",  # said in the second of two rows
    ],
)
def test_who_may_have_opted_out_in_a_rejected_row_counts_as_opted_out(csv_source, tmp_path, people):
    path = tmp_path / "people.csv"
    path.write_text(people)
    columns = {
        "customer_id": "id",
        "opt_out": "out",
        "kids": {"from": "kids", "type": "integer"},
    }
    source = CsvSource(path=str(path), table="customers", columns=columns)
    with Warehouse.open(None) as warehouse:
        warehouse.load([csv_source(GOOD, OTHER), source])
        known = warehouse.customers.order_by("customer_id").to_pandas()
    assert dict(zip(known["customer_id"], known["opt_out"], strict=True)) == {
        "c1": True,
        "c2": False,
    }


def test_a_source_of_opt_outs_that_cannot_be_read_whole_is_refused(csv_source, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("id,out\nc1,false\nc2\n")
    columns = {"customer_id": "id", "opt_out": "out"}
    source = CsvSource(path=str(path), table="customers", columns=columns)
    with (
        Warehouse.open(None) as warehouse,
        pytest.raises(DataError, match="says who opted out, but 1 of its rows cannot be read"),
    ):
        warehouse.load([csv_source(GOOD), source])


def test_a_blank_quantity_is_one_piece_in_the_amount_too(csv_source):
    with Warehouse.open(None) as warehouse:
        warehouse.load([csv_source("c1,o1,a1,2011-01-01,,2.5")])
        (line,) = warehouse.lines.to_pandas().itertuples()
    assert (line.quantity, line.price, line.amount) == (1.0, 2.5, 2.5)
