"""Numbers read from an address, kindly: what is no number counts as not given."""

import math

from fastapi import Request

__all__ = ["number", "whole"]


def whole(request: Request, name: str, otherwise: int) -> int:
    """Give a whole number of the address."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def number(request: Request, name: str) -> float | None:
    """Give a number of the address, or None."""
    try:
        value = float(request.query_params.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
