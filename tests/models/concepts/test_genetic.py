"""The genetic search finds what is planted, keeps only the unbeaten, and repeats itself."""

import numpy as np
import optuna
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from models.concepts import Evolution, choose_features, evolve_descriptions, find_subgroups

QUICK = Evolution(population=30, generations=20)


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({f"c{i}": rng.choice(["a", "b", "c"], 1500) for i in range(6)})
    X["age"] = rng.integers(18, 80, 1500)
    inside = (X["c1"] == "b") & (X["age"] > 50)
    return X, np.where(rng.random(1500) < np.where(inside, 0.9, 0.1), "yes", "no")


def test_the_planted_description_is_on_the_front(planted):
    found = evolve_descriptions(*planted, "yes", evolution=QUICK)
    best = found.iloc[0]
    assert "c1 is b" in best["description"]
    assert "age is above" in best["description"]
    assert best["lift"] > 2.5


def test_the_front_is_unbeaten(planted):
    front = evolve_descriptions(*planted, "yes", evolution=QUICK)
    assert front["quality"].is_monotonic_decreasing
    assert front["conditions"].is_monotonic_decreasing
    assert front["conditions"].is_unique


def test_the_genetic_search_is_as_good_as_the_beam(planted):
    X, y = planted
    beam = find_subgroups(X, y, "yes", held_out=(X, y), max_depth=2)[0]
    best = evolve_descriptions(X, y, "yes", evolution=QUICK).iloc[0]
    assert best["quality"] >= 0.95 * beam.quality


def test_the_same_seed_gives_the_same_front(planted):
    first = evolve_descriptions(*planted, "yes", evolution=QUICK)
    pd.testing.assert_frame_equal(first, evolve_descriptions(*planted, "yes", evolution=QUICK))


def test_generations_do_not_make_it_worse(planted):
    short = evolve_descriptions(*planted, "yes", evolution=Evolution(30, 1))
    long = evolve_descriptions(*planted, "yes", evolution=QUICK)
    assert long["quality"].max() >= short["quality"].max()


def test_vetoes_hold(planted):
    found = evolve_descriptions(*planted, "yes", evolution=QUICK, vetoes={"columns": ["c1"]})
    assert not found["description"].str.contains("c1").any()


def test_features_that_matter_are_chosen():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(400, 6)), columns=list("abcdef"))
    y = (X["b"] + X["e"] + 0.3 * rng.normal(size=400) > 0).astype(int)
    search = Evolution(population=12, generations=6)
    front = choose_features(LogisticRegression(), X, y, evolution=search)
    two = front.set_index("n_columns")["columns"].get(2)
    assert two == ["b", "e"]
    assert front["score"].is_monotonic_decreasing
    one = front.set_index("n_columns")["columns"].get(1)
    assert one in (["b"], ["e"])


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="population is 2 or more"):
        Evolution(population=1).front([2], lambda genes: (0.0, 0.0))
    with pytest.raises(ValueError, match="crossover"):
        Evolution(crossover=2).front([2], lambda genes: (0.0, 0.0))


def test_the_class_must_occur(planted):
    with pytest.raises(ValueError, match="does not occur"):
        evolve_descriptions(*planted, "perhaps")


def test_the_search_is_silent_and_leaves_the_log_level_alone(planted, capfd):
    before = optuna.logging.get_verbosity()
    evolve_descriptions(*planted, "yes", evolution=Evolution(4, 2))
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")
