"""Segments, leaves and drift as findings."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.recommend.clusters import Clusters
from pipelines.findings.drifts import drift_drafts
from pipelines.findings.leaves import leaf_drafts
from pipelines.findings.segments import segment_drafts, traits_of


@pytest.fixture
def window(snapshot):
    """Give twenty regulars who buy again and twenty who came once and do not."""
    shop = {
        **{f"r{n:02d}": ("tea jam", "milk" if n < 15 else "") for n in range(20)},
        **{f"s{n:02d}": ("rum", "rum" if n < 2 else "") for n in range(20)},
    }
    made = snapshot(shop)
    index = pd.Index(sorted(shop), dtype=object)
    often = np.array([name.startswith("r") for name in index])
    features = {"frequency": np.where(often, 9.0, 1.0), "recency_days": np.where(often, 3.0, 90.0)}
    customers = pd.DataFrame(features, index=index)
    object.__setattr__(made, "customers", customers)
    return made.labelled(pd.Index(["jam", "milk", "rum", "tea"], dtype=object))


@pytest.fixture
def clusters(window):
    return Clusters(segments=2, factors=2).fit(window.history)


def test_segments_tell_their_traits_and_who_bought_afterwards(clusters, window):
    drafts = segment_drafts(clusters, window, days=31, held_out=True, source="clusters")
    by_trait = {draft.pattern["traits"]["frequency"]: draft for draft in drafts}
    regular, once = by_trait["higher"], by_trait["much-lower"]
    assert (regular.evidence.n, regular.evidence.confidence) == (40, 15 / 20)
    assert regular.evidence.lift == pytest.approx((15 / 20) / (17 / 40))
    assert regular.evidence.p_adjusted < 0.001
    assert (once.evidence.confidence, once.evidence.p) == (2 / 20, pytest.approx(1.0, abs=1e-3))
    assert regular.words.values["customers"] == 20
    assert regular.words.values["traits"][0] == {
        "trait": "recency_days",
        "level": "level.much-lower",
    }
    assert {draft.touches["segment"] for draft in drafts} == {"0", "1"}
    assert regular.evidence.held_out


def test_segments_of_a_list_carry_its_evidence_and_money(clusters, window):
    drafts = segment_drafts(
        clusters,
        window,
        days=31,
        held_out=False,
        source="shop",
        evidence_ids={1: ("segment:1>milk", "segment:1>tea")},
        money={1: {"money": 5.0, "money_low": 4.0, "money_high": 6.0}},
        currency="GBP",
    )
    assert [draft.evidence_ids for draft in drafts] == [(), ("segment:1>milk", "segment:1>tea")]
    assert [draft.money for draft in drafts] == [None, 5.0]


def test_segments_that_are_alike_are_still_two(snapshot):
    shop = {f"c{n:02d}": ("tea" if n % 2 else "jam", "") for n in range(8)}
    window = snapshot(shop).labelled(pd.Index(["jam", "tea"], dtype=object))
    clusters = Clusters(segments=2, factors=2).fit(window.history)
    drafts = segment_drafts(clusters, window, days=31, held_out=True, source="clusters")
    assert [draft.pattern.get("number") for draft in drafts] == [None, 2]


@pytest.mark.parametrize(
    ("ratio", "level"),
    [
        *((0.0, "much-lower"), (0.5, "much-lower"), (0.51, "lower"), (0.8, "lower")),
        *((1.26, "higher"), (2.0, "higher"), (2.1, "much-higher")),
    ],
)
def test_a_ratio_has_a_level(ratio, level):
    assert traits_of({"frequency_vs_all": ratio}) == {"frequency": level}


@pytest.mark.parametrize("ratio", [0.81, 1.0, 1.25, float("nan"), float("inf")])
def test_what_is_as_usual_or_not_known_is_no_trait(ratio):
    assert traits_of({"frequency_vs_all": ratio}) == {}


def features(mean, n=500):
    rng = np.random.default_rng(3)
    return pd.DataFrame({"frequency": rng.normal(mean, 1, n), "monetary": rng.normal(0, 1, n)})


def test_only_what_moved_is_a_drift(snapshot):
    test, earlier = snapshot({"a": ("tea", "")}), snapshot({"a": ("tea", "")}, date(2024, 10, 30))
    object.__setattr__(test, "customers", features(1.0))
    object.__setattr__(earlier, "customers", features(0.0))
    (draft,) = drift_drafts(features(2.0), [test, earlier])
    assert draft.pattern == {"feature": "frequency"}
    assert draft.evidence.value > 0.25
    assert draft.words.values["strength"] == "strength.much"
    then, before = (draft.evidence.stability[day] for day in ("2024-11-30", "2024-10-30"))
    assert before > then == pytest.approx(draft.evidence.value, abs=1e-4)
    assert drift_drafts(features(1.0), [test]) == []


class Stump:
    """A tree of one question, as `Tree.tree_frame` gives it."""

    def tree_frame(self):
        return pd.DataFrame(
            {
                "node": [0, 1, 2],
                "depth": [0, 1, 1],
                "condition": ["all candidates", "a up to 5", "a above 5"],
                "split": ["a", "", ""],
                "pairs": [100, 80, 20],
                "bought": [14, 4, 10],
            }
        )


def test_leaves_are_measured_where_counts_are_given_and_else_say_they_are_not():
    counts = pd.DataFrame({"covered": [40, 10], "hits": [2, 3]}, index=[1, 2])
    first, second = leaf_drafts(Stump(), counts, source="tree")
    assert (second.evidence.n, second.evidence.support) == (50, 3 / 50)
    assert (second.evidence.confidence, second.evidence.lift) == (0.3, pytest.approx(3.0))
    assert (second.pattern["path"], second.words.values["covered"]) == (["a above 5"], 10)
    assert first.evidence.held_out
    assert first.evidence_ids == ()
    trained = leaf_drafts(
        Stump(), None, source="shop", money={"leaf:2": {"money": 7.0}}, currency="GBP"
    )
    assert [one.evidence_ids for one in trained] == [("leaf:1",), ("leaf:2",)]
    assert [one.money for one in trained] == [None, 7.0]
    assert trained[1].evidence.confidence == 0.5
    assert not any(one.evidence.held_out for one in trained)


def test_a_leaf_that_no_offer_reached_is_left_out():
    counts = pd.DataFrame({"covered": [40], "hits": [2]}, index=[1])
    (one,) = leaf_drafts(Stump(), counts, source="tree")
    assert one.pattern["path"] == ["a up to 5"]
