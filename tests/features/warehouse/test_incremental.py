import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.sources import CsvSource, SqlSource
from features.warehouse import Warehouse
from features.warehouse.contents import wanted_content
from lodeworks.errors import ConfigError, DataError

A = ("c1,tea,2011-05-04,2,1.5", "c2,cup,2011-05-05,1,3")
B = ("c1,cup,2011-06-01,1,3", "c3,tea,never,1,1")
ALL = list(HealthCheck)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store" / "warehouse.duckdb"


def fresh_digest(*sources):
    with Warehouse.open(None) as warehouse:
        return warehouse.add(sources, replace=True).digest


def statuses(report):
    return [one.status for one in report.sources]


def test_the_same_file_twice_changes_nothing(file, lines):
    with Warehouse.open(file) as warehouse:
        first = warehouse.add([lines("a.csv", *A)])
        before, written = file.read_bytes(), file.stat().st_ino
        again = warehouse.add([lines("a.csv", *A)])
        assert again.digest == first.digest
        assert statuses(again) == ["unchanged"]
        assert (again.rows_in, again.rows_loaded) == (2, 2)
        assert file.read_bytes() == before
        assert file.stat().st_ino == written
        assert warehouse.loads.count().to_pandas() == 1


def test_a_new_file_adds_and_a_corrected_one_replaces_its_own_rows(file, lines):
    with Warehouse.open(file) as warehouse:
        warehouse.add([lines("a.csv", *A)])
        report = warehouse.add([lines("b.csv", *B, name="sales")])
        assert statuses(report) == ["loaded"]
        assert (report.rows_in, report.rows_rejected) == (2, 1)
        assert warehouse.lines.count().to_pandas() == 3
        corrected = lines("b.csv", "c9,tea,2011-06-01,1,3")
        assert statuses(warehouse.add([corrected])) == ["replaced"]
        found = warehouse.lines.to_pandas()
        assert sorted(found["customer_id"]) == ["c1", "c2", "c9"]
        assert warehouse.rejected.count().to_pandas() == 0
        assert sorted(warehouse.customers.to_pandas()["customer_id"]) == ["c1", "c2", "c9"]
        log = warehouse.table("load_log").to_pandas()
        assert log["action"].tolist() == ["loaded", "loaded", "replaced"]
        digest = warehouse.digest
    assert digest == fresh_digest(
        lines("a.csv", *A), lines("b.csv", "c9,tea,2011-06-01,1,3", name="b")
    )


def test_a_changed_declaration_reads_the_file_again(memory, lines):
    memory.add([lines("a.csv", *A)])
    stricter = lines("a.csv", *A, rules=[{"column": "price", "above": 2}])
    report = memory.add([stricter])
    assert statuses(report) == ["replaced"]
    assert (report.rows_loaded, report.rows_rejected) == (1, 1)


def test_load_keeps_what_is_listed_and_drops_the_rest(file, lines):
    a, b = lines("a.csv", *A), lines("b.csv", *B, name="other")
    with Warehouse.open(file) as warehouse:
        warehouse.load([a, b])
        report = warehouse.load([b])
        assert statuses(report) == ["unchanged"]
        assert warehouse.lines.to_pandas()["source"].tolist() == ["other"]
        assert warehouse.load([a]).digest == fresh_digest(a)
        log = warehouse.table("load_log").to_pandas()
        assert log["action"].tolist() == ["loaded", "loaded", "removed", "loaded", "removed"]


def test_add_can_begin_anew(file, lines):
    with Warehouse.open(file) as warehouse:
        warehouse.add([lines("a.csv", *A)])
        warehouse.add([lines("b.csv", *B)], replace=True)
        assert warehouse.loads.to_pandas()["path"].map(lambda p: Path(p).name).tolist() == ["b.csv"]


def test_one_source_of_many_files(tmp_path, memory, lines):
    pattern = lines("day-1.csv", *A).model_copy(update={"path": str(tmp_path / "day-*.csv")})
    assert memory.add([pattern]).rows_in == 2
    lines("day-2.csv", *B)
    report = memory.add([pattern])
    assert statuses(report) == ["unchanged", "loaded"]
    assert [Path(one.path).name for one in report.sources] == ["day-1.csv", "day-2.csv"]
    assert memory.rejected.to_pandas()["source_file"].map(lambda p: Path(p).name).tolist() == [
        "day-2.csv"
    ]


def test_the_same_content_under_two_names_counts_once(tmp_path, memory, lines):
    source = lines("b.csv", *A)
    memory.add([source])
    lines("a.csv", *A)
    pattern = source.model_copy(update={"path": str(tmp_path / "?.csv")})
    report = memory.add([pattern])
    assert statuses(report) == ["unchanged", f"same content as {tmp_path / 'a.csv'}"]
    assert report.rows_in == memory.lines.count().to_pandas() == 2
    # The file that held the rows is corrected: the other one keeps them.
    lines("a.csv", *B)
    memory.add([pattern])
    assert memory.lines.count().to_pandas() == 3
    held = memory.loads.order_by("path").to_pandas()
    assert held["rows_in"].tolist() == [2, 2]
    assert held["same_as"].isna().all()


contents = st.sampled_from([A, B, (*A, *B), A[:1], B[:1]])
steps = st.lists(
    st.tuples(st.sampled_from(["1.csv", "2.csv", "3.csv"]), contents), min_size=1, max_size=6
)


@given(steps)
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=ALL)
def test_many_loads_are_one_load_of_the_files_as_they_are_in_the_end(lines, taken):
    with Warehouse.open(None) as warehouse:
        for file, rows in taken:
            report = warehouse.add([lines(file, *rows)])
            loads = warehouse.loads.to_pandas()
            counted = warehouse.rejected.count().to_pandas()
            assert report.rows_in == report.rows_loaded + report.rows_rejected
            assert loads["rows_loaded"].sum() == warehouse.lines.count().to_pandas()
            assert loads["rows_rejected"].sum() == counted
        digest = warehouse.digest
        held = warehouse.loads.order_by("path").to_pandas().drop(columns="loaded_at")
    last = list(dict(taken).items())
    random.Random(0).shuffle(last)
    folder = Path(lines("1.csv" if "1.csv" in dict(taken) else "9.csv", *A).path).parent
    for file, rows in last:
        lines(file, *rows)
    (folder / "9.csv").unlink(missing_ok=True)
    for left in {"1.csv", "2.csv", "3.csv"} - set(dict(taken)):
        (folder / left).unlink(missing_ok=True)
    pattern = lines(*last[0][:1], *last[0][1]).model_copy(update={"path": str(folder / "?.csv")})
    with Warehouse.open(None) as once:
        assert once.load([pattern]).digest == digest
        assert once.loads.order_by("path").to_pandas().drop(columns="loaded_at").equals(held)


def test_sources_that_give_a_column_two_types_are_refused(memory, people, lines):
    first = people("a.csv", "c1,false,3", since=None)
    columns = {"customer_id": "id", "town": {"from": "town", "type": "number"}}
    second = people("b.csv", "c2,false,4", columns=columns, name="web")
    with pytest.raises(ConfigError, match="'town' of 'customers' is DOUBLE in 'web' and VARCHAR"):
        memory.load([lines("l.csv", *A), first, second])
    assert not memory.is_loaded


def test_an_attribute_goes_with_the_last_file_that_has_it(memory, people, lines):
    sales = lines("l.csv", *A)
    memory.load([sales, people("p.csv", "c1,false,Bath")])
    columns = {"customer_id": "id"}
    memory.load([sales, people("p.csv", "c1,false,Bath", columns=columns)])
    assert memory.customers.columns == ("customer_id", "opt_out")
    assert memory.digest == fresh_digest(sales, people("p.csv", "c1,false,Bath", columns=columns))


def test_another_time_zone_loads_all_anew_or_is_refused(file, lines):
    source = lines("a.csv", "c1,tea,2011-05-04 23:30:00,1,1", timezone="Europe/London")
    with Warehouse.open(file) as warehouse:
        warehouse.add([source])
    with Warehouse.open(file, timezone="Asia/Tokyo") as warehouse:
        with pytest.raises(ConfigError, match="timezone: not stated there, Asia/Tokyo here"):
            warehouse.add([source])
        warehouse.load([source])
        assert str(warehouse.lines.to_pandas()["ordered_at"][0]) == "2011-05-05 07:30:00"


def test_money_of_two_currencies_is_refused(memory, lines):
    sources = [
        lines("a.csv", *A, currency="GBP", name="uk"),
        lines("b.csv", *A, currency="EUR", name="de"),
    ]
    with pytest.raises(ConfigError, match="EUR in 'de', GBP in 'uk'"):
        memory.load(sources)


def test_missing_files_are_named_together(memory, lines, tmp_path):
    gone = [
        lines("a.csv", *A).model_copy(update={"name": n, "path": str(tmp_path / f"{n}.csv")})
        for n in ("x", "y")
    ]
    with pytest.raises(DataError) as caught:
        memory.load(gone)
    assert caught.value.problems == tuple(
        f"source {n!r} ({tmp_path / n}.csv): there is no such file" for n in ("x", "y")
    )


def test_a_failed_addition_in_memory_leaves_what_was_there(memory, lines):
    memory.add([lines("a.csv", *A)])
    digest = memory.digest
    with pytest.raises(DataError, match="all 1 rows were rejected"):
        memory.add([lines("b.csv", B[1])])
    assert memory.digest == digest
    assert memory.lines.count().to_pandas() == 2
    assert memory.rejected.count().to_pandas() == 0


def test_declarations_never_hold_a_password(memory):
    source = SqlSource(
        url="postgresql://reader:secret@db.example/shop",
        table_name="orders",
        columns={"customer_id": "who", "item_id": "what", "ordered_at": "at"},
    )
    assert "secret" not in wanted_content(source, None).declaration


def test_pseudonyms_stand_in_every_table(memory, lines, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "a key of 16 byte")
    columns = {
        "customer_id": {"from": "c", "pseudonymise": True},
        "item_id": "i",
        "ordered_at": "t",
        "price": "p",
    }
    source = lines("a.csv", "Ann,tea,2011-05-04,1,1", "Ann,tea,never,1,1", "Ann", columns=columns)
    memory.load([source])
    held = [memory.lines, memory.customers, memory.rejected]
    assert not any("Ann" in table.to_pandas().to_csv() for table in held)
    assert len(memory.lines.to_pandas()["customer_id"][0]) == 32


def test_a_load_after_one_with_pseudonyms_asks_for_the_same_key(memory, lines, monkeypatch):
    columns = {
        "customer_id": {"from": "c", "pseudonymise": True},
        "item_id": "i",
        "ordered_at": "t",
        "price": "p",
    }
    first, second = (
        lines(name, f"{who},tea,2011-05-04,1,1", columns=columns)
        for name, who in (("a.csv", "Ann"), ("b.csv", "Bob"))
    )
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    with pytest.raises(ConfigError, match="is not set; make one with"):
        memory.load([first])
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "a key of 16 byte")
    memory.load([first])
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    with pytest.raises(ConfigError, match="is not set; give the key used then"):
        memory.load([first, second.model_copy(update={"name": "more"})])


def test_own_tables_keep_their_columns_and_leave_with_their_source(memory, lines, table_of):
    shops = table_of("own:shops", "shop,area", "s1,12", "s2,7")
    typed = {"shop": "shop", "area": {"from": "area", "type": "integer"}}
    shops = CsvSource(**{**shops.model_dump(by_alias=True), "columns": typed})
    memory.load([lines("a.csv", *A), shops])
    assert memory.table("shops").order_by("shop").to_pandas()["area"].tolist() == [12, 7]
    assert (
        memory.table("columns").filter(lambda t: t.table_name == "shops").count().to_pandas() == 2
    )
    memory.load([lines("a.csv", *A)])
    with pytest.raises(DataError, match="no table 'shops'"):
        memory.table("shops")


@pytest.mark.parametrize("name", ["load_log", "customers_rows", "doubts"])
def test_own_tables_may_not_take_a_name_of_the_warehouse(memory, lines, table_of, name):
    own = table_of("own:x", "a", "1").model_copy(update={"table": f"own:{name}"})
    with pytest.raises(ConfigError, match=f"{name!r} is a table of the warehouse"):
        memory.load([lines("a.csv", *A), own])
