"""Read a whole CSV or Parquet file that a person names, but none that would fill the memory."""

import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from features.packed import check_parquet, open_text

__all__ = ["read_csv", "read_frame"]


def read_frame(path: Path, **options: Any) -> pd.DataFrame:
    """Read ``.parquet``, else CSV.

    Parameters
    ----------
    path : Path
        The file; CSV may be gzipped, whatever its name.
    **options
        Of `pandas.read_csv`.

    Raises
    ------
    OSError, ValueError
        When it cannot be read.
    DataError
        When a line is too long, or it would grow too much when unpacked.
    """
    if path.suffix != ".parquet":
        return read_csv(path, **options)
    check_parquet(path)
    return pd.read_parquet(path)


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """Read CSV; see `read_frame`."""
    try:
        with open_text(path) as file:
            frame: pd.DataFrame = pd.read_csv(file, **options)
    except (EOFError, zlib.error) as error:
        raise ValueError(f"the gzip stream is damaged: {error}") from error
    return frame
