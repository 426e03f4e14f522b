"""What every chart is made of: places on the drawing, ticks and elements of SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

__all__ = [
    "BOTTOM",
    "HEIGHT",
    "LEFT",
    "RIGHT",
    "TOP",
    "WIDTH",
    "Scale",
    "Text",
    "placed",
    "svg",
    "tag",
    "ticks",
]

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 38, 58
Text = Callable[[float], str]


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Give round numbers from at or below `low` to at or above `high`.

    Examples
    --------
    >>> ticks(0, 0.93)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(-30, 120)
    [-50.0, 0.0, 50.0, 100.0, 150.0]
    """
    step = _round_step((high - low) / about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{place * step:.15g}") for place in range(first, last + 1)]


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return size * next(step for step in (1, 2, 2.5, 5, 10) if step * size >= rough * (1 - 1e-9))


@dataclass(frozen=True)
class Scale:
    """From values to places on the drawing, with the ticks between.

    Attributes
    ----------
    ticks : list of float
        Round values, from at or below the lowest to at or above the highest.
    start, end : float
        Where the first and the last of them lie.
    """

    ticks: list[float]
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[np.ndarray], start: float, end: float) -> "Scale":
        """Span all values that are finite; those that are alike get some room."""
        flat = np.concatenate([np.asarray(part, dtype=float) for part in values] or [np.zeros(1)])
        flat = flat[np.isfinite(flat)]
        low, high = (float(flat.min()), float(flat.max())) if len(flat) else (0.0, 1.0)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            low, high = min(low, 0.0), max(high, low + 1.0)
        return cls(ticks(low, high), start, end)

    def __call__(self, value: float) -> float:
        """Give the place of a value."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.start + share * (self.end - self.start)


def svg(
    slug: str,
    title: str,
    description: str,
    height: float,
    parts: Sequence[Markup],
    *,
    role: str = "img",
) -> Markup:
    """Put the parts together into one picture that is read aloud by its title and description.

    A picture with links is a ``group``: the parts of an ``img`` are not told one by one.
    """
    named = Markup("").join(
        [tag("title", title, id=f"{slug}-title"), tag("desc", description, id=f"{slug}-desc")]
    )
    return tag(
        "svg",
        named + Markup("").join(parts),
        viewBox=f"0 0 {WIDTH} {placed(height)}",
        role=role,
        aria_labelledby=f"{slug}-title {slug}-desc",
    )


def tag(name: str, content: str = "", *, title: str = "", **attributes: str | float) -> Markup:
    """Write one element; everything that is not markup already is escaped."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _attribute(value))
        for key, value in attributes.items()
    )
    inner = tag("title", title) if title else Markup("")
    return Markup("<{0}{1}>{2}{3}</{0}>").format(name, written, inner, escape(content))


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else placed(value)


def placed(number: float) -> str:
    """Write a place with one digit.

    Examples
    --------
    >>> placed(12.0), placed(3.14159)
    ('12', '3.1')
    """
    return f"{number:.1f}".removesuffix(".0")
