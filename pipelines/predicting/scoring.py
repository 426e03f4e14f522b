"""`lode score` with a bundle of a question about one outcome: probabilities and reasons."""

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
from experiments.drift import drift
from features.sources.spec import Source, SourceBase, SqlSource
from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from features.windows import Window
from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.files import file_digest, new_file
from lodeworks.progress import Progress
from pipelines.config.predict import Money, Predict, Purchases
from pipelines.config.predict import Records as Declared
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import FORMULA_STARTS, check_format
from pipelines.manifest import Manifest
from pipelines.predicting.bundled import PredictBundle, read_predictor
from pipelines.predicting.listing import list_of
from pipelines.predicting.records import Records
from pipelines.predicting.table import PLACE, read_records
from pipelines.predicting.windows import customers_at

__all__ = ["PredictScored", "name_of_id", "score", "sources_for_scoring"]


@dataclass(frozen=True)
class PredictScored:
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
        told = self.values["list"]
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                f"{told['records']:,} records scored; it pays to act upon {told['act']:,}, expected"
                f" profit {told['expected_profit']:,.2f} {told['currency']}",
                *self.values["notes"],
                f"list      {self.out}",
                f"manifest  {self.manifest}",
            ]
        )


def name_of_id(data: Declared | None) -> str:
    """Give the name of the column that names a record: ``row`` where none is stated."""
    if data is None:
        return "customer_id"
    return data.id or "row"


def sources_for_scoring(config: Predict, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Give the sources as a bundle keeps them: only the columns that scoring needs.

    Parameters
    ----------
    config : Predict
        What was asked.
    columns : sequence of str
        What the classifier reads.
    """
    dumped = [
        source.model_dump(mode="json", by_alias=True, exclude={"url"}) for source in config.sources
    ]
    if config.data is None:
        return dumped
    money = config.economics
    named = [config.data.id, money.cost, money.revenue, money.loyalty]
    wanted = [*columns, *(n for n in named if isinstance(n, str) and n not in columns)]
    found = [source for source in dumped if source["table"] == config.data.table]
    return [_narrowed(source, wanted, config.data.id) for source in found]


def _narrowed(source: dict[str, Any], wanted: Sequence[str], id_: str | None) -> dict[str, Any]:
    stated = source["columns"]
    columns = {name: stated.get(name, {"from": name}) for name in wanted}
    rules = [rule for rule in source["rules"] if rule["column"] in columns]
    return {**source, "columns": columns, "rules": rules, "all_columns": False, "id": id_}


def score(
    folder: Path,
    *,
    data: Mapping[str, Sequence[Path]],
    out: Path,
    as_of: date | None,
    progress: Progress,
) -> PredictScored:
    """Score new records.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by source or table; those without a name (``lines``) are the only source's.
    out : Path
        The list, ``.csv`` or ``.parquet``.
    as_of : date or None
        The last day that may be seen; needed where the outcome is read from purchases.
    progress : Progress
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    began = time.monotonic()
    check_format(out)
    bundle = read_predictor(folder)
    sources = _sources(bundle, data)
    manifest = Manifest("score")
    zone, currency = bundle.meta["timezone"], bundle.meta["currency"]
    with Warehouse.open(None, timezone=zone, currency=currency) as warehouse:
        report = warehouse.add(sources, progress)
        records = _records(bundle, warehouse, as_of)
    listed = _list(bundle, records)
    features = records.table.select_dtypes("number").astype(np.float64)
    manifest.add(
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=bundle.meta["name"],
        kind="predict",
        question=bundle.meta["question"],
        as_of=None if as_of is None else str(as_of),
        load=report.to_dict(),
        list=_counts(listed, bundle),
        drift=drift(bundle.profile.get("features", {}), features),
        notes=[],
    )
    _write(listed, out)
    manifest.timings["score"] = round(time.monotonic() - began, 3)
    manifest.add(list_sha256=file_digest(out))
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return PredictScored(manifest.to_dict(), out, beside)


def _counts(listed: pd.DataFrame, bundle: PredictBundle) -> dict[str, Any]:
    acted = listed[listed["act"]]
    return {
        "records": len(listed),
        "act": len(acted),
        "expected_profit": float(acted["expected_profit"].sum()),
        "currency": bundle.meta["economics"]["currency"],
    }


def _sources(bundle: PredictBundle, data: Mapping[str, Sequence[Path]]) -> list[SourceBase]:
    adapter: TypeAdapter[SourceBase] = TypeAdapter(Source)
    types = bundle.meta["columns"]
    told = [_typed(source, types) for source in bundle.meta["sources"]]
    declared = [adapter.validate_python(source) for source in told]
    by_name = {str(source.table): source for source in reversed(declared)}
    by_name |= {str(source.table).removeprefix("own:"): source for source in reversed(declared)}
    by_name |= {source.name: source for source in declared}
    if len(declared) == 1:
        by_name.setdefault("lines", declared[0])
    unknown = [name for name in data if name not in by_name]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, by_name)}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    given = []
    for name, files in data.items():
        source = by_name[name]
        if isinstance(source, SqlSource):
            raise ConfigError(f"--data {name}: the model reads {name!r} from a database")
        given += [_at(source, path, number) for number, path in enumerate(files)]
    return given


def _typed(source: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """State the type of every column that the configuration left open."""
    id_ = source.get("id")
    columns = {
        name: {**spec, "type": spec.get("type") or _type(name, types, id_)}
        for name, spec in source["columns"].items()
    }
    kept = {name: value for name, value in source.items() if name != "id"}
    return {**kept, "columns": columns} if "id" in source else kept


def _type(name: str, types: Mapping[str, str], id_: str | None) -> str:
    if name == id_ and name not in types:
        return "text"
    return types.get(name, "number")


def _at(source: SourceBase, path: Path, number: int) -> SourceBase:
    name = source.name if number == 0 else f"{source.name}-{number + 1}"
    return source.model_copy(update={"path": str(path), "name": name})


def _records(bundle: PredictBundle, warehouse: Warehouse, as_of: date | None) -> Records:
    money = _section(Money, bundle.meta["economics"])
    columns = list(bundle.meta["columns"])
    if bundle.meta["purchases"] is not None:
        stated = _section(Purchases, bundle.meta["purchases"])
        if as_of is None:
            raise ConfigError("missing: --as-of; the model reads purchases up to a day")
        asked = stated.window
        window = Window(as_of, asked.observe, asked.gap, asked.outcome)
        return customers_at(warehouse, window, stated, money, columns)
    data = _section(Declared, bundle.meta["data"])
    frame = warehouse.table(data.table.removeprefix("own:")).to_pandas()
    frame = frame.sort_values(PLACE, kind="stable").reset_index(drop=True).drop(columns=[*ORIGIN])
    if not len(frame):
        raise DataError(f"{data.table}: there is no record to score")
    return read_records(frame, data, money, data.table, scoring=True).with_columns(columns)


def _section(kind: Any, values: Mapping[str, Any]) -> Any:
    """Read a section back; JSON has lists in the place of tuples."""
    return kind.model_validate(values, strict=False)


def _list(bundle: PredictBundle, records: Records) -> pd.DataFrame:
    data = bundle.meta["data"]
    name = "customer_id" if data is None else data["id"] or "row"
    return list_of(
        records,
        bundle.scaling.probabilities(bundle.model.decision_function(records.table)),
        bundle.model,
        _section(Money, bundle.meta["economics"]),
        name=name,
        loyal_from=bundle.meta["loyal_from"],
    )


def _write(listed: pd.DataFrame, out: Path) -> None:
    with new_file(out) as aside:
        if out.suffix == ".parquet":
            listed.to_parquet(aside, index=False)
            return
        listed.map(_harmless).to_csv(aside, index=False)


def _harmless(value: Any) -> Any:
    """Mark text that a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
