"""A picture of what goes with what: names on a circle, arrows between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from experiments.report.drawing import placed, svg, tag

__all__ = ["Arrow", "network_chart"]

WIDTH = 560
ACROSS, LEAST_UPWARD, MARGIN = 128.0, 150.0, 20.0
APART = 15.0  # between the lines of two names
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
    ring = _Ring.of(names)
    parts = [
        *(_arrow(arrow, ring) for arrow in arrows),
        *(_name(name, ring) for name in names),
    ]
    linked = any(arrow.link for arrow in arrows)
    return svg(slug, title, description, ring.height, parts, role="group" if linked else "img")


@dataclass(frozen=True)
class _Ring:
    """An ellipse, as tall as its names need, with a place on it for each of them."""

    upward: float
    angle: dict[str, float]

    @classmethod
    def of(cls, names: Sequence[str]) -> "_Ring":
        """Go round clockwise, half of the names a side, the same distance below each other."""
        right = -(-len(names) // 2)
        sides = [(names[:right], 1.0), (names[right:][::-1], -1.0)]
        angle = {
            name: sign * math.acos(1 - (2 * place + 1) / len(side))
            for side, sign in sides
            for place, name in enumerate(side)
        }
        return cls(max(LEAST_UPWARD, right * APART / 2), angle)

    @property
    def height(self) -> float:
        return 2 * (self.upward + MARGIN)

    @property
    def middle(self) -> tuple[float, float]:
        return WIDTH / 2, self.height / 2

    def point(self, name: str, out: float = 1.0) -> tuple[float, float]:
        x, y = self.middle
        angle = self.angle[name]
        return x + ACROSS * out * math.sin(angle), y - self.upward * out * math.cos(angle)


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


def _arrow(arrow: Arrow, ring: _Ring) -> Markup:
    (x1, y1), (x2, y2) = ring.point(arrow.start), ring.point(arrow.end, 0.965)
    bend = " ".join(map(placed, (*ring.middle, x2, y2)))
    line = tag(
        "path",
        d=f"M {placed(x1)} {placed(y1)} Q {bend}",
        class_=f"link w{round(4 * min(max(arrow.weight, 0.0), 1.0))}",
        title=arrow.name,
    )
    head = tag("path", d=_head((x2, y2), ring.middle), class_="head")
    drawn = line + head
    return tag("a", drawn, href=arrow.link, aria_label=arrow.name) if arrow.link else drawn


def _head(end: tuple[float, float], middle: tuple[float, float]) -> str:
    """Draw a small triangle that points away from the middle."""
    (x, y), (across, upward) = end, (end[0] - middle[0], end[1] - middle[1])
    length = math.hypot(across, upward) or 1.0
    across, upward = across / length * 9, upward / length * 9
    left = (x - across - upward * 0.5, y - upward + across * 0.5)
    right = (x - across + upward * 0.5, y - upward - across * 0.5)
    corners = [(x, y), left, right]
    return "M " + " L ".join(f"{placed(a)} {placed(b)}" for a, b in corners) + " Z"


def _name(name: str, ring: _Ring) -> Markup:
    (x, y), (out, _) = ring.point(name), ring.point(name, 1.06)
    to_the_left = ring.angle[name] < 0
    text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
    dot = tag("circle", cx=x, cy=y, r=5, class_="dot strong", title=name)
    side, away = ("node end", -4.0) if to_the_left else ("node", 4.0)
    return dot + tag("text", text, x=out + away, y=y + 4.0, class_=side)
