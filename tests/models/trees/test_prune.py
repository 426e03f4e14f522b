"""Cost-complexity pruning against scikit-learn's path and its own definition."""

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

from models.trees import ReadableTree, gini
from models.trees._prune import pruned, split_prices, steps


def grown(seed, depth=6, **said):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(240, 3))
    y = (X[:, 0] * X[:, 1] + 0.7 * rng.normal(size=240) > 0).astype(int)
    # Unequal weights leave no two splits equally good.
    weights = rng.uniform(1, 2, 240)
    tree = ReadableTree(max_depth=depth, min_samples_leaf=5, pruning="none", smoothing=0, **said)
    return tree.fit(X, y, weights), X, y, weights


def risk(counts):
    return float(counts.sum() * gini(counts))


@pytest.mark.parametrize("seed", range(5))
def test_the_prices_are_those_of_scikit_learn(seed):
    tree, X, y, weights = grown(seed)
    theirs = DecisionTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=0)
    path = theirs.cost_complexity_pruning_path(X, y, weights)
    prices = np.unique(np.round(list(split_prices(tree.root_, risk).values()), 9)) / weights.sum()
    expected = np.unique(np.round(path.ccp_alphas, 10))
    assert prices == pytest.approx(expected[expected > 0], abs=1e-8)


@pytest.mark.parametrize("alpha", [0.002, 0.005, 0.01, 0.05])
def test_the_pruned_tree_is_that_of_scikit_learn(alpha):
    tree, X, y, weights = grown(1)
    theirs = DecisionTreeClassifier(
        max_depth=6, min_samples_leaf=5, random_state=0, ccp_alpha=alpha
    ).fit(X, y, weights)
    ours = tree.prune(alpha)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X))
    assert len(list(tree.root_.leaves())) > len(list(ours.root_.leaves()))


def test_a_split_never_outlives_the_one_above():
    tree, *_ = grown(2)
    prices = split_prices(tree.root_, risk)
    for path, price in prices.items():
        above = path.rpartition(".")[0]
        assert not above or prices[above] >= price


def test_the_pruned_tree_is_the_best_at_its_price():
    tree, *_ = grown(3, depth=3)
    prices = split_prices(tree.root_, risk)

    def every(node):
        """Give risk and leaves of all prunings of a node."""
        yield risk(np.array(node.counts)), 1
        if node.split:
            left, right = (list(every(child)) for child in node.children)
            yield from ((a + b, m + n) for a, m in left for b, n in right)

    for alpha in steps(prices)[1:]:
        cut = pruned(tree.root_, prices, alpha)
        own = sum(risk(np.array(leaf.counts)) + alpha for leaf in cut.leaves())
        assert own == pytest.approx(min(r + alpha * n for r, n in every(tree.root_)))


def test_a_person_s_split_and_those_above_are_not_pruned():
    order = {"nodes": {"root.left": {"column": "x2", "threshold": 0}}}
    tree, *_ = grown(4, overrides=order)
    small = tree.prune(1000)
    assert [n.path for n in small.root_.walk() if n.split] == ["root", "root.left"]


def test_collapse_makes_a_leaf_and_leaves_the_rest():
    tree, X, *_ = grown(1)
    cut = tree.collapse("root.left")
    assert "root.left.left" in {n.path for n in tree.root_.walk()}
    assert {p for p in cut.apply(X) if p.startswith("root.left")} == {"root.left"}
    right = tree.apply(X) != cut.apply(X)
    assert all(p.startswith("root.left") for p in tree.apply(X)[right])


def test_collapse_of_a_leaf_is_refused():
    tree, *_ = grown(1, depth=1)
    with pytest.raises(ValueError, match=r"no split at 'root.left'; there are: \['root'\]"):
        tree.collapse("root.left")


def test_held_out_pruning_needs_one_tree_more_and_agrees_in_kind():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=1000), "b": rng.normal(size=1000)})
    y = (X["a"] > 0.3).to_numpy() ^ (rng.random(1000) < 0.1)
    for pruning in ("cv", "held-out"):
        tree = ReadableTree(pruning=pruning).fit(X, y)
        assert len(list(tree.root_.leaves())) == 2
        assert tree.root_.split.column == "a"


def test_one_standard_error_gives_a_tree_that_is_not_larger():
    _, X, y, _ = grown(5)
    best = ReadableTree(one_se=False, max_depth=6).fit(X, y)
    small = ReadableTree(one_se=True, max_depth=6).fit(X, y)
    assert small.alpha_ >= best.alpha_
