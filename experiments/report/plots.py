"""The pictures of the report, each with the frame it was drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from experiments.report.data import ReportData
from experiments.report.numbers import compact, count, money
from experiments.report.svg import Bar, Line, bar_chart, interval_chart, line_chart

__all__ = [
    "Plot",
    "calibration_plot",
    "gains_plot",
    "items_plot",
    "leaderboard_plot",
    "profit_plot",
    "profits_plot",
    "trials_plot",
]

POINTS = 60
STYLES = 8


@dataclass(frozen=True)
class Plot:
    """A picture, its caption, its legend (name, style) and the frame behind it."""

    picture: Markup
    caption: str
    frame: pd.DataFrame
    legend: tuple[tuple[str, str], ...] = ()


def profit_plot(report: ReportData) -> Plot | None:
    """Draw what the winner's list should earn, and what it earned, at each number of customers."""
    curve = report.profit_curves.get(report.winner)
    if curve is None or not len(curve):
        return None
    depth = _contacted(report)
    frame = _thinned(curve, depth)
    x = frame["customers"].to_numpy(dtype=float)
    lines = [
        Line("measured", x, frame["realised_profit"].to_numpy(dtype=float), "c2"),
        Line("predicted", x, frame["expected_profit"].to_numpy(dtype=float), "c1"),
    ]
    picture = line_chart(
        "profit",
        "Profit by number of customers contacted",
        f"Predicted and measured profit of {report.winner}; best at {count(depth or 0)} customers.",
        lines,
        x_label="customers contacted, most promising first",
        y_label=f"profit ({report.currency})",
        x_text=compact,
        y_text=lambda value: compact(value, report.currency),
        mark=depth,
        mark_text=f"stop at {count(depth or 0)}",
    )
    caption = (
        "On the held-out period, the most promising customers contacted first. Beyond the mark, "
        "further contacts are not expected to pay or exceed the limits."
    )
    return Plot(picture, caption, frame, (("predicted", "c1"), ("measured", "c2")))


def profits_plot(report: ReportData) -> Plot | None:
    """Draw the measured profit of every candidate at each depth."""
    curves = _in_order(report.profit_curves, report)
    curves = {name: _thinned(curve) for name, curve in curves.items() if len(curve)}
    if not curves:
        return None
    lines = [
        Line(
            name,
            curve["depth"].to_numpy(dtype=float),
            curve["realised_profit"].to_numpy(dtype=float),
            _style(place, name, report),
        )
        for place, (name, curve) in enumerate(curves.items())
    ]
    picture = line_chart(
        "profits",
        "Measured profit of every candidate by depth",
        "One line a candidate; a higher line earns more at that depth.",
        lines[::-1],
        x_label="share of customers contacted",
        y_label=f"measured profit ({report.currency})",
        x_text=_share,
        y_text=lambda value: compact(value, report.currency),
    )
    caption = "Profit on held-out outcomes, each candidate contacting its own best customers first."
    return Plot(picture, caption, _stacked(curves), _legend(lines))


def gains_plot(report: ReportData) -> Plot | None:
    """Draw which share of the responses each candidate reaches at each depth."""
    tables = {name: frame for name, frame in _in_order(report.gains, report).items() if len(frame)}
    if not tables:
        return None
    lines = [
        Line(
            name,
            np.append(0.0, frame["depth"].to_numpy(dtype=float)),
            np.append(0.0, frame["gain"].to_numpy(dtype=float)),
            _style(place, name, report),
        )
        for place, (name, frame) in enumerate(tables.items())
    ]
    chance = Line("by chance", np.array([0.0, 1.0]), np.array([0.0, 1.0]), "chance")
    picture = line_chart(
        "gains",
        "Cumulative gains of every candidate",
        "Share of all responses reached against share contacted; the diagonal is chance.",
        [chance, *lines[::-1]],
        x_label="share contacted",
        y_label="share of responses reached",
        x_text=_share,
        y_text=_share,
    )
    caption = "The further above the diagonal, the better the candidate ranks."
    return Plot(picture, caption, _stacked(tables), _legend([*lines, chance]))


def leaderboard_plot(report: ReportData) -> Plot | None:
    """Draw the profit of every candidate with its interval."""
    board = report.leaderboard
    if not len(board):
        return None
    bars = [
        Bar(
            f"{row['candidate']}: {money(row['expected_profit'], report.currency)}",
            row["expected_profit"],
            row.get("expected_profit_low", np.nan),
            row.get("expected_profit_high", np.nan),
            strong=row["candidate"] == report.winner,
        )
        for _, row in board.iterrows()
    ]
    picture = interval_chart(
        "leaderboard",
        "Profit of every candidate with its interval",
        "A dot is the profit measured on held-out data, the bar its interval.",
        bars,
        lambda value: compact(value, report.currency),
        f"measured profit ({report.currency})",
    )
    caption = (
        f"Profit on held-out data at each candidate's best depth, with {report.level:.0%} "
        "intervals. Candidates are compared customer by customer, so overlapping bars can still "
        "differ."
    )
    names = ["candidate", "expected_profit", "expected_profit_low", "expected_profit_high"]
    return Plot(picture, caption, board[[name for name in names if name in board]])


def calibration_plot(report: ReportData) -> Plot | None:
    """Draw observed against predicted probabilities."""
    frame = report.calibration
    if frame is None or not len(frame):
        return None
    predicted = frame["predicted"].to_numpy(dtype=float)
    observed = frame["observed"].to_numpy(dtype=float)
    most = float(np.nanmax([predicted, observed]))
    lines = [
        Line("perfect", np.array([0.0, most]), np.array([0.0, most]), "chance"),
        Line("observed", predicted, observed, "c1", dots=True),
    ]
    picture = line_chart(
        "calibration",
        "Observed against predicted probability",
        "Points on the diagonal mean that predicted probabilities can be taken literally.",
        lines,
        x_label="predicted probability",
        y_label="observed share",
        x_text=_share,
        y_text=_share,
    )
    caption = "Above the diagonal the method was too cautious, below it too optimistic."
    return Plot(picture, caption, frame, _legend(lines[::-1]))


def trials_plot(report: ReportData) -> Plot | None:
    """Draw the best value found so far in the tuning of each candidate."""
    trials = report.trials
    if trials is None or not len(trials):
        return None
    groups = {str(name): group for name, group in trials.sort_values("trial").groupby("candidate")}
    lines = [
        Line(
            name,
            group["trial"].to_numpy(dtype=float) + 1,
            group["value"].cummax().to_numpy(dtype=float),
            _style(place, name, report),
            dots=len(group) == 1,
        )
        for place, (name, group) in enumerate(_in_order(groups, report).items())
    ]
    picture = line_chart(
        "trials",
        "Best value so far by trial",
        "One line a candidate; a line that still rises at its end could gain from more trials.",
        lines[::-1],
        x_label="trial",
        y_label="best value so far",
        x_text=lambda value: count(value) if value.is_integer() else "",
        y_text=compact,
    )
    caption = "A line that still rises at its end could gain from more trials."
    return Plot(picture, caption, trials, _legend(lines))


def items_plot(report: ReportData, most: int = 10) -> Plot | None:
    """Draw to how many customers each of the most offered items goes."""
    items = report.list.top_items if report.list is not None else None
    if items is None or not len(items):
        return None
    shown = items.head(most)
    bars = [Bar(_item_name(row), float(row["customers"])) for _, row in shown.iterrows()]
    picture = bar_chart(
        "items",
        "Most offered items",
        "Each bar is the number of customers to whom the item is offered.",
        bars,
        count,
    )
    return Plot(picture, "Number of customers to whom each item is offered.", shown)


def _item_name(row: pd.Series) -> str:
    name = row.get("item_name")
    return str(row["item_id"]) if name is None or pd.isna(name) else str(name)


def _share(value: float) -> str:
    return f"{compact(value * 100)}%"


def _contacted(report: ReportData) -> int | None:
    board = report.leaderboard
    customers = dict(zip(board["candidate"], board["customers"], strict=True)) if len(board) else {}
    return int(customers[report.winner]) if report.winner in customers else None


def _thinned(curve: pd.DataFrame, keep: int | None = None) -> pd.DataFrame:
    """Take evenly spaced rows of a long curve, its ends and the row of `keep` customers."""
    places = np.unique(np.linspace(0, len(curve) - 1, POINTS).round().astype(int))
    chosen = np.zeros(len(curve), dtype=bool)
    chosen[places] = True
    if keep is not None:
        chosen |= (curve["customers"] == keep).to_numpy()
    return curve[chosen].reset_index(drop=True)


def _in_order(frames: Mapping[str, pd.DataFrame], report: ReportData) -> dict[str, pd.DataFrame]:
    """Put the candidates in the order of the leaderboard, others behind by name."""
    places = {name: place for place, name in enumerate(report.leaderboard.get("candidate", []))}
    ordered = sorted(frames, key=lambda name: (places.get(name, len(places)), name))
    return {name: frames[name] for name in ordered}


def _style(place: int, name: str, report: ReportData) -> str:
    return f"c{place % STYLES + 1}{' strong' if name == report.winner else ''}"


def _legend(lines: list[Line]) -> tuple[tuple[str, str], ...]:
    return tuple((line.name, line.style) for line in lines)


def _stacked(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [frame.assign(candidate=name) for name, frame in frames.items()]
    stacked = pd.concat(parts, ignore_index=True)
    return stacked[["candidate", *(name for name in stacked if name != "candidate")]]
