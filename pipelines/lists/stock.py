"""How many customers single items may be offered to, by a file."""

from pathlib import Path

from lodeworks.errors import DataError
from pipelines.lists.tables import read_numbers, read_table

__all__ = ["read_stock"]


def read_stock(path: Path) -> dict[str, int]:
    """Read a quota for each item.

    Parameters
    ----------
    path : Path
        CSV or Parquet with ``item_id`` and ``stock`` (0 or more; a fraction is cut off). Where an
        item stands there twice, the smaller number holds.

    Raises
    ------
    DataError
        When the file is missing, cannot be read, or a number is missing or below 0.
    """
    rows = read_table(path, "stock", needed=["item_id", "stock"])
    stock = read_numbers(rows, "stock", path, "a number of at least 0")
    if (stock < 0).any():
        raise DataError(f"{path}: {(stock < 0).sum()} rows have a stock below 0")
    known = rows["item_id"].notna()
    least = stock[known].groupby(rows.loc[known, "item_id"]).min()
    return {str(item): int(number) for item, number in least.items()}
