"""Who opted out or did not consent is in no mart and in no record; a stranger never consented."""

from datetime import date

import pytest

from features.cut import Cut
from features.indicators import indicators
from features.marts import MARTS, customer_record
from features.sources import CsvSource
from features.warehouse import Warehouse

AS_OF = date(2011, 6, 30)
WHO = ("yes", "out", "no", "blank", "stranger")
PEOPLE = "yes,false,true\nout,true,true\nno,false,false\nblank,false,\n"
TABLES = {
    "lines": ("customer_id,item_id,ordered_at,price", "tea,2011-06-01,5"),
    "contacts": ("customer_id,campaign_id,contacted_at", "k,2011-06-01"),
    "responses": ("customer_id,campaign_id,responded_at", "k,2011-06-02"),
    "holdings": ("customer_id,item_id,opened_on", "loan,2011-06-01"),
    "interactions": ("customer_id,happened_at", "2011-06-01"),
    "sessions": ("customer_id,session_id,visitor_id,started_at", "s{who},v{who},2011-06-01"),
    "scores": ("customer_id,answered_at,question,score", "2011-06-01,q,5"),
}


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")

    def source(table, text):
        path = folder / f"{table}.csv"
        path.write_text(text)
        columns = {name: name for name in text.partition("\n")[0].split(",")}
        if table == "customers":
            columns["marketing_consent"] = {"from": "marketing_consent", "type": "boolean"}
        return CsvSource(path=str(path), table=table, columns=columns)

    sources = [source("customers", f"customer_id,opt_out,marketing_consent\n{PEOPLE}")]
    for table, (names, rest) in TABLES.items():
        rows = [f"{who},{rest.format(who=who)}" for who in WHO]
        sources.append(source(table, "\n".join([names, *rows, ""])))
    with Warehouse.open(None) as warehouse:
        warehouse.load(sources)
        yield Cut.at(warehouse, AS_OF)


@pytest.mark.parametrize("name", MARTS)
def test_no_mart_tells_of_them(cut, name):
    assert sorted(MARTS[name](cut).to_pandas()["customer_id"]) == ["yes"]


def test_they_have_no_record(cut):
    assert sorted(customer_record(cut).to_pandas()["customer_id"]) == ["yes"]


@pytest.mark.parametrize("name", MARTS)
def test_their_indicators_are_those_of_nobody(cut, name):
    found = indicators(cut, [name])
    assert sorted(found.index) == sorted(WHO)
    assert (found.drop(index="yes") == 0.0).all(axis=None)
    assert (found.loc["yes"] != 0.0).any()


def test_every_mart_is_wrapped():
    assert all(hasattr(mart, "__wrapped__") for mart in MARTS.values())
