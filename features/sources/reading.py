"""The raw rows of one file, before any contract is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lodeworks.errors import DataError, did_you_mean

__all__ = ["Malformed", "Reading", "missing_columns"]


@dataclass(frozen=True)
class Malformed:
    """A row that could not be split into the file's columns.

    Attributes
    ----------
    line : int
        Number of the row in the file; the header is row 1.
    reason : str
        What is wrong with it.
    text : str
        The row as it stands, cut after a thousand characters.
    rule : str
        What is wrong without any value of the row; rows are counted by it.
    """

    line: int
    reason: str
    text: str
    rule: str = "wrong number of fields"


class Reading(Protocol):
    """A file that has been looked at and can be read once.

    Attributes
    ----------
    names : sequence of str
        Columns of the file, in its order.
    types : sequence of str
        Their DuckDB types.
    rows : int
        Rows seen so far, malformed ones included; all rows once the relation has been consumed.
    malformed : list of Malformed
        Rows that could not be split.
    failure : DataError, optional
        What stopped the reading, kept because a database hides errors of what it reads from.
    """

    names: Sequence[str]
    types: Sequence[str]
    rows: int
    malformed: list[Malformed]
    failure: DataError | None

    def relation(self, connection: Any) -> str:
        """Give SQL for the rows: ``line`` (row number in the file), then ``c0``, ``c1`` ..."""


def missing_columns(
    wanted: Sequence[str], names: Sequence[str], where: str, hint: str = ""
) -> DataError | None:
    """Make the error that lists every wanted column that is lacking; None when all are there."""
    lacking = sorted(set(wanted) - set(names))
    if not lacking:
        return None
    problems = [f"{name!r}: {did_you_mean(name, names)}" for name in lacking]
    return DataError(f"{where} lacks {len(lacking)} of the mapped columns{hint}", problems)
