import numpy as np
import pandas as pd
from lightgbm import Booster
from sklearn.tree import DecisionTreeClassifier

from models.tabular import Additive, Boosted, Cart


def test_cart_takes_the_paths_of_scikit_learn(people):
    table, outcome = people
    model = Cart(max_depth=4, min_rows=20).fit(table, outcome)
    design = model.encoder_.design(table).values
    grown = DecisionTreeClassifier(
        max_depth=4, min_samples_leaf=20, ccp_alpha=0.0003, random_state=0
    ).fit(design, outcome)
    leaves = grown.apply(design)
    answers = model.decision_function(table)
    assert pd.Series(answers).groupby(leaves).nunique().max() == 1
    for leaf in np.unique(leaves):
        inside = outcome[leaves == leaf]
        share = (inside.sum() + outcome.mean()) / (len(inside) + 1)
        np.testing.assert_allclose(answers[leaves == leaf], np.log(share / (1 - share)))


def test_a_pure_leaf_is_not_certain():
    table = pd.DataFrame({"x": np.arange(40.0)})
    model = Cart(min_rows=5).fit(table, (table["x"] >= 20).astype(int))
    probability = model.predict_proba(table)[:, 1]
    assert 0 < probability.min() < 0.1
    assert 0.9 < probability.max() < 1


def test_additive_trees_see_one_column_each(people):
    table, outcome = people
    model = Additive(rounds=60).fit(table, outcome)
    for tree in Booster(model_str=model.text_).dump_model()["tree_info"]:
        assert len(_columns(tree["tree_structure"])) <= 1


def test_an_additive_effect_does_not_depend_on_the_other_columns(people):
    table, outcome = people
    model = Additive(rounds=60).fit(table, outcome)
    rows = table.iloc[:2].assign(age=[30.0, 30.0], job=["pilot", "clerk"])
    moved = model.contributions(rows)
    assert moved["age"].iloc[0] == moved["age"].iloc[1]


def test_boosting_finds_what_no_sum_can():
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.uniform(-1, 1, (1000, 2)), columns=["a", "b"])
    y = (X["a"] * X["b"] > 0).astype(int)
    free = Boosted(columns=1.0).fit(X[:800], y[:800])
    alone = Additive(columns=1.0).fit(X[:800], y[:800])
    assert (free.predict(X[800:]) == y[800:]).mean() > 0.85
    assert (alone.predict(X[800:]) == y[800:]).mean() < 0.65


def _columns(node):
    if "split_feature" not in node:
        return set()
    below = _columns(node["left_child"]) | _columns(node["right_child"])
    return {node["split_feature"]} | below
