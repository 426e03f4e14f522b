"""The choice: stable first, then well apart, then simple."""

import numpy as np
import pytest

from pipelines.config.segments import Clustering, Selection
from pipelines.segmenting.choosing import Measured, choose, leaderboard, plain, planned, unplain

SETTINGS = Selection(rounds=5, bootstrap=200)


def one(name, stability, silhouette, k=4, complexity=1, smallest=0.2, weakest=None, spread=0.1):
    noise = np.random.default_rng(0).normal(size=300)
    return Measured(
        name=name,
        method="kmeans",
        k=k,
        complexity=complexity,
        rounds=np.full(5, stability),
        segments=np.array([stability, stability if weakest is None else weakest]),
        strength=0.8,
        silhouettes=silhouette + spread * (noise - noise.mean()),
        gap=1.0,
        gap_error=0.1,
        smallest=smallest,
    )


def winner(*measured):
    return choose(list(measured), SETTINGS, 0)


def test_the_stable_one_beats_the_better_separated():
    found = winner(one("a", 0.9, 0.3), one("b", 0.6, 0.8))
    assert (found.winner, found.is_stable) == ("a", True)


def test_the_best_separated_of_the_stable_wins():
    assert winner(one("a", 0.9, 0.3), one("b", 0.8, 0.5, complexity=3)).winner == "b"


def test_the_simplest_of_equals_wins():
    found = winner(one("a", 0.9, 0.400, complexity=1), one("b", 0.9, 0.401, complexity=3, spread=2))
    assert found.winner == "a"
    assert "not measurably better" in found.reason


def test_of_equally_simple_ones_the_fewest_segments():
    assert winner(one("a", 0.9, 0.4, k=6), one("b", 0.9, 0.4, k=3)).winner == "b"


def test_a_segment_that_dissolves_makes_it_unstable():
    assert winner(one("a", 0.9, 0.8, weakest=0.3), one("b", 0.8, 0.2)).winner == "b"


def test_tiny_segments_are_not_usable():
    assert winner(one("a", 0.95, 0.8, smallest=0.001), one("b", 0.8, 0.2)).winner == "b"


def test_without_a_stable_one_the_reason_says_so():
    found = winner(one("a", 0.5, 0.9), one("b", 0.6, 0.1))
    assert (found.winner, found.is_stable) == ("b", False)
    assert "a convenient cut, not natural groups" in found.reason


def test_one_segment_is_no_segmentation_unless_there_is_nothing_else():
    assert winner(one("a", 1.0, 0.0, k=1), one("b", 0.8, 0.2)).winner == "b"
    assert winner(one("a", 1.0, 0.0, k=1)).winner == "a"


def test_the_board_puts_the_winner_first():
    measured = [one("a", 0.5, 0.9), one("b", 0.9, 0.1), one("c", 0.9, 0.5)]
    choice = choose(measured, SETTINGS, 0)
    board = leaderboard(measured, choice, SETTINGS, 0)
    assert board["candidate"].tolist() == ["c", "b", "a"]
    assert board["stable"].tolist() == [True, True, False]


def test_measured_goes_through_plain_values():
    import json

    given = one("a", 0.9, 0.3)
    again = unplain(json.loads(json.dumps(plain(given))))
    assert again.silhouettes == pytest.approx(given.silhouettes)
    assert (again.name, again.stability) == (given.name, given.stability)


def test_every_method_with_every_number_and_density_once():
    methods = [Clustering(kind="kmeans", k=[3, 4]), Clustering(kind="density", name="dense")]
    assert [name for name, _, _ in planned(methods)] == ["kmeans-3", "kmeans-4", "dense"]
