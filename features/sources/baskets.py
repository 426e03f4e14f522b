"""Files with one basket a line: item numbers with blanks between them (FIMI), or named items."""

import csv
import re
from collections.abc import Iterator, Sequence

from features.sources.formats import looks_like
from features.sources.reading import missing_columns
from features.sources.spec import BasketsSource
from features.sources.stream import Arrays, StreamedReading, columns_of
from features.sources.text import TextFile

__all__ = ["BasketsReading"]

_UTILITY = re.compile(r"\d+( \d+)*:\d+:-?\d+( -?\d+)*")
_SEQUENCE = re.compile(r"\d.*\s-[12](\s|$)")


class BasketsReading(StreamedReading):
    """Baskets, one row an item; see `features.sources.reading.Reading`.

    Parameters
    ----------
    source : BasketsSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, cut off, of another format (which is named), or when
        unknown columns are mapped.
    """

    def __init__(self, source: BasketsSource) -> None:
        self._file = TextFile(source, "baskets", source.encoding)
        super().__init__(["order", "item", *source.leading, "day"], self._file.where)
        self._source = source
        self._day = None if source.day is None else source.day.isoformat()
        wanted = [column.source for column in source.columns.values()]
        error = missing_columns(wanted, self.names, self._file.where)
        if error is not None:
            raise error
        self._check_format()

    def _check_format(self) -> None:
        found = looks_like(self._file.head())
        if found != "text" and "16" not in self._source.encoding:
            raise self._file.refuse(found)
        _, lines = next(self._file.line_blocks(), (1, []))
        first = next((line.decode("utf-8") for line in lines if line.strip()), None)
        if first is None:
            raise self._file.refuse("blank lines")
        if _UTILITY.fullmatch(first.strip()):
            raise self._file.refuse("SPMF's utility format; declare the source as spmf_utility")
        if self._source.delimiter is None:
            self._check_numbers(first)

    def _check_numbers(self, first: str) -> None:
        if _SEQUENCE.match(first):
            raise self._file.refuse("SPMF's sequences, with -1 and -2 between their parts")
        commas = max(",;\t|", key=first.count)
        if commas in first.strip():
            raise self._file.refuse(f"items with {commas!r} between them; state it as delimiter")

    def _arrays(self) -> Iterator[Arrays]:
        yield from columns_of(self._rows(), len(self.names))

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        leading = len(self._source.leading)
        for first, block in self._file.line_blocks():
            for number, line in enumerate(block, first):
                text = line.decode("utf-8")
                fields = self._fields(text)
                if len(fields) <= leading:
                    self._keep(number, text, fields)
                for item in fields[leading:]:
                    yield number, (str(number), item, *fields[:leading], self._day)

    def _fields(self, text: str) -> list[str]:
        delimiter, quote = self._source.delimiter, self._source.quote
        if delimiter is None:
            return text.split()
        if quote in text:
            quoted = csv.reader([text], delimiter=delimiter, quotechar=quote, skipinitialspace=True)
            fields = next(quoted, [])
        else:
            fields = text.split(delimiter)
        leading = len(self._source.leading)
        items = [item for item in map(str.strip, fields[leading:]) if item]
        return [*fields[:leading], *items]

    def _keep(self, number: int, text: str, fields: list[str]) -> None:
        """Keep a line that has leading fields and no item; a blank line is no basket at all."""
        if fields and text.strip():
            reason = f"expected {len(self._source.leading)} fields and an item, got {len(fields)}"
            self._reject(number, reason, text, "no item")
