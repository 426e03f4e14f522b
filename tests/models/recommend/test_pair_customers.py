"""What is known of customers, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from models.recommend.pair_customers import customer_table
from models.recommend.pair_items import item_table


def test_visits_and_assortment(small):
    table = customer_table(small, item_table(small)).set_index(small.customers)
    assert table["customer_baskets"].tolist() == [2, 1, 1, 1]
    assert table["customer_baskets_31"].tolist() == [2, 1, 1, 1]
    assert table["customer_recency"].tolist() == [0, 20, 10, 0]
    assert table["customer_tenure"].tolist() == [30, 20, 10, 0]
    assert table.loc["ann", "customer_gap"] == 30
    assert table["customer_items"].tolist() == [2, 3, 1, 1]
    assert table["customer_basket_items"].tolist() == [1.5, 3, 1, 1]
    assert table.loc["ann", "customer_repeats"] == pytest.approx(1 / 3)


def test_the_latest_day(small):
    table = customer_table(small, item_table(small)).set_index(small.customers)
    assert table["customer_last_items"].tolist() == [1, 3, 1, 1]
    assert table["customer_novelty"].tolist() == [0, 1, 1, 1]


def test_money(small):
    table = customer_table(small, item_table(small)).set_index(small.customers)
    assert table["customer_spend"].tolist() == pytest.approx(np.log1p([6, 6, 2, 2]).tolist())
    assert table["customer_pieces"].tolist() == pytest.approx([np.log(2)] * 4)


def test_customers_without_purchases_have_values(small):
    nobody = pd.DataFrame({"age": [30.0]}, index=["zoe"])
    from dataclasses import replace

    customers = pd.Index([*small.customers, "zoe"])
    wider = replace(small, customers=customers, customer_features=nobody.reindex(customers))
    row = customer_table(wider, item_table(small)).iloc[-1]
    assert row["customer_baskets"] == 0
    assert row["customer_recency"] == 3650
    assert np.isfinite(row).all()
