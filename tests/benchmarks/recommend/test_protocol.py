"""The fixed window of the recommenders' benchmark, on a shop counted by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.recommend.protocol import Window, compare, read_lines

DAY = pd.Timestamp("2011-06-30")
KNOWN = [f"c{code}" for code in range(6)]


def line(who: str, item: str, days: int) -> dict[str, object]:
    """Make a purchase `days` after the day of fitting; 0 or less is known."""
    at = DAY + pd.Timedelta(days=days, hours=12)
    order = f"{who}{at:%j}"
    return {
        "customer_id": who,
        "item_id": item,
        "item_name": f"{item} name",
        "order_id": order,
        "ordered_at": at,
        "quantity": 1.0,
        "amount": 2.0,
    }


@pytest.fixture(scope="module")
def window() -> Window:
    rows = [line(who, "11111", -3) for who in KNOWN[:5]]
    rows += [line(who, "22222", -40) for who in KNOWN]
    rows += [line(who, "33333", -2) for who in KNOWN[:4]]
    rows += [line("c0", "11111", 1), line("c0", "11111", 9), line("c0", "33333", 2)]
    rows += [line("c5", "11111", 31), line("c5", "22222", 31), line("c4", "22222", 32)]
    rows += [line("stranger", "11111", 5), line("c1", "44444", 5)]
    return Window.at(pd.DataFrame(rows), DAY)


def bought(window: Window, scope: str) -> set[tuple[str, str]]:
    truth = window.truth[scope]
    who = window.history.customers[truth["customer"]]
    return set(zip(who, truth["item"], strict=True))


def test_items_of_five_customers_are_known(window):
    assert window.history.items.tolist() == ["11111", "22222"]
    assert window.history.customers.tolist() == KNOWN


def test_the_truth_holds_known_customers_and_items_of_31_days(window):
    assert bought(window, "all") == {("c0", "11111"), ("c5", "11111"), ("c5", "22222")}
    assert not window.truth["all"].duplicated().any()


def test_new_leaves_out_what_was_bought_before(window):
    assert bought(window, "new") == {("c5", "11111")}


def test_items_have_names_and_earlier_windows_end_before_the_day(window):
    assert window.history.item_texts is not None
    assert window.history.item_texts.tolist() == ["11111 name", "22222 name"]
    last = window.past[-1]
    assert last.history.as_of == DAY - pd.Timedelta(days=31)
    assert last.history.lines["age"].min() >= 0
    who, what = last.bought.nonzero()
    found = zip(last.history.customers[who], last.history.items[what], strict=True)
    assert set(found) == {(code, "11111") for code in KNOWN[:5]}


def test_only_the_lines_of_the_protocol_are_read(tmp_path):
    table = pd.DataFrame(
        {
            "InvoiceNo": ["1", "C2", "3", "4", "5", "6"],
            "StockCode": ["10001a", "10001", "POST", "10002", "10003", "10004"],
            "Description": [" PEN ", "PEN", "POSTAGE", "PAD", None, "INK"],
            "Quantity": [2, 2, 1, 0, 3, 1],
            "InvoiceDate": "2011-01-02 10:00",
            "UnitPrice": [1.5, 1.5, 1.0, 1.0, 1.0, 1.0],
            "CustomerID": ["1", "1", "1", "1", "2", None],
        }
    )
    table.to_csv(tmp_path / "lines.csv", index=False)
    lines = read_lines(tmp_path / "lines.csv")
    assert lines["item_id"].tolist() == ["10001A", "10003"]
    assert lines["item_name"].tolist() == ["PEN", ""]
    assert lines["amount"].tolist() == [3.0, 3.0]


def result(recall: list[float]) -> dict[str, object]:
    index = pd.Index(np.arange(len(recall)), name="customer")
    frame = pd.DataFrame({f"{name}@10": recall for name in ("recall", "ndcg", "hit")}, index=index)
    return {
        "metrics": {"all": frame, "new": frame},
        "coverage": {"all": 0.5, "new": 0.5},
        "seconds": 1.0,
        "peak_mb": 1.0,
    }


def test_kinds_are_compared_with_the_best_single_one_customer_by_customer():
    results = {
        "ranker": result([0.5, 0.7, 0.9]),
        "ease": result([0.4, 0.6, 0.8]),
        "popularity": result([0.1, 0.1, 0.1]),
    }
    table = compare(results).set_index(["scope", "kind"])
    assert set(table["best_single"]) == {"ease"}
    assert table.loc[("all", "ranker"), "less_best"] == pytest.approx(0.1)
    assert table.loc[("all", "ranker"), "low"] == pytest.approx(0.1)
    assert table.loc[("new", "popularity"), "less_best"] == pytest.approx(-0.5)
