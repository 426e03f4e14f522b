"""Frames as plain values, for JSON."""

from typing import Any

import pandas as pd

__all__ = ["plain_rows"]


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a frame as plain values; what is missing is None."""
    known = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(map(str, known.columns), row, strict=True)) for row in known.to_numpy()]
