"""Orders as people have them, read by a mapping, and how they lie around a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.sources.formats import looks_like
from features.sources.spec import CANONICAL, CsvSource, ParquetSource, SourceBase
from features.warehouse import Warehouse
from lodeworks.errors import DataError, did_you_mean
from lodeworks.files import did_you_mean_file
from pipelines.measuring.reading import read_csv

__all__ = ["Orders", "currencies", "read_orders"]

NEEDED = ("customer_id", "item_id", "ordered_at")
COLUMNS = [*NEEDED, "order_id", "quantity", "amount"]


@dataclass(frozen=True)
class Orders:
    """Purchased lines of one file.

    Attributes
    ----------
    lines : pandas.DataFrame
        ``customer_id``, ``item_id``, ``ordered_at``, ``order_id``, ``quantity``, ``amount``;
        returns are left out.
    items : pandas.DataFrame
        ``item_id``, ``margin``, where a source declares items; otherwise no rows.
    report : dict
        What became of every row that was read.
    """

    lines: pd.DataFrame
    items: pd.DataFrame
    report: dict[str, Any]


def read_orders(path: Path, sources: Sequence[SourceBase], *, mapped: bool) -> Orders:
    """Read a file of orders.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    sources : sequence of SourceBase
        The mapping of lines is the first source of that table; other tables are read as declared
        where their files are there.
    mapped : bool
        Whether the mapping was given for this file; otherwise, and where the file lacks mapped
        columns, one with ``customer_id``, ``item_id`` and ``ordered_at`` is read as it stands.

    Raises
    ------
    DataError
        When the file is missing, cannot be read, or there is no way to tell its columns.
    """
    names = _header(path)
    lines = next((source for source in sources if source.table == "lines"), None)
    is_plain = all(name in names for name in NEEDED)
    fits = lines is not None and {column.source for column in lines.columns.values()} <= set(names)
    if lines is None or (is_plain and not (mapped and fits)):
        source = _plain(path, names)
    else:
        source = lines.model_copy(update={"path": str(path)})
    _refuse_unpriced(source)
    declared = [
        one for one in sources if mapped and one.table == "items" and Path(one.path).is_file()
    ]
    return _loaded(source, declared)


def currencies(path: Path) -> list[str]:
    """Give the currencies that a file of orders names, sorted; none when it has no such column."""
    column = next((name for name in _header(path) if name.casefold() == "currency"), None)
    if column is None:
        return []
    if _is_parquet(path):
        values = pd.read_parquet(path, columns=[column])[column]
    else:
        values = read_csv(path, usecols=[column], dtype=str, encoding_errors="replace")[column]
    return sorted({str(value).strip().upper() for value in values.dropna()})


def _header(path: Path) -> list[str]:
    if not path.is_file():
        raise DataError(f"the orders {path} are missing{did_you_mean_file(path)}")
    try:
        if _is_parquet(path):
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names)
        return list(map(str, read_csv(path, nrows=0, encoding_errors="replace").columns))
    except (OSError, ValueError) as error:
        raise DataError(f"the orders {path} cannot be read: {error}") from error


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return looks_like(file.read(64)) == "Parquet"


def _plain(path: Path, names: Sequence[str]) -> SourceBase:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        hints = [f"{name!r}: {did_you_mean(name, names)}" for name in missing]
        raise DataError(
            f"{path} lacks {len(missing)} columns; name them so, or give --config with a source"
            " that maps them",
            hints,
        )
    known = {name: name for name in CANONICAL["lines"] if name in names}
    kind = ParquetSource if _is_parquet(path) else CsvSource
    return kind.model_validate({"name": path.stem, "path": str(path), "columns": known})


def _refuse_unpriced(source: SourceBase) -> None:
    if not {"amount", "price"} & set(source.columns):
        raise DataError(f"{source.path} has neither amount nor price, so money cannot be measured")


def _loaded(source: SourceBase, declared: Sequence[SourceBase]) -> Orders:
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([source, *declared])
        lines = warehouse.lines
        bought = lines.filter(~lines.is_return).select(*COLUMNS).order_by(*COLUMNS).to_pandas()
        items = warehouse.items.select("item_id", "margin").to_pandas()
    return Orders(bought, items if declared else items.iloc[:0], report.to_dict())
