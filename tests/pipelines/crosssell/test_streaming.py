"""A list made in parts, through files and processes, is the list made at once in memory."""

import json
import os
import runpy
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.drift import drift, drift_of, profile_of
from experiments.evaluation.money import Economics, Spread
from features.parted import Weight
from features.sources import CsvSource
from features.warehouse import Warehouse
from lodeworks import BudgetExceeded, DataError, LodeError
from lodeworks.progress import Silent
from models.calibration import PurchaseCalibrator, offer_inputs
from models.recommend.registry import create
from models.segments import ValuePyramid
from pipelines.crosssell import crew, together
from pipelines.crosssell.budget import Budget
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.scratch import scratch
from pipelines.crosssell.snapshots import part_warehouse, take_snapshot_for
from pipelines.crosssell.stages import Job, Outcome
from pipelines.crosssell.streaming import known_of, stream
from pipelines.lists.baseline import Baseline
from pipelines.lists.exclusions import Exclusions, notes_on_exclusions, opted_out
from pipelines.lists.make import ListSpec, Scorer, make_list
from pipelines.lists.policy import Policy, Refusals
from pipelines.lists.writer import write_list, write_parts

CONFORMANCE = Path(__file__).parents[2] / "models" / "recommend" / "test_conformance.py"
AS_OF = date(2024, 5, 29)
META = {
    "families": ["rfm", "category"],
    "customer_features": ["recency_days", "frequency", "monetary", "category_tea"],
    "window": {"observe": 120, "gap": 0, "outcome": 31},
}
ROOMY = Budget(memory=4 * 1024**3)
PERSONAL = Policy(rows=4, per_category=2, contact_cost=0.1, explore=0.2)
POLICIES = {
    "personal": PERSONAL,
    "contacts": replace(PERSONAL, max_contacts=11),
    "roomy": replace(PERSONAL, per_item=60, explore=0.0),
    "scarce": replace(PERSONAL, per_item=6, explore=0.0),
    "quotas": replace(PERSONAL, quotas={"i00": 2, "i03": 0}, max_contacts=30),
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """Load the world of the conformance tests, with an item and a customer unknown to the model."""
    folder = tmp_path_factory.mktemp("world")
    bought = runpy.run_path(str(CONFORMANCE))["purchases"]()
    bought = bought.assign(category=np.where(bought["item_id"] < "i05", "tea", "cups"))
    strange = bought.tail(4).assign(item_id=["new", "new", "new", "odd"])
    strange["customer_id"] = ["c001", "stranger", "stranger", "stranger"]
    strange["ordered_at"] = pd.Timestamp("2024-05-20")
    pd.concat([bought, strange]).to_csv(folder / "lines.csv", index=False)
    people = pd.DataFrame({"customer_id": sorted(bought["customer_id"].unique())})
    people["opt_out"] = people["customer_id"].isin(["c004", "c044"])
    people.to_csv(folder / "people.csv", index=False)
    names = ("customer_id", "order_id", "item_id", "ordered_at", "quantity", "amount", "category")
    lines = CsvSource(path=str(folder / "lines.csv"), columns={name: name for name in names})
    columns = {"customer_id": "customer_id", "opt_out": "opt_out"}
    file = str(folder / "people.csv")
    customers = CsvSource(path=file, name="people", table="customers", columns=columns)
    with Warehouse.open(None) as opened:
        opened.load([lines, customers])
        yield opened


@pytest.fixture(scope="module")
def snapshot(warehouse):
    return take_snapshot_for(META, warehouse, AS_OF)


@pytest.fixture(scope="module")
def items(snapshot):
    return snapshot.vocabulary(2)


@pytest.fixture(scope="module")
def scorer(snapshot, items):
    snapshot = replace(snapshot, items=snapshot.items.assign(margin=2.0))
    history = snapshot.history(items)
    model = create("ease").fit(history)
    offers = model.recommend(history, n=6)
    bought = (np.arange(len(offers)) % 5 == 0).astype(float)
    return Scorer(
        recommender=model,
        calibrator=PurchaseCalibrator().fit(offer_inputs(offers, history), bought),
        pyramid=ValuePyramid().fit(history.lines.groupby("customer")["amount"].sum()),
        items=pd.DataFrame({"item_id": items}),
        economics=Economics(contact_cost=0.1),
        spread=Spread(below=1.0, above=1.0, customers=10),
        model="shop",
        version="1",
        baseline=Baseline("organic", 31),
    )


def spec_of(name):
    return ListSpec(policy=POLICIES[name], control=0.2, experiment="parts")


@pytest.fixture
def job_of(warehouse, snapshot, scorer, tmp_path):
    """Give a function that parts the warehouse for a policy."""

    def build(name, customers):
        folder = tmp_path / f"{name}-{customers}"
        folder.mkdir()
        cut, parted = part_warehouse(warehouse, META, AS_OF, folder, Weight(most=customers))
        facts = Facts.of(cut, scorer.recommender.items_, 31)
        features = snapshot.items.assign(margin=2.0)
        labels = pd.DataFrame(columns=["item_id", "category", "department"])
        known = replace(scorer, baseline=replace(scorer.baseline, shares=facts.shares))
        part = PartScorer(known, spec_of(name), Exclusions(), facts, features, labels)
        profile = profile_of(snapshot.customers)
        return Job(part, parted, META, profile, folder, "256MiB")

    return build


@pytest.fixture
def at_once(warehouse, snapshot, scorer, items):
    def build(name):
        history = replace(snapshot, items=snapshot.items.assign(margin=2.0)).history(items)
        without = Exclusions().with_customers(opted_out(warehouse))
        forbidden = snapshot.forbidden(history, spec_of(name).restrictions)
        return make_list(scorer, history, spec_of(name), without, forbidden=forbidden)

    return build


@pytest.mark.parametrize("name", POLICIES)
def test_parts_give_the_list_and_the_figures_of_the_whole(name, job_of, at_once, tmp_path):
    whole = at_once(name)
    write_list(whole.batches(), tmp_path / "whole.parquet")
    for customers in (25, 9):
        streamed = stream(job_of(name, customers), ROOMY, Silent())
        write_parts(streamed.told, tmp_path / "parts.parquet")
        same = (tmp_path / "parts.parquet").read_bytes() == (
            tmp_path / "whole.parquet"
        ).read_bytes()
        assert same, customers
        assert streamed.counts() == whole.counts()
        assert streamed.total.nanos / 1e9 == whole.expected_profit.mean


def test_the_policies_of_these_tests_bind_where_they_should(at_once):
    refusals = {name: at_once(name).refusals for name in POLICIES}
    assert refusals["contacts"].customers_beyond_contacts > 0
    assert at_once("scarce").rows["item"].value_counts().max() == 6
    assert at_once("roomy").rows["item"].value_counts().max() < 60
    assert refusals["quotas"].rows_explored > 0


def test_processes_give_the_same(job_of, at_once, tmp_path):
    write_list(at_once("contacts").batches(), tmp_path / "whole.csv")
    streamed = stream(job_of("contacts", 12), replace(ROOMY, workers=2), Silent())
    assert streamed.parts >= 4
    write_parts(streamed.told, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_facts_counted_by_the_database_are_those_of_the_tables(warehouse, snapshot, items, job_of):
    facts = job_of("personal", 100).scorer.facts
    other = Facts.of_snapshot(snapshot, items, 31)
    assert (facts.customers, facts.oldest) == (other.customers, other.oldest)
    pd.testing.assert_series_equal(facts.lines, other.lines, check_names=False, check_index=True)
    shares = facts.shares.reindex(items).fillna(0.0)
    pd.testing.assert_series_equal(shares, other.shares, check_names=False, check_index_type=False)
    np.testing.assert_array_equal(facts.crowd.again, other.crowd.again)
    np.testing.assert_array_equal(facts.crowd.owned.toarray(), other.crowd.owned.toarray())
    (note,) = facts.notes(items)
    assert note == "1 item in the data (1 lines) not known to the model: left out"


def test_the_database_draws_the_same_crowd(warehouse, snapshot, items, job_of, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    cut, _ = part_warehouse(warehouse, META, AS_OF, folder, Weight())
    facts = Facts.of(cut, items, 31, most=20)
    other = Facts.of_snapshot(snapshot, items, 31, most=20)
    assert 0 < facts.crowd.size == other.crowd.size < 40
    np.testing.assert_array_equal(facts.crowd.owned.toarray(), other.crowd.owned.toarray())


def test_drift_adds_up(job_of, snapshot):
    job = job_of("personal", 7)
    total = stream(job, ROOMY, Silent()).total
    found = drift_of(job.profile, total.drift, list(snapshot.customers.columns))
    assert found == drift(job.profile, snapshot.customers)


def test_a_list_of_nobody_is_a_list(job_of, tmp_path):
    job = job_of("personal", 25)
    nobody = Exclusions(customers=frozenset(f"c{n:03}" for n in range(60)) | {"stranger"})
    job = replace(job, scorer=replace(job.scorer, exclusions=nobody))
    streamed = stream(job, ROOMY, Silent())
    write_parts(streamed.told, tmp_path / "none.parquet")
    assert pd.read_parquet(tmp_path / "none.parquet").empty
    assert streamed.counts()["excluded_customers"] == streamed.counts()["customers"]


def test_too_much_memory_ends_the_work(job_of):
    strict = Budget(memory=1024**2, is_strict=True)
    with pytest.raises(BudgetExceeded, match="more than the 1 MiB allowed: give more with"):
        stream(job_of("personal", 25), strict, Silent())


def test_scarce_items_need_memory_for_all_candidates(job_of, monkeypatch):
    monkeypatch.setattr(together, "CANDIDATE", 1e9)
    with pytest.raises(BudgetExceeded, match="items are scarce: sharing them out over more than"):
        stream(job_of("scarce", 25), ROOMY, Silent())


def test_what_goes_wrong_in_a_process_is_told_as_it_is(tmp_path):
    note = crew._note(DataError("nothing there", ["one", "two"]))
    (tmp_path / "failure").write_text(json.dumps(note))
    error = crew._failure(tmp_path, 1)
    assert (type(error), error.problems) == (DataError, ("one", "two"))
    (tmp_path / "failure").write_text(json.dumps(crew._note(KeyError("x"))))
    assert type(crew._failure(tmp_path, 1)) is LodeError
    (tmp_path / "failure").write_text(json.dumps(crew._note(MemoryError())))
    assert crew._failure(tmp_path, 1).exit_code == 5
    (tmp_path / "failure").unlink()
    assert "ended from outside (-9)" in crew._failure(tmp_path, -9).message


def test_outcomes_add_up_and_survive_being_written_down():
    one = Outcome(customers=2, nanos=10**20, refusals=Refusals(1, gap=0.1), drift={"a": [1, 2]})
    two = Outcome(customers=3, refusals=Refusals(2, gap=0.2), peak_mb=7.0)
    total = one + two
    assert (total.customers, total.nanos, total.peak_mb) == (5, 10**20, 7.0)
    assert (total.refusals.rows_beyond_caps, total.refusals.gap) == (3, 0.2)
    assert (total + one).drift == {"a": [2, 4]}
    assert Outcome.from_json(total.to_json()) == total


def test_scratch_is_removed_whatever_happens(tmp_path):
    out = tmp_path / "not" / "there" / "list.csv"
    with pytest.raises(KeyboardInterrupt), scratch(out) as place:
        assert place.parent == tmp_path
        (place / "part").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_scratch_of_a_killed_process_is_removed(tmp_path):
    dead, other = (tmp_path / f".{name}.dead.parts" for name in ("list.csv", "list.csv.gz"))
    for left in (dead, other):
        left.mkdir()
        (left / "lock").write_text("17\n")
    with scratch(tmp_path / "list.csv"):
        assert not dead.exists()
        assert other.exists()


def test_one_list_is_made_by_one_process_at_a_time(tmp_path):
    out = tmp_path / "list.csv"
    with scratch(out), scratch(tmp_path / "list.parquet"), scratch(tmp_path / "list"):
        with pytest.raises(LodeError) as caught, scratch(out):
            raise AssertionError("two made one list")
        assert str(caught.value) == (
            f"{out} is being made by process {os.getpid()};"
            " wait for it to end, or give another --out"
        )
        assert len(list(tmp_path.iterdir())) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"c001", "x-1"}, None),
        ({"c999"}, "WARNING: none of the 1 customers"),
        ({"C-17"}, "might name what must not be on it"),
    ],
)
def test_enough_identifiers_are_known_to_judge_exclusions(warehouse, stated, told):
    exclusions = Exclusions(frozenset(stated))
    known = known_of(warehouse, exclusions)
    assert len(known[0]) <= 4
    if told is None:
        assert notes_on_exclusions(exclusions, *known) == []
    elif told.startswith("WARNING"):
        (note,) = notes_on_exclusions(exclusions, *known)
        assert note.startswith(told)
    else:
        with pytest.raises(DataError, match=told):
            notes_on_exclusions(exclusions, *known)
