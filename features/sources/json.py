"""JSON: one object a line or an array of objects, read object by object."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from features.sources.formats import looks_like
from features.sources.json_array import DECODER, elements
from features.sources.spec import JsonSource
from features.sources.stream import Arrays, StreamedReading, columns_of
from features.sources.text import TextFile
from features.sources.values import as_text
from lodeworks.errors import DataError, did_you_mean

__all__ = ["JsonReading", "field_of"]

_LOOKED_AT = 1000
_MOST_NAMES = 10_000
_DEEPEST = 3
_RULE = "no JSON object"


class JsonReading(StreamedReading):
    """A JSON file that has the mapped fields; see `features.sources.reading.Reading`.

    Parameters
    ----------
    source : JsonSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, of another format or cut off, or lacks needed fields.
    """

    def __init__(self, source: JsonSource) -> None:
        formats = {spec.source: spec.format for spec in source.columns.values()}
        self._file = TextFile(source, "JSON", source.encoding)
        super().__init__(list(formats), self._file.where)
        self._formats = list(formats.values())
        self._is_array = self._begins_with() == b"["
        self._needed = {
            spec.source for name, spec in source.columns.items() if source.is_required(name)
        }
        self._seen: set[str] = set()
        self._known: dict[str, None] = {}
        self._look()

    def _begins_with(self) -> bytes:
        with self._file.open() as file:
            start = file.read(4096).lstrip()
        if start[:1] not in (b"{", b"["):
            raise self._file.refuse(looks_like(start) if start else "nothing")
        return start[:1]

    def _look(self) -> None:
        """Check the first objects, so that a wrong file is refused before it is read."""
        first = [value for _, value in islice(self._objects(), _LOOKED_AT)]
        if not first and self.malformed:
            raise DataError(f"{self._file.where}: {self._first_problem()}")
        for value in first:
            self._note(value)
        if first and self._needed - self._seen:
            raise self._lacking()
        self.malformed.clear()

    def _first_problem(self) -> str:
        first = self.malformed[0]
        said = f"none of its first lines is an object: line {first.line}: {first.reason}"
        if first.text.strip() == "{":
            said += "; write each object on a line of its own, or all in an array"
        return said

    def _arrays(self) -> Iterator[Arrays]:
        yield from columns_of(self._rows(), len(self.names))
        if self.rows and set(self.names) - self._seen:
            raise self._lacking()

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        for number, value in self._objects():
            self._note(value)
            fields = zip(self.names, self._formats, strict=True)
            yield number, [as_text(field_of(value, name), format_) for name, format_ in fields]

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        values = elements(self._file) if self._is_array else self._lines()
        for number, value, text in values:
            if isinstance(value, dict):
                yield number, value
            else:
                reason = value if isinstance(value, _Problem) else f"not an object: {_kind(value)}"
                self._reject(number, str(reason), text, _RULE)

    def _lines(self) -> Iterator[tuple[int, Any, str]]:
        for first, block in self._file.line_blocks():
            for number, line in enumerate(block, first):
                if line.strip():
                    text = line.decode("utf-8")
                    yield number, _parsed(text), text

    def _note(self, value: dict[str, Any]) -> None:
        """Remember which mapped fields there are, and a bounded number of names for advice."""
        if len(self._seen) < len(self.names):
            self._seen |= {name for name in self.names if _has(value, name)}
            if len(self._known) < _MOST_NAMES:
                self._known |= dict.fromkeys(_paths(value))

    def _lacking(self) -> DataError:
        lacking = sorted(set(self.names) - self._seen)
        problems = [f"{name!r}: {did_you_mean(name, self._known)}" for name in lacking]
        count = len(lacking)
        return DataError(f"{self._file.where} lacks {count} of the mapped columns", problems)


def field_of(value: Any, path: str) -> Any:
    """Give a field of an object, by its name or by a path with dots; None where there is none.

    Examples
    --------
    >>> field_of({"who": {"name": "Ann", "phones": ["1", "2"]}}, "who.phones.0")
    '1'
    >>> field_of({"a.b": 3}, "a.b")
    3
    """
    return _step(value, path) if _has(value, path) else None


def _has(value: Any, path: str) -> bool:
    try:
        _step(value, path)
    except (KeyError, IndexError):
        return False
    return True


def _step(value: Any, path: str) -> Any:
    if isinstance(value, dict) and path in value:
        return value[path]
    head, dot, rest = path.partition(".")
    if isinstance(value, list) and head.isdecimal():
        below = value[int(head)]
    elif isinstance(value, dict) and dot:
        below = value[head]
    else:
        raise KeyError(path)
    return _step(below, rest) if dot else below


def _paths(value: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[str]:
    for name, below in value.items():
        yield before + name
        if isinstance(below, dict) and depth < _DEEPEST:
            yield from _paths(below, f"{before}{name}.", depth + 1)


class _Problem(str):
    """Why a text is no JSON."""


def _parsed(text: str) -> Any:
    try:
        return DECODER.decode(text)
    except RecursionError:
        return _Problem("nested too deep")
    except ValueError as error:
        return _Problem(f"not JSON: {error}")


def _kind(value: Any) -> str:
    names = {list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a single value")
