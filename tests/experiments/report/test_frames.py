"""The tables beside the report."""

from dataclasses import replace

import pandas as pd

from experiments.report import render
from experiments.report.frames import frames
from experiments.report.page import html


def test_every_candidate_is_in_the_curves(full_report):
    found = frames(full_report)
    assert set(found["profit_curves"]["candidate"]) == set(full_report.profit_curves)
    name, curve = next(iter(full_report.profit_curves.items()))
    curves = found["profit_curves"]
    own = curves[curves["candidate"] == name].drop(columns="candidate")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), curve.reset_index(drop=True))


def test_the_tree_is_kept_line_by_line(full_report):
    assert "\n".join(frames(full_report)["tree"]["line"]) == full_report.tree.rstrip("\n")


def test_what_there_is_nothing_of_is_left_out(bare_report):
    assert frames(bare_report) == {}


def test_no_table_names_a_customer(full_report):
    assert not any("customer_id" in frame for frame in frames(full_report).values())


def test_they_are_written_beside_the_page(full_report, tmp_path):
    render(full_report, tmp_path / "new" / "report.html")
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {"report.html", *(f"{name}.parquet" for name in frames(full_report))}
    for name, frame in frames(full_report).items():
        back = pd.read_parquet(tmp_path / "new" / f"{name}.parquet")
        assert back.shape == frame.shape
        assert list(back.columns) == list(frame.columns)


def test_the_same_report_gives_the_same_bytes(full_report, tmp_path):
    contents = []
    for folder in ("a", "b"):
        render(full_report, tmp_path / folder / "report.html")
        files = sorted((tmp_path / folder).iterdir())
        contents.append([(path.name, path.read_bytes()) for path in files])
    assert contents[0] == contents[1]


def test_a_large_report_stays_under_two_megabytes(full_report):
    """Sixteen candidates, long curves, many trials and rules."""
    curve = next(iter(full_report.profit_curves.values()))
    long = pd.concat([curve] * 200, ignore_index=True)
    names = [f"candidate-{n}" for n in range(16)]
    board = full_report.leaderboard
    large = replace(
        full_report,
        leaderboard=pd.concat([board, board], ignore_index=True),
        profit_curves={full_report.winner: long, **dict.fromkeys(names, long)},
        gains=dict.fromkeys(names, next(iter(full_report.gains.values()))),
        rules=pd.concat([full_report.rules] * 5_000, ignore_index=True),
        trials=pd.concat([full_report.trials] * 100, ignore_index=True),
        tree="\n".join(["  customers with many orders: 5 of 100 (5.00%)"] * 2_000),
    )
    page = html(large)
    assert len(page.encode()) < 2_000_000
    assert "The first 1000 of" in page
