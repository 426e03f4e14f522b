"""The truth that is written agrees with what anybody can count in the files."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.generate.rows import WRONG_DATES, WRONG_QUANTITIES
from features.generate.segments import SEGMENTS


def test_rows_of_every_table_are_counted(shop):
    counts = shop.truth["counts"]
    assert counts["lines"] == len(shop.raw) == 100_000
    assert counts["items"] == len(shop.items)
    assert counts["customers"] == len(shop.customers) == len(shop.segments)
    assert counts["contacts"] == len(shop.contacts)
    orders = shop.raw["order_id"]
    assert counts["orders"] == orders[~orders.str.startswith("C")].nunique()


def test_every_kind_of_dirt_is_counted_exactly(shop):
    raw = shop.raw
    found = {
        "missing_customer": (raw["customer_id"] == "").sum(),
        "cancellation": raw["order_id"].str.startswith("C").sum(),
        "duplicate": raw.duplicated().sum(),
        "wrong_quantity": raw["quantity"].isin(WRONG_QUANTITIES).sum(),
        "wrong_date": raw["ordered_at"].isin(WRONG_DATES).sum(),
    }
    assert shop.truth["dirty"] == found
    assert min(found.values()) > 0
    assert 0.049 < sum(found.values()) / len(raw) <= 0.05


def test_what_is_not_dirty_is_clean(shop):
    assert shop.truth["counts"]["clean_lines"] == len(shop.clean)
    assert (shop.clean["pieces"] > 0).all()
    assert (shop.clean["price"] > 0).all()


def test_the_parameters_are_noted(shop):
    assert shop.truth["parameters"] == {
        "lines": 100_000,
        "seed": 7,
        "start": "2023-01-01",
        "end": "2024-12-31",
        "dirty": 0.05,
    }


def test_segments_are_counted(shop):
    named = {row["name"]: row["customers"] for row in shop.truth["segments"]}
    assert named == shop.segments["segment"].value_counts().to_dict()
    assert list(named) == [s.name for s in SEGMENTS]


def test_bundles_hold_at_least_as_often_as_planted(shop):
    baskets = shop.clean.groupby("item_id")["order_id"].agg(set)
    for bundle in shop.truth["bundles"]:
        together = len(baskets[bundle["first"]] & baskets[bundle["then"]])
        assert together >= bundle["planted"]
        assert together <= bundle["planted"] * 1.25 + 5
    assert sum(b["planted"] for b in shop.truth["bundles"]) > 1_000


def test_sequences_are_found_at_least_as_often_as_planted(shop):
    for sequence in shop.truth["sequences"]:
        later = _pairs(shop.clean, sequence)
        near = later.between(0.7 * sequence["days"], 1.3 * sequence["days"])
        assert near.sum() >= sequence["planted"] > 0


def test_names_in_the_truth_are_those_of_the_items(shop):
    name = shop.items.set_index("item_id")["item_name"]
    for pair in (*shop.truth["bundles"], *shop.truth["sequences"]):
        assert name[pair["first"]] == pair["first_name"]
        assert name[pair["then"]] == pair["then_name"]


def test_campaigns_are_counted(shop):
    contacts = shop.contacts
    arms = contacts.groupby(["campaign_id", "group"])["responded"].agg(["size", "sum"])
    for row in shop.truth["campaigns"]:
        target, control = (arms.loc[(row["campaign_id"], g)] for g in ("target", "control"))
        assert (row["target"], row["target_responses"]) == tuple(target)
        assert (row["control"], row["control_responses"]) == tuple(control)
        offered = contacts[contacts["campaign_id"] == row["campaign_id"]]["item_id"]
        assert set(offered) == {row["item_id"]}


def test_the_segments_file_fits_the_customers(shop):
    schema = pq.read_schema(shop.folder / "truth_segments.parquet")
    assert schema.names == ["customer_id", "segment", "left_on", "regular", "rate"]
    assert shop.segments["customer_id"].tolist() == shop.customers["customer_id"].tolist()
    left = pd.to_datetime(shop.segments["left_on"])
    gone = shop.clean.assign(
        left=shop.clean["customer_id"].map(
            pd.Series(left.to_numpy(), index=shop.segments["customer_id"])
        )
    )
    gone = gone[gone["left"].notna()]
    assert len(gone) > 1_000
    assert (gone["moment"] < gone["left"]).all()


def _pairs(clean: pd.DataFrame, sequence: dict) -> pd.Series:
    first = clean[clean["item_id"] == sequence["first"]][["customer_id", "moment"]]
    then = clean[clean["item_id"] == sequence["then"]][["customer_id", "moment"]]
    pairs = first.merge(then, on="customer_id")
    return np.round((pairs["moment_y"] - pairs["moment_x"]) / pd.Timedelta(days=1))
