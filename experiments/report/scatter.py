"""A chart of single points over two axes."""

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
    svg,
    tag,
)
from experiments.report.numbers import compact

__all__ = ["Dot", "scatter_chart"]

ROOM = 14
SMALL, LARGE = 3.5, 11.0


@dataclass(frozen=True)
class Dot:
    """One point.

    Attributes
    ----------
    x, y : float
        Where it lies; a point that is not finite is left out.
    name : str
        Shown when it is pointed at.
    style : str
        Class of the style sheet, such as ``c1``.
    size : float
        From 0, small, to 1, large.
    link : str
        Where a click leads; empty for nowhere.
    """

    x: float
    y: float
    name: str
    style: str = "c1"
    size: float = 0.0
    link: str = ""


def scatter_chart(
    slug: str,
    title: str,
    description: str,
    dots: Sequence[Dot],
    *,
    x_label: str,
    y_label: str,
    x_text: Text = compact,
    y_text: Text = compact,
) -> Markup:
    """Draw points over two axes; large ones lie below small ones, so that both can be seen.

    Parameters
    ----------
    slug : str
        Unique on the page.
    title, description : str
        Read aloud in the place of the picture.
    dots : sequence of Dot
    x_label, y_label : str
        What the axes count.
    x_text, y_text : callable
        Write a tick.
    """
    known = [dot for dot in dots if np.isfinite([dot.x, dot.y]).all()]
    across = Scale.over([np.array([dot.x for dot in known])], LEFT + ROOM, WIDTH - RIGHT)
    upward = Scale.over([np.array([dot.y for dot in known])], HEIGHT - BOTTOM - ROOM, TOP)
    parts = [
        *(_row(upward, tick, y_text) for tick in upward.ticks),
        *(_column(across, tick, x_text) for tick in across.ticks),
        tag("text", x_label, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, class_="axis mid"),
        tag("text", y_label, x=4, y=18, class_="axis"),
        *(_dot(dot, across, upward) for dot in sorted(known, key=lambda dot: -dot.size)),
    ]
    linked = any(dot.link for dot in known)
    return svg(slug, title, description, HEIGHT, parts, role="group" if linked else "img")


def _row(scale: Scale, tick: float, text: Text) -> Markup:
    y = scale(tick)
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid")
    return line + tag("text", text(tick), x=LEFT - 8, y=y + 4, class_="tick end")


def _column(scale: Scale, tick: float, text: Text) -> Markup:
    return tag("text", text(tick), x=scale(tick), y=HEIGHT - BOTTOM + 20, class_="tick mid")


def _dot(dot: Dot, across: Scale, upward: Scale) -> Markup:
    size = SMALL + (LARGE - SMALL) * min(max(dot.size, 0.0), 1.0)
    drawn = tag(
        "circle",
        cx=across(dot.x),
        cy=upward(dot.y),
        r=size,
        class_=f"point {dot.style}",
        title=dot.name,
    )
    return tag("a", drawn, href=dot.link, aria_label=dot.name) if dot.link else drawn
