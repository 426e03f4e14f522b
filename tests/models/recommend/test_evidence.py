"""Reasons name what drove the score, and figures only where they bear it out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from models.recommend import History
from models.recommend.evidence import Evidence, causes_of, explained
from models.recommend.personal import Habits

GAINS = npst.arrays(np.float64, (3, 6), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 2.0]))
DAY = pd.Timestamp("2024-01-31")


def shop(bought):
    lines = pd.DataFrame(bought, columns=["customer_id", "item_id", "back"])
    day = DAY - pd.to_timedelta(lines["back"], unit="D")
    order = lines["customer_id"] + lines["back"].astype(str)
    frame = lines.drop(columns="back").assign(order_id=order, ordered_at=day)
    return History.from_purchases(frame.assign(quantity=1.0, amount=1.0), DAY)


@pytest.fixture
def forty():
    """Forty customers: 10 bought A and B, 6 of them C; 8 bought C; all bought D; two A again."""
    bought = [(f"c{code:02}", item, 9) for code in range(10) for item in "AB"]
    bought += [(f"c{code:02}", "C", 5) for code in [*range(6), 20, 21]]
    bought += [(f"c{code:02}", "D", 7) for code in range(40)]
    return shop([*bought, ("c00", "A", 3), ("c01", "A", 2)])


@pytest.fixture
def names():
    return pd.Series(["Apples", "Bread", "Cider", "Dates"])


@settings(max_examples=60, deadline=None)
@given(gains=GAINS)
def test_causes_are_the_two_largest_parts(gains):
    found = causes_of(sparse.csr_matrix(gains))
    for row, cause, share in zip(gains, found.item, found.share, strict=True):
        total = row[row > 0].sum()
        best = [place for place in np.argsort(-row, kind="stable")[:2] if row[place] > 0]
        assert cause.tolist() == [*best, -1, -1][:2]
        expected = [row[place] / total for place in best]
        np.testing.assert_allclose(share, [*expected, 0.0, 0.0][:2])


def test_two_purchases_of_like_weight_are_told_with_those_who_made_both(forty, names):
    said = Evidence.of(forty).because("ease", np.array([0, 1]), np.array([0.6, 0.4]), 2, names)
    assert said.text == (
        "Bought Apples and Bread; of the 10 customers who bought both, 60% also bought Cider,"
        " 3.0 times the usual share."
    )
    assert said.evidence_id == "ease:A+B>C"


@pytest.mark.parametrize(
    ("cause", "share", "item"),
    [
        ([0, 1], [0.8, 0.2], 2),  # the second adds little
        ([0, -1], [1.0, 0.0], 2),
        ([0, 2], [0.6, 0.4], 2),  # the item itself is no company
        ([0, 1], [0.6, 0.4], 3),  # everybody buys it: no sign at all
        ([3, 2], [0.6, 0.4], 1),  # too few bought all three
    ],
)
def test_one_purchase_is_told_where_two_say_no_more(forty, names, cause, share, item):
    few = forty.of_customers([*range(4), *range(10, 30)]) if item == 1 else forty
    said = Evidence.of(few).because("ease", np.array(cause), np.array(share), item, names)
    first = names[cause[0]]
    assert said.text == f"Bought {first}, which is {share[0]:.0%} of what speaks for {names[item]}."
    assert said.evidence_id == f"ease:{forty.items[cause[0]]}>{forty.items[item]}"


def test_a_habit_is_told_with_how_many_come_back(forty, names):
    said = Evidence.of(forty).habit(Habits.of(forty), 0, 0, names[0])
    assert said.text == (
        "Bought Apples 2 times, last 3 days ago; 20% of its buyers bought it more than once."
    )
    assert said.evidence_id == "favourite:A"


def test_each_pair_gets_the_kind_of_reason_that_drove_it(forty, names):
    gains = np.array([[0.5, 0.4, 0, 0], [0, 0.2, 0.9, 0], [0, 0, 0, -1.0]])

    def given(history, row, item):
        assert (row.tolist(), item.tolist()) == ([0, 0, 1], [2, 2, 1])
        return sparse.csr_matrix(gains)

    popularity = np.array([0.1, 0.25, 0.2, 1.0])
    who, what = np.array([0, 0, 21]), np.array([2, 2, 1])
    said = explained("x", given, popularity, forty, who, what, names)
    assert [one.evidence_id for one in said] == ["x:A+B>C", "favourite:C", "popular:B"]
    assert said[1].text.startswith("Bought Cider once, 5 days ago; 0% of its buyers")
    assert said[2].text == "25.0% of all customers bought Bread in the last 30 days."
