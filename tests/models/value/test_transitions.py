"""Switching matrices estimated from purchases: by hand, against Wilson, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.effect.proportions import wilson
from models.value import brand_shares, estimate_switching, main_brands

KNOWN = np.array([[0.7, 0.2, 0.1], [0.25, 0.6, 0.15], [0.05, 0.15, 0.8]])
BRANDS = ("ours", "theirs", "others")


def walked(customers, periods, seed, matrix=KNOWN, stay=1.0):
    """Let customers follow a matrix; each is seen in a period with probability `stay`."""
    random = np.random.default_rng(seed)
    at = random.integers(0, len(matrix), customers)
    rows = []
    for period in range(periods):
        seen = random.random(customers) < stay
        rows += [(f"c{who:05d}", period, BRANDS[at[who]]) for who in np.flatnonzero(seen)]
        draw = random.random(customers)[:, None]
        at = (draw > np.cumsum(matrix[at], axis=1)).sum(axis=1)
    return pd.DataFrame(rows, columns=["customer_id", "period", "brand"])


def test_a_known_matrix_is_found_again():
    found = estimate_switching(walked(20_000, 4, seed=1), BRANDS)
    assert found.matrix == pytest.approx(KNOWN, abs=0.01)
    assert found.counts.sum() == 60_000
    assert found.paused == 0
    ahead = brand_shares(found.matrix, [1.0, 0.0, 0.0], 4)
    assert ahead == pytest.approx(brand_shares(KNOWN, [1.0, 0.0, 0.0], 4), abs=0.02)


@pytest.mark.parametrize(("customers", "stay"), [(60, 1.0), (300, 0.7)])
def test_intervals_cover_as_often_as_they_say(customers, stay):
    inside = [
        ((one.low <= KNOWN) & (one.high >= KNOWN)).mean()
        for seed in range(80)
        for one in [estimate_switching(walked(customers, 3, seed, stay=stay), BRANDS)]
    ]
    # 720 cells: a share of 95 % stays within two points and a half of it.
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 6), st.integers(0, 4)), st.sampled_from(BRANDS), max_size=30
    )
)
def test_counts_are_those_of_a_plain_loop(held):
    rows = [(who, period, brand) for (who, period), brand in held.items()]
    states = pd.DataFrame(rows, columns=["customer_id", "period", "brand"])
    found = estimate_switching(states, BRANDS)
    counts, behind = np.zeros((3, 3), dtype=int), [set() for _ in BRANDS]
    for (who, period), brand in held.items():
        if (who, period + 1) in held:
            row = BRANDS.index(brand)
            counts[row, BRANDS.index(held[who, period + 1])] += 1
            behind[row].add(who)
    assert found.counts.tolist() == counts.tolist()
    assert found.customers.tolist() == [len(one) for one in behind]
    last = max((period for _, period in held), default=0)
    assert found.paused == sum(period < last for _, period in held) - counts.sum()
    assert found.matrix.sum(axis=1) == pytest.approx(np.ones(3))
    assert (found.low <= found.matrix).all()
    assert (found.matrix <= found.high).all()
    for row, column in np.ndindex(3, 3):
        many = int(counts[row].sum())
        ends = wilson(int(counts[row, column]), many, 0.95) if many else (0.0, 1.0)
        told = found.low[row, column], found.high[row, column]
        assert told == pytest.approx(ends, abs=1e-9)
        share = (counts[row, column] + 1 / 3) / (many + 1)
        assert found.matrix[row, column] == pytest.approx(share)


def test_the_order_of_the_rows_does_not_matter_and_they_stay():
    states = walked(200, 3, seed=4, stay=0.8)
    before = states.copy()
    turned = states.sample(frac=1, random_state=0)
    one, other = (estimate_switching(each).to_frame() for each in (states, turned))
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(states, before)


def test_the_table_has_a_row_for_each_pair():
    table = estimate_switching(walked(100, 2, seed=0), BRANDS).to_frame()
    assert table[["brand", "next_brand"]].values.tolist() == [
        [a, b] for a in BRANDS for b in BRANDS
    ]
    assert table.groupby("brand")["share"].sum().to_numpy() == pytest.approx(np.ones(3))
    assert table.groupby("brand")["customers"].nunique().eq(1).all()
    assert table.groupby("brand")["moves"].sum().sum() == 100


def test_the_main_brand_is_the_one_most_was_spent_on():
    rows = [
        ("b", 1, "tea", 1.0),
        ("a", 0, "tea", 0.1),
        ("a", 0, "milk", 0.3),
        ("a", 0, "tea", 0.2),  # 0.1 + 0.2 is 0.30000000000000004
        ("a", 1, "tea", 2.0),
        ("a", 1, "milk", 3.0),
    ]
    log = pd.DataFrame(rows, columns=["customer_id", "period", "brand", "amount"])
    for one in (log, log[::-1]):
        assert main_brands(one).values.tolist() == [
            ["a", 0, "milk"],
            ["a", 1, "milk"],
            ["b", 1, "tea"],
        ]


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"brands": ("ours",)}, "two or more that differ"),
        ({}, {"brands": ("ours", "ours", "theirs", "others")}, "two or more that differ"),
        ({}, {"brands": ("ours", "theirs")}, "hold all seen"),
        ({"period": 0}, {}, "more than one brand in a period"),
        ({}, {"prior": 0.0}, "prior must be above 0"),
        ({}, {"level": 1.0}, "level inside 0 and 1"),
    ],
)
def test_bad_input_is_told(change, arguments, message):
    with pytest.raises(ValueError, match=message):
        estimate_switching(walked(30, 2, seed=0).assign(**change), **arguments)
