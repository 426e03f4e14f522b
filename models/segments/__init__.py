"""Segmentations that are told in the customers' own terms."""

from models.segments.pyramid import ValuePyramid

__all__ = ["ValuePyramid"]
