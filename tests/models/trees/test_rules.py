"""Rules of a tree are counted right, and shorter ones are not worse."""

import json

import numpy as np
import pandas as pd
import pytest

from models.association.significance import confidence_interval
from models.trees import ReadableTree, TreeRule, rules_frame, tree_rules


@pytest.mark.parametrize("criterion", ["gini", "chi-square"])
def test_without_simplifying_the_rules_part_the_records_as_the_leaves_do(customers, criterion):
    X, y = customers
    tree = ReadableTree(criterion, pruning="none", max_depth=4).fit(X, y)
    rules = tree_rules(tree, X, y, simplify=False)
    masks = np.array([rule.holds(X) for rule in rules])
    assert (masks.sum(axis=0) == 1).all()
    assert len(rules) == len(set(tree.apply(X)))
    answers = np.array([rule.then for rule in rules], object)[masks.argmax(axis=0)]
    assert (answers == tree.predict(X)).all()


def test_figures_are_those_of_a_count_by_hand(customers):
    X, y = customers
    tree = ReadableTree().fit(X, y)
    for rule in tree_rules(tree, X, y):
        inside, hits = rule.holds(X), y == rule.then
        both = (inside & hits).sum()
        low, high = confidence_interval([both], [inside.sum()])
        assert rule.n_rows == inside.sum()
        assert rule.support == pytest.approx(inside.mean())
        assert rule.confidence == pytest.approx(both / inside.sum())
        assert (rule.low, rule.high) == (pytest.approx(low[0]), pytest.approx(high[0]))
        assert rule.lift == pytest.approx(rule.confidence / hits.mean())


def test_shorter_rules_have_no_lower_end_below(customers):
    X, y = customers
    tree = ReadableTree(pruning="none", max_depth=4).fit(X, y)
    long, short = (tree_rules(tree, X, y, simplify=s) for s in (False, True))
    assert sum(len(r.conditions) for r in short) < sum(len(r.conditions) for r in long)
    best = {then: max(r.low for r in long if r.then == then) for then in ("leaves", "stays")}
    for then, low in best.items():
        assert max(r.low for r in short if r.then == then) >= low - 1e-12


def test_intervals_of_one_column_are_merged():
    X = pd.DataFrame({"age": range(60)})
    y = [0] * 20 + [1] * 20 + [0] * 20
    tree = ReadableTree(pruning="none").fit(X, y)
    texts = [rule.text for rule in tree_rules(tree, X, y, target=1)]
    assert texts == ["IF age is above 19 and up to 39 THEN 1"]


def test_counts_are_those_of_the_records_given(customers):
    X, y = customers
    tree = ReadableTree().fit(X[:400], y[:400])
    held = tree_rules(tree, X[400:], y[400:], simplify=False)
    assert sum(rule.n_rows for rule in held) == len(X) - 400


def test_a_target_alone_and_best_lift_first(customers):
    X, y = customers
    rules = tree_rules(ReadableTree().fit(X, y), X, y, target="leaves")
    assert {rule.then for rule in rules} == {"leaves"}
    lifts = [rule.lift for rule in rules]
    assert lifts == sorted(lifts, reverse=True)
    assert lifts[0] > 1.5


def test_json_keeps_a_rule(customers):
    X, y = customers
    for rule in tree_rules(ReadableTree().fit(X, y), X, y):
        again = TreeRule.from_dict(json.loads(json.dumps(rule.to_dict())))
        assert again == rule
        assert again.text == rule.text


def test_the_frame_has_a_row_a_rule(customers):
    X, y = customers
    rules = tree_rules(ReadableTree().fit(X, y), X, y)
    frame = rules_frame(rules)
    assert frame["rule"].tolist() == [rule.text for rule in rules]
    assert frame["rows"].tolist() == [rule.n_rows for rule in rules]


def test_wrong_length_is_refused(customers):
    X, y = customers
    with pytest.raises(ValueError, match="X has 800 rows and y has 3"):
        tree_rules(ReadableTree().fit(X, y), X, y[:3])
