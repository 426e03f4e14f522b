"""Items as the lines tell of them, against pandas."""

import duckdb
import ibis
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.warehouse.labels import derived_items

MONEY = st.one_of(st.none(), st.integers(0, 12).map(lambda cents: cents / 8))
LINES = st.lists(
    st.tuples(st.sampled_from("abc"), MONEY, MONEY, st.sampled_from(["x", "y", None])),
    min_size=1,
    max_size=30,
)


@given(LINES)
@settings(max_examples=15, deadline=None)
def test_labels_and_medians_are_those_of_pandas(rows):
    columns = ["item_id", "price", "cost", "item_name"]
    frame = pd.DataFrame(rows, columns=columns).astype({"price": float, "cost": float})
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE lines (item_id VARCHAR, price DOUBLE, cost DOUBLE, item_name VARCHAR,
                category VARCHAR, department VARCHAR)
        """)
        connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, NULL, NULL)", rows)
        lines = ibis.duckdb.from_connection(connection).table("lines")
        found = derived_items(lines).to_pandas().set_index("item_id").sort_index()
    grouped = frame.assign(margin=frame["price"] - frame["cost"]).groupby("item_id")
    expected = grouped[["price", "margin"]].median()
    np.testing.assert_allclose(
        found[["price", "margin"]].to_numpy(float), expected.to_numpy(), rtol=1e-15
    )
    for item, said in grouped["item_name"]:
        most = said.dropna().value_counts()
        allowed = sorted(most.index[most == most.max()]) if len(most) else [None]
        told = found.loc[item, "item_name"]
        assert (None if pd.isna(told) else told) == allowed[0]


def test_what_is_not_told_is_not_looked_for():
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE lines AS SELECT 'tea' AS item_id, 3.0::DOUBLE AS price,
                1.0::DOUBLE AS cost, 'Tea' AS item_name, 'drink' AS category, 'food' AS department
        """)
        lines = ibis.duckdb.from_connection(connection).table("lines")
        everything = derived_items(lines).to_pandas()
        little = derived_items(lines, ["category"]).to_pandas()
    assert everything.iloc[0].tolist() == ["tea", "Tea", "drink", "food", 3.0, 2.0]
    assert list(little) == list(everything)
    assert little.iloc[0].dropna().tolist() == ["tea", "drink", 3.0]
