"""The smallest count, lengths and kind of pattern that a search is asked for, checked."""

from typing import Literal

import numpy as np

__all__ = ["Target", "check_positive", "check_target", "least_count", "wanted_count"]

Target = Literal["frequent", "closed", "maximal"]


def least_count(min_support: float, n: int) -> int:
    """Give the smallest number out of `n` whose share is `min_support` or more.

    Examples
    --------
    >>> least_count(0.1, 30), least_count(0.101, 30)
    (3, 4)
    """
    count = max(1, int(np.floor(min_support * n)))
    while count > 1 and (count - 1) / n >= min_support:
        count -= 1
    while count / max(n, 1) < min_support:
        count += 1
    return count


def wanted_count(
    min_support: float | None, min_count: int | None, n: int, of: str = "baskets"
) -> int:
    """Read a threshold that is given either as a share or as a number.

    Parameters
    ----------
    min_support : float or None
        A share, above 0 and up to 1; or
    min_count : int or None
        a whole number of at least 1.
    n : int
        How many there are.
    of : str, default 'baskets'
        What is counted; for the messages.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        When not just one is given, or it is out of range.

    Examples
    --------
    >>> wanted_count(0.1, None, 30), wanted_count(None, 4, 30)
    (3, 4)
    """
    if (min_support is None) == (min_count is None):
        raise ValueError(f"give either min_support (a share) or min_count (a number of {of})")
    if min_support is not None:
        if not 0 < min_support <= 1:
            raise ValueError(
                f"min_support is a share above 0 and up to 1, not {min_support}; "
                f"give min_count for a number of {of}"
            )
        return least_count(min_support, n) if n else 1
    assert min_count is not None
    if min_count != int(min_count) or min_count < 1:
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if min_count > max(n, 1):
        raise ValueError(f"min_count is {min_count} but there are only {n} {of}")
    return int(min_count)


def check_positive(**values: int | None) -> None:
    """Refuse a value below 1; None stands for no limit.

    Raises
    ------
    ValueError
        With the name of the value.
    """
    for name, value in values.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")


def check_target(target: str) -> None:
    """Refuse what is no kind of pattern.

    Raises
    ------
    ValueError
        When it is not 'frequent', 'closed' or 'maximal'.
    """
    if target not in ("frequent", "closed", "maximal"):
        raise ValueError(f"target must be 'frequent', 'closed' or 'maximal', not {target!r}")
