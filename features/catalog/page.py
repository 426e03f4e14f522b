"""Frames as text for a terminal and as one HTML page that needs nothing else."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

import pandas as pd

__all__ = ["page", "text_table"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { padding: .2rem .6rem; text-align: left }
th { border-bottom: 2px solid #888 } td { border-bottom: 1px solid #ddd; vertical-align: top }
section { overflow-x: auto }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } }
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>{style}</style></head>
<body>
{body}
</body></html>
"""


def text_table(frame: pd.DataFrame) -> str:
    """Lay a frame out in columns.

    Examples
    --------
    >>> print(text_table(pd.DataFrame({"name": ["a", None], "share": [0.5, 1.0]})))
    name  share
    a     0.5
          1
    """
    rows = [[str(name) for name in frame.columns], *_cells(frame)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(frame.columns))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
    return "\n".join(line.rstrip() for line in lines)


def page(title: str, lead: Iterable[str], sections: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """Make a page of a title, some lines and a table for each section; every text is escaped."""
    parts = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lead)]
    parts += [
        f"<section><h2>{escape(name)}</h2>{_table(frame)}</section>" for name, frame in sections
    ]
    return _PAGE.format(title=escape(title), style=_STYLE, body="\n".join(parts))


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name))}" for name in frame.columns)
    rows = ("".join(f"<td>{escape(cell)}" for cell in row) for row in _cells(frame))
    return f"<table><tr>{head}{''.join(f'<tr>{row}' for row in rows)}</table>"


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    return [[_cell(value) for value in row] for row in frame.itertuples(index=False)]


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value) if not isinstance(value, date) else value.isoformat()
