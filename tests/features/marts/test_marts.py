"""Every figure here was computed by hand."""

from datetime import date

import pytest

from features.cut import Cut
from features.indicators import indicators
from features.marts import MARTS, customer_record
from features.sources import CsvSource
from features.warehouse import Warehouse

AS_OF = date(2011, 6, 30)
LINES = (
    "customer_id,item_id,ordered_at,quantity,price",
    "a,tea,2011-06-01,1,5",
    "a,cup,2011-07-01,1,5",
    "b,tea,2011-05-01,2,5",
)
TABLES = {
    "contacts": (
        "customer_id,campaign_id,contacted_at,cost,is_control",
        "a,k1,2011-06-30 09:00:00,0.5,false",
        "a,k2,2011-01-15,0.5,false",
        "a,k2,2011-01-16,,false",
        "a,k3,2011-06-02,0.5,true",
        "a,k4,2011-07-01,9,false",
        "b,k1,2011-06-20,,",
    ),
    "responses": (
        "customer_id,campaign_id,responded_at,amount",
        "a,k2,2011-01-20,12",
        "a,k2,2011-01-21,3",
        "a,k1,2011-07-02,100",
    ),
    "holdings": (
        "customer_id,item_id,opened_on,closed_on,balance",
        "a,loan,2011-01-01,2011-07-15,100",
        "a,card,2011-06-30,,20",
        "a,card,2010-06-30,2011-06-30,7",
        "b,loan,2011-07-01,,5",
    ),
    "interactions": (
        "customer_id,happened_at,kind",
        "a,2011-06-29,Complaint",
        "a,2011-01-01,complaint",
        "a,2011-04-02,call",
        "a,2011-07-01,complaint",
        "b,2011-04-01 23:59:59,",
    ),
    "sessions": (
        "session_id,visitor_id,customer_id,started_at,ended_at,pages,is_robot",
        "s1,v1,a,2011-06-20 10:00:00,2011-06-20 10:30:00,4,false",
        "s2,v1,a,2011-06-21 10:00:00,,3,",
        "s3,v1,a,2011-06-30 23:50:00,2011-07-01 00:10:00,9,false",
        "s4,v2,,2011-06-21,,5,false",
        "s5,v3,a,2011-06-22,,500,true",
    ),
    "scores": (
        "customer_id,answered_at,question,score",
        "a,2011-05-01,recommend,4",
        "a,2011-06-01,recommend,9",
        "a,2011-06-01,service,6",
        "a,2011-07-01,recommend,0",
    ),
}
EXPECTED = {
    "contacts": {
        "contacts": 3,
        "contacts_recent": 1,
        "contact_cost": 1.0,
        "contact_recency_days": 0,
        "responses": 2,
        "response_amount": 15.0,
        "response_rate": 0.5,
    },
    "holdings": {
        "holdings_open": 2,
        "holdings_closed": 1,
        "holding_items": 2,
        "holding_balance": 120.0,
        "holding_tenure_days": 365,
    },
    "interactions": {
        "interactions": 3,
        "interactions_recent": 2,
        "complaints": 2,
        "complaints_recent": 1,
        "interaction_recency_days": 1,
    },
    "web": {"web_sessions": 2, "web_pages": 7, "web_pages_mean": 3.5, "web_recency_days": 9},
    "scores": {
        "score_answers": 3,
        "score_mean": 19 / 3,
        "score_latest": 7.5,
        "score_recency_days": 29,
    },
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")

    def source(table, rows):
        path = folder / f"{table}.csv"
        path.write_text("\n".join(rows) + "\n")
        columns = {name: name for name in rows[0].split(",")}
        return CsvSource(path=str(path), table=table, columns=columns)

    with Warehouse.open(None) as opened:
        opened.load([source("lines", LINES), *(source(*table) for table in TABLES.items())])
        yield opened


@pytest.mark.parametrize("name", MARTS)
def test_figures_of_a_customer(warehouse, name):
    frame = MARTS[name](Cut.at(warehouse, AS_OF)).to_pandas().set_index("customer_id")
    assert frame.loc["a"].to_dict() == pytest.approx(EXPECTED[name])


def test_a_contact_without_a_word_about_control_is_one(warehouse):
    frame = MARTS["contacts"](Cut.at(warehouse, AS_OF)).to_pandas().set_index("customer_id")
    assert frame.loc["b", ["contacts", "contact_cost", "responses", "response_rate"]].tolist() == [
        1, 0, 0, 0,
    ]  # fmt: skip


def test_observe_limits_events_and_not_what_is_held(warehouse):
    cut = Cut.at(warehouse, AS_OF, 30)
    frames = {name: MARTS[name](cut).to_pandas().set_index("customer_id") for name in MARTS}
    assert frames["contacts"].loc["a", "contacts"] == 1
    assert frames["interactions"].loc["a", "interactions"] == 1
    assert frames["holdings"].loc["a", "holdings_open"] == 2


def test_without_detail_there_is_no_mart_and_no_column(loaded):
    cut = Cut.at(loaded("c,o,i,2011-06-01,1,1"), AS_OF)
    assert [mart(cut) for mart in MARTS.values()] == [None] * len(MARTS)
    assert indicators(cut, list(MARTS)).shape == (1, 0)


def test_responses_are_not_needed(table_rows):
    with table_rows(lines=LINES, contacts=TABLES["contacts"]) as warehouse:
        frame = MARTS["contacts"](Cut.at(warehouse, AS_OF)).to_pandas().set_index("customer_id")
    assert frame.loc["a", ["contacts", "responses", "response_rate"]].tolist() == [3, 0, 0]


@pytest.fixture
def table_rows(tmp_path):
    def make(**tables):
        sources = []
        for table, rows in tables.items():
            path = tmp_path / f"{table}.csv"
            path.write_text("\n".join(rows) + "\n")
            columns = {name: name for name in rows[0].split(",")}
            sources.append(CsvSource(path=str(path), table=table, columns=columns))
        warehouse = Warehouse.open(None)
        warehouse.load(sources)
        return warehouse

    return make


def test_marts_are_families_of_indicators(warehouse):
    frame = indicators(Cut.at(warehouse, AS_OF), ["rfm", "web"])
    assert frame.index.tolist() == ["a", "b"]
    assert frame.loc["a", "web_pages"] == 7
    assert frame.loc["b", "web_pages"] == 0


def test_one_record_a_customer(warehouse):
    frame = customer_record(Cut.at(warehouse, AS_OF)).to_pandas().set_index("customer_id")
    assert sorted(frame.index) == ["a", "b"]
    a = frame.loc["a"]
    assert (a["contacts"], a["holdings_open"], a["orders"], a["lines"], a["spent"]) == (
        3,
        2,
        1,
        1,
        5,
    )
    assert str(a["last_order_at"]) == "2011-06-01 00:00:00"
    assert not a["opt_out"]
    assert frame.loc["b"].isna()["holdings_open"]
    assert frame.columns.is_unique
