"""What would be bought anyway: nothing, the usual share, or what a file says."""

import numpy as np
import pandas as pd
import pytest

from lodeworks import DataError
from models.recommend.history import History
from pipelines.lists.baseline import Baseline, read_baseline

DAY = pd.Timestamp("2024-03-31")


@pytest.fixture
def history():
    """Of four customers two bought A lately and one long ago; B was bought by one twice."""
    bought = [("ann", "A", 1), ("bob", "A", 30), ("cyd", "A", 31), ("dan", "B", 2), ("dan", "B", 3)]
    lines = pd.DataFrame(bought, columns=["customer_id", "item_id", "age"])
    lines = lines.assign(
        order_id=lines.index.astype(str),
        ordered_at=DAY - pd.to_timedelta(lines["age"], unit="D"),
        quantity=1.0,
        amount=1.0,
    )
    return History.from_purchases(lines, DAY)


@pytest.fixture
def rows():
    customer, item = np.divmod(np.arange(8), 2)
    return pd.DataFrame({"customer": customer, "item": item})


def test_gross_means_that_nothing_is_taken_off(history, rows):
    assert Baseline().of(rows, history).tolist() == [0.0] * 8


def test_the_usual_share_is_that_of_the_last_days(history, rows):
    assert Baseline("organic", 31).of(rows, history).tolist() == [0.5, 0.25] * 4
    assert Baseline("organic", 32).of(rows, history).tolist() == [0.75, 0.25] * 4


def test_of_what_a_file_says_the_pair_goes_before_the_item_before_the_customer(
    history, rows, tmp_path
):
    path = tmp_path / "b.csv"
    path.write_text("customer_id,item_id,probability\nann,A,0.9\n,A,0.5\nbob,,0.2\nann,,0.1\n")
    found = Baseline("file", rows=read_baseline(path)).of(rows, history)
    assert found.tolist() == [0.9, 0.1, 0.5, 0.2, 0.5, 0.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item_id\nA\n", "has no column probability"),
        ("probability\n0.5\n", "has no column customer_id or item_id"),
        ("item_id,probability\nA,often\n", "given 'often'; a number from 0 to 1 is needed"),
        ("item_id,probability\nA,1.5\n", "1 rows are not from 0 to 1"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text, message):
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_baseline(tmp_path / "b.csv")


def test_results_depend_on_what_the_file_says(tmp_path):
    (tmp_path / "b.csv").write_text("item_id,probability\nA,0.5\n")
    stated = Baseline("file", rows=read_baseline(tmp_path / "b.csv"))
    assert stated.identity() != Baseline("file").identity()
    assert stated.identity()["rows"]["probability"] == [0.5]
