from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.cut import Cut
from features.indicators import indicators
from features.items import item_features
from features.purchases import purchases
from features.sources import CsvSource
from features.windows import Window

AS_OF = date(2011, 3, 31)
COLUMNS = {
    "customer_id": "customer",
    "order_id": "order",
    "item_id": "item",
    "ordered_at": "when",
    "quantity": "pieces",
    "price": "price",
    "item_name": "name",
    "category": "group",
}
FIRST = "customer,order,item,when,pieces,price,name,group"
ALL = list(HealthCheck)
RETURNS = {"column": "quantity", "below": 0}


def lines_between(start, end):
    seconds = int((end - start).total_seconds()) - 1
    moment = st.integers(0, seconds).map(lambda s: start + timedelta(seconds=s))
    pieces = st.sampled_from([-2, -1, 1, 2, 3, 5])
    row = st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["o1", "o2", "o3"]),
        st.sampled_from("wxyz"),
        moment.map(str),
        pieces.map(str),
        st.sampled_from(["0.1", "0.7", "3.3", "12.99"]),
        st.sampled_from(["tea", "cup", ""]),
        st.sampled_from(["food", "home", ""]),
    )
    return row.map(",".join)


seen = lines_between(datetime(2011, 1, 1), datetime(2011, 4, 1))
later = lines_between(datetime(2011, 4, 1), datetime(2011, 6, 1))


def frames(cut):
    tables = [
        cut.items.order_by("item_id").to_pandas(),
        cut.customers.order_by("customer_id").to_pandas(),
        cut.returns.count().to_pandas(),
    ]
    return [indicators(cut), purchases(cut), item_features(cut), *tables]


def same(one, other):
    return one.equals(other) if isinstance(one, pd.DataFrame) else one == other


@given(
    st.lists(seen, min_size=10, max_size=30), st.lists(later, min_size=5, max_size=20), st.data()
)
@settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=ALL)
def test_nothing_later_than_the_cut_can_be_seen(loaded, before, after, data):
    declared = {"columns": COLUMNS, "first": FIRST, "returns": RETURNS, "name": "a"}
    without = loaded(*before, **declared)
    mixed = data.draw(st.permutations([*before, *after]))
    together = loaded(*mixed, **{**declared, "name": "b"})
    pairs = zip(
        frames(Cut.at(without, AS_OF, 45)), frames(Cut.at(together, AS_OF, 45)), strict=True
    )
    assert [same(one, other) for one, other in pairs] == [True] * 6


def test_the_day_itself_is_seen_to_its_end(loaded):
    warehouse = loaded("a,o1,x,2011-03-31 23:59:59.999999,1,1", "a,o2,x,2011-04-01 00:00:00,1,1")
    assert purchases(Cut.at(warehouse, AS_OF))["order_id"].tolist() == ["o1"]


def test_observe_counts_the_last_day(loaded):
    warehouse = loaded("a,o1,x,2011-03-30 23:59:59,1,1", "a,o2,x,2011-03-31 00:00:00,1,1")
    assert purchases(Cut.at(warehouse, AS_OF, 1))["order_id"].tolist() == ["o2"]
    assert len(purchases(Cut.at(warehouse, AS_OF, 2))) == 2
    with pytest.raises(ValueError, match="observe must be at least 1 day, not 0"):
        Cut.at(warehouse, AS_OF, 0)


def test_a_window_cuts_where_its_features_end(loaded):
    warehouse = loaded("a,o1,x,2011-03-30,1,1", "a,o2,x,2011-03-31,1,1", "a,o3,x,2011-04-01,1,1")
    cut = Cut.of(warehouse, Window(AS_OF, observe=1, gap=0, outcome=5))
    assert purchases(cut)["order_id"].tolist() == ["o2"]
    assert cut.seen_until == datetime(2011, 4, 1)


def test_customers_are_the_declared_and_the_seen(loaded, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("id\nnew\na\n")
    people = CsvSource(path=str(path), table="customers", columns={"customer_id": "id"})
    rows = ("a,o1,x,2011-03-30,1,1", "b,o1,x,2010-01-01,1,1", "later,o1,x,2011-04-01,1,1")
    cut = Cut.at(loaded(*rows, extra=[people]), AS_OF, 30)
    customers = cut.customers.order_by("customer_id").to_pandas()
    assert customers["customer_id"].tolist() == ["a", "b", "new"]
    assert not customers["opt_out"].any()


def test_labels_of_items_are_what_most_seen_lines_say(loaded):
    rows = (
        "a,o1,x,2011-03-01,1,1,Old,food",
        "a,o2,x,2011-03-02,1,1,Old,food",
        "a,o3,x,2011-03-03,1,3,New,",
        "a,o4,x,2011-04-03,1,9,New,",
        "a,o5,x,2011-04-04,1,9,New,",
        "a,o6,y,2011-03-04,1,9,B,",
        "a,o7,y,2011-03-04,1,9,A,",
    )
    warehouse = loaded(*rows, columns=COLUMNS, first=FIRST)
    items = Cut.at(warehouse, AS_OF).items.order_by("item_id").to_pandas()
    assert items["item_name"].tolist() == ["Old", "A"]
    assert items["price"].tolist() == [1.0, 9.0]
    assert items["category"].tolist()[0] == "food"
    everything = warehouse.items.order_by("item_id").to_pandas()
    assert everything["item_name"].tolist() == ["New", "A"]
