"""Figures of runs side by side."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.readers.figures import changes_between, figures_of, main_figure, one_board
from app.readers.runs import Run

plain = st.recursive(
    st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)
configs = st.dictionaries(st.text("abc", min_size=1, max_size=3), plain, max_size=4)


def run(**about):
    return Run(Path("runs/r"), about)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs)
def test_a_configuration_does_not_differ_from_itself(config):
    assert changes_between(config, config) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs, configs)
def test_differences_are_the_same_both_ways(first, second):
    there = {(c.key, c.first, c.second) for c in changes_between(first, second)}
    back = {(c.key, c.second, c.first) for c in changes_between(second, first)}
    assert there == back


def test_an_entry_of_a_list_is_called_by_its_name_so_that_order_is_no_change():
    a, b = {"kind": "rules", "tune": True}, {"kind": "tree", "tune": True}
    assert changes_between({"candidates": [a, b]}, {"candidates": [b, a]}) == []
    (change,) = changes_between({"candidates": [a]}, {"candidates": [a | {"tune": False}]})
    assert (change.key, change.first, change.second) == ("candidates[rules].tune", "True", "False")


def test_what_is_null_is_not_stated():
    assert changes_between({"seed": 1}, {"seed": 1, "language": None}) == []
    (change,) = changes_between({"language": None}, {"language": "zh"})
    assert (change.first, change.second) == ("(none)", "zh")


def test_what_is_on_one_side_only_is_told():
    (change,) = changes_between({}, {"seed": 1})
    assert (change.first, change.second) == ("(none)", "1")


def test_the_main_figure_is_the_measured_profit_of_the_winner():
    board = [{"candidate": "a", "expected_profit": 5.0, "expected_profit_low": 1.0}]
    figure = main_figure(run(leaderboard=board, winner="a", metrics={"auc": 0.7}))
    assert (figure.label, figure.value, figure.low, figure.high, figure.is_money) == (
        "measured profit", 5.0, 1.0, None, True
    )  # fmt: skip


def test_or_the_first_figure_of_another_question():
    figure = main_figure(run(metrics={"auc": 0.7, "auc_low": 0.6, "auc_high": 0.8}))
    assert (figure.label, figure.value, figure.low, figure.high) == ("auc", 0.7, 0.6, 0.8)
    assert main_figure(run()) is None


def test_figures_hold_numbers_only():
    board = [{"candidate": "a", "winner": True, "coverage": 0.5, "coverage_low": 0.4}]
    found = figures_of(run(leaderboard=board, expected_profit={"mean": 3.0}, seconds=9,
                           list={"target_customers": 4}))  # fmt: skip
    assert found == {
        "coverage": 0.5,
        "profit promised by the list": 3.0,
        "customers on the list": 4.0,
        "seconds": 9.0,
    }


def test_one_board_holds_every_candidate_of_every_run():
    first = Run(Path("runs/a"), {"leaderboard": [{"candidate": "x", "profit": 1.0, "none": None}]})
    second = Run(Path("runs/b"), {"leaderboard": [{"candidate": "y"}, {"candidate": "z"}]})
    frame = one_board([first, second])
    assert frame[["run", "candidate"]].to_numpy().tolist() == [["a", "x"], ["b", "y"], ["b", "z"]]
    assert "none" not in frame
    assert len(one_board([])) == 0
