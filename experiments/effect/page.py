"""A measurement as one HTML page that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from experiments.report.numbers import plain
from experiments.report.svg import Bar, interval_chart
from experiments.report.tables import table
from lodeworks.files import write_text

__all__ = ["EffectPage", "write_page"]


@dataclass(frozen=True, kw_only=True)
class EffectPage:
    """What the page says.

    Attributes
    ----------
    title, headline : str
        Name of the measurement, and its main result in a sentence.
    mood, verdict : str
        ``good``, ``open`` or ``bad``, and the verdict in a few words.
    statements, notes : sequence of str
        Further results, and what a reader must know.
    currency : str
        Of columns of money.
    tables : mapping of str to pandas.DataFrame
        By heading.
    lifts : mapping of str to (value, low, high)
        Drawn as points with intervals.
    facts : mapping of str to str
        What was measured, when and how.
    """

    title: str
    headline: str
    mood: str
    verdict: str
    statements: Sequence[str]
    notes: Sequence[str] = ()
    currency: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lifts: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def write_page(page: EffectPage, path: str | Path) -> None:
    """Write the page to one file, whole or not at all; the same page gives the same bytes."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["as_table"] = lambda frame: table(frame, page.currency)
    text = environment.get_template("effect.html").render(page=page, chart=_chart(page))
    write_text(path, text)


def _chart(page: EffectPage) -> Markup:
    known = {name: ends for name, ends in page.lifts.items() if all(end == end for end in ends)}
    if not known:
        return Markup("")
    bars = [Bar(name, *ends, strong=ends[1] > 0 or ends[2] < 0) for name, ends in known.items()]
    description = "Lift of the targets over the controls, each with its interval."
    return interval_chart("lifts", "Lift", description, bars, lambda value: f"{plain(value)} %")


def _template(name: str) -> str:
    """Read a template; style and macros are those of the report of a run."""
    room = "experiments.effect" if name == "effect.html" else "experiments.report"
    return (resources.files(room) / "templates" / name).read_text(encoding="utf-8")
