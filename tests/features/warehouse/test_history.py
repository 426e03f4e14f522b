from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.cut import Cut
from features.warehouse import Warehouse

ALL = list(HealthCheck)
AGE = {"from": "age", "type": "integer"}
BOUGHT = "a,tea,2011-01-01,1,1"


def at(warehouse, day):
    """Give opt-out and town of every customer of a cut."""
    frame = Cut.at(warehouse, date.fromisoformat(day)).customers.to_pandas()
    towns = [None if town != town else town for town in frame["town"]]
    return {
        who: (bool(out), town)
        for who, out, town in zip(frame["customer_id"], frame["opt_out"], towns, strict=True)
    }


def history(warehouse, table="customers"):
    frame = warehouse.table(f"{table}_history").to_pandas().astype(object)
    frame = frame.where(frame.notna(), None)
    return sorted(map(tuple, frame.to_numpy().tolist()), key=str)


def test_attributes_are_read_as_they_were(memory, lines, people):
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,false,Bath", "b,false,Hull")])
    memory.add([people("p.csv", "a,false,Leeds", "b,false,Hull", since="2011-03-01")])
    assert at(memory, "2011-02-28") == {"a": (False, "Bath"), "b": (False, "Hull")}
    assert at(memory, "2011-03-01") == {"a": (False, "Leeds"), "b": (False, "Hull")}
    latest = memory.customers.order_by("customer_id").to_pandas()
    assert latest["town"].tolist() == ["Leeds", "Hull"]
    begun = datetime(2011, 3, 1)
    assert history(memory) == [
        ("a", False, "Bath", True, None, begun),
        ("a", False, "Leeds", True, begun, None),
        ("b", False, "Hull", True, None, None),
    ]


def test_who_is_stated_later_is_not_known_before(memory, lines, people):
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,false,Bath", since="2011-03-01")])
    assert at(memory, "2011-02-28") == {"a": (False, None)}
    assert at(memory, "2010-02-28") == {}


def test_a_file_may_state_moments_itself(memory, lines, people):
    rows = (
        "a,false,Bath,2011-01-01 12:00:00",
        "a,false,Hull,2011-01-02",
        "a,false,York,2011-01-02",
    )
    columns = {"customer_id": "id", "opt_out": "out", "town": "town", "valid_from": "at"}
    memory.load(
        [lines("l.csv", BOUGHT), people("p.csv", *rows, first="id,out,town,at", columns=columns)]
    )
    assert at(memory, "2011-01-01") == {"a": (False, "Bath")}
    assert at(memory, "2011-01-02") == {"a": (False, "Hull")}
    assert memory.rejected.to_pandas()["reason"].tolist() == ["customer_id: 'a' stands in line 3"]


def test_an_opt_out_known_now_holds_at_any_earlier_moment(memory, lines, people):
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,false,Bath")])
    memory.add([people("p.csv", "a,true,Bath", since="2011-03-01")])
    assert at(memory, "2011-02-28") == {"a": (True, "Bath")}


def test_an_opt_out_that_was_taken_back_held_then(memory, lines, people):
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,true,Bath")])
    memory.add([people("p.csv", "a,false,Bath", since="2011-03-01")])
    assert at(memory, "2011-02-28") == {"a": (True, "Bath")}
    assert at(memory, "2011-03-01") == {"a": (False, "Bath")}


def test_a_blank_word_takes_no_opt_out_back(memory, lines, people):
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,true,Bath")])
    memory.add([people("p.csv", "a,,Bath", since="2011-03-01")])
    assert at(memory, "2011-03-01") == {"a": (True, "Bath")}


def test_one_source_takes_no_opt_out_back_that_another_states(memory, lines, people):
    stop = people("stop.csv", "a,true", first="id,out", name="stop",
                  columns={"customer_id": "id", "opt_out": "out"})  # fmt: skip
    crm = people("p.csv", "a,false,Bath", since="2011-03-01")
    memory.load([lines("l.csv", BOUGHT), stop, crm])
    assert at(memory, "2011-03-01") == {"a": (True, "Bath")}


def test_a_source_says_nothing_about_columns_it_does_not_map(memory, lines, people):
    ages = people("ages.csv", "a,41", first="id,age", name="ages", since="2011-03-01",
                  columns={"customer_id": "id", "age": AGE})  # fmt: skip
    memory.load([lines("l.csv", BOUGHT), people("p.csv", "a,false,Bath"), ages])
    frame = memory.customers.to_pandas()
    assert frame[["town", "age"]].to_numpy().tolist() == [["Bath", 41.0]]
    assert Cut.at(memory, date(2011, 2, 1)).customers.to_pandas()["age"].isna().all()


def test_a_rejected_opt_out_of_an_earlier_file_is_outlived_by_a_later_word(memory, lines, people):
    age = {"customer_id": "id", "opt_out": "out", "town": {"from": "town", "type": "number"}}
    memory.add([lines("l.csv", BOUGHT), people("p.csv", "a,X,1", "b,false,1", columns=age)])
    assert memory.customers.to_pandas().set_index("customer_id").loc["a", "opt_out"]
    memory.add([people("p.csv", "a,false,1", since="2011-02-01", columns=age)])
    assert not memory.customers.to_pandas().set_index("customer_id").loc["a", "opt_out"]


def test_items_keep_their_history(memory, lines, table_of):
    old = table_of("items", "item_id,category,price", "tea,food,2", file="old.csv", name="items")
    new = table_of("items", "item_id,category,price", "tea,home,3", file="new.csv", name="items")
    memory.load([lines("l.csv", BOUGHT), old])
    memory.add([new.model_copy(update={"effective": date(2011, 3, 1)})])
    for day, category, price in ((date(2011, 2, 28), "food", 2), (date(2011, 3, 1), "home", 3)):
        items = Cut.at(memory, day).items.to_pandas()
        assert items[["category", "price"]].to_numpy().tolist() == [[category, price]]
    assert memory.items.columns == (
        "item_id", "item_name", "category", "department", "price", "margin"
    )  # fmt: skip


opted = st.sampled_from(["true", "false", ""])
people_rows = st.lists(
    st.tuples(st.sampled_from("abc"), opted, st.sampled_from("xyz")),
    min_size=1, max_size=3, unique_by=lambda row: row[0],
).map(lambda rows: [",".join(row) for row in rows])  # fmt: skip
days = st.sampled_from([None, "2011-02-01", "2011-03-01", "2011-04-01"])
snapshots = st.dictionaries(days, people_rows, min_size=1, max_size=4)


def expected_at(files, day):
    """Give the states by going through the snapshots one by one."""
    known = {}
    for since, rows in sorted(files.items(), key=lambda one: one[0] or ""):
        if since is None or since <= day:
            for who, out, town in (row.split(",") for row in rows):
                said = {"true": True, "false": False, "": known.get(who, (False, ""))[0]}[out]
                known[who] = (said, town)
    return known


@given(snapshots, st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=ALL)
def test_snapshots_in_any_order_give_the_same_history(lines, people, files, order):
    sales = lines("l.csv", "zz,tea,2010-01-01,1,1")
    sources = [people(f"{since}.csv", *rows, since=since) for since, rows in files.items()]
    with Warehouse.open(None) as at_once, Warehouse.open(None) as one_by_one:
        for warehouse, taken in (
            (at_once, sources),
            (one_by_one, order.sample(sources, len(sources))),
        ):
            warehouse.add([sales])
            for source in taken:
                warehouse.add([source])
        assert one_by_one.digest == at_once.digest
        assert history(one_by_one) == history(at_once)
        final = expected_at(files, "9999")
        for day in ("2011-01-31", "2011-02-01", "2011-03-31", "2011-04-01"):
            wanted = {
                who: (said or final[who][0], town)
                for who, (said, town) in expected_at(files, day).items()
            }
            assert at(one_by_one, day) == wanted | {"zz": (False, None)}


def test_the_day_ends_before_midnight(memory, lines, people):
    columns = {"customer_id": "id", "town": "town", "valid_from": "at"}
    rows = ("a,x,2011-01-01", "a,y,2011-02-01 00:00:00", "a,z,2011-02-01 23:59:59")
    file = people("p.csv", *rows, first="id,town,at", columns=columns)
    memory.load([lines("l.csv", BOUGHT), file])
    towns = [at(memory, day)["a"][1] for day in ("2011-01-31", "2011-02-01")]
    assert towns == ["x", "z"]
    spans = memory.table("customers_history").order_by("valid_from").to_pandas()
    assert spans["valid_to"].tolist()[:2] == spans["valid_from"].tolist()[1:]


def test_dates_cover_every_day(memory, lines, table_of):
    contacts = table_of("contacts", "customer_id,contacted_at", "a,2011-01-05")
    memory.load([lines("l.csv", BOUGHT), contacts])
    dates = memory.table("dates").order_by("day").to_pandas()
    first = date(2011, 1, 1)
    wanted = [first + timedelta(days=n) for n in range(5)]
    assert [day.date() for day in dates["day"]] == wanted
    assert dates["weekday"].tolist() == [day.isoweekday() for day in wanted]
    assert dates["week"].tolist() == [day.isocalendar().week for day in wanted]
    assert dates["is_weekend"].tolist() == [day.isoweekday() > 5 for day in wanted]


def test_rows_that_name_what_is_not_known_are_counted(memory, lines, table_of):
    campaigns = table_of("campaigns", "campaign_id,starts_on", "k1,2011-01-01", "k1,2011-02-01")
    contacts = table_of(
        "contacts", "customer_id,campaign_id,contacted_at", "a,k1,2011-01-05", "a,k9,2011-01-06",
        "a,,2011-01-07",
    )  # fmt: skip
    people = table_of("customers", "customer_id", "b")
    report = memory.load([lines("l.csv", BOUGHT), campaigns, contacts, people])
    assert dict(report.orphans) == {
        "customer_id": 1, "contacts.customer_id": 3, "contacts.campaign_id": 1,
    }  # fmt: skip
    assert memory.table("campaigns").count().to_pandas() == 1
    assert memory.rejected.to_pandas()["reason"].tolist() == ["campaign_id: 'k1' stands in line 2"]


def test_the_first_record_of_two_files_does_not_depend_on_their_order(lines, table_of):
    sales = lines("l.csv", BOUGHT)
    one = table_of("campaigns", "campaign_id,channel", "k1,mail", file="one.csv")
    two = table_of("campaigns", "campaign_id,channel", "k1,web", "k2,web", file="two.csv")
    found = []
    for order in ((one, two), (two, one)):
        with Warehouse.open(None) as warehouse:
            warehouse.add([sales])
            for source in order:
                report = warehouse.add([source])
                assert report.rows_in == report.rows_loaded + report.rows_rejected
            found.append(
                (
                    warehouse.digest,
                    warehouse.loads.order_by("source").to_pandas()["rows_loaded"].tolist(),
                )
            )
            channels = warehouse.table("campaigns").order_by("campaign_id").to_pandas()["channel"]
            assert channels.tolist() == ["mail", "web"]
    assert found[0] == found[1]
    assert found[0][1] == [1, 1, 1]


@pytest.mark.parametrize("name", ["customer", "lines_"])
def test_an_unknown_table_is_refused_with_the_nearest(memory, lines, name):
    memory.load([lines("l.csv", BOUGHT)])
    with pytest.raises(Exception, match=f"no table '{name}'; did you mean"):
        memory.table(name)
