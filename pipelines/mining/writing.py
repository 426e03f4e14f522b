"""Write patterns as Parquet or CSV, without a Python object a pattern."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENDINGS", "bad_output", "write_patterns"]

ENDINGS = (".parquet", ".csv")


def bad_output(out: Path, source: Path) -> list[str]:
    """Say why a file cannot be the output, before anything is done.

    Examples
    --------
    >>> bad_output(Path("found.xlsx"), Path("baskets.csv"))
    ['--out found.xlsx: the name must end in .parquet or .csv']
    """
    if out.suffix not in ENDINGS:
        return [f"--out {out}: the name must end in {' or '.join(ENDINGS)}"]
    if out.is_dir():
        return [f"--out {out} is a folder"]
    if out.resolve() == source.resolve():
        return [f"--out {out} is the file that is read"]
    return []


def write_patterns(table: "pa.Table", path: Path, ending: str) -> None:
    """Write a table whose lists hold names of items.

    Parameters
    ----------
    table : pyarrow.Table
        Lists of dictionary-encoded text, and numbers.
    path : Path
        Where to write.
    ending : str
        ``.parquet`` keeps the lists. In ``.csv`` a list is a JSON array, so that a name may hold
        commas, quotes and blanks; it begins with a bracket, which no spreadsheet runs as a formula.
    """
    if ending == ".csv":
        _write_csv(table, path)
    else:
        _write_parquet(table, path)


def _write_parquet(table: "pa.Table", path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path, compression="zstd")


def _write_csv(table: "pa.Table", path: Path) -> None:
    import pyarrow as pa
    from pyarrow import csv

    columns = [_as_json(column) for column in table.columns]
    csv.write_csv(pa.table(columns, names=table.column_names), path)


def _as_json(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    if not pa.types.is_large_list(column.type):
        return column
    return pa.chunked_array([_text(chunk) for chunk in column.chunks], pa.large_string())


def _text(values: "pa.Array") -> "pa.Array":
    """Quote every name once, then join the lists from within."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.large_string()
    if pa.types.is_dictionary(values.type):
        names = values.dictionary.to_pylist()
        quoted = [json.dumps(name, ensure_ascii=False) for name in names]
        return pa.array(quoted, text).take(values.indices)
    lists = pa.LargeListArray.from_arrays(values.offsets, _text(values.values))
    joined = pc.binary_join(lists, pa.scalar(",", text))
    begin, end, between = (pa.scalar(mark, text) for mark in ("[", "]", ""))
    return pc.binary_join_element_wise(begin, joined, end, between)
