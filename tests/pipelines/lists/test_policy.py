"""The policy keeps every cap, takes the best rows, and says what it kept out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.lists import Policy, apply_policy
from pipelines.lists.policy import listed


def rows_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer", "item", "category", "expected_margin"])
    return frame.astype({"customer": np.int32, "item": np.int32, "expected_margin": float})


def test_the_best_rows_of_a_customer_are_ranked_and_share_the_contact():
    rows = rows_of((0, 0, -1, 1.0), (0, 1, -1, 3.0), (0, 2, -1, 2.0))
    chosen, refusals = apply_policy(rows, Policy(rows=2, contact_cost=1.0), np.array([False]))
    assert chosen["item"].tolist() == [1, 2]
    assert chosen["rank"].tolist() == [1, 2]
    assert chosen["expected_profit"].tolist() == [2.5, 1.5]
    assert refusals.rows_beyond_caps == 1


def test_an_item_goes_to_those_who_promise_most():
    rows = rows_of((0, 7, -1, 1.0), (1, 7, -1, 2.0), (2, 7, -1, 3.0), (0, 8, -1, 0.5))
    chosen, _ = apply_policy(rows, Policy(per_item=2), np.zeros(3, dtype=bool))
    assert chosen[["customer", "item"]].to_numpy().tolist() == [[0, 8], [1, 7], [2, 7]]


def test_a_category_is_capped_for_each_customer_apart():
    rows = rows_of((0, 0, 5, 3.0), (0, 1, 5, 2.0), (0, 2, 6, 1.0), (1, 0, 5, 3.0), (0, 3, -1, 0.1))
    chosen, _ = apply_policy(rows, Policy(per_category=1), np.zeros(2, dtype=bool))
    assert chosen[["customer", "item"]].to_numpy().tolist() == [[0, 0], [0, 2], [0, 3], [1, 0]]


def test_customers_who_do_not_pay_for_the_contact_are_left_out():
    rows = rows_of((0, 0, -1, 1.0), (1, 0, -1, 3.0))
    chosen, refusals = apply_policy(rows, Policy(contact_cost=2.0), np.zeros(2, dtype=bool))
    assert chosen["customer"].tolist() == [1]
    assert refusals.customers_below_profit == 1


def test_the_limit_on_contacts_takes_the_best_and_tells_the_profit_forgone():
    rows = rows_of((0, 0, -1, 1.0), (1, 0, -1, 3.0), (2, 0, -1, 2.0))
    chosen, refusals = apply_policy(rows, Policy(max_contacts=1), np.zeros(3, dtype=bool))
    assert chosen["customer"].tolist() == [1]
    assert refusals.customers_beyond_contacts == 2
    assert refusals.profit_forgone == pytest.approx(3.0)


def test_controls_cost_no_contact_but_stop_where_the_contacts_stop():
    rows = rows_of(*[(customer, 0, -1, 10.0 - customer) for customer in range(6)])
    control = np.array([False, True, False, True, False, True])
    chosen, _ = apply_policy(rows, Policy(max_contacts=2), control)
    assert chosen["customer"].tolist() == [0, 1, 2]
    assert chosen["is_control"].tolist() == [False, True, False]


def test_what_would_lose_money_is_not_listed():
    rows = rows_of((0, 0, -1, 1.0), (0, 1, -1, -0.5), (1, 0, -1, -1.0))
    chosen, refusals = apply_policy(rows, Policy(rows=3), np.zeros(2, dtype=bool))
    assert chosen[["customer", "item"]].to_numpy().tolist() == [[0, 0]]
    assert refusals.rows_beyond_caps == 2


def test_what_is_measured_is_what_would_be_listed():
    rows = rows_of((0, 0, -1, 1.0), (0, 1, -1, 5.0), (1, 0, -1, 0.5)).assign(rank=[1, 4, 1])
    # with one row a customer, three offers are looked at, so the fourth is not
    ids = (pd.Index(["ann", "bob"]), pd.Index(["A", "B"]))
    found = listed(rows, Policy(rows=1), *ids)
    assert found[["customer", "item"]].to_numpy().tolist() == [[0, 0], [1, 0]]
    dear = Policy(rows=1, min_expected_profit=0.8, contact_cost=0.1)
    assert listed(rows, dear, *ids)["customer"].tolist() == [0]


def test_nothing_in_nothing_out():
    chosen, refusals = apply_policy(rows_of(), Policy(), np.zeros(0, dtype=bool))
    assert len(chosen) == 0
    assert {"rank", "expected_profit", "is_control"} <= set(chosen.columns)
    assert refusals.profit_forgone == 0


candidate_rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-1, 2), st.integers(0, 9)),
    unique_by=lambda row: row[:2],
    max_size=30,
)
limits = st.none() | st.integers(0, 4)


@settings(max_examples=200, deadline=None)
@given(candidate_rows, st.integers(1, 4), limits, limits, limits)
def test_every_cap_holds_and_row_order_does_not_matter(rows, per_customer, items, kinds, contacts):
    category_of = {}
    rows = [(c, i, category_of.setdefault(i, k), float(m)) for c, i, k, m in rows]
    frame = rows_of(*rows)
    policy = Policy(
        rows=per_customer, per_item=items, per_category=kinds, max_contacts=contacts, contact_cost=1
    )
    control = np.array([False, True, False, False, True, False])
    chosen, _ = apply_policy(frame, policy, control)
    assert (chosen.groupby("customer").size() <= per_customer).all()
    assert items is None or (chosen.groupby("item").size() <= items).all()
    held = chosen[chosen["category"] >= 0].groupby(["customer", "category"]).size()
    assert kinds is None or (held <= kinds).all()
    contacted = chosen.loc[~chosen["is_control"], "customer"].nunique()
    assert contacts is None or contacted <= contacts
    assert (chosen.groupby("customer")["expected_profit"].sum() >= -1e-9).all()
    again, _ = apply_policy(frame.iloc[::-1], policy, control)
    pd.testing.assert_frame_equal(chosen, again)
