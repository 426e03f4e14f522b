"""Building sequences from tables and lists, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from models.sequences import Sequences


def nested(sequences):
    """Write sequences out as lists of (time, items)."""
    names = sequences.labels
    return [
        [
            (
                int(sequences.times[b]),
                names[
                    sequences.items[sequences.basket_indptr[b] : sequences.basket_indptr[b + 1]]
                ].tolist(),
            )
            for b in range(sequences.indptr[c], sequences.indptr[c + 1])
        ]
        for c in range(len(sequences))
    ]


def table(rows):
    return pd.DataFrame(rows, columns=["who", "when", "what"])


def test_lists_get_places_as_times():
    given = Sequences.from_lists([[["b", "a"], ["a"]], [], [["c"]]])
    assert nested(given) == [[(0, ["a", "b"]), (1, ["a"])], [], [(0, ["c"])]]
    assert given.counts.tolist() == [1, 1, 1]
    assert given.customers.tolist() == [0, 1, 2]


def test_baskets_of_equal_time_become_one():
    given = Sequences.from_lists([[["b"], ["a", "b"], ["c"]]], [[4, 4, 9]])
    assert nested(given) == [[(4, ["a", "b"]), (9, ["c"])]]


def test_empty_baskets_are_dropped():
    assert nested(Sequences.from_lists([[[], ["a"], []]])) == [[(1, ["a"])]]


def test_tables_may_come_in_any_order():
    rows = [("z", 5, "a"), ("y", 3, "b"), ("z", 2, "b"), ("z", 5, "a"), ("z", 5, "c")]
    frame = table(rows)
    before = frame.copy()
    one = Sequences.from_table(frame, "who", "when", "what")
    other = Sequences.from_table(table(rows[::-1]), "who", "when", "what")
    assert nested(one) == nested(other) == [[(3, ["b"])], [(2, ["b"]), (5, ["a", "c"])]]
    assert one.customers.tolist() == ["y", "z"]
    pd.testing.assert_frame_equal(frame, before)


def test_timestamps_count_whole_days():
    frame = table(
        [(1, "1970-01-03 08:00", "a"), (1, "1970-01-03 23:59", "b"), (1, "1970-01-04", "a")]
    )
    frame["when"] = pd.to_datetime(frame["when"], format="mixed")
    assert nested(Sequences.from_table(frame, "who", "when", "what")) == [
        [(2, ["a", "b"]), (3, ["a"])]
    ]
    hours = Sequences.from_table(frame, "who", "when", "what", unit="h")
    assert hours.times.tolist() == [56, 71, 72]


def test_timestamps_with_a_zone_count_local_days():
    frame = table([(1, pd.Timestamp("1970-01-02 23:30", tz="America/New_York"), "a")])
    assert Sequences.from_table(frame, "who", "when", "what").times.tolist() == [1]


@pytest.mark.parametrize("items", [["é ü", "a,b", 'q"'], [3, 1, 2], ["x", 1, 2.5]])
def test_items_may_be_anything(items):
    given = Sequences.from_lists([[items]])
    assert set(given.labels.tolist()) == set(items)
    assert given.n_items == 3


def test_until_keeps_customers():
    given = Sequences.from_lists([[["a"], ["b"]], [["b"]]], [[1, 5], [6]])
    assert nested(given.until(5)) == [[(1, ["a"]), (5, ["b"])], []]
    assert nested(given.until(0)) == [[], []]


def test_relabelled_drops_unknown_items():
    given = Sequences.from_lists([[["a", "x"], ["x"]], [["b"]]])
    other = given.relabelled(np.array(["b", "a"], object))
    assert nested(other) == [[(0, ["a"])], [(0, ["b"])]]
    assert other.items.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("customers", "times", "message"),
    [
        ([[["a"], ["b"]]], [[5, 2]], "customer 0: time goes backwards from 5 to 2 at basket 1"),
        ([[["a"]], [["a"]]], [[1], [float("nan")]], "customer 1: times must be whole numbers"),
        ([[["a"]]], [[1.5]], "whole numbers, not 1.5; choose a finer unit"),
        ([[["a"]]], [["monday"]], "times must be whole numbers or timestamps"),
        ([[["a"]]], [[2**62]], r"beyond 2\*\*61"),
        ([[["a"]]], [[1, 2]], "customer 0: 1 baskets but 2 times"),
        ([[["a"]]], [], "1 customers need as many lists of times, not 0"),
        ([["abc"]], None, "a basket is a list of items, not 'abc'"),
        ([[7]], None, "a basket is a list of items, not 7"),
        ([[["a", None]]], None, r"an item is missing \(line 1\)"),
        ([[[float("nan")]]], None, r"an item is missing \(line 0\)"),
    ],
)
def test_wrong_lists_are_refused(customers, times, message):
    with pytest.raises(ValueError, match=message):
        Sequences.from_lists(customers, times)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([(1, 1, "a")], ("who", "day", "what"), "columns not found: day; given: "),
        ([(1, None, "a")], ("who", "when", "what"), "columns with missing values: when"),
        ([(None, 1, None)], ("who", "when", "what"), "missing values: who, what"),
        ([(1, "2020-01-01", "a")], ("who", "when", "what"), "whole numbers or timestamps"),
        ([(1, 0.5, "a")], ("who", "when", "what"), "whole numbers, not 0.5"),
        ([(1, float("inf"), "a")], ("who", "when", "what"), "whole numbers, not inf"),
    ],
)
def test_wrong_tables_are_refused(rows, columns, message):
    with pytest.raises(ValueError, match=message):
        Sequences.from_table(table(rows), *columns)


def test_an_empty_table_has_no_customers():
    frame = table([]).astype({"when": "int64"})
    assert len(Sequences.from_table(frame, "who", "when", "what")) == 0
