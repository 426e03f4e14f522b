"""`lode score` with a bundle of uplift: new customers, ranked by how much treating changes them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from experiments.bundle.seal import SEAL
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import check_format
from pipelines.manifest import Manifest
from pipelines.questions.new_data import sources_of, write_table
from pipelines.uplifting.bundled import listed, read_uplift_bundle
from pipelines.uplifting.trial import ids_of, read_frame

__all__ = ["UpliftScored", "score"]


@dataclass(frozen=True)
class UpliftScored:
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
                f"{told['records']:,} customers ranked; it pays to treat {told['treat']:,}",
                f"list      {self.out}",
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
) -> UpliftScored:
    """Rank new customers.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by source or table; those without a name (``lines``) are the only source's.
    out : Path
        ``.csv`` or ``.parquet``.
    as_of : date or None
        Not used.
    progress : Progress
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    began = time.monotonic()
    check_format(out)
    bundle = read_uplift_bundle(folder)
    manifest = Manifest("score")
    zone, currency = bundle.meta["timezone"], bundle.meta["currency"]
    with Warehouse.open(None, timezone=zone, currency=currency) as warehouse:
        report = warehouse.add(sources_of(bundle.meta["sources"], data), progress)
        frame = read_frame(warehouse, bundle.meta["data"]["table"])
    if not len(frame):
        raise DataError(f"{bundle.meta['data']['table']}: there is no customer to rank")
    table = listed(
        bundle, ids_of(frame, bundle.meta["data"]["id"]), frame[list(bundle.meta["columns"])]
    )
    manifest.add(
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=bundle.meta["name"],
        kind="uplift",
        as_of=None if as_of is None else str(as_of),
        load=report.to_dict(),
        list={"records": len(table), "treat": int(table["treat"].sum())},
        notes=[],
    )
    write_table(table, out)
    manifest.timings["score"] = round(time.monotonic() - began, 3)
    manifest.add(list_sha256=file_digest(out))
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return UpliftScored(manifest.to_dict(), out, beside)
