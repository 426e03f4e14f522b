"""The same expressions over the warehouse's tables give the same numbers in Spark."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.cut import Cut
from features.indicators.registry import KNOWN, indicators
from features.items import item_features
from features.sources import CsvSource
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.progress import Silent
from pipelines.config.sections import Engine
from pipelines.crosssell.prepare import Loaded, on_engine
from pipelines.crosssell.snapshots import TABLES, take_snapshot
from pipelines.lists.exclusions import opted_out
from pipelines.spark.customers import customer_frame, snapshot_of
from pipelines.spark.features import indicator_table
from pipelines.spark.tables import tables_in_spark
from pipelines.spark.warehouse import READ

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
]

DAY = date(2011, 6, 30)
WINDOW = Window(DAY, 300, 0, 10)
CUSTOMERS = 40
CATEGORIES = ("Food", "Food & Co", "Drink", "")


def days(chance, n, first="2010-06-01", last="2011-07-15"):
    """Draw moments, some of them on the last seconds of a day and after the day of the cut."""
    span = pd.Timestamp(last) - pd.Timestamp(first)
    drawn = pd.Timestamp(first) + pd.to_timedelta(
        chance.integers(0, int(span.total_seconds()), n), unit="s"
    )
    return drawn.where(chance.random(n) > 0.1, drawn.normalize() + pd.Timedelta(days=1, seconds=-1))


def tables(seed=0):
    """Draw a table of every kind that features read."""
    chance = np.random.default_rng(seed)
    who = [f"c{n:02}" for n in range(CUSTOMERS)]

    def rows(n, **columns):
        return pd.DataFrame({"customer_id": chance.choice(who, n), **columns})

    def some(values, n, unknown=0.2):
        return pd.Series(chance.choice(values, n)).mask(chance.random(n) < unknown)

    items = [f"i{n}" for n in range(9)]
    lines = rows(
        400,
        order_id=[f"{'C' if n % 11 == 0 else 'o'}{n // 2}" for n in range(400)],
        item_id=chance.choice(items, 400),
        ordered_at=days(chance, 400),
        quantity=chance.integers(1, 6, 400),
        price=np.round(chance.random(400) * 20, 2),
        cost=np.round(chance.random(400) * 5, 3),
    )
    opened = days(chance, 60).normalize()
    starts = days(chance, 90)
    return {
        "lines": lines,
        "items": pd.DataFrame(
            {
                "item_id": items,
                "item_name": [f"näme {item}" for item in items],
                "category": [CATEGORIES[n % 4] for n in range(9)],
                "department": "all",
            }
        ),
        "customers": pd.DataFrame(
            {
                "customer_id": who[:-3],
                "opt_out": chance.random(CUSTOMERS - 3) < 0.1,
                "life_stage": some(["student", "Young Family"], CUSTOMERS - 3),
                "birth_year": chance.integers(1940, 2000, CUSTOMERS - 3),
                "joined_on": days(chance, CUSTOMERS - 3).normalize(),
                "member": chance.random(CUSTOMERS - 3) < 0.5,
                "marketing_consent": chance.random(CUSTOMERS - 3) < 0.9,
            }
        ),
        "contacts": rows(
            120,
            campaign_id=some(["k1", "k2"], 120),
            contacted_at=days(chance, 120),
            cost=some([0.5, 0.1], 120),
            is_control=some(["true", "false"], 120),
        ),
        "responses": rows(
            40,
            campaign_id=some(["k1", "k2"], 40),
            responded_at=days(chance, 40),
            amount=np.round(chance.random(40) * 9, 2),
        ),
        "holdings": rows(
            60,
            item_id=chance.choice(items, 60),
            opened_on=opened,
            closed_on=pd.Series(opened + pd.Timedelta(days=50)).mask(chance.random(60) < 0.6),
            balance=np.round(chance.random(60) * 100, 2),
        ),
        "interactions": rows(
            80, happened_at=days(chance, 80), kind=some(["Complaint", "complaint", "call"], 80)
        ),
        "sessions": rows(
            90,
            session_id=[f"s{n}" for n in range(90)],
            visitor_id="v",
            started_at=starts,
            ended_at=pd.Series(starts + pd.Timedelta(minutes=20)).mask(chance.random(90) < 0.3),
            pages=some(["1", "5", "9"], 90),
            is_robot=some(["true", "false"], 90),
        ),
        "scores": rows(
            70,
            answered_at=days(chance, 70),
            question="recommend",
            score=chance.integers(0, 11, 70),
        ),
    }


TYPES = {"birth_year": "number", "joined_on": "date", "member": "boolean"}
TYPES |= {"marketing_consent": "boolean"}


def source(folder, table, frame):
    path = folder / f"{table}.csv"
    frame.to_csv(path, index=False, date_format="%Y-%m-%d %H:%M:%S")
    columns = {
        name: {"from": name, "type": TYPES[name]} if name in TYPES else name for name in frame
    }
    more = {"effective": date(2011, 1, 1)} if table == "customers" else {}
    if table == "lines":
        more["returns"] = {"column": "order_id", "matches": "^C"}
    return CsvSource(path=str(path), table=table, columns=columns, **more)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detail")
    with Warehouse.open(None) as opened:
        opened.load([source(folder, *table) for table in tables().items()])
        yield opened


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def in_spark(needs_spark, quick, warehouse, place):
    with tables_in_spark(warehouse, "local[2]", place, Silent(), quick) as tables:
        yield tables
    assert not list(place.iterdir())


@pytest.fixture(scope="module")
def expected(warehouse):
    return indicators(Cut.of(warehouse, WINDOW), list(KNOWN))


def test_every_table_that_features_read_is_there(in_spark, warehouse):
    handed = {name for name in READ if name in warehouse.tables}
    assert {"lines", "customers_history", "items_history", "scores", "holdings"} <= handed
    counts = {name: int(in_spark.table(name).count().to_pandas()) for name in ("lines", "scores")}
    assert counts == {"lines": 400, "scores": 70}
    assert (in_spark.first_day, in_spark.last_day) == (warehouse.first_day, warehouse.last_day)
    assert in_spark.digest == warehouse.digest


def test_every_family_of_indicators_says_the_same(in_spark, expected):
    """All families at once: a query in Spark takes seconds, however little it reads."""
    for family in KNOWN:
        assert family in FIRST, f"say which column shows that {family} was computed"
        assert expected[FIRST[family]].nunique() > 1
    table = indicator_table(Cut.of(in_spark, WINDOW), list(KNOWN), list(expected.columns))
    found = in_spark.frame(table).toPandas().set_index("customer_id").sort_index()
    pd.testing.assert_frame_equal(found, expected, rtol=0, atol=1e-9)


FIRST = {
    "rfm": "monetary",
    "rhythm": "gap_mean",
    "basket": "basket_pieces",
    "category": "category_entropy",
    "returns": "return_share_lines",
    "tenure": "tenure_days",
    "season": "spend_share_weekend",
    "attributes": "attribute_age",
    "contacts": "contact_recency_days",
    "holdings": "holding_balance",
    "interactions": "complaints",
    "web": "web_pages",
    "scores": "score_latest",
}


def test_columns_that_nobody_has_are_0(in_spark, expected):
    columns = ["category_toys", "monetary"]
    table = indicator_table(Cut.of(in_spark, WINDOW), ["rfm", "category"], columns)
    found = in_spark.frame(table).toPandas().set_index("customer_id").sort_index()
    assert list(found) == columns
    assert set(found["category_toys"]) == {0.0}
    assert found["monetary"].to_numpy() == pytest.approx(expected["monetary"].to_numpy())


def test_attributes_of_items_are_the_same(in_spark, warehouse):
    found, known = (item_features(Cut.of(one, WINDOW)) for one in (in_spark, warehouse))
    pd.testing.assert_frame_equal(found, known, rtol=0, atol=1e-9)


def test_a_whole_snapshot_is_the_same(in_spark, warehouse):
    """By the very code that `lode run` goes through."""
    taken = [
        take_snapshot(one, WINDOW, ["rfm"], None, labelled=True) for one in (in_spark, warehouse)
    ]
    for name in TABLES:
        found, known = (getattr(one, name) for one in taken)
        pd.testing.assert_frame_equal(found, known, check_dtype=False, rtol=0, atol=1e-9)


def test_who_refused_is_the_same(in_spark, warehouse):
    assert opted_out(in_spark) == opted_out(warehouse)
    assert len(opted_out(warehouse)) > 2


def test_a_row_holds_all_of_a_customer(in_spark, warehouse):
    """Cut into a frame and put together again, it is the snapshot of the buyers."""
    columns = ["tenure_days", "active_months"]
    frame = customer_frame(in_spark, WINDOW, ["tenure"], columns)
    (rows,) = frame.toArrow().combine_chunks().to_batches()
    known = take_snapshot(warehouse, WINDOW, ["tenure"], columns, labelled=False)
    found = snapshot_of(rows, WINDOW, known.labels)
    buyers = known.customers.index
    earlier = known.earlier[known.earlier["customer_id"].isin(buyers)].reset_index(drop=True)
    assert len(earlier) > 20
    pd.testing.assert_frame_equal(found.purchases, known.purchases)
    pd.testing.assert_frame_equal(found.customers, known.customers, rtol=0, atol=1e-9)
    pd.testing.assert_frame_equal(found.earlier, earlier)
    people = known.people.reindex(buyers)
    pd.testing.assert_frame_equal(found.people.astype(people.dtypes), people)
    refused = rows.to_pandas().set_index("customer_id")["refused"]
    assert set(refused.index[refused]) == opted_out(warehouse) & set(buyers)


def test_duckdb_reads_its_own_tables_where_no_engine_is_named(warehouse, tmp_path):
    own = Loaded(warehouse, {})
    with on_engine(own, Engine(), tmp_path, Silent()) as loaded:
        assert loaded is own
    assert not list(tmp_path.iterdir())


def test_a_run_reads_them_in_spark_where_it_is_named(in_spark, warehouse, tmp_path):
    """Under the lock of the workspace; what a killed run left is removed."""
    own = Loaded(warehouse, {})
    (tmp_path / ".spark-killed").mkdir()
    with on_engine(own, Engine(kind="spark"), tmp_path, Silent()) as loaded:
        assert loaded.engine == "spark"
        assert not (tmp_path / ".spark-killed").exists()
        assert int(loaded.warehouse.lines.count().to_pandas()) == 400
    assert not list(tmp_path.iterdir())
    assert int(in_spark.lines.count().to_pandas()) == 400
