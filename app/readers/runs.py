"""The folders of finished runs, read anew only where something changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from lodeworks.errors import DataError, LodeError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Gone", "Run", "RunStore"]


class Gone(LodeError):
    """What was asked for is no longer there."""


@dataclass(frozen=True)
class Run:
    """One finished run.

    Attributes
    ----------
    folder : Path
        Where it lies; its name is the run's.
    about : mapping
        What its manifest says.
    """

    folder: Path
    about: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Give the name of its folder."""
        return self.folder.name

    @property
    def config(self) -> Mapping[str, Any]:
        """Give the configuration it was run with."""
        return _mapping(self.about.get("config"))

    @property
    def kind(self) -> str:
        """Give the kind of question."""
        return str(self.about.get("kind") or self.config.get("kind") or "unknown")

    @property
    def name(self) -> str:
        """Give the name of the experiment."""
        return str(self.config.get("name") or self.id)

    @property
    def started(self) -> str:
        """Give the moment it began, ISO."""
        return str(self.about.get("started") or "")

    @property
    def currency(self) -> str:
        """Give the currency of its amounts."""
        places = (_mapping(self.config.get(name)) for name in ("economics", "worth"))
        stated = next((place["currency"] for place in places if place.get("currency")), None)
        return str(stated or self.config.get("currency_shown") or "")

    @property
    def board(self) -> list[dict[str, Any]]:
        """Give its leaderboard, one mapping a candidate."""
        return list(self.about.get("leaderboard") or [])

    @property
    def winner(self) -> dict[str, Any]:
        """Give the row of the chosen candidate; empty where none competed."""
        named = self.about.get("winner")
        chosen = [
            row for row in self.board if row.get("candidate") == named or row.get("winner") is True
        ]
        return chosen[0] if chosen else {}

    @property
    def metrics(self) -> dict[str, float]:
        """Give its figures by name."""
        return {
            name: float(value)
            for name, value in _mapping(self.about.get("metrics")).items()
            if isinstance(value, int | float)
        }

    @property
    def headline(self) -> str:
        """Give the answer in a sentence."""
        told = self.about.get("headline")
        if told:
            return str(told)
        counts = _mapping(self.about.get("list"))
        if not counts:
            return ""
        return f"Contact {counts.get('target_customers', 0):,} customers"

    @property
    def seconds(self) -> float:
        """Give how long it took."""
        return float(self.about.get("seconds") or 0.0)

    def table(self, name: str) -> "pd.DataFrame | None":
        """Read one of its tables; None where it has none of that name.

        Raises
        ------
        DataError
            When the file is broken.
        """
        import pandas as pd

        path = self.folder / f"{name}.parquet"
        try:
            return pd.read_parquet(path)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise DataError(f"{self.id}: {path.name} cannot be read") from error

    def tables(self) -> list[str]:
        """Name its tables."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))

    @property
    def list_file(self) -> Path | None:
        """Give the list, or None where it made none."""
        for ending in ("parquet", "csv"):
            path = self.folder / f"list.{ending}"
            if path.is_file():
                return path
        return None

    def file(self, name: str) -> Path:
        """Give one of its files.

        Raises
        ------
        Gone
            When it is not there.
        """
        path = self.folder / name
        if not path.is_file():
            raise Gone(f"Run {self.id} has no {name} (any more).")
        return path


class RunStore:
    """Runs of a workspace; safe while a run is being written or deleted.

    Parameters
    ----------
    root : Path
        Their folder. Folders that begin with a dot are not whole yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[tuple[int, int], Run]] = {}
        self._lock = Lock()

    def all(self) -> list[Run]:
        """Give all runs that can be read, the newest first."""
        found = [run for run in self._each() if run is not None]
        return sorted(found, key=lambda run: run.id, reverse=True)

    def get(self, name: str) -> Run:
        """Give one run.

        Raises
        ------
        Gone
            When there is none of that name, or it was deleted.
        """
        run = self._read(name) if name in self._names() else None
        if run is None:
            raise Gone(f"There is no run {name!r}; it may have been deleted.")
        return run

    def latest(self, table: str) -> Run | None:
        """Give the newest run that has a table."""
        return next((run for run in self.all() if (run.folder / f"{table}.parquet").exists()), None)

    def _each(self) -> Iterator[Run | None]:
        return (self._read(name) for name in self._names())

    def _names(self) -> set[str]:
        try:
            return {path.name for path in self.root.iterdir() if not path.name.startswith(".")}
        except OSError:
            return set()

    def _read(self, name: str) -> Run | None:
        path = self.root / name / "manifest.json"
        try:
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            known = self._known.get(name)
            if known is not None and known[0] == mark:
                return known[1]
            about = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        run = Run(self.root / name, about) if isinstance(about, dict) else None
        if run is not None:
            with self._lock:
                self._known[name] = (mark, run)
        return run


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
