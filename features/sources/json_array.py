"""The elements of one large JSON array, without the whole of it in memory."""

import json
from collections.abc import Iterator
from typing import IO, Any

from features.sources.text import LONGEST_LINE, TextFile
from lodeworks.errors import DataError

__all__ = ["DECODER", "elements"]

_BLOCK = 1 << 20
_BLANKS = " \t\r\n"


def _as_written(number: str) -> str:
    """Keep a number as it is written; programs write the customer 17850 as 17850.0."""
    return number.removesuffix(".0")


def _no_value(_constant: str) -> None:
    """Read NaN and the infinities, which some programs write, as no value."""


DECODER = json.JSONDecoder(parse_float=_as_written, parse_int=str, parse_constant=_no_value)
"""Reads JSON with its numbers as text."""


def elements(file: TextFile) -> Iterator[tuple[int, Any, str]]:
    """Give the number of each element from 1, the element, and its text where it is no object.

    Raises
    ------
    DataError
        When the text is no array, ends within it, or holds an element that is too long to read.
    """
    with file.open() as opened:
        window = _Window(file, opened)
        window.expect("[")
        number = 0
        while not window.ends(first=number == 0):
            number += 1
            yield number, *window.element(number)
        window.expect_end()


class _Window:
    """The part of the text that is being looked at."""

    def __init__(self, file: TextFile, opened: IO[bytes]) -> None:
        self._file = file
        self._opened = opened
        self._bytes = b""
        self._text = ""
        self._at = 0
        self._is_over = False

    def expect(self, sign: str) -> None:
        """Step over a sign."""
        if self._next() != sign:
            raise DataError(f"{self._file.where} is no JSON array")
        self._at += 1

    def ends(self, *, first: bool) -> bool:
        """Step over what stands between elements; tell whether the array ends here."""
        sign = self._next()
        if sign == "]":
            self._at += 1
            return True
        if not sign:
            raise self._cut_off()
        if not first:
            if sign != ",":
                raise DataError(f"{self._file.where}: not JSON: a comma is missing before {sign!r}")
            self._at += 1
        return False

    def element(self, number: int) -> tuple[Any, str]:
        """Read one element, and more of the file for as long as it is not whole."""
        if not self._next():
            raise self._cut_off()
        needed = _BLOCK
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                self._grow(number, needed, error)
                needed *= 2
                continue
            if end == len(self._text) and not self._is_over:  # a number may go on
                self._more(_BLOCK)
                continue
            text = "" if isinstance(value, dict) else self._text[self._at : end]
            self._at = end
            return value, text

    def expect_end(self) -> None:
        """Refuse anything after the array."""
        if self._next():
            raise DataError(f"{self._file.where}: something stands after the end of the array")

    def _grow(self, number: int, needed: int, error: Exception) -> None:
        said = f"{self._file.where}: element {number}"
        if isinstance(error, RecursionError):
            raise DataError(f"{said} is nested too deep") from None
        if len(self._text) - self._at > LONGEST_LINE:
            limit = f"{LONGEST_LINE >> 20} MiB, the longest that is read"
            raise DataError(f"{said} is not JSON, or longer than {limit}: {error}") from None
        if self._is_over:
            raise DataError(f"{said} is not JSON, or the file is cut off: {error}") from None
        self._more(needed)

    def _next(self) -> str:
        """Give the next sign that is no blank; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_over:
                return ""
            self._more(_BLOCK)

    def _more(self, size: int) -> None:
        data = self._bytes + self._read(size)
        whole = data.decode("utf-8", "ignore") if self._is_over else _whole(data)
        self._bytes = data[len(whole.encode("utf-8")) :] if not self._is_over else b""
        self._text = self._text[self._at :] + whole
        self._at = 0

    def _read(self, size: int) -> bytes:
        parts, left = [], size
        while left > 0 and (part := self._opened.read(left)):
            parts.append(part)
            left -= len(part)
        self._is_over = left > 0
        return b"".join(parts)

    def _cut_off(self) -> DataError:
        return DataError(f"{self._file.where} looks cut off: the array has no end")


def _whole(data: bytes) -> str:
    """Decode all but a letter whose bytes are not all there yet."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[: error.start].decode("utf-8")
