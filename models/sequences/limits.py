"""How far apart in time the elements of a sequence may lie."""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

__all__ = ["FOREVER", "KernelLimits", "TimeLimits"]

FOREVER = 2**62


class KernelLimits(NamedTuple):
    """The limits as plain numbers; `free` says that nothing is limited from above."""

    min_gap: int
    max_gap: int
    max_span: int
    window: int
    free: bool


@dataclass(frozen=True)
class TimeLimits:
    """Limits in the unit of the times, after Srikant and Agrawal (1996).

    An element is found where all its items stand in baskets between two times, its start and its
    end; without a window both are the time of one basket.

    Parameters
    ----------
    min_gap : int, default 0
        The least time from the end of an element to the start of the next. It is always above
        0: the next element comes later.
    max_gap : int, optional
        The most time from the start of an element to the end of the next.
    max_span : int, optional
        The most time from the start of the first element to the end of the last.
    window : int, default 0
        The most time from the start of an element to its end.

    Raises
    ------
    ValueError
        When a limit is not a whole number, is negative, or contradicts another; all are listed.

    Examples
    --------
    >>> TimeLimits(min_gap=7, max_gap=3)
    Traceback (most recent call last):
    ValueError: max_gap must be at least min_gap (7) and at least 1, not 3
    """

    min_gap: int = 0
    max_gap: int | None = None
    max_span: int | None = None
    window: int = 0

    def __post_init__(self) -> None:
        if problems := [*self._not_whole()] or [*self._contradictions()]:
            raise ValueError("; ".join(problems))

    def _not_whole(self) -> list[str]:
        optional = ("max_gap", "max_span")
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return [
            f"{name} must be a whole number of at least 0, not {value!r}"
            for name, value in values.items()
            if not (value is None and name in optional) and not _is_whole(value)
        ]

    def _contradictions(self) -> list[str]:
        least = max(self.min_gap, 1)
        if self.max_gap is not None and self.max_gap < least:
            return [
                f"max_gap must be at least min_gap ({self.min_gap}) and at least 1, "
                f"not {self.max_gap}"
            ]
        return []

    def for_kernels(self) -> KernelLimits:
        """Give plain numbers; a limit that is not set lies beyond every time."""
        return KernelLimits(
            max(int(self.min_gap), 1),
            FOREVER if self.max_gap is None else int(self.max_gap),
            FOREVER if self.max_span is None else int(self.max_span),
            int(self.window),
            self.max_gap is None and self.max_span is None,
        )


def _is_whole(value: object) -> bool:
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        return False
    return 0 <= int(value) <= FOREVER
