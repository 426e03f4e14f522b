"""Chance fills some rows, keeps every limit, and says how likely each row was."""

import numpy as np
import pandas as pd
import pytest

from pipelines.lists import Policy, apply_policy
from pipelines.lists.exploration import seeds

CUSTOMERS = pd.Index([f"c{code:04}" for code in range(2000)])
ITEMS = pd.Index(list("ABCDEF"))


def candidates(customers):
    """Six offers a customer, each worth a little less than the one before."""
    who, item = np.divmod(np.arange(customers * 6), 6)
    frame = pd.DataFrame({"customer": who, "item": item, "category": item % 3})
    return frame.assign(expected_margin=2.0 - item / 10)


def chosen(policy, rows=None, customers=CUSTOMERS):
    rows = candidates(len(customers)) if rows is None else rows
    nobody = np.zeros(len(customers), dtype=bool)
    return apply_policy(rows, policy, nobody, customers=customers, items=ITEMS)


EXPLORE = Policy(rows=2, explore=0.2, experiment="spring")


def test_the_stated_share_of_rows_is_drawn():
    rows, refusals = chosen(EXPLORE)
    strange = rows["item"] > 1
    assert refusals.rows_explored == strange.sum()
    # 4,000 places at 0.2: five standard errors are 0.032.
    assert strange.mean() == pytest.approx(0.2, abs=0.032)
    assert (rows.groupby("customer").size() == 2).all()


def test_every_row_states_the_chance_it_had():
    rows, _ = chosen(EXPLORE)
    assert set(rows.loc[rows["item"] <= 1, "propensity"]) == {0.8}
    # Four others fit the first place, and the second three, if one of them stands there already.
    drawn = rows.loc[rows["item"] > 1, "propensity"]
    assert set(drawn.round(6)) == {0.05, round(0.2 / 3, 6)}


def test_inverse_propensities_give_back_the_value_of_all_items():
    """Weighed by them, the rows drawn stand for every candidate alike."""
    rows, _ = chosen(Policy(rows=1, explore=0.5, experiment="x"))
    weights = (1 / rows["propensity"]).groupby(rows["item"]).sum() / len(CUSTOMERS)
    assert weights.to_numpy() == pytest.approx(np.ones(6), abs=0.35)


def test_a_customers_draw_depends_on_the_name_and_the_customer_alone():
    whole, _ = chosen(EXPLORE)
    some = CUSTOMERS[100:300]
    part, _ = chosen(EXPLORE, customers=some)
    ours = whole[whole["customer"].between(100, 299)]
    assert part["item"].tolist() == ours["item"].tolist()
    other, _ = chosen(Policy(rows=2, explore=0.2, experiment="autumn"))
    assert other["item"].tolist() != whole["item"].tolist()


def test_limits_hold_for_rows_that_were_drawn():
    policy = Policy(rows=2, per_category=1, explore=0.5, quotas={"C": 10, "F": 0}, experiment="s")
    rows, _ = chosen(policy)
    assert (rows.groupby(["customer", "category"]).size() <= 1).all()
    assert (rows["item"] == 2).sum() <= 10
    assert not (rows["item"] == 5).any()


def test_nobody_falls_below_the_profit_that_is_asked_for():
    # Two rows promise 3.9; with 3.75 asked only one step down is allowed in all.
    rows, refusals = chosen(Policy(rows=2, explore=0.5, min_expected_profit=3.75, experiment="s"))
    assert refusals.rows_explored > 0
    assert rows.groupby("customer")["expected_profit"].sum().min() >= 3.75


def test_without_exploration_every_row_is_certain():
    rows, refusals = chosen(Policy(rows=2))
    assert (rows["propensity"] == 1).all()
    assert refusals.rows_explored == 0


def test_without_another_item_the_place_is_certain():
    rows, _ = chosen(Policy(rows=6, explore=0.5, experiment="s"))
    assert (rows["propensity"] == 1).all()


def test_seeds_are_spread_and_stable():
    drawn = seeds(CUSTOMERS, "spring")
    assert len(set(drawn.tolist())) == len(CUSTOMERS)
    assert int(seeds(pd.Index(["ann"]), "spring")[0]) == 11_048_637_688_096_106_186
