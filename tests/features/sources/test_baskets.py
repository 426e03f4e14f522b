import gzip
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from features.warehouse import Warehouse


@pytest.fixture
def file(tmp_path, declare):
    def make(text, name="baskets.dat", kind="baskets", **more):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return declare(kind, **{"path": str(path), "day": "2024-05-31", **more})

    return make


@pytest.mark.parametrize("name", ["b.dat", "b.dat.gz"])
def test_every_item_of_a_line_is_a_row(file, judge, name):
    judged = judge(file("1 2 30\n\n4\n", name))
    assert [(row["line"], row["order_id"], row["item_id"]) for row in judged.good] == [
        (1, "1", "1"),
        (1, "1", "2"),
        (1, "1", "30"),
        (3, "3", "4"),
    ]
    assert judged.good[0]["customer_id"] == "1"
    assert judged.good[0]["ordered_at"] == datetime(2024, 5, 31)
    assert judged.accounted


def test_named_items_have_a_delimiter_and_quotes(file, read):
    _, rows = read(file('whole milk, "bread, white",,tea\nbeer\n', delimiter=","))
    assert [row[1:3] for row in rows] == [
        ("1", "whole milk"),
        ("1", "bread, white"),
        ("1", "tea"),
        ("2", "beer"),
    ]


def test_leading_fields_say_who_and_when(file, judge):
    source = file(
        "ann;2024-01-02;milk;tea\nbob;2024-01-03;beer\ncid;2024-01-04\n",
        delimiter=";",
        leading=["who", "on"],
        columns={"customer_id": "who", "ordered_at": "on"},
        day=None,
    )
    judged = judge(source)
    assert [(row["customer_id"], row["ordered_at"].day, row["item_id"]) for row in judged.good] == [
        ("ann", 2, "milk"),
        ("ann", 2, "tea"),
        ("bob", 3, "beer"),
    ]
    assert judged.bad == [(3, "no item", "expected 2 fields and an item, got 2")]
    assert judged.accounted


def test_baskets_without_a_day_are_refused(declare):
    with pytest.raises(ValidationError, match="the file has no dates: state the day"):
        declare("baskets", path="a.dat")


def test_leading_fields_need_names_of_their_own(declare):
    with pytest.raises(ValidationError, match="names of their own, not item, who"):
        declare("baskets", path="a.dat", day="2024-01-01", leading=["who", "who", "item"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n \n", "looks like blank lines"),
        ("1 2:30:10 20\n", "SPMF's utility format; declare the source as spmf_utility"),
        ("1 -1 2 -1 -2\n", "SPMF's sequences"),
        ("milk,bread\n", "items with ',' between them; state it as delimiter"),
        ('{"a": 1}\n', "looks like JSON"),
        ("PAR1...", "looks like Parquet"),
    ],
)
def test_another_format_is_named(file, refusal, text, said):
    assert said in refusal(file(text))


def test_unknown_columns_offer_the_nearest(file, refusal):
    columns = {"customer_id": "ordr", "item_name": "itm"}
    said = refusal(file("1 2\n", columns=columns))
    assert "'itm': did you mean 'item'?" in said
    assert "'ordr': did you mean 'order'?" in said


def test_gzip_cut_off(file, refusal, tmp_path):
    source = file("".join(f"{n} {n * n}\n" for n in range(50_000)), "b.dat.gz")
    path = tmp_path / "b.dat.gz"
    path.write_bytes(path.read_bytes()[:-500])
    assert "looks cut off" in refusal(source)


items = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=4)


@given(
    st.lists(st.lists(items, max_size=4), min_size=1, max_size=15),
    st.sampled_from([None, ",", "|"]),
)
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_baskets_come_back_as_they_were_written(file, read, baskets, delimiter):
    baskets = [["first"], *baskets]
    text = "".join((delimiter or " ").join(basket) + "\n" for basket in baskets)
    _, rows = read(file(text, delimiter=delimiter))
    assert [(row[0], row[2]) for row in rows] == [
        (number, item) for number, basket in enumerate(baskets, 1) for item in basket
    ]


def test_baskets_load_into_the_warehouse(file):
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([file("1 2\n3\n")])
        assert (report.rows_in, report.rows_loaded) == (3, 3)
        assert warehouse.lines.order_id.nunique().to_pandas() == 2


def utility(file, text, **more):
    return file(text, "u.txt", "spmf_utility", **more)


def test_utilities_become_amounts(file, judge):
    judged = judge(utility(file, "# prices in cents\n3 7:30:10 20\n\n5:1:1\n"))
    assert [(row["line"], row["item_id"], row["amount"]) for row in judged.good] == [
        (2, "3", 10.0),
        (2, "7", 20.0),
        (4, "5", 1.0),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("3 7:30", "expected items:total:utilities, got 2 parts"),
        ("3 7:30:30", "2 items, but 1 utilities"),
        (":0:", "0 items, but 0 utilities"),
        ("3 7:31:10 20", "the utilities sum to 30, not to 31"),
        ("3 7:30:10 x", "'x' is not a number"),
        ("3:inf:inf", "'inf' is not a number"),
    ],
)
def test_lines_that_do_not_add_up_are_kept_and_counted(file, judge, line, reason):
    judged = judge(utility(file, f"1:2:2\n{line}\n"))
    assert judged.bad == [(2, "no utility basket", reason)]
    assert judged.accounted


@pytest.mark.parametrize(
    ("text", "said"),
    [("1 2 3\n", "looks like FIMI; declare the source as baskets"), ("a\n", "looks like text")],
)
def test_a_file_without_utilities_is_named(file, refusal, text, said):
    assert said in refusal(utility(file, text))


def test_utilities_know_their_columns(file, refusal):
    said = refusal(utility(file, "1:2:2\n", columns={"amount": "utilty"}))
    assert "'utilty': did you mean 'utility'?" in said


@pytest.mark.real
def test_the_real_files_have_their_published_counts(real_data, read, declare):
    given = {"day": "2024-05-31"}
    _, rows = read(
        declare("baskets", path=str(real_data / "groceries.csv"), delimiter=",", **given)
    )
    assert len(rows) == 43_367
    assert len({row[1] for row in rows}) == 9_835
    assert len({row[2] for row in rows}) == 169
    source = declare("spmf_utility", path=str(real_data / "foodmart_utility.txt"), **given)
    reading, rows = read(source)
    assert (len(rows), len({row[1] for row in rows}), reading.malformed) == (18_319, 4_141, [])
    assert sum(int(row[3]) for row in rows) == 12_011_023
