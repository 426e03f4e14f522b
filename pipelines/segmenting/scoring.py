"""`lode score` with a bundle of segments: each customer of new data gets a segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from experiments.bundle.seal import SEAL
from experiments.drift import drift
from features.sources.spec import Source, SourceBase, SqlSource
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.files import file_digest, new_file
from lodeworks.progress import Progress
from pipelines.config.segments import Attributes
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import FORMULA_STARTS, check_format
from pipelines.manifest import Manifest
from pipelines.segmenting.people import People, people_at, people_of_table
from pipelines.segmenting.segmentation import Segmentation, read_segmentation

__all__ = ["SegmentsScored", "score"]


@dataclass(frozen=True)
class SegmentsScored:
    """What a person or a program is told after scoring.

    Attributes
    ----------
    values : dict
        The manifest.
    out, manifest : Path
        The table and its manifest.
    """

    values: dict[str, Any]
    out: Path
    manifest: Path

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "paths": {"list": str(self.out), "manifest": str(self.manifest)}}

    def text(self) -> str:
        """Give a few lines for the terminal."""
        sizes = self.values["segments"]
        told = [f"{one['segment']:>4}  {one['customers']:>9,}  {one['name']}" for one in sizes]
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                f"{self.values['customers']:,} customers in {len(sizes)} segments",
                *told,
                f"segments  {self.out}",
                f"manifest  {self.manifest}",
            ]
        )


def score(
    folder: Path,
    *,
    data: Mapping[str, Sequence[Path]],
    out: Path,
    as_of: date | None,
    progress: Progress,
) -> SegmentsScored:
    """Put the customers of new data into the segments of a bundle.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source, or of its table.
    out : Path
        The table, ``.csv`` or ``.parquet``: ``customer_id``, ``segment``, ``name``, ``distance``
        and, for a mixture, ``probability``.
    as_of : date or None
        The last day that may be seen; needed where customers are known by purchases.
    progress : Progress
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    check_format(out)
    fitted, meta, _ = read_segmentation(folder)
    manifest = Manifest("score")
    with Warehouse.open(None, **meta["warehouse"]) as warehouse:
        report = warehouse.load(_sources(meta, data), progress)
        people = _people(warehouse, fitted, meta, as_of)
    assigned = fitted.assign(people.attributes)
    manifest.add(
        kind="segments",
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=meta["name"],
        as_of=None if people.as_of is None else str(people.as_of),
        load=report.to_dict(),
        customers=len(assigned),
        segments=_sizes(assigned),
        drift=drift(meta["profile"], people.attributes.select_dtypes("number")),
        notes=[],
    )
    _write(assigned.rename_axis("customer_id").reset_index(), out)
    manifest.add(list_sha256=file_digest(out))
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return SegmentsScored(manifest.to_dict(), out, beside)


def _people(
    warehouse: Warehouse, fitted: Segmentation, meta: Mapping[str, Any], as_of: date | None
) -> People:
    if meta["table"] is None:
        if as_of is None:
            raise ConfigError("missing: --as-of; these segments are found in purchases up to a day")
        observe = int(meta["window"]["observe"])
        return people_at(warehouse, as_of, observe, meta["families"], columns=list(fitted.columns))
    people = people_of_table(warehouse, Attributes(table=meta["table"], id=meta["id"]))
    lacking = [name for name in fitted.columns if name not in people.attributes]
    if lacking:
        raise DataError(f"{meta['table']}: the segments need {', '.join(lacking)}")
    return people.only(fitted.columns)


def _sizes(assigned: pd.DataFrame) -> list[dict[str, Any]]:
    counted = assigned.groupby(["segment", "name"]).size().reset_index(name="customers")
    return [
        {"segment": int(number), "name": str(name), "customers": int(count)}
        for number, name, count in counted.itertuples(index=False)
    ]


def _sources(meta: Mapping[str, Any], data: Mapping[str, Sequence[Path]]) -> list[SourceBase]:
    adapter: TypeAdapter[SourceBase] = TypeAdapter(Source)
    declared = [adapter.validate_python(one) for one in meta["sources"]]
    known = {str(source.table).removeprefix("own:"): source for source in reversed(declared)}
    known |= {str(source.table): source for source in reversed(declared)}
    known |= {source.name: source for source in declared}
    if len(declared) == 1:
        known.setdefault("lines", declared[0])
    unknown = [name for name in data if name not in known]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, known)}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    given = []
    for name, files in data.items():
        if isinstance(known[name], SqlSource):
            raise ConfigError(f"--data {name}: the segments read {name!r} from a database")
        given += [_at(known[name], path, number) for number, path in enumerate(files)]
    needed = meta["table"] or "lines"
    if not any(str(source.table) == needed for source in given):
        raise ConfigError(f"--data gives no file of the table {needed!r}")
    return given


def _at(source: SourceBase, path: Path, number: int) -> SourceBase:
    name = source.name if number == 0 else f"{source.name}-{number + 1}"
    return source.model_copy(update={"path": str(path), "name": name})


def _write(table: pd.DataFrame, out: Path) -> None:
    with new_file(out) as aside:
        if out.suffix.lower() == ".parquet":
            table.to_parquet(aside, index=False)
        else:
            table.map(_harmless).to_csv(aside, index=False, float_format="%.10g")


def _harmless(value: Any) -> Any:
    """Mark text that a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
