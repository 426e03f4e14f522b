"""SPMF's utility format: ``items:total:utilities``, one basket a line.

https://www.philippe-fournier-viger.com/spmf/Two-Phase.php
"""

import re
from collections.abc import Iterator, Sequence

from features.sources.reading import missing_columns
from features.sources.spec import UtilitySource
from features.sources.stream import Arrays, StreamedReading, columns_of
from features.sources.text import TextFile

__all__ = ["COLUMNS", "UtilityReading"]

COLUMNS = ("order", "item", "utility", "total", "day")
"""What the rows say: one item of one basket each."""

_REMARKS = ("#", "%", "@")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
_LOOKED_AT = 100


class UtilityReading(StreamedReading):
    """Baskets with utilities, one row an item; see `features.sources.reading.Reading`.

    A line whose utilities are not as many as its items, or do not sum to its total, is malformed.

    Parameters
    ----------
    source : UtilitySource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, cut off, of another format, or when unknown columns are
        mapped.
    """

    def __init__(self, source: UtilitySource) -> None:
        self._file = TextFile(source, "SPMF's utility format")
        super().__init__(COLUMNS, self._file.where)
        self._day = None if source.day is None else source.day.isoformat()
        wanted = [column.source for column in source.columns.values()]
        error = missing_columns(wanted, COLUMNS, self._file.where)
        if error is not None:
            raise error
        self._check_format()

    def _check_format(self) -> None:
        _, block = next(self._file.line_blocks(), (1, []))
        lines = [line.decode("utf-8") for line in block if line.strip()]
        first = [line for line in lines if not line.startswith(_REMARKS)][:_LOOKED_AT]
        if not any(line.count(":") == 2 for line in first):
            plain = bool(first) and all(part.isdecimal() for part in first[0].split())
            raise self._file.refuse("FIMI; declare the source as baskets" if plain else "text")

    def _arrays(self) -> Iterator[Arrays]:
        yield from columns_of(self._rows(), len(self.names))

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        for first, block in self._file.line_blocks():
            for number, line in enumerate(block, first):
                text = line.decode("utf-8").strip()
                if text and not text.startswith(_REMARKS):
                    yield from self._items(number, text)

    def _items(self, number: int, text: str) -> Iterator[tuple[int, Sequence[str | None]]]:
        items, total, utilities, problem = _parts(text)
        if problem is not None:
            self._reject(number, problem, text, "no utility basket")
            return
        for item, utility in zip(items, utilities, strict=True):
            yield number, (str(number), item, utility, total, self._day)


def _parts(text: str) -> tuple[list[str], str, list[str], str | None]:
    """Split a line into items, total and utilities, and say what is wrong with them."""
    parts = text.split(":")
    if len(parts) != 3:
        return [], "", [], f"expected items:total:utilities, got {len(parts)} parts"
    items, total, utilities = parts[0].split(), parts[1].strip(), parts[2].split()
    return items, total, utilities, _problem(items, total, utilities)


def _problem(items: list[str], total: str, utilities: list[str]) -> str | None:
    if not items or len(items) != len(utilities):
        return f"{len(items)} items, but {len(utilities)} utilities"
    for number in (total, *utilities):
        if not _NUMBER.fullmatch(number):
            return f"{number!r} is not a number"
    found = sum(map(float, utilities))
    if abs(found - float(total)) > 1e-6 * max(1.0, abs(found)):
        return f"the utilities sum to {found:g}, not to {float(total):g}"
    return None
