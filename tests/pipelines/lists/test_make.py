"""A list is the same however it is cut into parts, and keeps to every exclusion."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.bundle import Bundle, load_bundle, write_bundle
from experiments.evaluation.money import Economics, Spread
from lodeworks import BundleError
from models.recommend.history import History
from models.recommend.rules import Rules
from models.segments import ValuePyramid
from pipelines.lists.bundled import list_spec, scorer_of, spec_meta
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.make import ListSpec, Scorer, make_list
from pipelines.lists.policy import Policy
from pipelines.lists.pricing import calibrated
from pipelines.lists.restrictions import Eligibility, Repeat, Restrictions
from pipelines.lists.writer import COLUMNS

CUSTOMERS, ITEMS, DAY = 60, 12, pd.Timestamp("2024-03-31")


@pytest.fixture(scope="module")
def history():
    random = np.random.default_rng(0)
    held = random.random((CUSTOMERS, ITEMS)) < 0.3
    held[:, 0] = True
    customer, item = held.nonzero()
    lines = pd.DataFrame(
        {
            "customer_id": [f"c{code:03}" for code in customer],
            "item_id": [f"I{code:02}" for code in item],
            "order_id": [f"o{code}" for code in customer],
            "ordered_at": DAY - pd.to_timedelta(1 + customer % 25, unit="D"),
            "quantity": 1.0,
            "amount": 1.0 + item,
        }
    )
    names = pd.Index(sorted(lines["item_id"].unique()))
    codes = np.arange(ITEMS)
    about = {"price": 10.0, "margin": 1.0 + codes, "category_code": codes % 3.0}
    features = pd.DataFrame(about, index=names)
    return History.from_purchases(lines, DAY, item_features=features)


@pytest.fixture(scope="module")
def scorer(history):
    recommender = Rules(min_count=2, min_support=0.0).fit(history)
    offers = recommender.recommend(history, n=6)
    bought = np.random.default_rng(1).random(len(offers)) < 0.2
    spend = history.lines.groupby("customer")["amount"].sum()
    names = list(recommender.items_)
    items = pd.DataFrame({"item_id": names, "item_name": [f"Item {n}" for n in names]})
    return Scorer(
        recommender=recommender,
        calibrator=calibrated(offers.assign(bought=bought.astype(float)), history),
        pyramid=ValuePyramid().fit(spend),
        items=items,
        economics=Economics(contact_cost=0.5),
        spread=Spread(below=2.0, above=3.0, customers=CUSTOMERS),
        model="shop",
        version="7",
    )


@pytest.fixture
def spec():
    return ListSpec(
        policy=Policy(rows=3, per_item=20, per_category=2, contact_cost=0.5),
        control=0.3,
        experiment="shop-0",
    )


def told(made, size=200_000):
    return pd.concat(made.batches(size), ignore_index=True)


@pytest.mark.parametrize("partition", [1, 7, 59, 60])
def test_partitions_of_any_size_give_the_same_list(scorer, history, spec, partition):
    pairs = pd.DataFrame({"customer_id": ["c004", "c041"], "item_id": ["I03", "I05"]})
    without = Exclusions(frozenset({"c002"}), frozenset({"I07"}), pairs)
    whole = make_list(scorer, history, spec, without)
    parts = make_list(scorer, history, spec, without, partition=partition)
    pd.testing.assert_frame_equal(told(parts), told(whole))
    assert parts.counts() == whole.counts()


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_batches_of_any_size_hold_the_same_rows(scorer, history, spec, size):
    made = make_list(scorer, history, spec, Exclusions())
    pd.testing.assert_frame_equal(told(made, size), told(made))
    assert max(len(batch) for batch in made.batches(size)) <= size


def test_the_rows_keep_the_contract(scorer, history, spec):
    rows = told(make_list(scorer, history, spec, Exclusions()))
    assert tuple(rows.columns) == COLUMNS
    assert rows.groupby("customer_id").size().max() <= 3
    assert set(rows["model_version"]) == {"7"}
    assert set(rows["as_of"]) == {"2024-03-31"}
    assert rows["reason"].str.contains("Item I").all()


def test_exclusions_are_kept_and_counted(scorer, history, spec):
    roomy = replace(spec, policy=Policy(rows=12, min_expected_profit=-99.0))
    pairs = pd.DataFrame({"customer_id": ["c004"], "item_id": ["I03"]})
    before = make_list(scorer, history, roomy, Exclusions())
    offered = set(zip(told(before)["customer_id"], told(before)["item_id"], strict=True))
    after = make_list(
        scorer, history, roomy, Exclusions(frozenset({"c002"}), frozenset({"I07"}), pairs)
    )
    left = set(zip(told(after)["customer_id"], told(after)["item_id"], strict=True))
    gone = {pair for pair in offered if pair[0] == "c002" or pair[1] == "I07"}
    forbidden = {("c004", "I03")} & offered
    assert gone
    assert offered - left == gone | forbidden
    assert after.counts()["excluded_customers"] == 1
    assert after.counts()["customers"] == CUSTOMERS


def test_owned_items_are_offered_only_on_demand(scorer, history, spec):
    def owned(exclude):
        plain = Restrictions(exclude_owned=exclude)
        made = make_list(scorer, history, replace(spec, restrictions=plain), Exclusions())
        held = history.owned().toarray()
        return held[made.rows["customer"], made.rows["item"]].mean()

    assert owned(True) == 0
    assert owned(False) > 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_control_group_may_be_nobody_or_everybody(scorer, history, spec, share):
    made = make_list(scorer, history, replace(spec, control=share), Exclusions())
    counts = made.counts()
    members = {0.0: "target_customers", 1.0: "control_customers"}
    assert counts[members[share]] == made.rows["customer"].nunique() > 0
    assert counts["target_customers"] + counts["control_customers"] == counts[members[share]]


def test_only_the_target_group_earns(scorer, history, spec):
    made = make_list(scorer, history, spec, Exclusions())
    rows = told(made)
    target = rows[rows["group"] == "target"]
    earned = made.expected_profit
    assert earned.mean == pytest.approx(target["expected_profit"].sum())
    scale = np.sqrt(target["customer_id"].nunique() / CUSTOMERS)
    assert earned.mean - earned.low == pytest.approx(2.0 * scale)
    assert earned.high - earned.mean == pytest.approx(3.0 * scale)


def test_more_is_looked_at_than_listed_so_that_money_and_caps_have_a_choice(spec):
    assert replace(spec, policy=Policy(rows=4)).depth == 12


def test_nobody_left_gives_an_empty_list_that_can_be_written(scorer, history, spec):
    made = make_list(scorer, history, spec, Exclusions(frozenset(history.customers)))
    rows = told(made)
    assert len(rows) == 0
    assert tuple(rows.columns) == COLUMNS
    assert made.counts()["target_customers"] == 0
    assert made.expected_profit.mean == 0


def test_items_unknown_to_the_model_are_left_out(scorer, history, spec):
    wider = history.with_items(pd.Index([*history.items, "Z"]))
    pd.testing.assert_frame_equal(
        told(make_list(scorer, wider, spec, Exclusions())),
        told(make_list(scorer, history, spec, Exclusions())),
    )


def bundle_of(scorer, spec, **changes):
    meta = {
        "name": "shop",
        **spec_meta(spec, scorer.economics, scorer.spread, scorer.pyramid),
        **changes,
    }
    return Bundle(
        recommender=scorer.recommender,
        calibrator=scorer.calibrator,
        items=scorer.items,
        meta=meta,
    )


def test_a_bundle_makes_the_same_list(scorer, history, spec, tmp_path):
    write_bundle(tmp_path / "bundle", bundle_of(scorer, spec))
    back = load_bundle(tmp_path / "bundle")
    assert list_spec(back) == spec
    again = make_list(scorer_of(back, "7"), history, list_spec(back), Exclusions())
    pd.testing.assert_frame_equal(told(again), told(make_list(scorer, history, spec, Exclusions())))


def test_a_bundle_that_was_not_made_for_lists_is_refused(scorer, spec):
    whole = bundle_of(scorer, spec)
    for part in ("list", "pyramid", "economics", "spread", "name"):
        meta = {name: value for name, value in whole.meta.items() if name != part}
        with pytest.raises(BundleError, match=rf"says nothing of '{part}'"):
            (list_spec if part == "list" else lambda b: scorer_of(b, "1"))(
                replace(whole, meta=meta)
            )
    with pytest.raises(BundleError, match="no calibrator"):
        scorer_of(replace(whole, calibrator=None), "1")


def test_pairs_that_rules_forbid_are_not_listed(scorer, history, spec):
    labels = pd.DataFrame({"item_id": history.items, "category": "all", "department": None})
    people = pd.DataFrame({"region": "East"}, index=history.customers[:30])
    rules = Restrictions(
        exclude_owned=True,
        repeat=(Repeat(category="all", after=20),),
        eligible=(Eligibility(items=("I03",), column="region", one_of=("East",)),),
    )
    nothing = pd.DataFrame(columns=["customer_id", "item_id"])
    forbidden = rules.forbidden(history, people, labels, nothing, 365)
    wide = replace(spec, restrictions=rules, policy=Policy(rows=12, min_expected_profit=-99.0))
    made = make_list(scorer, history, wide, Exclusions(), forbidden=forbidden)
    listed = told(made)
    assert forbidden[made.rows["customer"], made.rows["item"]].sum() == 0
    assert set(listed.loc[listed["item_id"] == "I03", "customer_id"]) <= set(people.index)
    held = history.owned().toarray()[made.rows["customer"], made.rows["item"]]
    assert 0 < held.sum() < len(held)


def test_notes_say_why_nobody_is_listed(scorer, history, spec):
    everything = pd.DataFrame(
        [(who, item) for who in history.customers for item in history.items],
        columns=["customer_id", "item_id"],
    )
    owned = make_list(scorer, history, spec, Exclusions(pairs=everything))
    assert owned.counts()["rows"] == 0
    assert any("every item is owned, opted out of, suppressed" in one for one in owned.notes())
    dear = replace(spec, policy=replace(spec.policy, contact_cost=1e6))
    poor = make_list(scorer, history, dear, Exclusions())
    assert any("no customer promises enough to pay" in one for one in poor.notes())


def test_notes_count_items_that_earn_nothing_and_tell_the_gap(scorer, history, spec):
    bare = replace(history, item_features=history.item_features.assign(margin=np.nan))
    bare.item_features.loc["I00", "margin"] = 1.0
    made = make_list(scorer, bare, replace(spec, control=0.0), Exclusions())
    assert any(one.startswith("11 of 12 items have neither a margin") for one in made.notes())
    rough = replace(made, refusals=replace(made.refusals, gap=0.0123))
    assert "scarce items are shared out within 1.23% of the best possible" in rough.notes()
