"""A window holds what was known at its date and, apart from it, what followed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.sources.spec import CsvSource
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks import DataError
from pipelines.crosssell.snapshots import load_snapshot, save_snapshot, take_snapshot


def named(truth, history):
    """Translate codes back; items outside the vocabulary become '?'."""
    return sorted(
        (history.customers[customer], history.items[item] if item >= 0 else "?")
        for customer, item in truth.to_numpy()
    )


def test_the_vocabulary_is_what_enough_different_customers_bought(snapshot_of):
    snapshot = snapshot_of("ann:A ann:A ann:A bob:B cyd:B bob:C ann:C cyd:C")
    assert snapshot.vocabulary(1).tolist() == ["A", "B", "C"]
    assert snapshot.vocabulary(2).tolist() == ["B", "C"]
    assert snapshot.vocabulary(3).tolist() == ["C"]
    assert snapshot.vocabulary(4).empty


def test_the_vocabulary_does_not_see_what_followed(snapshot_of):
    assert "new" not in snapshot_of().vocabulary(1)


def test_a_history_keeps_customers_whose_items_are_all_rare(snapshot_of):
    snapshot = snapshot_of("ann:A bob:A cyd:rare")
    history = snapshot.history(snapshot.vocabulary(2))
    assert history.customers.tolist() == ["ann", "bob", "cyd"]
    assert history.items.tolist() == ["A"]


def test_labels_are_the_known_pairs_that_followed(snapshot_of):
    snapshot = snapshot_of()
    labelled = snapshot.labelled(snapshot.vocabulary(2))
    assert labelled.history.items.tolist() == ["A", "B"]
    expected = np.array([[1, 0], [0, 1], [0, 0], [0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(labelled.bought.toarray(), expected)


def test_a_label_is_one_however_often_the_pair_stands_there(snapshot_of):
    snapshot = snapshot_of("ann:A bob:A", "ann:A ann:A")
    assert snapshot.labelled(snapshot.vocabulary(1)).bought.toarray().tolist() == [[1.0], [0.0]]


def test_the_truth_counts_items_that_nobody_can_recommend(snapshot_of):
    snapshot = snapshot_of()
    history = snapshot.history(snapshot.vocabulary(2))
    truth = snapshot.truth(history)
    assert named(truth.all, history) == [
        *[("ann", "?"), ("ann", "A")],
        *[("bob", "?"), ("bob", "B")],
        ("cyd", "?"),
    ]
    unknown = truth.all.loc[truth.all["item"] < 0, "item"]
    assert unknown.nunique() == 3
    assert (unknown < 0).sum() == 3


def test_new_is_what_the_customer_did_not_buy_before_rare_items_included(snapshot_of):
    snapshot = snapshot_of("ann:A bob:A cyd:rare", "ann:A bob:rare cyd:rare")
    history = snapshot.history(snapshot.vocabulary(2))
    assert named(snapshot.truth(history).new, history) == [("bob", "?")]


def test_strangers_are_not_in_the_truth(snapshot_of):
    snapshot = snapshot_of("ann:A", "eve:A")
    assert snapshot.truth(snapshot.history(snapshot.vocabulary(1))).all.empty


def test_a_snapshot_comes_back_from_disk_as_it_was(snapshot_of, tmp_path):
    before = snapshot_of()
    save_snapshot(before, tmp_path)
    after = load_snapshot(tmp_path, before.window)
    for name in ("purchases", "customers", "items", "outcomes"):
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


@pytest.fixture
def warehouse(tmp_path):
    rows = ["c,o,i,t,n", "ann,1,A,2024-01-10,1", "ann,2,B,2024-02-10,2", "bob,3,A,2024-02-11,1"]
    (tmp_path / "lines.csv").write_text("\n".join(rows) + "\n")
    columns = {"customer_id": "c", "order_id": "o", "item_id": "i", "quantity": "n"}
    ordered_at = {"from": "t", "format": "%Y-%m-%d"}
    source = CsvSource.model_validate(
        {
            "kind": "csv",
            "name": "lines",
            "table": "lines",
            "path": str(tmp_path / "lines.csv"),
            "columns": {**columns, "ordered_at": ordered_at},
        }
    )
    with Warehouse.open(None) as opened:
        opened.load([source])
        yield opened


def test_what_happened_later_is_only_in_the_outcomes(warehouse):
    window = Window(date(2024, 1, 31), 365, 0, 31)
    taken = take_snapshot(warehouse, window, ["rfm"], None, labelled=True)
    assert taken.purchases["item_id"].tolist() == ["A"]
    assert taken.customers.index.tolist() == ["ann"]
    assert sorted(zip(taken.outcomes["customer_id"], taken.outcomes["item_id"], strict=True)) == [
        ("ann", "B"),
        ("bob", "A"),
    ]


def test_a_snapshot_that_is_only_scored_reads_no_outcome(warehouse):
    window = Window(date(2024, 1, 31), 365, 0, 31)
    assert take_snapshot(warehouse, window, ["rfm"], None, labelled=False).outcomes.empty


def test_nobody_in_the_observed_span_is_an_error_that_names_the_span(warehouse):
    window = Window(date(2023, 12, 31), 30, 0, 31)
    with pytest.raises(DataError, match=r"nobody bought anything from 2023-12-02 to 2023-12-31"):
        take_snapshot(warehouse, window, ["rfm"], None, labelled=False)


def test_an_empty_outcome_window_is_an_error_that_names_both_dates(warehouse):
    window = Window(date(2024, 1, 31), 365, 0, 5)
    message = (
        r"no purchases in the outcome window after 2024-01-31 \(2024-02-01 to 2024-02-05\); "
        r"the data spans 2024-01-10 to 2024-02-11; set window.as_of earlier"
    )
    with pytest.raises(DataError, match=message):
        take_snapshot(warehouse, window, ["rfm"], None, labelled=True)


def test_what_was_bought_before_the_observed_span_is_not_new(snapshot_of):
    snapshot = snapshot_of("ann:A bob:A", "ann:B bob:B", earlier="bob:B")
    history = snapshot.history(snapshot.vocabulary(1))
    assert named(snapshot.truth(history).new, history) == [("ann", "?")]
