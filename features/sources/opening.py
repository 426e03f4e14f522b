"""From a declared source to its files, and from each file to its rows: one registry of kinds."""

from collections.abc import Sequence
from glob import glob, has_magic
from importlib import import_module
from pathlib import Path
from typing import cast

from features.sources.base import SourceBase
from features.sources.reading import Reading
from lodeworks.errors import DataError
from lodeworks.files import file_digest

__all__ = ["KINDS", "file_by_file", "open_reading", "source_digest"]

KINDS = {
    "access_log": "features.sources.access_log:AccessLogReading",
    "baskets": "features.sources.baskets:BasketsReading",
    "csv": "features.sources.csv:CsvReading",
    "excel": "features.sources.excel:ExcelReading",
    "json": "features.sources.json:JsonReading",
    "parquet": "features.sources.parquet:ParquetReading",
    "spmf_utility": "features.sources.utilities:UtilityReading",
    "sql": "features.sources.database:SqlReading",
}
"""What reads each kind of source."""


def open_reading(source: SourceBase) -> Reading:
    """Look at the file of a source, so that it can be read.

    Parameters
    ----------
    source : SourceBase
        One file (see `file_by_file`), or a table of a database.

    Returns
    -------
    Reading

    Raises
    ------
    DataError
        When the file is missing, empty, of another format, damaged or lacks mapped columns, or
        when the database does not answer.
    NotInstalled
        When the kind needs an extra that is missing.
    """
    module, _, name = KINDS[source.model_dump(include={"kind"})["kind"]].partition(":")
    return cast(Reading, getattr(import_module(module), name)(source))


def file_by_file(source: SourceBase) -> Sequence[SourceBase]:
    """Give one source a file, in the order of their names; a database is one.

    Raises
    ------
    DataError
        When no file fits the pattern.
    """
    if not source.is_file or not has_magic(source.path) or Path(source.path).exists():
        return [source]
    files = sorted(path for path in glob(source.path, recursive=True) if Path(path).is_file())  # noqa: PTH207 (takes absolute patterns)
    if not files:
        raise DataError(f"source {source.name!r} ({source.path}): no file fits this pattern")
    return [source.model_copy(update={"path": path}) for path in files]


def source_digest(source: SourceBase) -> str | None:
    """Give the SHA-256 of a source's file; None for a database, whose rows may always change."""
    return file_digest(source.path) if source.is_file else None
