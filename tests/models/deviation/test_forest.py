"""Trees taken out of a forest against the forest itself."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from models.deviation.forest import ForestTrees


@pytest.mark.parametrize(("rows", "columns"), [(2, 1), (3, 2), (60, 1), (400, 7)])
def test_scores_are_those_of_the_forest(rows, columns):
    random = np.random.default_rng(rows)
    places = random.normal(size=(rows, columns))
    forest = IsolationForest(n_estimators=30, random_state=1).fit(places)
    trees = ForestTrees.of(forest)
    new = np.vstack([places, random.normal(size=(50, columns)) * 5])
    assert trees.score_samples(new) == pytest.approx(forest.score_samples(new), abs=1e-12)
    again = ForestTrees.from_state(trees.get_state())
    assert again.score_samples(new).tolist() == trees.score_samples(new).tolist()


def test_columns_that_a_tree_left_out_and_ties():
    places = np.repeat(np.arange(6.0), 20)[:, None] * [1.0, -1.0, 0.5]
    forest = IsolationForest(n_estimators=25, max_features=0.4, random_state=0).fit(places)
    trees = ForestTrees.of(forest)
    assert trees.score_samples(places) == pytest.approx(forest.score_samples(places), abs=1e-12)


def test_no_rows_have_no_scores():
    forest = IsolationForest(n_estimators=5, random_state=0).fit(np.arange(20.0)[:, None])
    assert ForestTrees.of(forest).score_samples(np.zeros((0, 1))).tolist() == []
