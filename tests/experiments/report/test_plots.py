from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from experiments.report import plots
from experiments.report.plots import POINTS

ALL = [
    plots.calibration_plot,
    plots.gains_plot,
    plots.items_plot,
    plots.leaderboard_plot,
    plots.profit_plot,
    plots.profits_plot,
    plots.trials_plot,
]


@pytest.mark.parametrize("draw", ALL)
def test_every_picture_is_sound_and_brings_its_frame_and_caption(draw, full_report):
    plot = draw(full_report)
    assert ElementTree.fromstring(plot.picture).tag == "svg"
    assert len(plot.frame)
    assert plot.caption.endswith(".")


@pytest.mark.parametrize("draw", [draw for draw in ALL if draw is not plots.leaderboard_plot])
def test_nothing_to_draw_gives_no_picture(draw, bare_report):
    assert draw(bare_report) is None


def test_empty_frames_give_no_picture(full_report):
    empty = replace(
        full_report,
        leaderboard=full_report.leaderboard.iloc[:0],
        profit_curves={"rules": full_report.profit_curves["rules"].iloc[:0]},
        gains={"rules": full_report.gains["rules"].iloc[:0]},
        calibration=full_report.calibration.iloc[:0],
        trials=full_report.trials.iloc[:0],
        list=replace(full_report.list, top_items=full_report.list.top_items.iloc[:0]),
    )
    assert [draw(empty) for draw in ALL] == [None] * len(ALL)


def test_long_curves_are_thinned_but_keep_their_ends_and_the_best_depth(full_report):
    size = 100_001
    curve = pd.DataFrame(
        {
            "depth": np.linspace(0, 1, size),
            "customers": np.arange(size),
            "contact_cost": 0.0,
            "expected_profit": 1.0,
            "realised_profit": 1.0,
        }
    )
    report = replace(full_report, profit_curves={"rules": curve})
    frame = plots.profit_plot(report).frame
    board = report.leaderboard.set_index("candidate")
    assert len(frame) <= POINTS + 1
    assert {0, int(board.loc["rules", "customers"]), size - 1} <= set(frame["customers"])


def test_the_frame_of_all_curves_names_the_candidate_first(full_report):
    frame = plots.profits_plot(full_report).frame
    assert frame.columns[0] == "candidate"
    assert set(frame["candidate"]) == set(full_report.profit_curves)


def test_the_winner_stands_out_in_the_legend(full_report):
    styles = dict(plots.gains_plot(full_report).legend)
    assert [name for name, style in styles.items() if "strong" in style] == ["rules"]
    assert len(set(styles.values())) == len(styles)


def test_candidates_keep_the_order_of_the_leaderboard(full_report):
    order = [name for name, _ in plots.profits_plot(full_report).legend]
    assert order == full_report.leaderboard["candidate"].tolist()


def test_tuning_never_falls(full_report):
    tree = ElementTree.fromstring(plots.trials_plot(full_report).picture)
    for line in tree.iter("polyline"):
        heights = [float(pair.split(",")[1]) for pair in line.get("points").split()]
        assert heights == sorted(heights, reverse=True)


def test_items_without_a_name_are_called_by_their_id(full_report):
    assert ">20725<" in plots.items_plot(full_report).picture


def test_a_picture_of_items_shows_the_most_offered(full_report):
    assert len(plots.items_plot(full_report, most=2).frame) == 2
