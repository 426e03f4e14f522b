import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.leaderboard import CandidateResult, choose_winner, leaderboard
from experiments.evaluation.money import Profit

CUSTOMERS = pd.Index([f"c{i:03d}" for i in range(200)])


def result(name, total, complexity=1, metrics=None):
    realised = Interval(total, total - 10, total + 10, n=50)
    return CandidateResult(
        name=name,
        family="baseline",
        complexity=complexity,
        profit=Profit(20, 0.4, Interval(total + 1, total, total + 2), realised),
        metrics=metrics or {},
        coverage=Interval(0.5, 0.4, 0.6),
        seconds=1.5,
    )


def around(mean, spread=1.0, seed=0):
    noise = np.random.default_rng(seed).normal(scale=spread, size=len(CUSTOMERS))
    return pd.Series(mean + noise - noise.mean(), index=CUSTOMERS)


def test_most_profitable_first_then_the_simpler_then_by_name():
    board = leaderboard(
        [result("b", 5.0), result("z", 9.0), result("c", 5.0, complexity=3), result("a", 5.0)],
        winner="b",
    )
    assert board["candidate"].tolist() == ["z", "a", "b", "c"]
    assert board["winner"].tolist() == [False, False, True, False]


def test_the_profit_of_the_board_is_the_one_measured_on_held_out_data():
    row = leaderboard([result("a", 100.0)]).iloc[0]
    assert row[["expected_profit", "expected_profit_low", "expected_profit_high"]].tolist() == [
        100.0,
        90.0,
        110.0,
    ]
    assert (row["predicted_profit"], row["customers"], row["depth"]) == (101.0, 20, 0.4)


def test_metrics_become_columns_by_scope():
    recall = pd.DataFrame(
        {"metric": ["recall@10"], "mean": [0.2], "low": [0.1], "high": [0.3], "se": [0.05], "n": 9}
    )
    row = leaderboard([result("a", 1.0, metrics={"new": recall, "all": recall * 1})]).iloc[0]
    for scope in ("new", "all"):
        names = [f"recall@10_{scope}{end}" for end in ("", "_low", "_high")]
        assert row[names].tolist() == [0.2, 0.1, 0.3]


def test_no_result_gives_an_empty_board():
    assert leaderboard([]).empty


def test_the_simplest_of_those_not_worse_wins():
    profits = {"deep": around(1.05, seed=1), "tree": around(1.0, seed=2), "flat": around(0.2)}
    choice = choose_winner(profits, {"deep": 6, "tree": 3, "flat": 1}, seed=4)
    assert (choice.winner, choice.best) == ("tree", "deep")
    table = choice.differences.set_index("candidate")
    assert table["not_worse"].to_dict() == {"deep": True, "tree": True, "flat": False}
    assert table.loc["flat", "low"] > 0
    assert table.loc["tree", "behind"] == pytest.approx(0.05 * 200)
    assert table.loc["deep", ["behind", "low", "high"]].tolist() == [0, 0, 0]


def test_the_best_wins_when_it_is_clearly_better():
    choice = choose_winner({"a": around(3.0), "b": around(1.0, seed=1)}, {"a": 6, "b": 1})
    assert choice.winner == choice.best == "a"
    assert "no simpler candidate comes close enough" in choice.reason


def test_pairs_tell_apart_what_single_intervals_could_not():
    """The same noisy customers: the gap of 0.2 is far inside either candidate's own interval."""
    base = around(1.0, spread=50)
    profits = {"a": base + around(0.2, spread=0.1, seed=3), "b": base}
    assert choose_winner(profits, {"a": 6, "b": 1}).winner == "a"


def test_of_equally_simple_ones_the_more_profitable_wins():
    profits = {"zeta": around(1.0), "alpha": around(0.99, seed=8)}
    choice = choose_winner(profits, {"zeta": 1, "alpha": 1})
    assert (choice.winner, choice.best) == ("zeta", "zeta")


def test_of_equally_simple_and_profitable_ones_the_name_decides():
    profits = {"zeta": around(1.0), "alpha": around(1.0)}
    assert choose_winner(profits, {"zeta": 1, "alpha": 1}).winner == "alpha"


def test_order_of_candidates_and_customers_does_not_matter():
    profits = {"b": around(1.0, seed=1), "a": around(1.02, seed=2), "c": around(0.9, seed=3)}
    complexity = {"a": 2, "b": 2, "c": 1}
    backwards = {name: profits[name][::-1] for name in reversed(profits)}
    first, second = choose_winner(profits, complexity), choose_winner(backwards, complexity)
    assert (first.winner, first.best) == (second.winner, second.best)
    pd.testing.assert_frame_equal(first.differences, second.differences)


def test_the_reason_names_both_the_money_and_the_interval():
    profits = {"deep": around(1050.0, spread=900, seed=1), "flat": around(1000.0, 900, seed=2)}
    reason = choose_winner(profits, {"deep": 6, "flat": 1}, currency="GBP").reason
    assert reason.startswith("flat wins: it is the simplest candidate")
    assert "210,000.00 GBP" in reason
    assert "It is 10,000.00 GBP behind; the 95% interval of that difference (-" in reason
    assert reason.endswith("reaches zero.")


def test_a_single_candidate_wins_and_the_reason_says_why():
    assert choose_winner({"a": around(1.0)}, {"a": 1}).reason == (
        "a wins: it is the only candidate."
    )


def test_a_loss_is_called_a_loss():
    reason = choose_winner({"a": around(-1.0), "b": around(-2.0)}, {"a": 1, "b": 2}).reason
    assert "No candidate earns money on held-out data" in reason


def test_one_customer_cannot_tell_candidates_apart():
    one = {"a": pd.Series([5.0], index=["x"]), "b": pd.Series([1.0], index=["x"])}
    choice = choose_winner(one, {"a": 6, "b": 1})
    assert choice.winner == "b"
    assert "too few customers" in choice.reason


def test_candidates_measured_on_other_customers_are_refused():
    with pytest.raises(ValueError, match="only one of a and b"):
        choose_winner({"a": around(1.0), "b": around(1.0)[:-1]}, {"a": 1, "b": 1})


def test_missing_candidates_and_complexities_are_refused():
    with pytest.raises(ValueError, match="no candidate"):
        choose_winner({}, {})
    with pytest.raises(ValueError, match="no complexity is given for a, b"):
        choose_winner({"a": around(1), "b": around(1), "c": around(1)}, {"c": 1})
