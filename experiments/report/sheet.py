"""The report of any business question: the answer first, then its parts, as one HTML page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Literal

import jinja2
import pandas as pd

from experiments.report.plots import Plot
from experiments.report.tables import table
from lodeworks.files import write_text

__all__ = ["Part", "Sheet", "render_sheet", "sheet_html"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section of the page.

    Attributes
    ----------
    heading : str
        In words.
    text : sequence of str
        Paragraphs before the tables.
    tables : mapping of str to pandas.DataFrame
        By caption; an empty caption is allowed. Columns are written by their names, see
        `experiments.report.tables`. No personal data.
    figures : sequence of Plot
        Each is shown with its caption and the table behind it.
    pre : str or None
        Text in fixed width, such as a tree.
    """

    heading: str
    text: Sequence[str] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    figures: Sequence[Plot] = ()
    pre: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything a report says; a part that is empty is left out.

    Attributes
    ----------
    title : str
        What the page is about, such as the name of the run.
    headline : str
        The answer in a sentence.
    mood, verdict : str
        ``good``, ``open`` or ``bad``, and how sure the answer is in a few words.
    lead : sequence of str
        What was found and what to do, for a business person.
    tiles : mapping of str to (str, str)
        Main figures: label to value and note.
    parts : sequence of Part
        The analyst's sections.
    doubts : sequence of str
        What we are unsure of.
    currency : str
        Of columns of money.
    about : mapping of str to str
        What is needed to run it again.
    """

    title: str
    headline: str
    mood: Literal["good", "open", "bad"] = "open"
    verdict: str = ""
    lead: Sequence[str] = ()
    tiles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parts: Sequence[Part] = ()
    doubts: Sequence[str] = ()
    currency: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


def render_sheet(sheet: Sheet, path: str | Path) -> None:
    """Write the page to one file, whole or not at all; the same sheet gives the same bytes."""
    write_text(path, sheet_html(sheet))


def sheet_html(sheet: Sheet) -> str:
    """Give the page as text; it holds its styles and pictures and asks for nothing."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["begun"] = _begun
    environment.filters["sentence"] = _sentence
    environment.filters["as_table"] = lambda frame: table(frame, sheet.currency)
    return environment.get_template("sheet.html").render(sheet=sheet)


def _begun(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(text: str) -> str:
    """Begin and end a line as a sentence, where it was written as a note.

    Examples
    --------
    >>> _sentence("3 rows are left out"), _sentence("Is it so?"), _sentence("bad (really bad.)")
    ('3 rows are left out.', 'Is it so?', 'Bad (really bad.)')
    """
    return _begun(text) if text.endswith((".", "!", "?", ".)", ":")) else f"{_begun(text)}."


def _template(name: str) -> str:
    return (resources.files("experiments.report") / "templates" / name).read_text(encoding="utf-8")
