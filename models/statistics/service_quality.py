"""SERVQUAL: what customers got against what they expected, in five dimensions."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from lodeworks.errors import did_you_mean
from models.statistics.checks import check_level

__all__ = ["DIMENSIONS", "ITEMS", "service_quality"]

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

# The 22 statements of Parasuraman, Zeithaml and Berry, "SERVQUAL" (1988), in their order.
ITEMS = {
    "tangibles": (1, 2, 3, 4),
    "reliability": (5, 6, 7, 8, 9),
    "responsiveness": (10, 11, 12, 13),
    "assurance": (14, 15, 16, 17),
    "empathy": (18, 19, 20, 21, 22),
}


def service_quality(
    expected: pd.DataFrame,
    perceived: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]],
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Give the gap, perceived minus expected, of each dimension and altogether.

    Parameters
    ----------
    expected, perceived : DataFrame
        Answers, one row a customer, with the same columns; missing ones are left out.
    dimensions : mapping of str to columns
        The columns of the five dimensions 'tangibles', 'reliability', 'responsiveness',
        'assurance' and 'empathy'.
    weights : mapping, optional
        Points of each dimension, such as customers share 100 among them. Default: equal.
    level : float, default 0.95
        Of the intervals of the gaps over customers.

    Returns
    -------
    DataFrame
        A row a dimension, and 'altogether' (weighted): n, expected, perceived, gap, low, high,
        weight. A negative gap disappoints.

    Raises
    ------
    ValueError
        When a dimension is missing or unknown, a column is missing, or weights sum to 0.

    Examples
    --------
    >>> columns = {name: [name] for name in DIMENSIONS}
    >>> expected = pd.DataFrame({name: [6, 7] for name in DIMENSIONS})
    >>> got = service_quality(expected, expected - 1, columns)
    >>> got["gap"].to_dict()["altogether"]
    -1.0
    """
    check_level(level)
    _check(expected, perceived, dimensions)
    share = _shares(weights)
    z = norm.ppf((1 + level) / 2)
    gaps, rows = {}, {}
    for name in DIMENSIONS:
        columns = list(dimensions[name])
        want, got = expected[columns].astype(float), perceived[columns].astype(float)
        both = want.notna() & got.notna()
        gaps[name] = (got - want).where(both).mean(axis=1)
        means = (want.where(both).mean(axis=1).mean(), got.where(both).mean(axis=1).mean())
        rows[name] = _row(gaps[name], *means, z, share[name])
    every = pd.DataFrame(gaps)
    whole = every.mul(pd.Series(share)).sum(axis=1, skipna=False)
    want_all, got_all = (sum(rows[n][key] * share[n] for n in DIMENSIONS) for key in (1, 2))
    rows["altogether"] = _row(whole, want_all, got_all, z, 1.0)
    names = ["n", "expected", "perceived", "gap", "low", "high", "weight"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


def _row(gap: pd.Series, want: float, got: float, z: float, weight: float) -> list[float]:
    known = gap.dropna()
    n, mean = len(known), float(known.mean()) if len(known) else np.nan
    half = float(z * known.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return [n, want, got, mean, mean - half, mean + half, weight]


def _shares(weights: Mapping[str, float] | None) -> dict[str, float]:
    given = dict(weights) if weights is not None else dict.fromkeys(DIMENSIONS, 1.0)
    _five(given, "weights")
    total = sum(given.values())
    if total == 0 or min(given.values()) < 0:
        raise ValueError("weights are not negative and do not sum to 0")
    return {name: given[name] / total for name in DIMENSIONS}


def _check(
    expected: pd.DataFrame, perceived: pd.DataFrame, dimensions: Mapping[str, Sequence[str]]
) -> None:
    _five(dimensions, "dimensions")
    if len(expected) != len(perceived) or not expected.index.equals(perceived.index):
        raise ValueError("expected and perceived must be about the same customers, in order")
    for frame, name in ((expected, "expected"), (perceived, "perceived")):
        wanted = [column for columns in dimensions.values() for column in columns]
        if lost := [column for column in wanted if column not in frame.columns]:
            near = did_you_mean(str(lost[0]), map(str, frame.columns))
            raise ValueError(f"{name} lacks column {lost[0]!r}; {near}")


def _five(given: Mapping[str, object], what: str) -> None:
    lost = [name for name in DIMENSIONS if name not in given]
    unknown = [name for name in given if name not in DIMENSIONS]
    problems = [f"{name!r} is missing" for name in lost]
    problems += [f"unknown {name!r}; {did_you_mean(name, DIMENSIONS)}" for name in unknown]
    if problems:
        raise ValueError(f"{what}: {'; '.join(problems)}")
