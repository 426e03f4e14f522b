"""Parts of a cut hold what the cut holds, each customer whole and in one part."""

from datetime import date

import ibis
import pandas as pd
import pytest

from features.cut import Cut
from features.indicators import FAMILIES, indicators
from features.parted import Weight, split
from features.purchases import purchases

AS_OF = date(2024, 3, 31)
COLUMNS = {
    "customer_id": "customer",
    "order_id": "order",
    "item_id": "item",
    "ordered_at": "when",
    "quantity": "pieces",
    "price": "price",
    "category": "group",
}
GROUP = {"i0": "A B", "i1": "A-B", "i2": "tea", "i3": "", "i4": "A-B"}
FIRST = "customer,order,item,when,pieces,price,group"


@pytest.fixture
def cut(loaded):
    """Give twelve customers; only the first ones buy of a category named almost like another."""
    rows = [
        f"c{who:02},o{who}-{day},{item},2024-0{1 + day % 3}-{1 + day:02},{pieces},2.5,{GROUP[item]}"
        for who in range(12)
        for day in range(1, 4 + who % 4)
        for pieces in (2, -1)[: 1 + (day == 2)]
        for item in ["i0" if who < 3 and day == 1 else f"i{1 + (who + day) % 4}"]
    ]
    returns = {"column": "quantity", "below": 0}
    warehouse = loaded(*rows, first=FIRST, columns=COLUMNS, returns=returns)
    return Cut.at(warehouse, AS_OF, observe=365)


def parts_of(cut, folder, weight, **others):
    folder.mkdir()
    parted = split(cut, folder, weight, others)
    backend = ibis.duckdb.connect()
    return parted, [parted.cut(number, backend) for number in range(len(parted.sizes))], backend


@pytest.mark.parametrize("customers", [1, 5, 12, 100])
def test_parts_follow_one_another_and_lose_nothing(cut, tmp_path, customers):
    parted, parts, _ = parts_of(cut, tmp_path / "parts", Weight(most=customers))
    assert sum(parted.sizes) == 12
    assert max(parted.sizes) <= customers
    assert len(parts) == -(-12 // customers)
    whole = pd.concat([purchases(part) for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(whole, purchases(cut))
    people = pd.concat([part.customers.order_by("customer_id").to_pandas() for part in parts])
    assert people["customer_id"].tolist() == sorted(people["customer_id"])
    assert sum(part.returns.count().to_pandas() for part in parts) == 12


@pytest.mark.parametrize("customers", [1, 5])
def test_indicators_of_parts_are_those_of_the_whole(cut, tmp_path, customers):
    expected = indicators(cut, [*FAMILIES])
    assert {"category_a_b", "category_a_b_2"} <= set(expected.columns)
    columns = list(expected.columns)
    _, parts, _ = parts_of(cut, tmp_path / "parts", Weight(most=customers))
    found = pd.concat([indicators(part, [*FAMILIES], columns=columns) for part in parts])
    pd.testing.assert_frame_equal(found, expected)


def test_lines_may_weigh(cut, tmp_path):
    _, parts, _ = parts_of(cut, tmp_path / "parts", Weight(customer=0, line=1, most=12))
    lines = [part.lines.count().to_pandas() for part in parts]
    most_of_one = cut.lines.group_by("customer_id").aggregate(n=cut.lines.count()).n.max()
    assert len(lines) > 2
    assert max(lines) <= 12 + most_of_one.to_pandas()


def test_other_tables_go_with_their_customers(cut, tmp_path):
    other = cut.lines.select("customer_id", "item_id").distinct()
    only = other.filter(other.customer_id == "c07")
    parted, parts, backend = parts_of(cut, tmp_path / "parts", Weight(most=5), some=only)
    counts = [len(parted.table(n, "some", backend).to_pandas()) for n in range(len(parts))]
    assert counts == [0, len(only.to_pandas()), 0]
