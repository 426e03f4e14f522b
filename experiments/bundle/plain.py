"""Plain values as strict JSON: sorted keys, no NaN tokens, nothing converted in silence."""

import datetime
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lodeworks.errors import BundleError

__all__ = ["read_json", "to_plain", "write_json"]

NOT_FINITE = "$number"


def write_json(path: Path, value: Any) -> None:
    """Write a plain value; the same value gives the same bytes.

    Raises
    ------
    TypeError
        When something in `value` is not plain; the message says where it is.
    """
    text = json.dumps(
        to_plain(value), indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False
    )
    path.write_text(text + "\n", encoding="utf-8", newline="")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote.

    Raises
    ------
    BundleError
        When the file is not JSON.
    """
    try:
        return json.loads(path.read_bytes(), object_hook=_number)
    except ValueError as error:
        raise BundleError(f"{path}: cannot be read: {error}") from error


def to_plain(value: Any, at: str = "value") -> Any:
    """Turn numpy scalars, dates, paths and tuples into JSON's own kinds.

    Examples
    --------
    >>> to_plain({"rows": (1, 2), "loss": float("inf")})
    {'rows': [1, 2], 'loss': {'$number': 'inf'}}
    >>> to_plain({"model": {1, 2}}, at="meta")
    Traceback (most recent call last):
    ...
    TypeError: meta.model: a set is not a plain value
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {NOT_FINITE: str(value)}
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [to_plain(part, f"{at}[{place}]") for place, part in enumerate(value)]
    if isinstance(value, Mapping):
        return {_key(key, at): to_plain(part, f"{at}.{key}") for key, part in value.items()}
    raise TypeError(f"{at}: a {type(value).__name__} is not a plain value")


def _key(key: Any, at: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{at}: the key {key!r} is not text")
    return key


def _number(value: dict[str, Any]) -> Any:
    return float(value[NOT_FINITE]) if set(value) == {NOT_FINITE} else value
