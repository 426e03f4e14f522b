"""What a command prints: a text for people or one JSON object for machines."""

import json
import math
import os
import sys
from typing import Any, Protocol

__all__ = ["Summary", "emit", "emit_json", "show"]


class Summary(Protocol):
    """What a command has to say at its end."""

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able values."""

    def text(self) -> str:
        """Give it as text for a person."""


def show(summary: Summary, *, as_json: bool) -> None:
    """Print the summary in the form that was asked for."""
    if as_json:
        emit_json(summary.to_dict())
    else:
        emit(summary.text())


def emit_json(values: dict[str, Any]) -> None:
    """Print one JSON object on one line; a number that is none or infinite becomes null."""
    emit(json.dumps(_readable(values), default=str, allow_nan=False, ensure_ascii=False))


def _readable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _readable(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(below) for below in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def emit(text: str) -> None:
    """Print to standard output; a reader who has gone away is no failure of the work."""
    try:
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()
    except UnicodeEncodeError:
        sys.stdout.write(text.encode("ascii", "backslashreplace").decode().rstrip("\n") + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer goes nowhere, so that closing it at exit cannot fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
