"""From a log to frequency, recency, T; and to distinct histories."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.value import Histories, purchase_histories


def log(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"]))


def test_a_history_is_what_a_person_counts():
    seen = purchase_histories(
        log(
            ("a", "2011-01-01 09:00", 10.0),
            ("a", "2011-01-01 18:00", 5.0),  # the same day: one purchase
            ("a", "2011-01-15 12:00", 20.0),
            ("a", "2011-01-29 12:00", 40.0),
            ("b", "2011-01-08 12:00", 7.0),
            ("b", "2011-02-20 12:00", 99.0),  # after the end
        ),
        "2011-02-05",
    )
    assert seen.loc["a"].to_dict() == {
        "frequency": 2.0, "recency": 4.0, "T": 5.0, "spend": 30.0, "first_spend": 15.0,
    }  # fmt: skip
    assert seen.loc["b", ["frequency", "recency", "T", "first_spend"]].tolist() == [0, 0, 4, 7]
    assert np.isnan(seen.loc["b", "spend"])


def test_who_first_bought_after_the_end_is_not_there():
    seen = purchase_histories(log(("a", "2011-01-01", 1), ("z", "2011-03-01", 1)), "2011-02-01")
    assert seen.index.tolist() == ["a"]


def test_without_amounts_there_is_no_spend():
    rows = log(("a", "2011-01-01", 1)).drop(columns="amount")
    assert purchase_histories(rows, "2011-02-01").columns.tolist() == ["frequency", "recency", "T"]


def test_the_order_of_the_rows_does_not_matter_to_the_last_bit():
    random = np.random.RandomState(0)
    days = pd.Timestamp("2011-01-01") + pd.to_timedelta(random.randint(0, 60, 300), unit="D")
    rows = pd.DataFrame(
        {
            "customer_id": random.randint(0, 40, 300),
            "ordered_at": days,
            "amount": random.random_sample(300) * 1e6,
        }
    )
    shuffled = rows.sample(frac=1, random_state=1)
    left, right = (purchase_histories(each, "2011-03-01") for each in (rows, shuffled))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.real
def test_cdnow_in_weeks_is_the_published_summary(cdnow_log, cdnow_summary):
    seen = purchase_histories(cdnow_log, "1997-09-30")
    assert len(seen) == 2357
    assert seen["frequency"].tolist() == cdnow_summary["frequency"].tolist()
    for column in ("recency", "T"):
        assert np.abs(seen[column].to_numpy() - cdnow_summary[column]).max() <= 0.0051


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="ordered_at"), "the log lacks ordered_at; it has"),
        (lambda rows: rows.assign(customer_id=None), "rows without customer_id"),
        (lambda rows: rows.assign(ordered_at=pd.NaT), "rows without ordered_at"),
    ],
)
def test_a_log_that_cannot_be_used_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        purchase_histories(change(log(("a", "2011-01-01", 1))), "2011-02-01")


def test_a_unit_of_no_length_is_refused():
    with pytest.raises(ValueError, match="unit must be above 0 days but got 0"):
        purchase_histories(log(("a", "2011-01-01", 1)), "2011-02-01", unit=0)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=30
    )
)
def test_groups_give_back_every_row_and_count_them_all(rows):
    frame = pd.DataFrame(
        [(x, tx if x else 0, tx + more) for x, tx, more in rows],
        columns=["frequency", "recency", "T"],
        dtype=float,
    )
    seen = Histories.of(frame)
    back = np.column_stack([seen.x, seen.tx, seen.t])[seen.group]
    assert (back == frame.to_numpy()).all()
    assert seen.count.sum() == len(frame)
    assert len(seen.x) == len(frame.drop_duplicates())


def test_weights_are_summed():
    frame = pd.DataFrame({"frequency": [0, 0, 1], "recency": [0, 0, 1.0], "T": [2.0, 2.0, 2.0]})
    assert Histories.of(frame, [1.0, 2.5, 4.0]).count.tolist() == [3.5, 4.0]


def test_a_sample_stands_for_all():
    frame = pd.DataFrame({"frequency": 0.0, "recency": 0.0, "T": np.arange(1, 1001.0)})
    few = Histories.of(frame).sample(100)
    assert len(few.x) == 100
    assert few.count.sum() == pytest.approx(1000)
    assert few.t @ few.count == pytest.approx(frame["T"].sum(), rel=0.01)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "at least one customer"),
        ([(0, 0, np.nan)], "missing or infinite"),
        ([(0, 0, np.inf)], "missing or infinite"),
        ([(-1, 0, 3)], "1 customers have a negative frequency"),
        ([(2, 5, 3)], "1 customers bought after the observation ended"),
        ([(0, 2, 3), (0, 1, 3)], "2 customers have a recency but no purchase"),
        ([(2, 0, 3)], "1 customers have purchases after the first but recency 0"),
    ],
)
def test_impossible_histories_are_refused(rows, message):
    frame = pd.DataFrame(rows, columns=["frequency", "recency", "T"], dtype=float)
    with pytest.raises(ValueError, match=message):
        Histories.of(frame)


def test_all_problems_are_told_at_once():
    frame = pd.DataFrame({"frequency": [0, 2], "recency": [1.0, 9.0], "T": [3.0, 3.0]})
    with pytest.raises(ValueError, match=r"bought after .*; 1 customers have a recency"):
        Histories.of(frame)


@pytest.mark.parametrize("weight", [[0.0, 0.0], [1.0, -1.0], [1.0, np.nan]])
def test_weights_that_count_nobody_are_refused(weight):
    frame = pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [3.0, 2.0]})
    with pytest.raises(ValueError, match="not negative and not sum to 0"):
        Histories.of(frame, weight)
    with pytest.raises(ValueError, match="weight has shape"):
        Histories.of(frame, [*weight, 1.0])
