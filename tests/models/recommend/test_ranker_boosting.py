"""Averaged rankers: one scale, honest contributions, texts that can be loaded elsewhere."""

import pickle

import numpy as np
import pandas as pd
import pytest

from models.recommend.ranker_boosting import OBJECTIVES, Boosting
from models.recommend.training import TrainingPairs

PARAMS = {"learning_rate": 0.1, "num_leaves": 4, "min_data_in_leaf": 5, "num_threads": 1}


def pairs(seed: int = 0, customers: int = 60, each: int = 10) -> TrainingPairs:
    """Draw pairs of which those with a large `signal` are bought; `noise` says nothing."""
    random = np.random.RandomState(seed)
    features = pd.DataFrame(
        random.rand(customers * each, 2).astype(np.float32), columns=["signal", "noise"]
    )
    bought = (features["signal"].to_numpy() > 0.8).astype(np.int8)
    return TrainingPairs(features, bought, np.full(customers, each))


def trained(repeats: int = 1, seed: int = 0, objectives: tuple[str, ...] = ()) -> Boosting:
    names = objectives or tuple(OBJECTIVES)
    return Boosting.train(pairs(), names, repeats, 20, PARAMS, seed)


def test_what_is_bought_comes_first():
    model, other = trained(), pairs(seed=1)
    score = model.predict(other.features, 1)
    assert score[other.bought == 1].min() > np.median(score[other.bought == 0])
    assert model.importance()["feature"].tolist() == ["signal", "noise"]
    assert model.importance()["gain"].sum() == pytest.approx(1.0)


def test_scores_are_the_mean_of_the_scaled_rankers():
    features = pairs().features
    both = trained()
    alone = [trained(objectives=(name,)) for name in OBJECTIVES]
    expected = np.mean([model.predict(features, 1) for model in alone], axis=0)
    np.testing.assert_allclose(both.predict(features, 1), expected)
    for model in alone:
        assert model.predict(features, 1).std() == pytest.approx(1.0)


def test_contributions_add_up_to_the_score():
    model, features = trained(), pairs(seed=2).features
    parts = model.contributions(features, 1)
    assert parts.shape == features.shape
    rest = model.predict(features, 1) - parts.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)
    assert np.abs(parts[:, 0]).mean() > 2 * np.abs(parts[:, 1]).mean()


def test_repeats_differ_in_their_seed_only():
    model = trained(repeats=2)
    assert len(model.texts) == 2 * len(OBJECTIVES)
    assert len(set(model.texts)) == len(model.texts)
    assert model.texts == trained(repeats=2).texts
    assert model.texts != trained(repeats=2, seed=7).texts


def test_texts_are_all_that_is_needed():
    model, features = trained(), pairs(seed=3).features
    score = model.predict(features, 1)
    again = Boosting(list(model.texts), list(model.spreads))
    np.testing.assert_array_equal(again.predict(features, 1), score)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(features, 1), score)


def test_pairs_without_any_difference_are_all_alike():
    flat = pairs()
    blank = TrainingPairs(flat.features * 0, flat.bought, flat.group)
    model = Boosting.train(blank, ["lambdarank"], 1, 5, PARAMS, 0)
    assert set(model.predict(blank.features, 1).tolist()) == {0.0}


def test_a_sample_gives_the_scale_of_many_pairs(monkeypatch):
    exact = trained()
    monkeypatch.setattr("models.recommend.ranker_boosting.SCALED_BY", 100)
    sampled = trained()
    assert sampled.texts == exact.texts
    assert sampled.spreads != exact.spreads
    np.testing.assert_allclose(sampled.spreads, exact.spreads, rtol=0.2)
