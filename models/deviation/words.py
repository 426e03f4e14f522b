"""Deviations in sentences: which attribute, what it is, what is usual."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.segments.words import plain_name, plain_number

__all__ = ["contribution_sentence"]


def contribution_sentence(parts: Sequence[Mapping[str, Any]], group: str) -> str:
    """Say what makes a case unusual in its class.

    Parameters
    ----------
    parts : sequence of mapping
        ``attribute``, ``value`` and ``typical``, the strongest first.
    group : str
        What the class is called.

    Examples
    --------
    >>> parts = [{"attribute": "gap_mean", "value": 2.0, "typical": 60.0}]
    >>> contribution_sentence(parts, "large")
    'unusual among large: gap mean is 2, usually 60'
    """
    told = [
        f"{plain_name(p['attribute'])} is {plain_number(p['value'])},"
        f" usually {plain_number(p['typical'])}"
        for p in parts
    ]
    return f"unusual among {group}: {'; '.join(told) or 'a rare combination'}"
