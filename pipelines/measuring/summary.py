"""What a person or a program is told after a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.effect.words import amount, difference_text

__all__ = ["MeasureSummary", "effect_board"]


@dataclass(frozen=True)
class MeasureSummary:
    """The result of a measurement.

    Attributes
    ----------
    values : dict
        All figures as plain values.
    lines : sequence of str
        The same for the terminal.
    paths : dict of str to Path
        What was written.
    """

    values: dict[str, Any]
    lines: Sequence[str]
    paths: dict[str, Path]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "paths": {name: str(path) for name, path in self.paths.items()}}

    def text(self) -> str:
        """Give a page for the terminal."""
        width = max(map(len, self.paths), default=0)
        places = [f"{name:<{width}}  {path}" for name, path in self.paths.items()]
        return "\n".join([*self.lines, *([""] if places else []), *places])


def effect_board(frame: pd.DataFrame, kinds: dict[str, str], currency: str) -> str:
    """Set effects as a table for the terminal.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `effect_frame` gave; the first column names the look.
    kinds : dict of str to str
        Kind of the values of each look: ``share``, ``units`` or ``money``.
    currency : str
        Of money.
    """
    name = str(frame.columns[0])
    rows = []
    for row in frame.to_dict("records"):
        kind = kinds.get(row[name], "units")
        gap = [difference_text(row[end], kind, currency) for end in ("difference", "low", "high")]
        rows.append(
            {
                name: row[name],
                "target": amount(row["treated_mean"], kind, currency),
                "control": amount(row["control_mean"], kind, currency),
                "difference": gap[0],
                "from": gap[1],
                "to": gap[2],
                "p": f"{row['p']:.4f}",
                "p Holm": f"{row['p_holm']:.4f}",
                "lift": f"{row['lift']:+.0%}" if row["lift"] == row["lift"] else "",
                "verdict": row["verdict"],
            }
        )
    return pd.DataFrame(rows).to_string(index=False)
