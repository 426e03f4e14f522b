"""The name of a finding: the same pattern of the same question has the same name everywhere."""

from collections.abc import Mapping
from typing import Any

from lodeworks.files import digest

__all__ = ["canonical", "finding_id"]

LENGTH = 12


def finding_id(kind: str, pattern: Mapping[str, Any], question: str) -> str:
    """Give the name of a finding.

    Parameters
    ----------
    kind : str
        What sort of pattern it is.
    pattern : mapping
        Plain values; the order of keys does not matter, that of lists does.
    question : str
        Which question it answers.

    Examples
    --------
    >>> one = finding_id("rule", {"if": ["tea"], "then": ["milk"]}, "shop")
    >>> other = finding_id("rule", {"then": ["milk"], "if": ["tea"]}, "shop")
    >>> one == other, len(one)
    (True, 13)
    """
    return f"F{digest([kind, canonical(pattern), question])[:LENGTH]}"


def canonical(value: Any) -> Any:
    """Give plain values in one form: whole numbers without a point, tuples as lists.

    Examples
    --------
    >>> canonical({"depth": 3.0, "items": ("a", True)})
    {'depth': 3, 'items': ['a', True]}
    """
    if isinstance(value, Mapping):
        return {str(key): canonical(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(below) for below in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
