"""Classes of prospects by a bundle: the class, how sure it is, and the rule that says why."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from experiments.bundle.seal import SEAL
from features.sources.spec import Source, SourceBase
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, did_you_mean
from lodeworks.files import file_digest, new_file
from lodeworks.progress import Progress
from models.neural import rule_met
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import FORMULA_STARTS, check_format
from pipelines.manifest import Manifest
from pipelines.valueclasses.bundled import ClassBundle, read_classes
from pipelines.valueclasses.clients import table_of

__all__ = ["ClassesScored", "classed", "score"]


@dataclass(frozen=True)
class ClassesScored:
    """What a person or a program is told after scoring.

    Attributes
    ----------
    values : dict
        The manifest.
    out, manifest : Path
        The list and its manifest.
    """

    values: dict[str, Any]
    out: Path
    manifest: Path

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "paths": {"list": str(self.out), "manifest": str(self.manifest)}}

    def text(self) -> str:
        """Give a few lines for the terminal."""
        counts = ", ".join(f"{name} {count:,}" for name, count in self.values["list"].items())
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                f"classes: {counts}",
                f"list      {self.out}",
                f"manifest  {self.manifest}",
            ]
        )


def classed(bundle: ClassBundle, ids: np.ndarray, table: pd.DataFrame) -> pd.DataFrame:
    """Class prospects.

    Returns
    -------
    pandas.DataFrame
        The identifier, ``value_class``, ``probability`` of it by the network, ``rule`` and
        ``rule_says`` (the class by the rule; where it differs the network saw more than the rule
        can say); from the most to the least valuable, the surest first.
    """
    name, model = bundle.meta["id"], bundle.model
    shares = model.predict_proba(table) if len(table) else np.zeros((0, len(model.classes)))
    place = shares.argmax(axis=1) if len(table) else np.zeros(0, dtype=int)
    met = rule_met(bundle.meta["conditions"], table)
    frame = pd.DataFrame(
        {
            name: ids,
            "value_class": np.array(model.classes, dtype=object)[place],
            "probability": shares.max(axis=1) if len(table) else np.zeros(0),
            "rule": bundle.rules["rule"].to_numpy(dtype=object)[met],
            "rule_says": bundle.rules["answer"].to_numpy(dtype=object)[met],
            "place": place,
        }
    )
    ordered = frame.sort_values(["place", "probability", name], ascending=[True, False, True])
    return ordered.drop(columns="place").reset_index(drop=True)


def score(
    folder: Path,
    *,
    data: Mapping[str, Sequence[Path]],
    out: Path,
    as_of: date | None,
    progress: Progress,
) -> ClassesScored:
    """Class new prospects.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by source or table; those without a name (``lines``) are the only source's.
    out : Path
        ``.csv`` or ``.parquet``.
    as_of : date or None
        Not used: the indicators are as the file says.
    progress : Progress
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    began = time.monotonic()
    check_format(out)
    bundle = read_classes(folder)
    meta, manifest = bundle.meta, Manifest("score")
    with Warehouse.open(None) as warehouse:
        report = warehouse.add(_sources(meta, data), progress)
        frame = table_of(warehouse, meta["table"], meta["id"])
    ids = frame[meta["id"]].astype(str).to_numpy(dtype=object)
    found = classed(bundle, ids, frame[list(meta["columns"])])
    _write(found, out)
    manifest.timings["score"] = round(time.monotonic() - began, 3)
    manifest.add(
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=meta["name"],
        kind="value-classes",
        load=report.to_dict(),
        list={name: int((found["value_class"] == name).sum()) for name in bundle.model.classes},
        list_sha256=file_digest(out),
    )
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return ClassesScored(manifest.to_dict(), out, beside)


def _sources(meta: Mapping[str, Any], data: Mapping[str, Sequence[Path]]) -> list[SourceBase]:
    adapter: TypeAdapter[SourceBase] = TypeAdapter(Source)
    declared = [adapter.validate_python(_needed(source, meta)) for source in meta["sources"]]
    known = {source.name: source for source in declared}
    known |= {source.table: source for source in declared}
    known |= {source.table.removeprefix("own:"): source for source in declared}
    if len(declared) == 1:
        known.setdefault("lines", declared[0])
    unknown = [name for name in data if name not in known]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, known)}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    return [
        known[name].model_copy(update={"path": str(path), "name": f"{known[name].name}-{number}"})
        for name, files in data.items()
        for number, path in enumerate(files)
    ]


def _needed(source: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
    """State the columns that the network reads, and their types."""
    types = {meta["id"]: "text", **meta["columns"]}
    columns = {
        name: {**source["columns"].get(name, {"from": name}), "type": kind}
        for name, kind in types.items()
    }
    return {**source, "columns": columns, "rules": [], "all_columns": False}


def _write(found: pd.DataFrame, out: Path) -> None:
    with new_file(out) as aside:
        if out.suffix == ".parquet":
            found.to_parquet(aside, index=False)
        else:
            found.map(_harmless).to_csv(aside, index=False)


def _harmless(value: Any) -> Any:
    """Mark text that a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
