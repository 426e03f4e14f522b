"""Values of typed files and databases as the text that the contract reads."""

import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

__all__ = ["as_text"]


def as_text(value: Any, format_: str | None = None) -> str | None:
    """Write a value as text; None where there is none.

    Parameters
    ----------
    value : object
        What a cell or a field holds.
    format_ : str, optional
        The format that the column's dates are declared in; a real date is written so too.

    Examples
    --------
    >>> as_text(17850.0), as_text(True), as_text(datetime(2011, 12, 1, 8, 26))
    ('17850', 'true', '2011-12-01 08:26:00')
    >>> as_text(date(2011, 12, 1), "%d.%m.%Y")
    '01.12.2011'
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime | date):
        return value.strftime(format_) if format_ else str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, time) else str(value)


def _number(value: float) -> str | None:
    """Write whole numbers without a point: 17850.0 is the customer 17850."""
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
