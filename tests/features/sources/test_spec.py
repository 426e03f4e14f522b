import pytest
from pydantic import TypeAdapter, ValidationError

from features.sources import CsvSource, ParquetSource, Source, SqlSource

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
    with pytest.raises(ValidationError, match="'exel' found using 'kind' does not match"):
        adapter.validate_python({"kind": "exel", "path": "x", "columns": KEYS})


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
        ({"table": "line"}, "there is no table 'line'; did you mean 'lines'?"),
        ({"table": "own:lines"}, "'lines' is a table of the warehouse"),
        ({"table": "own:facts"}, "'facts' is a table of the warehouse"),
        ({"table": "own:a b"}, "a name of letters, digits and _ is needed"),
        ({"table": 'own:x"; DROP'}, "a name of letters, digits and _ is needed"),
        ({"table": "own:mine", "columns": {}}, "at least one column must be mapped"),
        ({"table": "own:mine", "columns": {"line": "c"}}, "'line' is a column of the warehouse's"),
        ({"table": "own:mine", "columns": {"c12": "c"}}, "'c12' is a column of the warehouse's"),
        ({"table": "own:mine", "columns": {"a": "c", "A": "d"}}, "differ only in capitals: a"),
        ({"table": "contacts", "columns": {"customer_id": "c"}}, "needs the column 'contacted_at'"),
        ({"timezone": "Europe/Lodnon"}, "did you mean 'Europe/London'?"),
        ({"currency": "eur"}, "should match pattern"),
        ({"rate": 1.2}, "a rate needs the currency"),
        ({"currency": "EUR", "rate": 0}, "greater than 0"),
        ({"columns": {**KEYS, "order_id": {"from": "o", "money": True}}}, "cannot be money"),
        ({"columns": {**KEYS, "price": {"from": "p", "pseudonymise": True}}}, "no text and cannot"),
        ({"columns": {**KEYS, "price": {"from": "p", "fresh_within": 3}}}, "takes no fresh_within"),
        ({"columns": {**KEYS, "price": {"from": "p", "completeness": 2}}}, "less than or equal"),
        ({"columns": {**KEYS, "price": {"from": "p", "tag": "secret"}}}, "'personal'"),
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


def test_tables_of_ones_own_take_any_column():
    source = CsvSource(
        path="s.csv",
        table="own:stores",
        columns={"id": "i", "size": {"from": "s", "type": "number"}},
    )
    assert (source.type_of("id"), source.type_of("size")) == ("text", "number")
    assert not source.is_required("id")


def test_money_is_what_the_table_says_or_the_column():
    columns = {**KEYS, "price": "p", "quantity": "q", "cost": {"from": "c", "money": False}}
    source = CsvSource(path="a.csv", columns=columns)
    assert [name for name in columns if source.is_money(name)] == ["price"]


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("excel", {"sheet": 0}, "sheets are counted from 1, not 0"),
        ("excel", {"range": "B3-H9"}, "is no range of cells"),
        ("excel", {"header_row": -1}, "greater than or equal to 0"),
        ("json", {"encoding": "utf-9"}, "is not a text encoding"),
        ("baskets", {"delimiter": ", "}, "at most 1 character"),
    ],
)
def test_wrong_kinds_are_refused(kind, given, message):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Source).validate_python({"kind": kind, "path": "x", "columns": KEYS, **given})
    assert message in str(caught.value)


SECRET = "postgresql://me:hunter2@db.example:5432/shop?sslpassword=hunter3"


def test_an_address_is_shown_without_who_signs_in():
    source = SqlSource(url=SECRET, table_name="orders", columns=KEYS)
    assert source.path == "postgresql://db.example:5432/shop"
    assert "hunter" not in repr(source)
    again = SqlSource.model_validate(source.model_dump(by_alias=True))
    assert again == source


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "exactly one of query and table_name is needed"),
        ({"query": "SELECT 1", "table_name": "t"}, "exactly one of query and table_name"),
        ({"table_name": "t", "url": "hunter2"}, "not of the form dialect://"),
        ({"table_name": "t", "tabel": 1}, "Extra inputs"),
    ],
)
def test_a_refused_database_shows_no_secret(given, message):
    with pytest.raises(ValidationError) as caught:
        SqlSource(**{"url": SECRET, "columns": KEYS, **given})
    assert message in str(caught.value)
    assert "hunter" not in str(caught.value)
