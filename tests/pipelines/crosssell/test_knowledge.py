"""Rules and segments in words, from tables written by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from models.recommend.clusters import Clusters
from models.recommend.popularity import Popularity
from models.recommend.rules import Rules
from models.recommend.tree import Tree
from pipelines.crosssell.knowledge import MOST_RULES, knowledge_of, rule_table, segment_table

NAMES = pd.Series(["tea", "cup", "pot"], index=["T", "C", "P"])


def rules_of(*rows, n=1000):
    """Make rules (antecedent, item, support, confidence, lift) over {T}, {T, C} in n baskets."""
    rules = Rules()
    rules.items_ = pd.Index(NAMES.index)
    rules.antecedents_ = sparse.csr_matrix(np.array([[1, 0, 0], [1, 1, 0]], dtype=np.float32))
    columns = ["antecedent", "item", "support", "confidence", "lift"]
    measures = dict.fromkeys(columns[2:], float)
    rules.rules_ = pd.DataFrame(rows, columns=columns).astype(measures)
    rules.rules_["count"] = rules.rules_["support"] * n
    return rules


def test_rules_are_told_by_name_the_highest_leverage_first():
    told = rule_table(rules_of((0, 1, 0.2, 0.5, 2.0), (1, 2, 0.3, 0.6, 3.0)), NAMES)
    assert told["if bought"].tolist() == ["tea and cup", "tea"]
    assert told["then also"].tolist() == ["pot", "cup"]
    # Leverage = support - support / lift.
    assert told["leverage"].tolist() == pytest.approx([0.2, 0.1])
    assert told["confidence"].tolist() == [0.6, 0.5]
    assert told["lift"].tolist() == [3.0, 2.0]
    assert (told["lift_low"] < told["lift"]).all()
    assert (told["lift_high"] > told["lift"]).all()


def test_only_rules_beyond_chance_are_told():
    """Twenty baskets: 4 of 5 with tea hold a cup, of all 10; and a rule that says nothing."""
    rules = rules_of((0, 1, 0.2, 0.8, 1.6), (0, 2, 0.1, 0.4, 0.8), n=20)
    assert rule_table(rules, NAMES).empty
    table = [[40, 10], [60, 90]]
    rules = rules_of((0, 1, 0.2, 0.8, 1.6), (0, 2, 0.1, 0.4, 0.8), n=200)
    told = rule_table(rules, NAMES)
    assert told["then also"].tolist() == ["cup"]
    exact = stats.fisher_exact(table, alternative="greater").pvalue
    assert told["p_adjusted"].tolist() == pytest.approx([2 * exact])  # of two rules, the first


def test_no_more_than_the_best_rules_are_told():
    many = [(0, 1, 0.1 + number / 1e6, 0.5, 2.0) for number in range(MOST_RULES + 9)]
    told = rule_table(rules_of(*many, n=1_000_000), NAMES)
    assert len(told) == MOST_RULES
    assert told["support"].max() == pytest.approx(0.1 + (MOST_RULES + 8) / 1e6)


def test_no_rules_give_an_empty_table():
    assert rule_table(rules_of(), NAMES).empty


def test_segments_are_told_by_what_they_buy_more_than_others():
    described = pd.DataFrame(
        {
            "segment": [0, 1],
            "customers": [60, 40],
            "share": [0.6, 0.4],
            "recency_days": [3.14159, 40.0],
            "recency_days_vs_all": [0.2, 2.0],
            "season_q1": [0.3, 0.4],
            "top_items": [["T", "P"], []],
            "top_lifts": [[2.04, 1.5], []],
        }
    )
    told = segment_table(described, NAMES)
    assert told.columns.tolist() == [
        *["segment", "customers", "share", "days since last order"],
        "buys more than others",
    ]
    assert told["days since last order"].tolist() == [3.1, 40.0]
    assert told["buys more than others"].tolist() == ["tea (2.0 times), pot (1.5 times)", ""]


@pytest.mark.parametrize(
    ("recommender", "part"),
    [
        (Clusters(segments=2), "segments"),
        (Rules(min_count=1, min_support=0.0), "rules"),
        (Popularity(), None),
    ],
)
def test_every_explainable_candidate_fills_its_part(snapshot_of, recommender, part):
    snapshot = snapshot_of()
    history = snapshot.history(snapshot.vocabulary(1))
    names = pd.Series(history.items, index=history.items)
    known = knowledge_of(recommender.fit(history), history, names)
    assert list(known) == ([] if part is None else [part])
    if part == "rules":  # eight customers prove no rule
        assert {"if bought", "then also", "p_adjusted"} <= set(known["rules"])
    else:
        assert all(len(told) for told in known.values())


def test_the_tree_is_told_as_text(snapshot_of):
    snapshot = snapshot_of()
    items = snapshot.vocabulary(1)
    tree = Tree().fit(snapshot.history(items), [snapshot.labelled(items)])
    told = knowledge_of(tree, snapshot.history(items), pd.Series(items, index=items))
    assert told["tree"] == tree.rules_text() != ""
