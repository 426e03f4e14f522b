import pytest
from pydantic import TypeAdapter, ValidationError

from features.sources import CsvSource, ParquetSource, Source

KEYS = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}


def refusal(**given):
    with pytest.raises(ValidationError) as caught:
        CsvSource(**{"path": "a.csv", "columns": KEYS, **given})
    return str(caught.value)


def test_kind_tells_sources_apart():
    adapter = TypeAdapter(Source)
    for kind, model in (("csv", CsvSource), ("parquet", ParquetSource)):
        assert isinstance(
            adapter.validate_python({"kind": kind, "path": "x", "columns": KEYS}), model
        )
    with pytest.raises(ValidationError, match="'excel' found using 'kind' does not match"):
        adapter.validate_python({"kind": "excel", "path": "x", "columns": KEYS})


def test_name_is_the_stem_of_the_file_unless_given():
    assert CsvSource(path="/data/sales.2011.csv.gz", columns=KEYS).name == "sales"
    assert CsvSource(path="/data/sales.csv", name="shop", columns=KEYS).name == "shop"


def test_plain_names_are_short_for_from():
    source = CsvSource(path="a.csv", columns={**KEYS, "price": {"from": "p", "required": True}})
    assert source.columns["customer_id"].source == "c"
    assert source.is_required("customer_id")
    assert source.is_required("price")
    assert source.type_of("price") == "number"
    assert not CsvSource(path="a.csv", columns={**KEYS, "price": "p"}).is_required("price")


def test_positions_may_be_written_as_numbers():
    assert CsvSource(path="a.csv", columns={**KEYS, "price": 4}).columns["price"].source == "4"


def test_sources_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        CsvSource(path="a.csv", columns=KEYS).path = "b.csv"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"delimeter": ";"}, "Extra inputs are not permitted"),
        ({"columns": {"customer_id": "c"}}, "table 'lines' needs the column 'item_id'"),
        ({"columns": {"customer_id": "c"}}, "table 'lines' needs the column 'ordered_at'"),
        ({"columns": {**KEYS, "prise": "p"}}, "did you mean 'price'?"),
        ({"columns": {**KEYS, "price": {"from": "p", "type": "text"}}}, "must be of type 'number'"),
        ({"columns": {**KEYS, "price": {"from": "p", "format": "%d"}}}, "takes no format"),
        ({"rules": [{"column": "quantty", "above": 0}]}, "unmapped column 'quantty'"),
        ({"rules": [{"column": "item_id", "above": 0}]}, "'above' does not suit 'item_id' (text)"),
        ({"rules": [{"column": "item_id"}]}, "exactly one of matches"),
        ({"rules": [{"column": "item_id", "matches": "("}]}, "'(' is not a regular expression"),
        ({"rules": [{"column": "item_id", "matches": "a", "one_of": ["b"]}]}, "matches, one_of"),
        ({"returns": {"column": "orderid", "matches": "^C"}}, "unmapped column 'orderid'"),
        ({"max_rejected": 1.5}, "less than or equal to 1"),
        ({"encoding": "utf-9"}, "'utf-9' is not a text encoding"),
        ({"delimiter": ";;"}, "at most 1 character"),
    ],
)
def test_wrong_declarations_are_refused(given, message):
    assert message in refusal(**given)


def test_a_table_of_items_has_no_returns():
    said = refusal(
        table="items", columns={"item_id": "i"}, returns={"column": "item_id", "matches": "x"}
    )
    assert "table 'items' has no returns" in said


def test_customers_take_any_attribute():
    columns = {"customer_id": "c", "born": {"from": "b", "type": "date"}, "city": "t"}
    source = CsvSource(path="c.csv", table="customers", columns=columns)
    assert (source.type_of("born"), source.type_of("city")) == ("date", "text")
