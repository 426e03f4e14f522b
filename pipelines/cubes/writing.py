"""Cells as CSV, Parquet or Excel, with nothing that a spreadsheet would run."""

from pathlib import Path

import pandas as pd

from lodeworks.errors import ConfigError
from lodeworks.files import new_file
from lodeworks.spreadsheet import neutral

__all__ = ["ENDINGS", "PLOTS", "bad_files", "refuse_too_many", "write_cells"]

ENDINGS = (".csv", ".parquet", ".xlsx")
PLOTS = (".svg", ".png")
_MOST_ROWS = 1_048_575


def bad_files(out: Path | None, plot: Path | None) -> list[str]:
    """Say why files cannot be written, before anything is asked.

    Examples
    --------
    >>> bad_files(Path("cells.txt"), None)
    ['--out cells.txt: the name must end in .csv, .parquet or .xlsx']
    """
    problems = []
    for option, path, endings in (("--out", out, ENDINGS), ("--plot", plot, PLOTS)):
        if path is None:
            continue
        if path.suffix not in endings:
            allowed = " or ".join([", ".join(endings[:-1]), endings[-1]])
            problems.append(f"{option} {path}: the name must end in {allowed}")
        if path.is_dir():
            problems.append(f"{option} {path} is a folder")
    return problems


def write_cells(frame: pd.DataFrame, path: Path) -> None:
    """Write cells, one row each, whole or not at all.

    In CSV and Excel, text that a spreadsheet would run as a formula gets a leading apostrophe.

    """
    with new_file(path) as aside:
        if path.suffix == ".parquet":
            _plain_levels(frame).to_parquet(aside, index=False, compression="zstd")
        elif path.suffix == ".csv":
            neutral(frame).to_csv(aside, index=False, lineterminator="\n", encoding="utf-8")
        else:
            with aside.open("wb") as file:
                neutral(frame).to_excel(file, index=False, sheet_name="cells", engine="openpyxl")


def refuse_too_many(rows: int, path: Path | None) -> None:
    """Refuse more rows than an Excel sheet holds.

    Raises
    ------
    ConfigError
    """
    if path is not None and path.suffix == ".xlsx" and rows > _MOST_ROWS:
        raise ConfigError(
            f"--out {path}: {rows:,} cells do not fit a sheet of {_MOST_ROWS:,} rows; "
            "write .parquet or .csv"
        )


def _plain_levels(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns of one type each: whole numbers stay, categories become text."""
    plain = frame.convert_dtypes()
    for column in frame.select_dtypes("category"):
        plain[column] = frame[column].astype(str)
    return plain
