"""What an Excel workbook is before it is opened: a safe zip archive, or something to refuse."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from features.packed import LONGEST_LINE
from lodeworks.errors import DataError

__all__ = ["LARGEST_UNPACKED", "check_workbook", "merged_ranges"]

LARGEST_UNPACKED = 4 << 30
"""Bytes that a workbook may hold when unpacked."""

LARGEST_TEXTS = 512 << 20
"""Bytes of the table of shared texts, which has to be kept in memory."""

HIGHEST_RATIO = 500
"""How many times a part of over a MiB may grow when unpacked; sheets grow ten to fifty times."""

# A damaged table of contents also leads to places outside of the file.
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)

_BLOCK = 1 << 20
_OLD = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+[^<>]*?ref="([A-Z0-9:$]+)"')
_ROW = re.compile(rb"</(?:\w+:)?row>")
_LONGEST_TAG = 200


def check_workbook(path: Path, where: str) -> None:
    """Refuse what is no workbook, is locked, or would fill memory or disk when unpacked.

    Raises
    ------
    DataError
        With what the file is instead.
    """
    with path.open("rb") as file:
        start = file.read(8)
        if start.startswith(_OLD):
            rest = file.read(16 << 20)
            raise DataError(f"{where} {_old(_ENCRYPTED in rest)}")
    if not start.startswith(b"PK"):
        raise DataError(f"{where} is declared as Excel but looks like {_format(path)}")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(parts, where)
            _check_declarations(archive, parts, where)
    except DAMAGES as error:
        raise DataError(f"{where} looks cut off or damaged: {error}") from error


def merged_ranges(path: Path, part: str, where: str) -> Iterator[str]:
    """Give the merged ranges of a sheet, such as ``A1:C1``, in bounded memory.

    Raises
    ------
    DataError
        When a row is longer than `LONGEST_LINE`: it would have to be kept in memory.
    """
    with zipfile.ZipFile(path) as archive, archive.open(part) as sheet:
        rest, row = b"", 0
        while piece := sheet.read(_BLOCK):
            *_, end = (0, *(found.end() for found in _ROW.finditer(piece)))
            row = len(piece) - end + (0 if end else row)
            if row > LONGEST_LINE:
                limit = f"{LONGEST_LINE >> 20} MiB, the longest that is read"
                raise DataError(f"{where} holds a row longer than {limit}")
            window = rest + piece
            last = 0
            for found in _MERGED.finditer(window):
                yield found[1].decode().replace("$", "")
                last = found.end()
            rest = window[max(last, len(window) - _LONGEST_TAG) :]


def _old(is_encrypted: bool) -> str:
    if is_encrypted:
        return "is protected by a password: save it without one"
    return "is an old Excel workbook (.xls): save it as .xlsx"


def _format(path: Path) -> str:
    from features.sources.formats import looks_like

    with path.open("rb") as file:
        return looks_like(file.read(4096))


def _check_parts(parts: list[zipfile.ZipInfo], where: str) -> None:
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        others = {"content.xml": "an OpenDocument file", "word/document.xml": "a Word document"}
        found = next((word for name, word in others.items() if name in names), "a zip archive")
        if "xl/workbook.bin" in names:
            found = "a binary Excel workbook (.xlsb); save it as .xlsx"
        raise DataError(f"{where} is declared as Excel but looks like {found}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED:
        limit = f"{LARGEST_UNPACKED >> 20:,} MiB are allowed"
        raise DataError(f"{where} would unpack to {unpacked >> 20:,} MiB; {limit}")
    for part in parts:
        _check_part(part, where)


def _check_part(part: zipfile.ZipInfo, where: str) -> None:
    ratio = part.file_size / max(part.compress_size, 1)
    if part.file_size > 1 << 20 and ratio > HIGHEST_RATIO:
        raise DataError(
            f"{where} looks like a zip bomb: {part.filename} would grow {ratio:,.0f} times when"
            f" unpacked; {HIGHEST_RATIO} times are allowed"
        )
    if part.filename == "xl/sharedStrings.xml" and part.file_size > LARGEST_TEXTS:
        raise DataError(
            f"{where} holds {part.file_size >> 20:,} MiB of texts; {LARGEST_TEXTS >> 20} MiB are"
            " allowed: save the sheet as CSV"
        )


def _check_declarations(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], where: str) -> None:
    """Refuse XML that declares entities, with which a few bytes can grow without end."""
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                if b"<!DOCTYPE" in file.read(4096):
                    raise DataError(f"{where}: {part.filename} declares entities; this is refused")
