"""The stability index tells a population that moved from one that did not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from experiments.drift import (
    drift,
    feature_drift,
    profile_of,
    separability,
    share_distance,
    stability_index,
)


def spend(values):
    return pd.DataFrame({"spend": values})


def test_the_same_population_has_hardly_any_drift():
    random = np.random.default_rng(0)
    told = drift(profile_of(spend(random.normal(size=5000))), spend(random.normal(size=5000)))
    assert told["psi"]["spend"] < 0.01
    assert told["largest"] == "spend"
    assert told["absent"] == []


def test_a_shifted_population_is_seen():
    random = np.random.default_rng(0)
    profile = profile_of(spend(random.normal(size=5000)))
    assert drift(profile, spend(random.normal(1.0, size=5000)))["psi"]["spend"] > 0.25


def test_the_index_by_hand():
    then, now = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    expected = np.sum((now - then) * np.log(now / then))
    values = pd.Series([1.0, 6.0, 7.0, 8.0])
    assert stability_index([5.0], [0.5, 0.5], values) == pytest.approx(expected)


def test_many_equal_values_do_not_look_like_drift():
    counts = np.array([0.0] * 60 + [1.0] * 40)
    profile = profile_of(spend(counts))
    assert profile["spend"]["edges"] == [0.0, 1.0]
    assert profile["spend"]["shares"] == [0.6, 0.4, 0.0]
    assert drift(profile, spend(counts))["psi"]["spend"] == 0.0


def test_what_today_lacks_is_named():
    told = drift(profile_of(spend(np.arange(10.0))), pd.DataFrame(index=range(3)))
    assert told == {"psi": {}, "largest": None, "absent": ["spend"]}


def test_a_feature_that_was_never_known_is_left_out():
    profile = profile_of(spend([np.nan, np.nan]))
    assert profile["spend"] == {"n": 2, "missing": 1.0, "edges": [], "shares": [0.0]}
    assert drift(profile, spend([1.0]))["psi"] == {}


def test_what_chance_makes_is_told_by_its_p():
    rates = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        profile = profile_of(spend(random.normal(size=3000)))
        found = feature_drift(profile, spend(random.normal(size=30)))
        rates.append(float(found["p"][0]))
    assert 0.02 < np.mean(np.array(rates) < 0.05) < 0.11


def test_separability_is_the_area_under_the_curve_of_the_bins():
    random = np.random.default_rng(1)
    then, now = random.normal(size=4000), random.normal(2.0, size=4000)
    profile = profile_of(spend(then))["spend"]
    bins = np.searchsorted(profile["edges"], np.concatenate([then, now]))
    score = pd.Series(np.repeat([0, 1], 4000)).groupby(bins).transform("mean")
    expected = roc_auc_score(np.repeat([0, 1], 4000), score)
    assert separability(profile, pd.Series(now)) == pytest.approx(expected, abs=1e-9)


def test_the_distance_of_shares_under_no_change():
    random = np.random.default_rng(2)
    true = random.dirichlet(np.ones(40))
    names = [f"i{k}" for k in range(40)]
    seen = []
    for _ in range(200):
        first, second = random.multinomial(500, true) / 500, random.multinomial(800, true) / 800
        pair = [dict(zip(names, shares, strict=True)) for shares in (first, second)]
        seen.append(share_distance(*pair, 500, 800))
    distance, chance = np.mean(seen, axis=0)
    assert distance == pytest.approx(chance, rel=0.05)
