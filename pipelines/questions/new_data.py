"""Files of new data read by the sources that a bundle declares, and tables written whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from features.sources.spec import Source, SourceBase, SqlSource
from lodeworks.errors import ConfigError, did_you_mean
from lodeworks.files import new_file
from lodeworks.spreadsheet import neutral

__all__ = ["sources_of", "write_table"]


def sources_of(
    declared: Sequence[Mapping[str, Any]], data: Mapping[str, Sequence[Path]]
) -> list[SourceBase]:
    """Give the sources of a bundle with the files that were named.

    Parameters
    ----------
    declared : sequence of mapping
        Sources as the bundle keeps them.
    data : mapping of str to sequence of Path
        Files by source or table; those without a name (``lines``) are the only source's.

    Raises
    ------
    ConfigError
        When a name is unknown, or its source is a database.
    """
    adapter: TypeAdapter[SourceBase] = TypeAdapter(Source)
    known = [adapter.validate_python(dict(source)) for source in declared]
    by_name = {str(source.table): source for source in reversed(known)}
    by_name |= {str(source.table).removeprefix("own:"): source for source in reversed(known)}
    by_name |= {source.name: source for source in known}
    if len(known) == 1:
        by_name.setdefault("lines", known[0])
    unknown = [name for name in data if name not in by_name]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, by_name)}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    databases = [name for name in data if isinstance(by_name[name], SqlSource)]
    if databases:
        raise ConfigError(f"--data {databases[0]}: the bundle reads it from a database")
    return [
        _at(by_name[name], path, place)
        for name, files in data.items()
        for place, path in enumerate(files)
    ]


def _at(source: SourceBase, path: Path, place: int) -> SourceBase:
    name = source.name if place == 0 else f"{source.name}-{place + 1}"
    return source.model_copy(update={"path": str(path), "name": name})


def write_table(table: pd.DataFrame, out: Path, *, digits: int | None = None) -> None:
    """Write ``.parquet`` or ``.csv``; text that a spreadsheet would run is marked in the latter.

    Parameters
    ----------
    table : pandas.DataFrame
        Written without its index.
    out : Path
        Its ending says the form.
    digits : int, optional
        Of numbers in CSV; default: all that there are.
    """
    form = None if digits is None else f"%.{digits}g"
    with new_file(out) as aside:
        if out.suffix.lower() == ".parquet":
            table.to_parquet(aside, index=False)
            return
        neutral(table).to_csv(aside, index=False, float_format=form)
