"""What a person or a program is told when a run is over."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.lists.words import (
    forecast_sentence,
    list_sentence,
    load_sentence,
    money_text,
)
from pipelines.plain import plain_rows
from pipelines.promotion import promotion_sentence

__all__ = ["RunSummary"]


@dataclass(frozen=True)
class RunSummary:
    """The result of a run.

    Attributes
    ----------
    name, run_id : str
        The experiment, and the run in the workspace.
    load : dict
        ``rows_in``, ``rows_loaded``, ``rows_rejected`` and ``sources`` with their reasons.
    leaderboard : pandas.DataFrame
        The candidates, the most profitable first.
    winner, reason : str
        Who won and why.
    list_counts : dict
        Rows, customers and what the policy kept out.
    expected_profit : dict
        ``mean``, ``low``, ``high`` of the target group, and ``currency``.
    promotion : dict or None
        What became of the winner in the registry.
    paths : dict of str to Path
        ``list``, ``report``, ``manifest``, ``bundle``.
    exit_code : int
        0, or 4 when the promotion was refused.
    seconds : float
        Wall time.
    peak_memory_mb : float
        Largest resident memory.
    notes : list of str
        What a person must know.
    forecasts : list of dict
        What earlier lists were expected to earn, and earned; the latest first.
    """

    name: str
    run_id: str
    load: dict[str, Any]
    leaderboard: pd.DataFrame
    winner: str
    reason: str
    list_counts: dict[str, Any]
    expected_profit: dict[str, Any]
    promotion: dict[str, Any] | None
    paths: dict[str, Path]
    exit_code: int = 0
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    notes: list[str] = field(default_factory=list)
    forecasts: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {
            "name": self.name,
            "run_id": self.run_id,
            **self.load,
            "winner": self.winner,
            "reason": self.reason,
            "leaderboard": plain_rows(self.leaderboard),
            "list": self.list_counts,
            "expected_profit": self.expected_profit,
            "forecasts": self.forecasts,
            "promotion": self.promotion,
            "paths": {name: str(path) for name, path in self.paths.items()},
            "notes": self.notes,
            "exit_code": self.exit_code,
            "seconds": self.seconds,
            "peak_memory_mb": self.peak_memory_mb,
        }

    def text(self) -> str:
        """Give a page for the terminal."""
        lines = [
            load_sentence(self.load),
            "",
            board(self.leaderboard),
            "",
            self.reason,
            list_sentence(self.list_counts, self.expected_profit),
        ]
        if self.forecasts:
            lines.append(forecast_sentence(self.forecasts, self.expected_profit["currency"]))
        if self.promotion is not None:
            lines.append(promotion_sentence(self.promotion))
        lines += [*self.notes, ""]
        lines += [f"{name:<9} {path}" for name, path in self.paths.items()]
        if self.promotion is not None and self.promotion["status"] == "refused":
            lines.append(f"the bundle is the refused version {self.promotion['version']}")
        lines.append(f"done in {self.seconds:.0f} s, peak memory {self.peak_memory_mb:,.0f} MB")
        return "\n".join(lines)


def board(leaderboard: pd.DataFrame) -> str:
    """Set the leaderboard as a table for the terminal."""
    shown = pd.DataFrame(
        {
            "": ["*" if winner else "" for winner in leaderboard["winner"]],
            "candidate": leaderboard["candidate"],
            "profit": leaderboard["expected_profit"].map(money_text),
            "from": leaderboard["expected_profit_low"].map(money_text),
            "to": leaderboard["expected_profit_high"].map(money_text),
            "contacts": leaderboard["customers"].map("{:,}".format),
            **{
                title: leaderboard[column].map("{:.4f}".format)
                for title, column in _measures(leaderboard).items()
            },
            "coverage": leaderboard["coverage"].map("{:.1%}".format),
            "seconds": leaderboard["seconds"].map("{:.1f}".format),
        }
    )
    return shown.to_string(index=False)


def _measures(leaderboard: pd.DataFrame) -> dict[str, str]:
    """Choose recall of both scopes and NDCG at the length nearest to ten."""
    names = [str(column) for column in leaderboard.columns]
    lengths = {int(name.split("@")[1].split("_")[0]) for name in names if name[:7] == "recall@"}
    k = min(lengths, key=lambda length: (abs(length - 10), length))
    wanted = {
        f"recall@{k} new": f"recall@{k}_new",
        f"recall@{k} all": f"recall@{k}_all",
        f"ndcg@{k} new": f"ndcg@{k}_new",
    }
    return {title: column for title, column in wanted.items() if column in leaderboard}
