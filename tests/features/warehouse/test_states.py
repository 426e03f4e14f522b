"""Balances, costs and attributes of the user's own, as they were at a day."""

from datetime import date

import pytest
from pydantic import ValidationError

from features.connections import connect_to_read
from features.cube import Cube, CubeDeclaration
from features.cut import Cut
from features.marts import holdings
from features.sources import CsvSource
from features.warehouse import Warehouse

LINE = "a,tea,2011-01-01,1,5"
HELD = (
    "customer_id,item_id,opened_on,closed_on,balance,valid_from",
    "a,loan,2011-01-10,,100,2011-01-31",
    "a,loan,2011-01-10,,80,2011-02-28",
    "a,loan,2011-01-10,2011-03-15,0,2011-03-31",
    "a,card,2011-02-01,,7,2011-02-28",
    "b,loan,2010-01-01,,50,",
)


@pytest.fixture
def held(memory, lines, table_of):
    memory.load([lines("day.csv", LINE), table_of("holdings", *HELD)])
    return memory


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2011, 1, 30), {"b": (1, 0, 50.0)}),
        (date(2011, 1, 31), {"a": (1, 0, 100.0), "b": (1, 0, 50.0)}),
        (date(2011, 2, 28), {"a": (2, 0, 87.0), "b": (1, 0, 50.0)}),
        (date(2011, 4, 1), {"a": (1, 1, 7.0), "b": (1, 0, 50.0)}),
    ],
)
def test_a_contract_counts_once_in_its_last_state_of_the_day(held, day, expected):
    frame = holdings(Cut.at(held, day)).to_pandas().set_index("customer_id").sort_index()
    columns = ["holdings_open", "holdings_closed", "holding_balance"]
    assert {who: tuple(row) for who, row in frame[columns].iterrows()} == expected


def test_contracts_without_a_date_of_their_state_are_counted_each(memory, lines, table_of):
    rows = ["customer_id,item_id,opened_on,balance", *["a,loan,2011-01-01,5"] * 2]
    memory.load([lines("day.csv", LINE), table_of("holdings", *rows)])
    frame = holdings(Cut.at(memory, date(2011, 2, 1))).to_pandas()
    assert frame[["holdings_open", "holding_balance"]].to_numpy().tolist() == [[2, 10.0]]


def test_balances_add_up_over_customers_and_never_over_time(tmp_path, lines, table_of):
    path = tmp_path / "w.duckdb"
    with Warehouse.open(path) as warehouse:
        warehouse.load([lines("day.csv", LINE), table_of("holdings", *HELD[:-1])])
    declared = {
        "name": "balances",
        "tables": {"holdings": "holdings"},
        "fact": "holdings",
        "dimensions": {"time": {"time": {"column": "holdings.valid_from"}}},
        "measures": {
            "balance": {
                "kind": "balance",
                "column": "holdings.balance",
                "of": ["holdings.customer_id", "holdings.item_id", "holdings.opened_on"],
                "over": "holdings.valid_from",
            }
        },
    }
    connection = connect_to_read(path)
    cube = Cube(CubeDeclaration.model_validate(declared), connection)
    by_month = cube.view.rows("time.month").measures("balance").totals().result().frame
    assert by_month["balance"].tolist() == [100.0, 87.0, 0.0, 7.0]
    connection.close()


def test_the_cost_of_a_campaign_is_that_of_the_day(memory, lines, table_of):
    rows = (
        "campaign_id,channel,starts_on,cost,valid_from",
        "k,mail,2011-01-01,100,",
        "k,mail,2011-01-01,150,2011-02-01",
        "later,mail,2011-06-01,9,",
    )
    memory.load([lines("day.csv", LINE), table_of("campaigns", *rows)])

    def cost(day):
        frame = Cut.at(memory, day).subjects["campaigns"].to_pandas()
        return dict(zip(frame["campaign_id"], frame["cost"], strict=True))

    assert cost(date(2011, 1, 31)) == {"k": 100.0}
    assert cost(date(2011, 2, 1)) == {"k": 150.0}
    latest = memory.table("campaigns").order_by("campaign_id").to_pandas()
    assert latest["cost"].tolist() == [150.0, 9.0]
    assert memory.table("campaigns_history").count().to_pandas() == 3


def test_campaigns_can_be_stated_day_by_day(memory, lines, table_of):
    day = lines("day.csv", LINE)
    rows = ("campaign_id,cost", "k,100")
    memory.load([day, table_of("campaigns", *rows)])
    memory.add([table_of("campaigns", rows[0], "k,150", effective=date(2011, 2, 1))])
    costs = memory.table("campaigns_history").order_by("valid_from").to_pandas()["cost"]
    assert sorted(costs) == [100.0, 150.0]
    assert memory.table("campaigns").to_pandas()["cost"].tolist() == [150.0]


def test_items_carry_attributes_of_their_own_through_history_into_the_cube(tmp_path, lines):
    path = tmp_path / "w.duckdb"

    def stated(brand, since):
        file = tmp_path / f"items-{brand}.csv"
        file.write_text(f"item_id,brand,grams\ntea,{brand},250\n")
        columns = {"item_id": "item_id", "brand": "brand"}
        columns["grams"] = {"from": "grams", "type": "integer"}
        return CsvSource(
            name="items", path=str(file), table="items", columns=columns, effective=since
        )

    with Warehouse.open(path) as warehouse:
        warehouse.load([lines("day.csv", LINE), stated("Leaf", None)])
        warehouse.add([stated("Root", date(2011, 3, 1))])
        history = warehouse.table("items_history").order_by("brand").to_pandas()
        assert history[["brand", "grams"]].to_numpy().tolist() == [["Leaf", 250], ["Root", 250]]
        assert warehouse.table("items").to_pandas()["brand"].tolist() == ["Root"]
        assert "brand" not in warehouse.items.columns
        assert len(Cut.at(warehouse, date(2011, 2, 1)).items.to_pandas()) == 1
    declared = {
        "name": "brands",
        "tables": {"lines": "lines", "items": "items"},
        "fact": "lines",
        "joins": [{"from": "lines.item_id", "to": "items.item_id"}],
        "dimensions": {"item": {"levels": {"brand": "items.brand"}}},
        "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    }
    connection = connect_to_read(path)
    cube = Cube(CubeDeclaration.model_validate(declared), connection)
    frame = cube.view.rows("item.brand").result().frame
    assert frame[["item.brand", "sales"]].to_numpy().tolist() == [["Root", 5.0]]
    connection.close()


def test_a_slip_in_the_name_of_a_known_column_makes_no_attribute():
    columns = {"item_id": "i", "catgory": "c"}
    with pytest.raises(ValidationError, match="'catgory' reads like 'category'"):
        CsvSource(path="items.csv", table="items", columns=columns)
