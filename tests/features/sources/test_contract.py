import json

import pytest

from features.sources import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import DataError

GOOD = "c1,o1,a1,2011-05-04 10:00:00,2,1.5"


def rejected(warehouse):
    return warehouse.rejected.order_by("source_line").to_pandas()


def reasons_of(loaded, *rows, **more):
    frame = rejected(loaded(GOOD, *rows, **more))
    return list(frame["reason"]), list(frame["rule"])


def first_line(loaded, row, **more):
    warehouse = loaded(row, **more)
    return warehouse.lines.to_pandas().iloc[0]


def test_a_good_row_becomes_values(loaded):
    line = first_line(loaded, GOOD)
    assert line[["customer_id", "order_id", "item_id"]].tolist() == ["c1", "o1", "a1"]
    assert str(line["ordered_at"]) == "2011-05-04 10:00:00"
    assert line[["quantity", "price", "amount"]].tolist() == [2.0, 1.5, 3.0]
    assert not line["is_return"]
    assert (line["source"], line["source_line"]) == ("sales", 2)


@pytest.mark.parametrize(
    ("row", "reason", "rule"),
    [
        (",o1,a1,2011-05-04,1,1", "customer_id is missing", "customer_id is missing"),
        ("c1,o1,  ,2011-05-04,1,1", "item_id is missing", "item_id is missing"),
        (
            "c1,o1,a1,31/31/2011,1,1",
            "ordered_at: '31/31/2011' is not a timestamp",
            "ordered_at is not a timestamp",
        ),
        (
            "c1,o1,a1,infinity,1,1",
            "ordered_at: 'infinity' is not a timestamp",
            "ordered_at is not a timestamp",
        ),
        (
            "c1,o1,a1,epoch,1,1",
            "ordered_at: 'epoch' is not a timestamp",
            "ordered_at is not a timestamp",
        ),
        (
            "c1,o1,a1,2011-05-04,two,1",
            "quantity: 'two' is not a number of at most 1e+12",
            "quantity is not a number",
        ),
        (
            "c1,o1,a1,2011-05-04,1,1e300",
            "price: '1e300' is not a number of at most 1e+12",
            "price is not a number",
        ),
        (
            "c1,o1,a1,2011-05-04,1,nan",
            "price: 'nan' is not a number of at most 1e+12",
            "price is not a number",
        ),
        (
            "c1,o1,a1,2011-05-04,-1,1",
            "quantity: '-1' is not above 0",
            "quantity is not above 0",
        ),
        (
            "c1,o1,a1,2011-05-04,1,-2",
            "price: '-2' is not at least 0",
            "price is not at least 0",
        ),
        (",,,,,", "the row is blank", "the row is blank"),
        ("", "the row is blank", "the row is blank"),
        ("c1,o1", "expected 6 fields, got 2", "wrong number of fields"),
    ],
)
def test_a_bad_row_is_kept_with_its_reason(loaded, row, reason, rule):
    assert reasons_of(loaded, row) == ([reason], [rule])


def test_quotes_in_a_value_survive_into_the_reason(loaded):
    reasons, _ = reasons_of(loaded, "c1,o1,a1,'; DROP TABLE lines; --,1,1")
    assert reasons == ["ordered_at: ''; DROP TABLE lines; --' is not a timestamp"]


def test_a_format_is_named_in_the_reason(loaded):
    columns = {
        "customer_id": "customer",
        "item_id": "item",
        "ordered_at": {"from": "when", "format": "%d.%m.%Y"},
    }
    frame = rejected(loaded("c,o,a,04.05.2011,1,1", "c,o,a,2011-05-04,1,1", columns=columns))
    assert list(frame["reason"]) == [
        "ordered_at: '2011-05-04' is not a timestamp in format '%d.%m.%Y'"
    ]


def test_the_raw_row_is_kept_as_json(loaded):
    frame = rejected(loaded(GOOD, 'c1,o1,"a ""1""",never,1,1', "c9,x"))
    assert json.loads(frame["row"][0]) == {
        "customer": "c1",
        "order": "o1",
        "item": 'a "1"',
        "when": "never",
        "pieces": "1",
        "price": "1",
    }
    assert json.loads(frame["row"][1]) == "c9,x"


def test_rules_reject_and_say_why(loaded):
    rules = [
        {"column": "order_id", "not_matches": "^C", "reason": "cancelled"},
        {"column": "item_id", "matches": "^[a-z]"},
        {"column": "price", "at_most": 100},
        {"column": "quantity", "below": 50},
        {"column": "customer_id", "one_of": ["c1", "it's"]},
    ]
    reasons, summaries = reasons_of(
        loaded,
        "c1,C7,a,2011-05-04,1,1",
        "c1,o7,9,2011-05-04,1,1",
        "c1,o7,a,2011-05-04,1,100.5",
        "c1,o7,a,2011-05-04,50,1",
        "c2,o7,a,2011-05-04,1,1",
        "it's,o7,a,2011-05-04,1,100",
        rules=rules,
    )
    assert reasons == [
        "cancelled: order_id: 'C7' matches ^C",
        "item_id: '9' does not match ^[a-z]",
        "price: '100.5' is not at most 100",
        "quantity: '50' is not below 50",
        "customer_id: 'c2' is none of c1, it's",
    ]
    assert summaries[0] == "cancelled"


def test_returns_lose_their_sign_before_rules_see_them(loaded):
    warehouse = loaded(
        GOOD,
        "c1,C2,a1,2011-05-05,-3,2",
        "c1,C3,a1,2011-05-05,-90,2",
        returns={"column": "order_id", "matches": "^C"},
        rules=[{"column": "quantity", "at_most": 80}],
    )
    back = warehouse.lines.filter(warehouse.lines.is_return).to_pandas()
    assert back[["quantity", "amount"]].to_numpy().tolist() == [[3.0, 6.0]]
    assert list(rejected(warehouse)["reason"]) == ["quantity: '-90' is not at most 80"]


def test_returns_may_be_told_by_their_sign(loaded):
    warehouse = loaded(GOOD, "c1,o2,a1,2011-05-05,-3,2", returns={"column": "quantity", "below": 0})
    assert sorted(warehouse.lines.is_return.to_pandas()) == [False, True]


def test_duplicates_name_the_line_they_repeat(loaded):
    other = GOOD.replace("c1", "c2")
    warehouse = loaded(GOOD, other, GOOD, GOOD, duplicates="reject")
    frame = rejected(warehouse)
    assert list(zip(frame["source_line"], frame["reason"], strict=True)) == [
        (4, "duplicate of line 2"),
        (5, "duplicate of line 2"),
    ]
    assert set(frame["rule"]) == {"the row is a duplicate"}
    assert warehouse.lines.count().to_pandas() == 2


def test_duplicates_are_kept_when_nothing_is_said(loaded):
    assert loaded(GOOD, GOOD).lines.count().to_pandas() == 2


def test_text_is_stripped_and_made_capital_where_declared(loaded):
    columns = {
        "customer_id": {"from": "customer", "strip": False},
        "item_id": {"from": "item", "upper": True},
        "ordered_at": "when",
    }
    line = first_line(loaded, " c ,o,\t a\u00a0b \u00a0,2011-05-04,1,1", columns=columns)
    assert (line["customer_id"], line["item_id"]) == (" c ", "A\u00a0B")


def test_defaults_stand_in_for_missing_values(loaded):
    columns = {
        "customer_id": {"from": "customer", "default": "nobody"},
        "item_id": "item",
        "ordered_at": "when",
        "quantity": {"from": "pieces", "default": 1},
    }
    line = first_line(loaded, ",o,a,2011-05-04,,1", columns=columns)
    assert (line["customer_id"], line["quantity"]) == ("nobody", 1.0)


def test_optional_columns_are_derived(loaded):
    columns = {"customer_id": "customer", "item_id": "item", "ordered_at": "when"}
    line = first_line(loaded, "c,o,a,2011-05-04 09:00:00,7,3", columns=columns)
    assert line["order_id"] == "c 2011-05-04"
    assert (line["quantity"], line["amount"]) == (1.0, 0.0)
    assert line["price"] != line["price"]


def test_price_and_amount_give_each_other(loaded):
    columns = {
        "customer_id": "customer",
        "item_id": "item",
        "ordered_at": "when",
        "quantity": "pieces",
        "amount": "price",
    }
    line = first_line(loaded, "c,o,a,2011-05-04,4,10", columns=columns)
    assert (line["price"], line["amount"]) == (2.5, 10.0)


def test_types_of_attributes(tmp_path, csv_source):
    path = tmp_path / "people.csv"
    path.write_text("id,born,kids,ok,note\n1,1980-02-03,2,yes,x\n2,,2.5,no,y\n3,,,maybe,z\n4,,,,\n")
    people = CsvSource(
        path=str(path),
        table="customers",
        columns={
            "customer_id": "id",
            "born": {"from": "born", "type": "date"},
            "kids": {"from": "kids", "type": "integer"},
            "opt_out": "ok",
            "note": "note",
        },
    )
    with Warehouse.open(None) as warehouse:
        warehouse.load([csv_source(GOOD), people])
        kept = warehouse.customers.order_by("customer_id").to_pandas()
        assert list(kept["customer_id"]) == ["1", "4", "c1"]
        assert list(kept["opt_out"]) == [True, False, False]
        assert str(kept["born"][0])[:10] == "1980-02-03"
        assert kept["kids"][0] == 2.0
        assert list(rejected(warehouse)["reason"]) == [
            "kids: '2.5' is not a whole number",
            "opt_out: 'maybe' is not true or false",
        ]


def test_all_rows_failing_names_the_top_reasons(csv_source):
    source = csv_source("c,o,a,never,1,1", "c,o,a,later,1,1", ",o,a,2011-01-01,1,1")
    with Warehouse.open(None) as warehouse, pytest.raises(DataError) as caught:
        warehouse.load([source])
    said = str(caught.value)
    assert "all 3 rows were rejected" in said
    assert "2 rows: ordered_at is not a timestamp" in said
    assert "1 rows: customer_id is missing" in said
