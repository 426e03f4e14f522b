r"""Access logs of web servers in Apache's common and combined formats (also called NCSA).

https://httpd.apache.org/docs/2.4/logs.html#accesslog
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.sources.reading import missing_columns
from features.sources.spec import AccessLogSource
from features.sources.stream import Arrays, StreamedReading
from features.sources.text import TextFile

__all__ = ["COLUMNS", "AccessLogReading", "parse_line", "parse_lines"]

COLUMNS = (
    "host",
    "identity",
    "user",
    "time",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referrer",
    "agent",
)
"""What a line says, in the order of its parts."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUOTED = r'(?:[^"\\]|\\.)*'
_LINE = (
    r"^(?P<host>\S+) (?P<identity>\S+) (?P<user>-|(?:[^\s-]|-\S)\S*(?: \S+)*?) "
    rf"\[(?P<day>\d{{2}})/(?P<month>{'|'.join(_MONTHS)})/(?P<year>\d{{4}})"
    r":(?P<clock>\d{2}:\d{2}:\d{2}) (?P<zone>[+-]\d{4})\] "
    rf'"(?P<request>{_QUOTED})" (?P<status>\d{{3}}) (?P<bytes>\d+|-)'
    rf'(?: "(?P<referrer>{_QUOTED})" "(?P<agent>{_QUOTED})")?\s*$'
)
_REQUEST = r"^(?P<method>[A-Za-z_-]+) (?P<path>.*?)(?: (?P<protocol>HTTP/\d(?:\.\d)?))?$"
_RULE = "no line of an access log"
_REASON = "not a line of a common or combined access log"

_OTHERS = (
    (r"#(?:Software|Version|Fields|Date):", "a W3C extended log (as IIS writes it)"),
    (r"\s*\{", "JSON; declare the source as kind json"),
    (r"\S+:\d+ \S+ \S+ \S+ \[\d", "a combined log with the virtual host in front"),
    (r"\[\w{3} \w{3} +\d+ \d\d:\d\d:\d\d", "Apache's error log"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\]", "nginx's error log"),
    (r"(?:<\d+>)?\w{3} +\d+ \d\d:\d\d:\d\d \S+ ", "a syslog"),
    (r"(?:https?|h2|wss?) \d{4}-\d\d-\d\dT", "a log of a load balancer"),
    (r"\d+\.\d+ +\d+ \S+ [A-Z_]+/\d+ ", "a log of the proxy Squid"),
    (r"[^,;\t]+([,;\t])[^,;\t]+\1", "a table; declare the source as kind csv"),
)
_LOOKED_AT = 100


def parse_lines(lines: pa.Array) -> pa.StructArray:
    """Split lines of an access log.

    Parameters
    ----------
    lines : pyarrow.Array of string
        Lines without their ends.

    Returns
    -------
    pyarrow.StructArray
        The `COLUMNS` as text, `time` in ISO 8601 with its offset from UTC, a dash as null; null
        for a line of another form.
    """
    found = pc.extract_regex(lines, _LINE)
    part = {field.name: found.field(field.name) for field in found.type}
    request = pc.extract_regex(part["request"], _REQUEST)
    columns = {
        **{name: part[name] for name in COLUMNS if name in part},
        **{field.name: request.field(field.name) for field in request.type},
        "time": _iso(part),
    }
    arrays = [_value(columns[name]) for name in COLUMNS]
    return pa.StructArray.from_arrays(arrays, list(COLUMNS), mask=pc.is_null(found))


def parse_line(line: str) -> dict[str, str | None] | None:
    """Split one line of an access log; None for a line of another form.

    Examples
    --------
    >>> line = '10.1.2.3 - ann [17/May/2015:10:05:03 +0200] "GET /shop HTTP/1.1" 200 512'
    >>> hit = parse_line(line)
    >>> hit["host"], hit["user"], hit["time"], hit["path"], hit["status"], hit["agent"]
    ('10.1.2.3', 'ann', '2015-05-17T10:05:03+02:00', '/shop', '200', None)
    >>> parse_line("not at all") is None
    True
    """
    parsed: dict[str, str | None] | None = parse_lines(pa.array([line]))[0].as_py()
    return parsed


def _iso(part: dict[str, pa.Array]) -> pa.Array:
    month = pc.add(pc.index_in(part["month"], pa.array(_MONTHS)), 1)
    padded = pc.utf8_lpad(pc.cast(month, pa.string()), 2, "0")
    hours, minutes = pc.utf8_slice_codeunits(part["zone"], 0, 3), _after(part["zone"], 3)
    day = pc.binary_join_element_wise(part["year"], padded, part["day"], "-")
    zone = pc.binary_join_element_wise(hours, minutes, ":")
    return pc.binary_join_element_wise(day, "T", part["clock"], zone, "")


def _after(text: pa.Array, start: int) -> pa.Array:
    return pc.utf8_slice_codeunits(text, start)


def _value(column: pa.Array) -> pa.Array:
    """Give null for a dash or nothing, and the quotes that were escaped."""
    empty = pc.is_in(column, pa.array(["-", ""]))
    return pc.if_else(empty, None, pc.replace_substring(column, '\\"', '"'))


class AccessLogReading(StreamedReading):
    """An access log whose lines fit its source; see `features.sources.reading.Reading`.

    Parameters
    ----------
    source : AccessLogSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, cut off, of another format (which is named), or when
        unknown columns are mapped.
    """

    def __init__(self, source: AccessLogSource) -> None:
        self._file = TextFile(source, "an access log", source.encoding)
        super().__init__(COLUMNS, self._file.where)
        wanted = [column.source for column in source.columns.values()]
        error = missing_columns(wanted, COLUMNS, self._file.where)
        if error is not None:
            raise error
        self._check_format()

    def _check_format(self) -> None:
        _, lines = next(self._file.line_blocks(), (1, []))
        head = _decoded(islice((line for line in lines if line.strip()), _LOOKED_AT))
        if head and parse_lines(pa.array(head)).null_count == len(head):
            raise self._file.refuse(_looks_like(head[0]))

    def _arrays(self) -> Iterator[Arrays]:
        for first, block in self._file.line_blocks():
            filled = [place for place, line in enumerate(block) if line.strip()]
            lines = pa.array(_decoded(block[place] for place in filled), pa.string())
            numbers = np.array(filled, dtype=np.int64) + first
            parsed = parse_lines(lines)
            self._keep(numbers, lines, parsed)
            good = parsed.is_valid()
            columns = parsed.filter(good).flatten()
            yield pa.array(numbers).filter(good), columns

    def _keep(self, numbers: np.ndarray, lines: pa.Array, parsed: pa.Array) -> None:
        for place in np.flatnonzero(parsed.is_null().to_numpy(zero_copy_only=False)):
            self._reject(int(numbers[place]), _REASON, lines[int(place)].as_py(), _RULE)


def _decoded(lines: Iterator[bytes] | Sequence[bytes]) -> list[str]:
    return [line.rstrip(b"\r").decode("utf-8") for line in lines]


def _looks_like(line: str) -> str:
    return next((name for form, name in _OTHERS if re.match(form, line)), "something else")
