"""Accepted rules bind the list of a run: their offers come first, or are the only ones."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from experiments.findings import Filter
from experiments.findings.language import LANGUAGES
from lodeworks import ConfigError, DataError
from models.recommend.base import NEVER, Reason, Recommender
from pipelines.config import load
from pipelines.config.question import Question
from pipelines.findings import store_of
from pipelines.findings.accepted import AcceptedRule
from pipelines.findings.constraint import Bound, constraint_of, model_behind, refuse_none
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.run import run

ITEMS = pd.Index(["jam", "milk", "rum", "tea"], dtype=object)
SCORES = {"jam": 0.4, "milk": 0.1, "rum": 0.2, "tea": 0.3}


class Same(Recommender):
    """Scores every item alike for everybody."""

    family, complexity = "baseline", 1

    def __init__(self):
        self.items_ = ITEMS

    def fit(self, history, past=()):
        return self

    def scores(self, history, rows):
        return np.tile(np.array([SCORES[item] for item in ITEMS], np.float32), (len(rows), 1))

    def explain(self, history, customer, item, names):
        return [Reason("It is liked.", f"liked:{ITEMS[code]}") for code in item]


def rule(name, needs, item, sure=0.3):
    return AcceptedRule(name, PurchaseRule(tuple(needs.split()), item), sure, f"{needs} {item}")


MILK = rule("F1", "tea", "milk")


@pytest.fixture
def history(shop_snapshot):
    """Owned: ann tea jam, bob tea, cat tea milk, dan jam, eve rum, fay tea jam."""
    return shop_snapshot.history(ITEMS)


def offered(found, history):
    told = {}
    for row in found.itertuples():
        told.setdefault(history.customers[row.customer], []).append((ITEMS[row.item], row.rank))
    return told


def test_required_rules_leave_nothing_else_and_keep_the_models_rank(history):
    found = Bound(Same(), [MILK], "require", rows=2).recommend(history, n=4)
    assert offered(found, history) == {"ann": [("milk", 2)], "bob": [("milk", 3)],
                                       "fay": [("milk", 2)]}  # fmt: skip
    assert found["score"].tolist() == pytest.approx([0.1, 0.1, 0.1])


def test_preferred_offers_take_a_row_and_the_model_fills_the_rest(history):
    found = Bound(Same(), [MILK], "prefer", rows=2).recommend(history, n=3)
    told = offered(found, history)
    assert told["bob"] == [("milk", 3), ("jam", 1)]
    assert told["ann"] == [("milk", 2), ("rum", 1)]
    own = offered(Same().recommend(history, n=3), history)
    assert all(told[name] == own[name] for name in ("cat", "dan", "eve"))


def test_an_offer_beyond_the_models_depth_ranks_just_behind_it(history):
    found = Bound(Same(), [MILK], "require", rows=1).recommend(history, n=1)
    assert set(found["rank"]) == {2}


@pytest.mark.parametrize("mode", ["prefer", "require"])
def test_what_is_forbidden_stays_forbidden(history, mode):
    ann, milk = history.customers.get_loc("ann"), ITEMS.get_loc("milk")
    excluded = sparse.csr_matrix(([1.0], ([ann], [milk])), shape=history.shape)
    found = Bound(Same(), [MILK], mode, rows=2).recommend(history, n=4, excluded=excluded)
    assert ("milk", 2) not in offered(found, history).get("ann", [])
    barred = Bound(Same(), [MILK], mode, rows=2).recommend(history, n=4, barred=np.array([milk]))
    assert milk not in set(barred["item"])


def test_some_customers_get_what_they_would_get_among_all(history):
    bound = Bound(Same(), [MILK, rule("F2", "", "rum")], "prefer", rows=3)
    everybody = offered(bound.recommend(history, n=4), history)
    some = bound.recommend(history, n=4, rows=np.array([1, 4]))
    assert offered(some, history) == {name: everybody[name] for name in ("bob", "eve")}


def test_a_backed_offer_is_explained_by_the_surest_rule_others_by_the_model(history):
    rules = [MILK, rule("F2", "jam", "milk", sure=0.5), rule("F3", "rum", "tea")]
    bound = Bound(Same(), rules, "prefer", rows=2)
    who = history.customers.get_indexer(["ann", "bob", "bob"])
    item = ITEMS.get_indexer(["milk", "milk", "jam"])
    told = bound.explain(history, who, item, pd.Series(ITEMS))
    assert [one.evidence_id for one in told] == ["finding:F2", "finding:F1", "liked:jam"]
    assert bound.explain(history, who[:0], item[:0], pd.Series(ITEMS)) == []


def test_scores_are_the_models_where_a_rule_backs_them(history):
    scores = Bound(Same(), [MILK], "require", rows=2).scores(history, np.array([1, 4]))
    assert scores[0].tolist() == [NEVER, pytest.approx(0.1), NEVER, NEVER]
    assert (scores[1] == NEVER).all()


def test_rules_that_touch_nobody_change_nothing_or_leave_nothing(history):
    rules = [rule("F9", "gin", "milk")]
    own = Same().recommend(history, n=3)
    pd.testing.assert_frame_equal(Bound(Same(), rules, "prefer", 2).recommend(history, n=3), own)
    assert Bound(Same(), rules, "require", 2).recommend(history, n=3).empty


def test_rules_about_other_items_are_left_out_and_none_at_all_is_said():
    constraint, notes = constraint_of([MILK, rule("F2", "tea", "gin")], "prefer", ITEMS)
    assert [one.finding_id for one in constraint.rules] == ["F1"]
    assert notes == [
        "1 accepted rules left out: their item is not known to the model, or none bought"
    ]
    none, notes = constraint_of([], "prefer", ITEMS)
    assert none is None
    assert notes == ["no accepted rule can be applied: the list is the model's own"]
    with pytest.raises(DataError, match="accept some with `lode findings accept`"):
        constraint_of([rule("F2", "tea", "gin")], "require", ITEMS)
    refuse_none([], "prefer")


def test_the_model_behind_is_found():
    model = Same()
    assert model_behind(model) is model
    assert model_behind(Bound(model, [MILK], "prefer", 2)) is model


def test_the_languages_of_a_configuration_are_those_there_are_words_in():
    (allowed, _) = Question.model_fields["language"].annotation.__args__
    assert sorted(allowed.__args__) == sorted(LANGUAGES)


@pytest.fixture(scope="module")
def decided(finished, tmp_path_factory):
    """Accept rules in a copy of a finished run's workspace, where nothing is learned twice."""
    workspace = tmp_path_factory.mktemp("decided") / "workspace"
    shutil.copytree(finished.workspace, workspace)
    store = store_of(workspace)
    rules = [one for one in store.find(Filter(kinds=("rule",))) if one.pattern["if"]]
    rules = [one for one in rules if (one.latest.evidence.confidence or 0) > 0.01]
    for one in rules:
        store.change(one.id, "accepted", who="ann")

    def again(*changes):
        summary = run(load(finished.path, [f"workspace={workspace}", *changes]))
        manifest = json.loads(summary.paths["manifest"].read_text())
        return summary, pd.read_parquet(summary.paths["list"]), manifest

    found = {f"finding:{one.id}": one for one in rules}
    return store, found, pd.read_parquet(finished.summary.paths["list"]), again


def test_accepted_rules_are_preferred(decided, shop):
    store, accepted, _, again = decided
    summary, rows, manifest = again("knowledge.accepted=prefer", "language=zh")
    is_backed = rows["evidence_id"].isin(list(accepted))
    backed, told = rows[is_backed], manifest["knowledge"]
    assert set(told["accepted"]) <= {name.removeprefix("finding:") for name in accepted}
    assert (told["mode"], told["rows"]) == ("prefer", len(backed))
    assert told["customers"] == backed["customer_id"].nunique() > 0
    assert len(rows) > len(backed)
    lines = pd.read_csv(shop.paths["lines"], dtype=str)
    owned = lines.groupby("customer_id")["item_id"].agg(set)
    for row in backed.itertuples():
        pattern = accepted[row.evidence_id].pattern
        assert set(pattern["if"]) <= owned[row.customer_id]
        assert [row.item_id] == pattern["then"]
    last = backed.groupby("customer_id")["rank"].max()
    assert (last == backed.groupby("customer_id").size()).all()
    note = f"rows of {told['customers']:,} customers; the models were compared without them"
    assert any(text.endswith(note) for text in summary.notes)
    assert note in summary.paths["report"].read_text()
    assert all("购买" in text for text in backed["reason"])
    target = backed[backed["group"] == "target"]
    expected = target.groupby("evidence_id")["expected_profit"].sum()
    for name, money in expected.items():
        found = store.get(name)
        assert found.latest.money == pytest.approx(money)
        assert found.status == "acted"


def test_required_rules_are_all_that_is_offered(decided):
    _, accepted, before, again = decided
    summary, rows, manifest = again("knowledge.accepted=require")
    assert set(rows["evidence_id"]) <= set(accepted)
    assert manifest["knowledge"]["rows"] == len(rows) > 0
    shared = rows.merge(before, on=["customer_id", "item_id"], suffixes=("", "_before"))
    assert len(shared)
    assert shared["probability"].to_numpy() == pytest.approx(shared["probability_before"])
    assert any("are all that the list may offer" in text for text in summary.notes)


def test_requiring_what_nobody_accepted_stops_before_the_work(prepared, tmp_path):
    with pytest.raises(DataError, match="no accepted rule can be applied"):
        run(prepared(knowledge={"accepted": "require"}))
    assert not (tmp_path / "workspace" / "runs").exists()


def test_another_word_is_refused(prepared):
    with pytest.raises(ConfigError, match="prefer"):
        prepared(knowledge={"accepted": "prefered"})
