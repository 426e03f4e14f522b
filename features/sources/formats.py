"""What a file is by its first bytes, so that a wrong one is named and not misread."""

__all__ = ["looks_like"]

_MAGIC = (
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "PDF"),
    (b"BZh", "bzip2"),
    (b"(\xb5/\xfd", "Zstandard"),
    (b"\xfd7zXZ", "xz"),
    (b"ARROW1", "Arrow or Feather"),
    (b"Obj\x01", "Avro"),
    (b"\x89PNG", "a PNG picture"),
)


def looks_like(head: bytes) -> str:
    r"""Name the format of a file from its first bytes; ``"text"`` when nothing else is known.

    Examples
    --------
    >>> looks_like(b"PK\x03\x04...")
    'a zip archive or an Excel workbook'
    >>> looks_like(b"id,name")
    'text'
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[{", b"[\n")):
        return "JSON"
    if start[:1] == b"<":
        return "HTML or XML"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text"
    return "binary data" if b"\x00" in head else "text"
