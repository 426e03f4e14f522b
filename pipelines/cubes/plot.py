"""A picture of a view: lines over time, bars otherwise; drawn from the frame that is written."""

from pathlib import Path
from typing import Any

import pandas as pd

from features.cube import CellSet
from features.cube.trend import Trend
from lodeworks.errors import ConfigError
from lodeworks.files import new_file

__all__ = ["plot_cells", "plot_trend"]

_MOST_LINES = 12
_MOST_BARS = 40


def plot_cells(cells: CellSet, time: str | None, path: Path) -> None:
    """Draw the first measure of a view.

    Parameters
    ----------
    cells : CellSet
    time : str or None
        The dimension of time that is shown, where there is one: it runs from left to right.
    path : Path
        ``.svg`` or ``.png``.

    Raises
    ------
    ConfigError
        When there is nothing on the axes, or more than a picture can show.
    """
    measure = cells.measures[0]
    frame = cells.frame[cells.frame["grouping"] == 0]
    if not cells.levels or frame.empty:
        raise ConfigError("--plot needs a level on rows or columns, and cells")
    across = [key for key in cells.levels if time and key.startswith(f"{time}.")]
    across = across or list(cells.rows or cells.columns)
    series = [key for key in cells.levels if key not in across]
    wide = pd.DataFrame(
        {
            "across": _joined(frame, across),
            "series": _joined(frame, series) if series else measure,
            "value": frame[measure].astype(float),
        }
    )
    wide = wide.pivot_table(
        index="across", columns="series", values="value", sort=False, observed=True
    )
    if wide.shape[1] > _MOST_LINES or (not time and len(wide) > _MOST_BARS):
        raise ConfigError(
            f"--plot shows at most {_MOST_LINES} series and {_MOST_BARS} bars; this view has "
            f"{wide.shape[1]} and {len(wide)}: roll up, or choose members with --where"
        )
    figure, axes = _figure()
    if time:
        wide = wide.sort_index()
        axes.plot(wide.index.to_numpy(), wide.to_numpy(), marker="o", label=list(wide.columns))
    else:
        wide.plot.bar(ax=axes, legend=False)
    unit = cells.shown[measure].unit
    axes.set_ylabel(f"{measure} ({unit})" if unit else measure)
    _finish(figure, axes, len(wide.columns) > 1, path)


def plot_trend(trend: Trend, path: Path) -> None:
    """Draw what was observed and what is expected, with its interval.

    Raises
    ------
    ConfigError
        When there are too many series.
    """
    fixed = {"period", "observed", "fitted", "forecast", "low", "high"}
    others = [name for name in trend.frame.columns if name not in fixed]
    groups = (
        trend.frame.groupby(others, sort=False, dropna=False) if others else [("", trend.frame)]
    )
    if len(trend.models) > _MOST_LINES:
        raise ConfigError(
            f"--plot shows at most {_MOST_LINES} series; here are {len(trend.models)}"
        )
    figure, axes = _figure()
    for member, part in groups:
        label = ", ".join(map(str, member)) if others else trend.measure
        (line,) = axes.plot(part["period"], part["observed"], marker="o", label=label)
        axes.plot(part["period"], part["forecast"], "--", marker="o", color=line.get_color())
        axes.fill_between(
            part["period"], part["low"], part["high"], color=line.get_color(), alpha=0.15
        )
    axes.set_ylabel(trend.measure)
    _finish(figure, axes, len(trend.models) > 1, path)


def _joined(frame: pd.DataFrame, levels: list[str]) -> pd.Series:
    texts = [
        frame[key].map(lambda value: f"{value:02d}" if isinstance(value, int) else str(value))
        for key in levels
    ]
    joined = texts[0].astype(object)
    for text in texts[1:]:
        joined = joined + " / " + text.astype(object)
    return joined


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    return figure, figure.subplots()


def _finish(figure: Any, axes: Any, legend: bool, path: Path) -> None:
    axes.tick_params(axis="x", rotation=60)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if legend:
        axes.legend(frameon=False)
    import matplotlib as mpl

    # no date and no random ids: the same view gives the same bytes
    with mpl.rc_context({"svg.hashsalt": "lodeworks"}), new_file(path) as aside:
        dated = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(aside, format=path.suffix[1:], dpi=120, metadata=dated)
