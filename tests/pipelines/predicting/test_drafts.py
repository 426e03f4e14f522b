"""Leaves told of a question, against figures counted here from the records."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.findings import FindingStore
from models.trees import Excluded, Included, Interval
from pipelines.config.predict import Predict
from pipelines.predicting.drafts import leaf_drafts, query_of
from pipelines.predicting.records import Records, Sample

ROWS = 400


def records(seed, rows=ROWS):
    """Draw records; those on a monthly contract with a short tenure leave more often."""
    random = np.random.default_rng(seed)
    contract = random.choice(["monthly", "yearly"], rows)
    tenure = random.integers(1, 72, rows).astype(float)
    rate = np.where((contract == "monthly") & (tenure < 20), 0.8, 0.1)
    return Records(
        ids=np.array([f"{seed}-{place}" for place in range(rows)], dtype=object),
        table=pd.DataFrame({"contract": contract, "tenure": tenure}),
        outcome=(random.uniform(size=rows) < rate).astype(float),
        weight=np.ones(rows),
        cost=np.full(rows, 10.0),
        revenue=np.full(rows, 50.0),
    )


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("who,left\na,1\n")
    source = {"kind": "csv", "name": "people", "table": "own:people", "path": str(path)}
    return Predict.model_validate(
        {
            "kind": "predict",
            "name": "people",
            "question": "retention",
            "sources": [{**source, "columns": {"who": "who"}, "all_columns": True}],
            "data": {"table": "own:people", "id": "who", "target": "left", "positive": "1"},
            "economics": {"cost": 10, "revenue": 50, "currency": "EUR"},
            "evaluation": {"bootstrap": 300},
        }
    )


@pytest.fixture
def sample():
    act = records(2, 100)
    return Sample(records(0), records(1), act, np.full(len(act), -1))


def meets(table, query):
    """Answer a query about columns."""
    if "all" in query:
        parts = [meets(table, part) for part in query["all"]]
        return np.logical_and.reduce([np.ones(len(table), bool), *parts])
    if "any" in query:
        return np.logical_or.reduce([meets(table, part) for part in query["any"]])
    if "not" in query:
        return ~meets(table, query["not"])
    column = table[query["column"]]
    if query["op"] == "missing":
        return column.isna().to_numpy()
    if query["op"] == "in":
        return column.isin(query["value"]).to_numpy()
    way = {">": column.gt, "<=": column.le}[query["op"]]
    return way(query["value"]).to_numpy()


def test_figures_are_those_of_the_records_held_out(config, sample):
    drafts = leaf_drafts(sample, config)
    held, total = sample.held, 0
    assert len(drafts) > 1
    for draft in drafts:
        inside = meets(held.table, draft.touches)
        rate = held.outcome[inside].mean()
        evidence = draft.evidence
        assert draft.words.values["covered"] == inside.sum()
        assert (evidence.n, evidence.held_out) == (ROWS, True)
        assert evidence.confidence == pytest.approx(rate)
        assert evidence.support == pytest.approx(held.outcome[inside].sum() / ROWS)
        assert evidence.lift == pytest.approx(rate / held.outcome.mean())
        assert evidence.lift_low < evidence.lift < evidence.lift_high
        now = meets(sample.act.table, draft.touches).sum()
        assert draft.money == pytest.approx(now * (50 * rate - 10))
        assert draft.money_low <= draft.money <= draft.money_high
        total += inside.sum()
    assert total == ROWS


def test_the_first_leaf_is_the_group_that_leaves(config, sample):
    first = leaf_drafts(sample, config)[0]
    assert first.kind == "leaf"
    assert first.pattern["outcome"] == "retention"
    said = " ".join(first.pattern["path"])
    assert "monthly" in said
    assert "tenure is up to" in said
    assert first.evidence.lift_low > 1.5
    assert first.evidence.p_adjusted < 0.001
    assert first.money > 0
    assert first.currency == "EUR"


def test_outcomes_of_the_hold_out_do_not_shape_the_leaves(config, sample):
    other = replace(sample, held=replace(sample.held, outcome=1 - sample.held.outcome))
    paths = [{tuple(d.pattern["path"]) for d in leaf_drafts(s, config)} for s in (sample, other)]
    assert paths[0] == paths[1]


def test_of_small_groups_nothing_is_told(config, sample):
    few = replace(sample, held=sample.held.take(np.arange(30)))
    told = leaf_drafts(few, config)
    assert told
    for draft in told:
        assert draft.words.values["covered"] >= config.privacy.min_group
    nobody = replace(sample, held=sample.held.take(np.arange(9)))
    assert leaf_drafts(nobody, config) == []


def test_nothing_is_told_where_nothing_splits(config, sample):
    random = np.random.default_rng(5)
    chance = replace(sample.train, outcome=random.integers(0, 2, ROWS).astype(float))
    assert leaf_drafts(replace(sample, train=chance), config) == []


def test_conditions_as_queries():
    table = pd.DataFrame({"age": [20.0, 40.0, np.nan, 70.0], "job": ["clerk", None, "nurse", "x"]})
    for condition in (
        Interval("age", low=30, high=60),
        Interval("age", high=60, missing=True),
        Interval("age", missing=False),
        Interval("age", np.inf, np.inf, missing=True),
        Included("job", frozenset({"clerk", "nurse"})),
        Excluded("job", frozenset({"clerk"})),
    ):
        from models.trees import holds

        mine = meets(table, query_of([condition]))
        assert mine.tolist() == holds([condition], table).tolist(), condition


def test_a_run_keeps_them(answered):
    workspace = answered.paths["manifest"].parents[2]
    found = FindingStore(workspace / "findings.db").find()
    assert found
    assert {one.kind for one in found} == {"leaf"}
    assert {one.question for one in found} == {"subscribers"}
