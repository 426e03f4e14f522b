"""`lode score` with a bundle of value: purchases up to a day, and what each customer is worth."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.bundle.seal import SEAL
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from models.value import purchase_histories
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import check_format
from pipelines.manifest import Manifest
from pipelines.questions.new_data import sources_of, write_table
from pipelines.valuing.bundled import ValueBundle, read_value_bundle
from pipelines.valuing.histories import read_lines
from pipelines.valuing.job import priced

__all__ = ["ValueScored", "score"]


@dataclass(frozen=True)
class ValueScored:
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
        told = self.values["list"]
        worth = f"{told['customer_equity']:,.2f} {told['currency']}"
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                f"{told['customers']:,} customers are worth {worth}",
                f"customers {self.out}",
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
) -> ValueScored:
    """Price the customers of new purchases.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by source or table.
    out : Path
        ``.csv`` or ``.parquet``.
    as_of : date or None
        The last day that may be seen; needed.
    progress : Progress
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    began = time.monotonic()
    check_format(out)
    bundle = read_value_bundle(folder)
    if as_of is None:
        raise ConfigError("missing: --as-of; the model reads purchases up to a day")
    manifest = Manifest("score")
    zone, currency = bundle.meta["timezone"], bundle.meta["currency"]
    with Warehouse.open(None, timezone=zone, currency=currency) as warehouse:
        report = warehouse.add(sources_of(bundle.meta["sources"], data), progress)
        table = _priced_at(bundle, warehouse, as_of)
    manifest.add(
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=bundle.meta["name"],
        kind="value",
        as_of=str(as_of),
        load=report.to_dict(),
        list={
            "customers": len(table),
            "customer_equity": float(table["lifetime_value"].sum()),
            "currency": bundle.meta["economics"]["currency"],
        },
        notes=[],
    )
    write_table(table, out)
    manifest.timings["score"] = round(time.monotonic() - began, 3)
    manifest.add(list_sha256=file_digest(out))
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return ValueScored(manifest.to_dict(), out, beside)


def _priced_at(bundle: ValueBundle, warehouse: Warehouse, as_of: date) -> pd.DataFrame:
    lines = read_lines(warehouse, as_of, bundle.meta["observe"])
    bought = lines[~lines["is_return"].astype(bool)]
    if not len(bought):
        raise DataError(f"there is no purchase up to {as_of}")
    histories = purchase_histories(bought, str(as_of), bundle.meta["unit"])
    table = priced(bundle, histories)
    order = table.sort_values(["lifetime_value", "customer_id"], ascending=[False, True])
    return order.reset_index(drop=True)
