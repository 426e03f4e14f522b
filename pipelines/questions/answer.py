"""What a business question gives back, and what a person or a program is told of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.report.numbers import UNKNOWN
from experiments.report.sheet import Sheet
from pipelines.plain import plain_rows
from pipelines.promotion import promotion_sentence
from pipelines.questions.gate import Judge

__all__ = ["Answer", "AnswerSummary"]

MOST_SAID = 6
LARGE = 100


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found, before anything is written.

    Attributes
    ----------
    sheet : Sheet
        The report.
    metrics : mapping of str to float
        Figures for the tracker and the manifest.
    tables : mapping of str to pandas.DataFrame
        Written beside the report as ``NAME.parquet``; here, and only here, customers may be named.
    files : mapping of str to Path
        Files of the cache that are copied into the folder of the run, by their place in it.
    bundle : Path or None
        The exported model, a folder of the cache.
    judge : callable or None
        Compares the model with the champion; see `pipelines.questions.gate.verdict`. A bundle is
        registered where it is given.
    candidates : pandas.DataFrame or None
        Leaderboard, one row a candidate: ``candidate``, ``winner`` and figures; written as
        ``leaderboard.csv``, and each row becomes a child run.
    records : sequence
        Findings to keep, as `experiments.findings.draft.Draft`.
    facts : mapping
        What else the manifest says; plain values.
    notes : sequence of str
        What a person must know.
    exit_code : int
        0, or 4 when a gate refused.
    """

    sheet: Sheet
    metrics: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    bundle: Path | None = None
    judge: Judge | None = None
    candidates: pd.DataFrame | None = None
    records: Sequence[Any] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    exit_code: int = 0


@dataclass(frozen=True, kw_only=True)
class AnswerSummary:
    """The result of a run.

    Attributes
    ----------
    name, kind, run_id : str
        The experiment, the kind of question, and the run in the workspace.
    headline : str
        The answer in a sentence.
    metrics : mapping of str to float
        Its figures.
    leaderboard : pandas.DataFrame or None
        The candidates.
    paths : mapping of str to Path
        ``report``, ``manifest``, ``bundle`` and the tables.
    promotion : mapping or None
        What became of the bundle in the registry.
    notes : sequence of str
        What a person must know.
    exit_code : int
        0, or 4 when a gate refused.
    seconds, peak_memory_mb : float
        Cost of the run.
    said : sequence of str
        What the first page of the report says below its headline.
    """

    name: str
    kind: str
    run_id: str
    headline: str
    metrics: Mapping[str, float]
    leaderboard: pd.DataFrame | None
    paths: Mapping[str, Path]
    promotion: Mapping[str, Any] | None = None
    notes: Sequence[str] = ()
    exit_code: int = 0
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    said: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        board = self.leaderboard
        return {
            "name": self.name,
            "kind": self.kind,
            "run_id": self.run_id,
            "headline": self.headline,
            "metrics": dict(self.metrics),
            "leaderboard": None if board is None else plain_rows(board),
            "promotion": None if self.promotion is None else dict(self.promotion),
            "paths": {name: str(path) for name, path in self.paths.items()},
            "notes": list(self.notes),
            "exit_code": self.exit_code,
            "seconds": self.seconds,
            "peak_memory_mb": self.peak_memory_mb,
        }

    def text(self) -> str:
        """Give a page for the terminal."""
        lines = [self.headline, *(f"- {one}" for one in self.said[:MOST_SAID]), ""]
        if self.leaderboard is not None:
            board = self.leaderboard.to_string(index=False, float_format=_figure, na_rep=UNKNOWN)
            lines += [board, ""]
        wide = max(map(len, self.metrics), default=0)
        lines += [f"{name:<{wide}}  {_figure(value)}" for name, value in self.metrics.items()]
        lines += ["", *self.notes]
        if self.promotion is not None:
            lines.append(promotion_sentence(self.promotion))
        wide = max(map(len, self.paths), default=0)
        lines += [f"{name:<{wide}}  {path}" for name, path in self.paths.items()]
        if self.promotion is not None and self.promotion["status"] == "refused":
            lines.append(f"the bundle is the refused version {self.promotion['version']}")
        lines.append(f"done in {self.seconds:.0f} s, peak memory {self.peak_memory_mb:,.0f} MB")
        return "\n".join(lines)


def _figure(value: float) -> str:
    """Write a figure for the terminal: whole numbers whole, large ones without many digits.

    Examples
    --------
    >>> _figure(2357.0), _figure(20168.092), _figure(7.25), _figure(-0.00001), _figure(0.78551)
    ('2,357', '20,168.09', '7.2500', '0', '0.7855')
    """
    if math.isnan(value):
        return UNKNOWN
    if float(value).is_integer() or round(value, 4) == 0:
        return f"{round(value) + 0:,}"
    return f"{value:,.2f}" if abs(value) >= LARGE else f"{value:,.4f}"
