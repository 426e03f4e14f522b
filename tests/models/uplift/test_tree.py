"""The direct uplift tree: splits against brute force, honest effects, words."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.uplift import Experiment, UpliftForest, UpliftTree
from models.uplift.growing import Cuts, best_split, sums_of

from .conftest import draw

ROW = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1))


def experiment(x, y, treated) -> Experiment:
    x = np.asarray(x, dtype=float)
    ones = np.ones(len(x))
    return Experiment(x, np.asarray(y, float), np.asarray(treated, bool), ones / 2, ones)


def arm_means(seen: Experiment, rows: np.ndarray) -> tuple[float, float]:
    return tuple(seen.y[rows & (seen.treated == arm)].mean() for arm in (False, True))


def gain_by_hand(criterion: str, seen: Experiment, left: np.ndarray) -> float:
    sides = left, ~left
    if criterion == "t":
        effects, variance = [], 0.0
        for rows in sides:
            control, treated = arm_means(seen, rows)
            effects.append(treated - control)
            for arm in (False, True):
                values = seen.y[rows & (seen.treated == arm)]
                variance += values.var() / len(values)
        return (effects[0] - effects[1]) ** 2 / max(variance, 1e-300)

    def distance(rows):
        control, treated = arm_means(seen, rows)
        if criterion == "euclid":
            return 2 * (treated - control) ** 2
        shares = []
        for arm in (False, True):
            values = seen.y[rows & (seen.treated == arm)]
            # Each customer counts twice: the weight over a probability of one half.
            shares.append((2 * values.sum() + 0.5) / (2 * len(values) + 1))
        return float(stats.entropy([shares[1], 1 - shares[1]], [shares[0], 1 - shares[0]]))

    everybody = np.ones(len(left), dtype=bool)
    parts = [rows.mean() * distance(rows) for rows in sides]
    return sum(parts) - distance(everybody)


@pytest.mark.parametrize("criterion", ["kl", "euclid", "t"])
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, min_size=8, max_size=40))
def test_the_best_split_is_that_of_brute_force(criterion, rows):
    x, y, treated = np.array([row[:2] for row in rows]), *np.array([row[2:] for row in rows]).T
    seen = experiment(x, y, treated)
    cuts = Cuts.of(seen.x)
    found = best_split(seen, cuts.codes, cuts, np.arange(2), criterion, 1)
    gains = []
    for feature, edge in itertools.product(range(2), (0.5, 1.5, 2.5)):
        left = seen.x[:, feature] <= edge
        arms = [(rows & (seen.treated == arm)).sum() for rows in (left, ~left) for arm in (0, 1)]
        if min(arms) >= 1:
            gains.append(gain_by_hand(criterion, seen, left))
    best = max(gains, default=0.0)
    if criterion == "t" and best > 1e10:
        return  # no variance at all: any such split is as good
    if best > 1e-9:
        assert found is not None
        assert found[0] == pytest.approx(best, rel=1e-6)
        _, feature, edge = found
        assert gain_by_hand(criterion, seen, seen.x[:, feature] <= edge) == pytest.approx(
            best, rel=1e-6
        )
    else:
        assert found is None or found[0] < 1e-6


def test_both_arms_of_both_sides_keep_the_fewest():
    x = np.arange(40.0)[:, None]
    treated = np.tile([0, 1], 20)
    y = ((x[:, 0] < 6) & (treated == 1)) * 1.0
    seen, cuts = experiment(x, y, treated), Cuts.of(x)
    assert best_split(seen, cuts.codes, cuts, np.arange(1), "euclid", 1)[2] == 6.5
    assert best_split(seen, cuts.codes, cuts, np.arange(1), "euclid", 8)[2] >= 15.5
    assert best_split(seen, cuts.codes, cuts, np.arange(1), "euclid", 21) is None


def test_missing_values_go_left_when_growing_and_when_scoring():
    x = np.array([[np.nan], [1.0], [2.0], [np.inf]])
    cuts = Cuts.of(x)
    assert cuts.edges[0].tolist() == [1.5]
    assert cuts.codes[:, 0].tolist() == [0, 0, 1, 0]


def test_sums_weigh_the_arms():
    seen = experiment([[0], [0], [0]], [1, 0, 1], [1, 1, 0])
    found = sums_of(seen)
    assert found.n.ravel().tolist() == [2, 4]
    assert found.rows.ravel().tolist() == [1, 2]
    assert found.effect.tolist() == [-0.5]


@pytest.mark.parametrize("criterion", ["kl", "euclid", "t"])
def test_the_known_segment_is_found_and_told(known, criterion):
    tree = UpliftTree(criterion, depth=2, min_leaf=100).fit(known.X, known.y, known.treated)
    best = tree.leaves(0.999).iloc[0]
    assert best["low"] < 0.3 < best["high"]
    assert "sex is woman" in best["segment"] or "sex is not man" in best["segment"]
    assert "age up to" in best["segment"]
    rest = tree.leaves().iloc[1:]
    assert (rest["effect"].abs() < 0.1).all()


def test_the_leaves_are_everybody_once(known):
    tree = UpliftTree(depth=3, min_leaf=50, honest=False).fit(known.X, known.y, known.treated)
    leaves = tree.leaves()
    assert leaves["treated"].sum() == known.treated.sum()
    assert leaves["control"].sum() == (1 - known.treated).sum()
    assert set(tree.leaf(known.X)) == set(leaves["node"])
    assert leaves["effect"].is_monotonic_decreasing


def test_a_leaf_holds_the_difference_of_its_own_customers(known):
    tree = UpliftTree(depth=2, min_leaf=50, honest=False).fit(known.X, known.y, known.treated)
    node = tree.leaf(known.X)
    for row in tree.leaves().itertuples():
        inside = node == row.node
        treated, control = (known.y[inside & (known.treated == arm)] for arm in (1, 0))
        assert row.effect == pytest.approx(treated.mean() - control.mean())
        error = np.sqrt(treated.var() / len(treated) + control.var() / len(control))
        assert (row.high - row.low) / 2 == pytest.approx(1.959964 * error, rel=1e-5)


def test_honest_effects_are_not_flattered():
    """Where nothing works, the best leaf of an honest tree is right; a greedy one boasts."""
    best = {True: [], False: []}
    for seed in range(30):
        nothing = draw(1200, seed=100 + seed)
        random = np.random.RandomState(seed)
        y = (random.random_sample(1200) < 0.3).astype(float)
        for honest in best:
            tree = UpliftTree(depth=2, min_leaf=40, honest=honest, random_state=seed)
            best[honest].append(tree.fit(nothing.X, y, nothing.treated).predict(nothing.X).max())
    greedy, fair = (np.array(best[honest]) for honest in (False, True))
    assert greedy.mean() > 0.08
    assert fair.mean() < greedy.mean() * 0.8


def test_a_depth_of_nothing_is_everybody(known):
    tree = UpliftTree(depth=0, honest=False).fit(known.X, known.y, known.treated)
    leaves = tree.leaves()
    assert leaves["segment"].tolist() == ["everybody"]
    by_hand = known.y[known.treated == 1].mean() - known.y[known.treated == 0].mean()
    assert leaves["effect"].iloc[0] == pytest.approx(by_hand)


def test_the_forest_is_the_mean_of_its_trees(known):
    forest = UpliftForest(trees=3, depth=2, random_state=5)
    forest.fit(known.X, known.y, known.treated)
    whole = forest.predict(known.X)
    nodes, each = forest.nodes_, []
    for number in range(3):
        forest.nodes_ = nodes[nodes["tree"] == number]
        each.append(forest.predict(known.X))
    assert whole == pytest.approx(np.mean(each, axis=0))
    assert len({tuple(one[:50]) for one in each}) == 3


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (UpliftTree(criterion="gini"), "criterion must be one of kl, euclid, t but got 'gini'"),
        (UpliftTree(depth=-1), "depth must be at least 0"),
        (UpliftTree(min_leaf=0), "min_leaf at least 1"),
        (UpliftForest(trees=0), "trees must be at least 1 but got 0"),
        (UpliftForest(criterion="gini"), "criterion must be one of"),
    ],
)
def test_wrong_parameters_are_refused(known, model, message):
    with pytest.raises(ValueError, match=message):
        model.fit(known.X, known.y, known.treated)


def test_divergence_of_amounts_is_refused():
    money = draw(500, amount=True)
    with pytest.raises(ValueError, match="'kl' needs outcomes 0 and 1"):
        UpliftTree(criterion="kl").fit(money.X, money.y, money.treated)


def test_many_distinct_values_are_cut_at_quantiles():
    x = np.random.RandomState(0).normal(size=(5000, 1))
    edges = Cuts.of(x).edges[0]
    assert len(edges) == 31
    shares = [(x[:, 0] <= edge).mean() for edge in edges]
    assert shares == pytest.approx(np.arange(1, 32) / 32, abs=0.002)


def test_a_constant_column_is_never_asked_about(known):
    frame = known.X.assign(same=1.0)
    tree = UpliftTree(depth=3, min_leaf=50).fit(frame, known.y, known.treated)
    assert not tree.leaves()["segment"].str.contains("same").any()
    assert isinstance(tree.nodes_, pd.DataFrame)
