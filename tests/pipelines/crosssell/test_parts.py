"""The rows of a list are the same however its customers are parted, for every recommender."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.money import Economics, Spread
from features.windows import Window
from models.calibration import PurchaseCalibrator, offer_inputs
from models.recommend.registry import kinds
from models.segments import ValuePyramid
from pipelines.crosssell.facts import Facts, in_crowd
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.baseline import Baseline
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.make import ListSpec, Scorer, make_list
from pipelines.lists.policy import Policy
from pipelines.lists.writer import write_list, write_part, write_parts

CONFORMANCE = Path(__file__).parents[2] / "models" / "recommend" / "test_conformance.py"
WORLD = runpy.run_path(str(CONFORMANCE))
DAYS = 31


def snapshot_of(history, bought):
    """Give the tables behind the world of the conformance tests."""
    customers = history.customer_features.rename_axis("customer_id")
    customers.index = customers.index.astype(str)
    features = pd.DataFrame(
        {"price": 5.0, "margin": 2.0, "category_code": np.arange(len(history.items)) % 4.0},
        index=history.items,
    )
    none = pd.DataFrame({"customer_id": [], "item_id": []}, dtype=str)
    return Snapshot(
        window=Window(history.as_of.date(), 365, 0, DAYS),
        purchases=bought[bought["ordered_at"] < history.as_of + pd.Timedelta(days=1)],
        customers=customers,
        items=features,
        outcomes=none,
        earlier=none,
    )


def part_of(snapshot, customers):
    own = snapshot.purchases["customer_id"].isin(customers)
    return replace(
        snapshot,
        purchases=snapshot.purchases[own],
        customers=snapshot.customers.loc[sorted(customers)],
    )


def scorer_of(model, history):
    offers = model.recommend(history, n=6)
    bought = (np.arange(len(offers)) % 5 == 0).astype(float)
    return Scorer(
        recommender=model,
        calibrator=PurchaseCalibrator().fit(offer_inputs(offers, history), bought),
        pyramid=ValuePyramid().fit(history.lines.groupby("customer")["amount"].sum()),
        items=pd.DataFrame({"item_id": history.items}),
        economics=Economics(contact_cost=0.1),
        spread=Spread(below=1.0, above=1.0, customers=10),
        model="shop",
        version="1",
        baseline=Baseline("organic", DAYS),
    )


SPEC = ListSpec(
    policy=Policy(rows=4, per_category=2, contact_cost=0.1, diversity=0.1, explore=0.2),
    control=0.2,
    experiment="parts",
)


@pytest.fixture(scope="module")
def world():
    history, _ = WORLD["world"]()
    return history, snapshot_of(history, WORLD["purchases"]())


def part_scorer(scorer, snapshot, spec=SPEC, exclusions=None):
    items = scorer.recommender.items_
    facts = Facts.of_snapshot(snapshot, items, DAYS)
    scorer = replace(scorer, baseline=replace(scorer.baseline, shares=facts.shares))
    labels = pd.DataFrame(columns=["item_id", "category", "department"])
    return PartScorer(scorer, spec, exclusions or Exclusions(), facts, snapshot.items, labels)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind in WORLD["INSTALLED"]])
def test_any_number_of_parts_gives_the_same_bytes(kind, world, tmp_path):
    _, snapshot = world
    model, history = WORLD["fitted"](kind)
    part = part_scorer(scorer_of(model, history), snapshot)
    whole = make_list(
        replace(part.scorer, baseline=Baseline("organic", DAYS)),
        replace(snapshot.history(model.items_), item_texts=None),
        SPEC,
        Exclusions(),
    )
    write_list(whole.batches(), tmp_path / "whole.parquet")
    expected = (tmp_path / "whole.parquet").read_bytes()
    names = np.array(sorted(snapshot.customers.index))
    for count in (1, 3, 17):
        files = [tmp_path / f"{count}-{number:03}" for number in range(count)]
        for file, some in zip(files, np.array_split(names, count), strict=True):
            write_part([part.rows(part_of(snapshot, list(some)))], file)
        write_parts(files, tmp_path / "parts.parquet")
        assert (tmp_path / "parts.parquet").read_bytes() == expected, count


def test_indicators_that_prices_need_are_told_by_the_lines(world):
    history, snapshot = world
    model, _ = WORLD["fitted"]("cosine")
    blind = replace(snapshot, customers=snapshot.customers[[]])
    part = part_scorer(scorer_of(model, history), blind)
    names = sorted(snapshot.customers.index)
    whole = part.rows(blind)
    parts = [part.rows(part_of(blind, some)) for some in (names[:1], names[1:40], names[40:])]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)


def test_who_refused_in_the_data_is_left_out(world):
    history, snapshot = world
    model, _ = WORLD["fitted"]("popularity")
    part = part_scorer(scorer_of(model, history), snapshot)
    listed, _ = part.listed(snapshot, frozenset({"c001", "elsewhere"}))
    assert listed.excluded_customers == 1
    assert "c001" not in set(part.rows(snapshot, frozenset({"c001"}))["customer_id"])


@pytest.mark.parametrize("limit", [{"per_item": 9}, {"max_contacts": 9}, {"quotas": {"i00": 1}}])
def test_limits_for_all_together_are_not_decided_in_a_part(world, limit):
    history, snapshot = world
    model, _ = WORLD["fitted"]("popularity")
    spec = replace(SPEC, policy=replace(SPEC.policy, **limit))
    part = part_scorer(scorer_of(model, history), snapshot, spec)
    assert not part.is_final
    with pytest.raises(ValueError, match="no part can be final"):
        part.rows(snapshot)


def test_a_crowd_is_an_even_sample_and_says_so(world):
    history, snapshot = world
    facts = Facts.of_snapshot(snapshot, history.items, DAYS, most=20)
    drawn = [name for name in history.customers if in_crowd(name, 3)]
    assert facts.crowd.size == len(drawn) > 0
    (note,) = facts.notes(history.items)
    assert note.startswith(f"figures in reasons are counted in {len(drawn)} of {facts.customers}")
