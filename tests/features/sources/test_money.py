import pytest

from features.sources import CsvSource, currency_problems

KEYS = {"customer_id": "customer", "item_id": "item", "ordered_at": "when"}
PRICED = {**KEYS, "quantity": "pieces", "price": "price"}


def test_a_rate_changes_money_and_nothing_else(csv_source, judge):
    source = csv_source("c,o,i,2011-01-01,3,10", columns=PRICED, currency="EUR", rate=0.5)
    (row,) = judge(source).good
    assert (row["quantity"], row["price"]) == (3.0, 5.0)


def test_rules_are_about_the_money_of_the_file(csv_source, judge):
    source = csv_source(
        "c,o,i,2011-01-01,3,10",
        "c,o,i,2011-01-01,3,101",
        columns=PRICED,
        currency="EUR",
        rate=0.5,
        rules=[{"column": "price", "at_most": 100}],
    )
    judged = judge(source)
    assert [row["price"] for row in judged.good] == [5.0]
    assert [why for *_, why in judged.bad] == ["price: '101' is not at most 100"]


def test_no_rate_can_lift_a_number_over_the_limit(csv_source, judge):
    rows = ["c,o,i,2011-01-01,3,9e11", "c,o,i,2011-01-01,3,1e11"]
    judged = judge(csv_source(*rows, columns=PRICED, currency="EUR", rate=10))
    assert [row["price"] for row in judged.good] == [1e12]
    assert [rule for _, rule, _ in judged.bad] == ["price is not a number"]


def test_columns_of_ones_own_are_money_when_they_say_so(tmp_path, judge):
    (tmp_path / "fees.csv").write_text("id,fee,points\n1,10,10\n")
    columns = {
        "fee": {"from": "fee", "type": "number", "money": True},
        "points": {"from": "points", "type": "number"},
    }
    source = CsvSource(path=str(tmp_path / "fees.csv"), table="own:fees", columns=columns,
                       currency="EUR", rate=2)  # fmt: skip
    (row,) = judge(source).good
    assert (row["fee"], row["points"]) == (20.0, 10.0)


@pytest.fixture
def shops():
    def make(**currencies):
        return [
            CsvSource(path=f"{name}.csv", columns=PRICED, currency=code, rate=rate)
            for name, (code, rate) in currencies.items()
        ]

    return make


def test_several_currencies_need_rates(shops):
    assert currency_problems(shops(a=("EUR", None), b=("EUR", None), c=(None, None))) == []
    assert currency_problems(shops(a=("EUR", None), b=("USD", 0.9))) == []
    assert currency_problems(shops(a=("EUR", None), b=("USD", None), c=("GBP", None))) == [
        "money in several currencies (EUR in 'a', GBP in 'c', USD in 'b'): "
        "state a rate for all but one"
    ]


def test_the_currency_of_the_warehouse_counts(shops):
    assert currency_problems(shops(a=("EUR", None)), "EUR") == []
    assert currency_problems(shops(a=("EUR", 1.1)), "USD") == []
    assert currency_problems(shops(a=("EUR", None)), "USD") == [
        "the warehouse is in USD, but money is not (EUR in 'a'): state each rate"
    ]


def test_a_source_without_money_may_be_in_any_currency(shops):
    plain = CsvSource(path="p.csv", columns=KEYS, currency="JPY")
    assert currency_problems([*shops(a=("EUR", None)), plain]) == []
