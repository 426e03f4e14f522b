"""Columns that look as if they told of a person, by their names and by what is in them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.privacy.detectors import DETECTORS
from features.privacy.hints import hinted
from features.sources.sql import identifier

__all__ = ["BY_NATURE", "Finding", "find_personal", "judge"]

BY_NATURE = ("customer_id", "visitor_id")
"""Columns that are personal whatever is declared."""

SAMPLE = 2000
_LONGEST = 1000  # characters of a value that are looked at
_CONFIDENT = 0.5
_HINT = 0.6
_HINT_AGAINST = 0.3


@dataclass(frozen=True)
class Finding:
    """A column that looks personal.

    Attributes
    ----------
    table, column : str
        Where.
    kind : str
        What it seems to hold, such as ``e-mail address``.
    confidence : float
        From 0.5 to 1.
    why : str
        The name, the share of values, or both.
    """

    table: str
    column: str
    kind: str
    confidence: float
    why: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.table}.{self.column}: {self.kind}? {self.confidence:.0%} ({self.why})"


def find_personal(
    connection: Any, columns: Mapping[str, Collection[str]], sample: int = SAMPLE
) -> list[Finding]:
    """Look through columns of a warehouse.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The warehouse.
    columns : mapping of str to collection of str
        Which columns of which tables; leave out those with a tag.
    sample : int
        Different values to look at of each column; the same ones every time.

    Returns
    -------
    list of Finding
        The surest first.
    """
    found = [
        finding
        for table, names in columns.items()
        for name in names
        if (finding := judge(table, name, _sample(connection, table, name, sample))) is not None
    ]
    return sorted(found, key=lambda one: (-one.confidence, one.table, one.column))


def judge(table: str, column: str, values: Sequence[str]) -> Finding | None:
    """Tell what a column seems to hold, or None when it does not look personal.

    Parameters
    ----------
    table, column : str
        Its name counts.
    values : sequence of str
        Some of its values.

    Examples
    --------
    >>> str(judge("customers", "contact", ["ann@example.org", "bob@example.org"]))
    'customers.contact: e-mail address? 99% (100% of values)'
    >>> judge("items", "colour", ["red", "blue"]) is None
    True
    """
    if column in BY_NATURE:
        return None
    found = [one for one in _opinions(table, column, values) if one.confidence >= _CONFIDENT]
    return max(found, key=lambda one: one.confidence, default=None)


def _opinions(table: str, column: str, values: Sequence[str]) -> Iterator[Finding]:
    hint = hinted(table, column)
    for kind, detector in DETECTORS.items():
        share = detector.share(values)
        if share >= detector.enough or (hint == kind and share > 0):
            sure = min(0.99, detector.trust + (1 - detector.trust) * share)
            sure = min(0.99, sure + 0.2) if hint == kind else sure
            named = "the name, " if hint == kind else ""
            yield Finding(table, column, kind, sure, f"{named}{share:.0%} of values")
    if hint is not None:
        against = bool(values) and hint in DETECTORS
        yield Finding(table, column, hint, _HINT_AGAINST if against else _HINT, "the name")


def _sample(connection: Any, table: str, column: str, size: int) -> list[str]:
    name = identifier(column)
    asked = (
        f"SELECT value FROM (SELECT DISTINCT left(CAST({name} AS VARCHAR), {_LONGEST}) AS value "
        f"FROM {identifier(table)} WHERE {name} IS NOT NULL) ORDER BY md5(value) LIMIT ?"
    )
    return [value for (value,) in connection.execute(asked, [size]).fetchall()]
