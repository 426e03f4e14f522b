"""Two samples compared: means, ranks, shares and categories, each with the size of the effect."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import chi2_contingency, mannwhitneyu, ncx2, norm, ttest_ind
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from models.statistics.checks import check_level, numbers

__all__ = ["Comparison", "compare_categories", "compare_means", "compare_ranks", "compare_shares"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """What a test of two samples found.

    Parameters
    ----------
    test : str
    statistic, df, p_value : float
        Two-sided; `df` is NaN where the test has none.
    difference, difference_low, difference_high : float
        First minus second, in the units of the data, with its interval; NaN where there is none.
    effect : str
        The name of the standardised effect.
    size, size_low, size_high : float
        The effect and its interval.
    n_first, n_second : int
    """

    test: str
    statistic: float
    df: float
    p_value: float
    difference: float
    difference_low: float
    difference_high: float
    effect: str
    size: float
    size_low: float
    size_high: float
    n_first: int
    n_second: int

    def to_frame(self) -> pd.DataFrame:
        """Give one row."""
        return pd.DataFrame([asdict(self)])


def compare_means(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Comparison:
    """Compare two means by Welch's t-test; the effect is Hedges' g.

    The interval of g is the normal approximation of Hedges and Olkin, *Statistical Methods for
    Meta-Analysis* (1985).

    Parameters
    ----------
    first, second : array of float
        Missing values are left out.
    level : float, default 0.95
        Of the intervals.

    Raises
    ------
    ValueError
        When a sample has fewer than two values, or both are constant.

    Examples
    --------
    >>> found = compare_means([1, 2, 3, 4], [3, 4, 5, 6])
    >>> found.difference, round(found.p_value, 4)
    (-2.0, 0.071)
    """
    check_level(level)
    a, b = numbers(first, "first"), numbers(second, "second")
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        raise ValueError("both samples are constant: there is no variation to test against")
    found = ttest_ind(a, b, equal_var=False)
    low, high = found.confidence_interval(level)
    g, error = _hedges(a, b)
    half = norm.ppf((1 + level) / 2) * error
    return Comparison(
        "Welch's t", float(found.statistic), float(found.df), float(found.pvalue),
        float(a.mean() - b.mean()), float(low), float(high),
        "Hedges' g", g, g - half, g + half, len(a), len(b),
    )  # fmt: skip


def compare_ranks(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Comparison:
    """Compare two samples by the Mann-Whitney test; the effect is the rank-biserial correlation.

    It is the chance that a value of the first is larger, minus the chance that it is smaller. Its
    interval follows from that of the area under the curve (Hanley and McNeil 1982).

    Examples
    --------
    >>> found = compare_ranks([1, 2, 3], [4, 5, 6])
    >>> found.statistic, found.size
    (0.0, -1.0)
    """
    check_level(level)
    a, b = numbers(first, "first"), numbers(second, "second")
    found = mannwhitneyu(a, b)
    area = float(found.statistic) / (len(a) * len(b))
    half = norm.ppf((1 + level) / 2) * _area_error(area, len(a), len(b))
    ends = np.clip([2 * (area - half) - 1, 2 * (area + half) - 1], -1, 1)
    nothing = (float("nan"),) * 2
    return Comparison(
        "Mann-Whitney", float(found.statistic), float("nan"), float(found.pvalue),
        float(np.median(a) - np.median(b)), *nothing,
        "rank-biserial", 2 * area - 1, float(ends[0]), float(ends[1]), len(a), len(b),
    )  # fmt: skip


def compare_shares(
    hits_first: int, n_first: int, hits_second: int, n_second: int, *, level: float = 0.95
) -> Comparison:
    """Compare two shares by the z-test; the difference has Newcombe's interval, the effect is h.

    Parameters
    ----------
    hits_first, n_first, hits_second, n_second : int
        Hits and cases of both samples.
    level : float, default 0.95
        Of the intervals.

    Raises
    ------
    ValueError
        When hits are not between 0 and the number of cases.

    Examples
    --------
    >>> found = compare_shares(56, 70, 48, 80)
    >>> round(found.difference, 1), round(found.difference_low, 4), round(found.difference_high, 4)
    (0.2, 0.0524, 0.3339)
    """
    check_level(level)
    for hits, n, name in ((hits_first, n_first, "first"), (hits_second, n_second, "second")):
        if not (n > 0 and 0 <= hits <= n):
            raise ValueError(f"{name}: hits lie between 0 and the cases, not {hits} of {n}")
    counts, cases = np.array([hits_first, hits_second]), np.array([n_first, n_second])
    same = counts.sum() in (0, cases.sum())
    z, p = (0.0, 1.0) if same else proportions_ztest(counts, cases)
    low, high = confint_proportions_2indep(
        hits_first, n_first, hits_second, n_second, method="newcomb", compare="diff",
        alpha=1 - level,
    )  # fmt: skip
    shares = counts / cases
    angles = 2 * np.arcsin(np.sqrt(shares))
    half = norm.ppf((1 + level) / 2) * np.sqrt((1 / cases).sum())
    h = float(angles[0] - angles[1])
    return Comparison(
        "two shares", float(z), float("nan"), float(p), float(shares[0] - shares[1]), float(low),
        float(high), "Cohen's h", h, h - float(half), h + float(half), n_first, n_second,
    )  # fmt: skip


def compare_categories(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Comparison:
    """Test whether two columns of categories depend on each other; the effect is Cramer's V.

    The interval of V inverts the non-central chi-square distribution (Smithson, *Confidence
    Intervals*, 2003).

    Parameters
    ----------
    first, second : array, shape (n_rows,)
        Two columns of the same records; rows with a missing value are left out.

    Raises
    ------
    ValueError
        When the lengths differ or a column has one category only.

    Examples
    --------
    >>> found = compare_categories(list("aaaabbbb"), list("xxxxyyyy"))
    >>> found.size, round(found.p_value, 4)
    (1.0, 0.0047)
    """
    check_level(level)
    a, b = pd.Series(np.asarray(first)), pd.Series(np.asarray(second))
    if len(a) != len(b):
        raise ValueError(f"the columns have {len(a)} and {len(b)} rows")
    table = pd.crosstab(a, b).to_numpy()
    if min(table.shape, default=0) < 2:
        raise ValueError("a column has one category only; nothing can depend on it")
    found = chi2_contingency(table, correction=False)
    n, least = int(table.sum()), min(table.shape) - 1
    v = float(np.sqrt(found.statistic / n / least))
    low, high = (_v_of(x, found.dof, n * least) for x in _noncentral(found, level))
    nothing = (float("nan"),) * 3
    return Comparison(
        "chi-square", float(found.statistic), float(found.dof), float(found.pvalue), *nothing,
        "Cramer's V", v, low, high, n, n,
    )  # fmt: skip


def _hedges(a: Values, b: Values) -> tuple[float, float]:
    n, m = len(a), len(b)
    pooled = np.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    g = (a.mean() - b.mean()) / pooled * (1 - 3 / (4 * (n + m) - 9))
    return float(g), float(np.sqrt((n + m) / (n * m) + g**2 / (2 * (n + m))))


def _area_error(area: float, n: int, m: int) -> float:
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n - 1) * (one - area**2) + (m - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 0.0) / (n * m)))


def _noncentral(found: object, level: float) -> tuple[float, float]:
    """Give the ends of the interval of the non-centrality of a chi-square test."""
    statistic, df = float(found.statistic), float(found.dof)  # type: ignore[attr-defined]

    def end(tail: float) -> float:
        def away(x: float) -> float:
            return float(ncx2.cdf(statistic, df, max(x, 1e-12)) - tail)

        top = 10 * statistic + 100
        return float(brentq(away, 0, top)) if away(0) > 0 else 0.0

    return end((1 + level) / 2), end((1 - level) / 2)


def _v_of(noncentral: float, df: float, scale: float) -> float:
    return 0.0 if noncentral == 0 else min(float(np.sqrt((noncentral + df) / scale)), 1.0)
