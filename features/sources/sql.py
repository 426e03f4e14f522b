"""Safe words for DuckDB's SQL: the one place where names and values are quoted."""

__all__ = ["identifier", "literal"]


def identifier(name: str) -> str:
    """Quote a name of a table or column.

    Examples
    --------
    >>> identifier('my "own" column')
    '"my ""own"" column"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | float | bool | None) -> str:
    """Quote a value.

    Examples
    --------
    >>> literal("it's"), literal(2.5), literal(None)
    ("'it''s'", '2.5', 'NULL')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"
