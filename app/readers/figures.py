"""The figures of runs side by side: main figures, leaderboards, differences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from app.readers.runs import Run

__all__ = ["Change", "Figure", "changes_between", "figures_of", "main_figure", "one_board"]

ABSENT = "(none)"


@dataclass(frozen=True)
class Figure:
    """A figure with its interval; ends that are not known are None."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    is_money: bool = False


@dataclass(frozen=True)
class Change:
    """A setting that differs between two runs, and its values as text."""

    key: str
    first: str
    second: str


def main_figure(run: "Run") -> Figure | None:
    """Give the figure that a run is remembered by; None where it has none."""
    winner = run.winner
    if "expected_profit" in winner:
        ends = (winner.get("expected_profit_low"), winner.get("expected_profit_high"))
        return Figure("measured profit", float(winner["expected_profit"]), *ends, is_money=True)
    name = next(iter(run.metrics), None)
    if name is None:
        return None
    ends = (run.metrics.get(f"{name}_low"), run.metrics.get(f"{name}_high"))
    return Figure(name, run.metrics[name], *ends)


def figures_of(run: "Run") -> dict[str, float]:
    """Give the figures of a run that another run can be held against."""
    winner, listed, promised = run.winner, run.about.get("list"), run.about.get("expected_profit")
    found: dict[str, Any] = dict(run.metrics)
    found |= {
        name: value
        for name, value in winner.items()
        if not name.endswith(("_low", "_high")) and name not in ("complexity",)
    }
    if isinstance(promised, Mapping):
        found["profit promised by the list"] = promised.get("mean")
    if isinstance(listed, Mapping):
        found["customers on the list"] = listed.get("target_customers")
        found["customers in the control group"] = listed.get("control_customers")
    found["seconds"] = run.seconds
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def one_board(runs: "Sequence[Run]") -> "pd.DataFrame":
    """Stack the leaderboards of runs, a row a candidate of a run, with columns they all know."""
    import pandas as pd

    rows = [{"run": run.id, **row} for run in runs for row in run.board]
    frame = pd.DataFrame(rows)
    return frame.dropna(axis="columns", how="all")


def changes_between(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """List the settings that differ, by their paths.

    Examples
    --------
    >>> changes_between({"window": {"gap": 0}, "seed": 1}, {"window": {"gap": 7}, "seed": 1})
    [Change(key='window.gap', first='0', second='7')]
    >>> changes_between({"seed": 1}, {"seed": 1, "language": None})
    []
    """
    old, new = dict(_flat(first)), dict(_flat(second))
    return [
        Change(key, old.get(key, ABSENT), new.get(key, ABSENT))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and (value or not path):
        for key, below in value.items():
            yield from _flat(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        for place, below in enumerate(value):
            yield from _flat(below, f"{path}[{_called(below, place)}]")
    elif value is not None:  # what is null is not stated
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _called(entry: Any, place: int) -> str:
    """Name an entry of a list by what it says of itself, so that another order is no change."""
    if isinstance(entry, Mapping) and (entry.get("name") or entry.get("kind")):
        return str(entry.get("name") or entry.get("kind"))
    return str(place)
