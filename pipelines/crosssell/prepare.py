"""Access, select, clean, transform: from the declared sources to one snapshot a window."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from features.sources import SourceBase, file_by_file, source_digest
from features.warehouse import Warehouse
from features.windows import Window, backtests
from lodeworks.errors import DataError
from lodeworks.progress import Progress
from pipelines.cache import Cache
from pipelines.config.sections import Engine
from pipelines.crosssell.snapshots import (
    TABLES,
    Snapshot,
    load_snapshot,
    save_snapshot,
    take_snapshot,
)

__all__ = [
    "Loaded",
    "identifiers",
    "load_sources",
    "on_engine",
    "plan_windows",
    "snapshot_at",
]


@dataclass(frozen=True)
class Loaded:
    """The warehouse after loading.

    Attributes
    ----------
    warehouse : Warehouse
        Open for reading.
    report : dict
        What became of every row, as plain values.
    engine : str
        What reads its tables: ``duckdb`` or ``spark``.
    """

    warehouse: Warehouse
    report: dict[str, Any]
    engine: str = "duckdb"

    def identifiers(self) -> tuple[list[str], list[str]]:
        """Give all customers and all items of the data."""
        return identifiers(self.warehouse)


def identifiers(warehouse: Warehouse) -> tuple[list[str], list[str]]:
    """Give all customers and all items that a warehouse knows."""
    customers = warehouse.customers.customer_id.to_pandas()
    return list(customers), list(warehouse.items.item_id.to_pandas())


def load_sources(
    sources: Sequence[SourceBase],
    path: Path,
    cache: Cache,
    progress: Progress,
    *,
    timezone: str | None = None,
    currency: str | None = None,
) -> Loaded:
    """Load the sources unless the warehouse holds just them already.

    Parameters
    ----------
    sources : sequence of SourceBase
        What to load.
    path : Path
        The warehouse file.
    cache : Cache
        Remembers what the last load of the same files did.
    progress : Progress
        Told about every source.
    timezone, currency : str, optional
        Those of the warehouse; see `Warehouse.open`.
    """
    depends = {
        "sources": [[_spec(source), _digest(source)] for source in sources],
        "warehouse": [timezone, currency],
    }
    warehouse = Warehouse.open(path, timezone=timezone, currency=currency)

    def load(folder: Path) -> None:
        report = warehouse.load(sources, progress)
        (folder / "load.json").write_text(json.dumps(report.to_dict(), default=str))

    report = _report(cache.step("clean", "load", depends, load).folder)
    if not warehouse.is_loaded or warehouse.digest != report["digest"]:
        warehouse.load(sources, progress)
    return Loaded(warehouse, report)


@contextmanager
def on_engine(
    loaded: Loaded, engine: Engine, workspace: Path, progress: Progress
) -> Iterator[Loaded]:
    """Let the engine that a configuration names read the tables, for as long as it is needed.

    Parameters
    ----------
    loaded : Loaded
        Open, as DuckDB reads it.
    engine : Engine
        Section of the configuration.
    workspace : Path
        Takes a copy of the tables for Spark, which is removed at the end.
    progress : Progress
        Told that Spark is being started.

    Yields
    ------
    Loaded
        With the same content.

    Raises
    ------
    NotInstalled
        When Spark is asked for and pyspark or Java is missing.
    """
    if engine.kind == "duckdb":
        yield loaded
        return
    from pipelines.spark.tables import tables_in_spark

    with tables_in_spark(
        loaded.warehouse, engine.master, workspace, progress, engine.settings
    ) as warehouse:
        yield replace(loaded, warehouse=warehouse, engine=engine.kind)


def plan_windows(
    warehouse: Warehouse, as_of: date | str, *, observe: int, gap: int, outcome: int, n: int
) -> list[Window]:
    """Give the test window and `n` back-tests, the latest first.

    Raises
    ------
    DataError
        When the data does not reach far enough, either way.
    """
    first, last = warehouse.first_day, warehouse.last_day
    span = f"the data spans {first} to {last}"
    if as_of == "latest":
        window = Window.latest(last, observe=observe, gap=gap, outcome=outcome)
    else:
        window = Window(date.fromisoformat(str(as_of)), observe, gap, outcome)
    if window.as_of + timedelta(days=gap + outcome) > last:
        raise DataError(
            f"window.as_of {window.as_of} leaves no {gap + outcome} days for gap and outcome:"
            f" {span}; the latest that does is {last - timedelta(days=gap + outcome)}"
        )
    windows = [window, *backtests(window, n)]
    if windows[-1].as_of < first:
        possible = max(0, (window.as_of - first).days // (gap + outcome))
        raise DataError(
            f"{n} back-tests of {gap + outcome} days before {window.as_of} need data from before "
            f"{windows[-1].as_of}, but {span}; window.backtests can be {possible} at most, "
            "or make window.outcome shorter"
        )
    return windows


def snapshot_at(
    loaded: Loaded,
    window: Window,
    families: Sequence[str],
    columns: Sequence[str] | None,
    cache: Cache,
    *,
    labelled: bool,
) -> tuple[Snapshot, str]:
    """Give the snapshot of a window, and the key of its content; see `take_snapshot`."""
    depends = {
        "warehouse": loaded.report["digest"],
        "window": asdict(window),
        "families": list(families),
        "columns": None if columns is None else list(columns),
        "labelled": labelled,
        "tables": TABLES,
    }
    if loaded.engine != "duckdb":  # the last bits may differ
        depends["engine"] = loaded.engine

    def take(folder: Path) -> None:
        taken = take_snapshot(loaded.warehouse, window, families, columns, labelled=labelled)
        save_snapshot(taken, folder)

    step = cache.step("transform", f"snapshot-{window.as_of}", depends, take)
    return load_snapshot(step.folder, window), step.key


def _report(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "load.json").read_text()))


def _spec(source: SourceBase) -> dict[str, Any]:
    return source.model_dump(mode="json", by_alias=True, exclude={"url"})


def _digest(source: SourceBase) -> list[str]:
    """Hash every file of a source; a database is new at every run."""
    try:
        return [source_digest(one) or uuid.uuid4().hex for one in file_by_file(source)]
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"source {source.name!r}: {source.path}: {reason}") from error
