"""A picture of what goes with what: names on a circle, arrows between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from experiments.report.drawing import placed, svg, tag

__all__ = ["Arrow", "network_chart"]

WIDTH, HEIGHT = 560, 470
MIDDLE = (WIDTH / 2, HEIGHT / 2)
ACROSS, UPWARD = 128.0, 170.0
LONGEST = 24


@dataclass(frozen=True)
class Arrow:
    """From one name to another.

    Attributes
    ----------
    start, end : str
        The names.
    weight : float
        From 0, thin, to 1, thick.
    name : str
        Shown when it is pointed at.
    link : str
        Where a click leads; empty for nowhere.
    """

    start: str
    end: str
    weight: float = 0.0
    name: str = ""
    link: str = ""


def network_chart(slug: str, title: str, description: str, arrows: Sequence[Arrow]) -> Markup:
    """Draw the names on an ellipse, those that are linked near each other, and the arrows inside.

    Parameters
    ----------
    slug : str
        Unique on the page.
    title, description : str
        Read aloud in the place of the picture.
    arrows : sequence of Arrow
        The order of the names follows them: a name stands beside its first neighbour.
    """
    names = _in_order(arrows)
    angle = {name: 2 * math.pi * place / max(len(names), 1) for place, name in enumerate(names)}
    parts = [
        *(_arrow(arrow, angle[arrow.start], angle[arrow.end]) for arrow in arrows),
        *(_name(name, angle[name]) for name in names),
    ]
    linked = any(arrow.link for arrow in arrows)
    return svg(slug, title, description, HEIGHT, parts, role="group" if linked else "img")


def _in_order(arrows: Sequence[Arrow]) -> list[str]:
    """Walk from name to name along the arrows, so that neighbours come after each other."""
    beside: dict[str, list[str]] = {}
    for arrow in arrows:
        beside.setdefault(arrow.start, []).append(arrow.end)
        beside.setdefault(arrow.end, []).append(arrow.start)
    ordered: dict[str, None] = {}
    for first in beside:
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name not in ordered:
                ordered[name] = None
                waiting += [other for other in reversed(beside[name]) if other not in ordered]
    return list(ordered)


def _point(angle: float, out: float = 1.0) -> tuple[float, float]:
    x = MIDDLE[0] + (ACROSS * out) * math.sin(angle)
    return x, MIDDLE[1] - (UPWARD * out) * math.cos(angle)


def _arrow(arrow: Arrow, start: float, end: float) -> Markup:
    (x1, y1), (x2, y2) = _point(start), _point(end, 0.965)
    bend = " ".join(map(placed, (*MIDDLE, x2, y2)))
    line = tag(
        "path",
        d=f"M {placed(x1)} {placed(y1)} Q {bend}",
        class_=f"link w{round(4 * min(max(arrow.weight, 0.0), 1.0))}",
        title=arrow.name,
    )
    head = tag("path", d=_head(x2, y2), class_="head")
    drawn = line + head
    return tag("a", drawn, href=arrow.link, aria_label=arrow.name) if arrow.link else drawn


def _head(x: float, y: float) -> str:
    """Draw a small triangle that points away from the middle."""
    across, upward = x - MIDDLE[0], y - MIDDLE[1]
    length = math.hypot(across, upward) or 1.0
    across, upward = across / length * 9, upward / length * 9
    left = (x - across - upward * 0.5, y - upward + across * 0.5)
    right = (x - across + upward * 0.5, y - upward - across * 0.5)
    corners = [(x, y), left, right]
    return "M " + " L ".join(f"{placed(a)} {placed(b)}" for a, b in corners) + " Z"


def _name(name: str, angle: float) -> Markup:
    x, y = _point(angle)
    sine = math.sin(angle)
    side = "mid" if abs(sine) < 0.15 else "end" if sine < 0 else ""
    out_x, out_y = _point(angle, 1.06)
    away = 0.0 if side == "mid" else 4.0 if sine > 0 else -4.0
    lift = (-6.0 if math.cos(angle) > 0 else 14.0) if side == "mid" else 4.0
    text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
    dot = tag("circle", cx=x, cy=y, r=5, class_="dot strong", title=name)
    return dot + tag("text", text, x=out_x + away, y=out_y + lift, class_=f"node {side}".strip())
