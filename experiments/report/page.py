"""From the data of a report to one HTML page that needs nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jinja2
import pandas as pd

from experiments.report import plots, story
from experiments.report.data import ReportData
from experiments.report.frames import frames
from experiments.report.numbers import count, day, money
from experiments.report.tables import Table, table
from lodeworks.files import new_file, write_text

__all__ = ["html", "render"]

BOARD = (
    "candidate",
    "family",
    "expected_profit",
    "expected_profit_low",
    "expected_profit_high",
    "customers",
)
TOP_RULES = 30
PICTURES = ("profit", "gains", "calibration", "tuning")
BOARD_METRICS = ("recall@10_new", "ndcg@10_new", "hit@10_new", "recall@10_all")


def render(report: ReportData, path: str | Path) -> Path:
    """Write the report to one file, whole or not at all, and its main tables beside it.

    The page holds its styles and pictures and asks for nothing from anywhere; it can be mailed,
    printed and opened offline. The same report gives the same bytes.

    Parameters
    ----------
    report : ReportData
        What to say. Nothing is measured here.
    path : str or Path
        The HTML file; missing folders are made. The tables are ``NAME.parquet`` in the same
        folder, see `experiments.report.frames.frames`.

    Returns
    -------
    Path
        The file.
    """
    write_text(path, html(report))
    for name, frame in frames(report).items():
        with new_file(Path(path).with_name(f"{name}.parquet")) as aside:
            frame.to_parquet(aside, index=False)
    return Path(path)


def html(report: ReportData) -> str:
    """Give the report as the text of one HTML page; see `render`."""
    template = _environment(report).get_template("report.html")
    return template.render(
        report=report,
        story=story,
        sections=_sections(report),
        plots={name: draw(report) for name, draw in _pictures().items()},
        board=_board(report),
        top_rules=TOP_RULES,
    )


@dataclass(frozen=True)
class _Section:
    """A part of the page: its anchor and template, its heading, and if it takes half the width."""

    slug: str
    heading: str
    half: bool = False


def _sections(report: ReportData) -> list[_Section]:
    """List the analyst's sections for which there is something to say."""
    there = [
        ("splits", "Splits in time", report.windows is not None),
        ("leaderboard", "Leaderboard", True),
        ("forecasts", "Earlier forecasts", report.forecasts is not None),
        ("profit", "Profit curves", bool(report.profit_curves)),
        ("gains", "Gains and lift", bool(report.gains)),
        ("calibration", "Calibration", report.calibration is not None),
        ("tuning", "Tuning", report.trials is not None),
        ("segments", "Segments", report.segments is not None),
        ("rules", "Top rules", report.rules is not None),
        ("tree", "The tree", report.tree is not None),
        ("quality", "Data quality", report.load is not None or report.rejected is not None),
        ("limits", "Limitations", bool(report.limitations)),
        ("reproduce", "Reproducibility", True),
    ]
    return [
        _Section(slug, heading, half=slug in PICTURES)
        for slug, heading, present in there
        if present
    ]


def _pictures() -> dict[str, Callable[[ReportData], plots.Plot | None]]:
    return {
        "first": plots.profit_plot,
        "offers": plots.items_plot,
        "leaderboard": plots.leaderboard_plot,
        "profit": plots.profits_plot,
        "gains": plots.gains_plot,
        "calibration": plots.calibration_plot,
        "tuning": plots.trials_plot,
    }


def _board(report: ReportData) -> Table:
    board = report.leaderboard
    names = [*BOARD, *BOARD_METRICS, "coverage", "seconds"]
    winner = board["candidate"] == report.winner if len(board) else None
    ends = [f"{name}{end}" for name in BOARD_METRICS for end in ("_low", "_high")]
    return table(board, report.currency, columns=[*names, *ends], mark=winner)


def _environment(report: ReportData) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def as_table(frame: pd.DataFrame) -> Table:
        return table(frame, report.currency)

    environment.filters |= {
        "money": lambda amount: money(amount, report.currency),
        "count": count,
        "day": day,
        "as_table": as_table,
    }
    return environment


def _template(name: str) -> str:
    """Read a template from the installed package, wherever that is."""
    folder = resources.files("experiments.report") / "templates"
    return (folder / name).read_text(encoding="utf-8")
