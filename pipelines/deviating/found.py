"""One table of deviations of every sort, with the sentence that says why."""

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["COLUMNS", "Found", "table_of"]

COLUMNS = ("sort", "subject", "rank", "score", "measure", "observed", "expected", "p", "text")


@dataclass(frozen=True)
class Found:
    """What one search found.

    Attributes
    ----------
    sort : str
        ``member``, ``exception``, ``unexpected`` or ``change``.
    table : pandas.DataFrame
        `COLUMNS`; subjects are customers.
    overview : dict of str to pandas.DataFrame
        Tables without customers, by caption, for the report.
    figures : pandas.DataFrame
        `COLUMNS`; subjects are figures of the whole shop.
    notes : tuple of str
        What a person must know.
    """

    sort: str
    table: pd.DataFrame
    overview: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    notes: tuple[str, ...] = ()


def table_of(sort: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring what was found to `COLUMNS`; what is not given is missing."""
    table = frame.assign(sort=sort).reindex(columns=list(COLUMNS))
    numbers = ("rank", "score", "observed", "expected", "p")
    return table.astype(dict.fromkeys(numbers, "float64")).astype(
        {"sort": "str", "subject": "str", "text": "str"}
    )
