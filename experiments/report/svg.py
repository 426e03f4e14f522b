"""Charts of lines, intervals and bars as inline SVG; the style sheet gives the colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from experiments.report.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    Text,
    placed,
    svg,
    tag,
    ticks,
)

__all__ = ["Bar", "Line", "bar_chart", "interval_chart", "line_chart", "ticks"]

EDGE = 14
ROW = 46
SIDE = 12


@dataclass(frozen=True)
class Line:
    """One line of a chart: ``x`` and ``y`` of equal length, and the style class it is drawn in."""

    name: str
    x: np.ndarray
    y: np.ndarray
    style: str = "c1"
    dots: bool = False


@dataclass(frozen=True)
class Bar:
    """One labelled value; with `low` and `high` it is drawn as a point and its interval."""

    label: str
    value: float
    low: float = math.nan
    high: float = math.nan
    strong: bool = False


def line_chart(
    slug: str,
    title: str,
    description: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    x_text: Text,
    y_text: Text,
    mark: float | None = None,
    mark_text: str = "",
) -> Markup:
    """Draw lines over two axes; values that are not finite are left out.

    Parameters
    ----------
    slug : str
        Unique on the page; names the parts for screen readers.
    title, description : str
        Read aloud in the place of the picture.
    lines : sequence of Line
        Drawn in this order, the last on top.
    x_label, y_label : str
        What the axes count.
    x_text, y_text : callable
        Write a tick.
    mark : float, optional
        Where on x to draw an upright line, named `mark_text`.
    """
    across = Scale.over([line.x for line in lines], LEFT, WIDTH - RIGHT)
    upward = Scale.over([line.y for line in lines], HEIGHT - BOTTOM, TOP)
    parts = [
        *(_grid_row(upward, tick, y_text) for tick in upward.ticks),
        *(_x_tick(across, tick, x_text) for tick in across.ticks),
        tag("text", x_label, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, class_="axis mid"),
        tag("text", y_label, x=4, y=18, class_="axis"),
        *(_mark(across, mark, mark_text) if mark is not None else []),
        *(_line(line, across, upward) for line in lines),
    ]
    return svg(slug, title, description, HEIGHT, parts)


def interval_chart(
    slug: str,
    title: str,
    description: str,
    bars: Sequence[Bar],
    text: Text,
    axis: str = "",
    *,
    base: float = 0.0,
) -> Markup:
    """Draw a point with its interval for each label, over one axis that shows `base`.

    The base is what the values are read against, such as nothing or chance. The axis is named by
    `axis`, where that is given.
    """
    known = [[bar.value, bar.low, bar.high] for bar in bars]
    scale = Scale.over([np.array([base]), *map(np.array, known)], SIDE + 18, WIDTH - SIDE - 18)
    bottom = EDGE + ROW * len(bars)
    parts = [_upright(scale, tick, bottom, text, tick == base) for tick in scale.ticks]
    for place, bar in enumerate(bars):
        parts += _whisker(scale, bar, EDGE + ROW * place + 18)
    if axis:
        parts.append(tag("text", axis, x=WIDTH / 2, y=bottom + 46, class_="axis mid"))
    return svg(slug, title, description, bottom + (54 if axis else 30), parts)


def bar_chart(slug: str, title: str, description: str, bars: Sequence[Bar], text: Text) -> Markup:
    """Draw a bar for each label, with its value behind it; values are not negative."""
    most = max([bar.value for bar in bars if math.isfinite(bar.value)], default=0.0) or 1.0
    parts = []
    for place, bar in enumerate(bars):
        top = EDGE + ROW * place
        size = (WIDTH - 2 * SIDE - 100) * (bar.value if math.isfinite(bar.value) else 0) / most
        parts += [
            tag("text", _short(bar.label), x=SIDE, y=top + 8, class_="label"),
            tag("rect", x=SIDE, y=top + 15, width=size, height=14, rx=2, class_="bar"),
            tag("text", text(bar.value), x=SIDE + size + 8, y=top + 27, class_="value"),
        ]
    return svg(slug, title, description, EDGE + ROW * len(bars), parts)


def _grid_row(scale: Scale, tick: float, text: Text) -> Markup:
    y = scale(tick)
    style = "zero" if tick == 0 else "grid"
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=style)
    return line + tag("text", text(tick), x=LEFT - 8, y=y + 4, class_="tick end")


def _x_tick(scale: Scale, tick: float, text: Text) -> Markup:
    return tag("text", text(tick), x=scale(tick), y=HEIGHT - BOTTOM + 20, class_="tick mid")


def _upright(scale: Scale, tick: float, bottom: float, text: Text, strong: bool) -> Markup:
    x = scale(tick)
    line = tag("line", x1=x, x2=x, y1=EDGE, y2=bottom, class_="zero" if strong else "grid")
    return line + tag("text", text(tick), x=x, y=bottom + 20, class_="tick mid")


def _mark(scale: Scale, at: float, text: str) -> list[Markup]:
    x = scale(at)
    right = x > (LEFT + WIDTH - RIGHT) / 2
    line = tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="mark")
    style, aside = ("value end", -8) if right else ("value", 8)
    return [line, tag("text", text, x=x + aside, y=HEIGHT - BOTTOM - 10, class_=style)]


def _line(line: Line, across: Scale, upward: Scale) -> Markup:
    known = np.isfinite(line.x) & np.isfinite(line.y)
    points = [
        (placed(across(float(x))), placed(upward(float(y))))
        for x, y in zip(line.x[known], line.y[known], strict=True)
    ]
    drawn = tag(
        "polyline",
        points=" ".join(f"{x},{y}" for x, y in points),
        class_=f"line {line.style}",
        title=line.name,
    )
    if line.dots:
        for x, y in points:
            drawn += tag("circle", cx=x, cy=y, r=4.5, class_=f"dot {line.style}")
    return drawn


def _whisker(scale: Scale, bar: Bar, y: float) -> list[Markup]:
    style = "strong" if bar.strong else "weak"
    parts = [tag("text", _short(bar.label), x=SIDE, y=y - 6, class_=f"label {style}")]
    if math.isfinite(bar.low) and math.isfinite(bar.high):
        low, high = scale(bar.low), scale(bar.high)
        parts.append(tag("line", x1=low, x2=high, y1=y + 9, y2=y + 9, class_=f"whisker {style}"))
    if math.isfinite(bar.value):
        parts.append(tag("circle", cx=scale(bar.value), cy=y + 9, r=6, class_=f"dot {style}"))
    return parts


def _short(label: str, longest: int = 52) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"
