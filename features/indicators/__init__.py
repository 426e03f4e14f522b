"""Indicators of customers at one date, one family a file."""

from features.indicators.registry import FAMILIES, indicators

__all__ = ["FAMILIES", "indicators"]
