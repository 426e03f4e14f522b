"""Everything that can go wrong, as one small tree; each branch carries its exit code.

::

    LodeError            1   the work failed
    ├── ConfigError      2   bad usage or configuration
    ├── NotInstalled     2   an extra is missing; the message says what to install
    ├── DataError        3   bad data; nothing was written
    ├── BundleError      3   a bundle is damaged, foreign or tampered with
    ├── GateRefused      4   a gate (drift, promotion, privacy) said no
    └── BudgetExceeded   5   time, memory or itemsets ran over the stated budget
"""

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "BudgetExceeded",
    "BundleError",
    "ConfigError",
    "DataError",
    "GateRefused",
    "LodeError",
    "NotInstalled",
    "did_you_mean",
]


class LodeError(Exception):
    """Base of every error that a user may see.

    Parameters
    ----------
    message : str
        What was given, what is allowed and where.
    problems : sequence of str
        Several findings reported at once; they are printed one a line under the message.
    """

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  - {problem}" for problem in self.problems)]))


class ConfigError(LodeError):
    """The command line or the configuration cannot be used."""

    exit_code = 2


class NotInstalled(LodeError):
    """An optional dependency is missing."""

    exit_code = 2


class DataError(LodeError):
    """The data cannot be used; nothing was written."""

    exit_code = 3


class BundleError(LodeError):
    """A bundle is damaged, foreign or has been tampered with."""

    exit_code = 3


class GateRefused(LodeError):
    """A gate refused to let the result pass; the former state stands."""

    exit_code = 4


class BudgetExceeded(LodeError):
    """The work would take more time, memory or patterns than was allowed."""

    exit_code = 5


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Say the nearest allowed name, or list them all when none is near.

    Examples
    --------
    >>> did_you_mean("candidtes", ["candidates", "window"])
    "did you mean 'candidates'?"
    >>> did_you_mean("zzz", ["window", "candidates"])
    'allowed: candidates, window'
    """
    names = sorted(set(allowed))
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"allowed: {', '.join(names)}"
