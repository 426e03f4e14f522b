"""The corrected resampled t-test of two candidates over repeated splits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Comparison", "corrected_t_test"]


@dataclass(frozen=True)
class Comparison:
    """The mean difference of two candidates and how sure it is.

    Attributes
    ----------
    difference, low, high : float
        Mean over the splits and its interval; the ends are NaN with fewer than two splits.
    p : float
        Two-sided; 1 when all differences are zero, NaN with fewer than two splits.
    splits : int
        Number of differences.
    level : float
        Of the interval.
    """

    difference: float
    low: float
    high: float
    p: float
    splits: int
    level: float = 0.95

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def corrected_t_test(
    differences: Sequence[float] | np.ndarray, test_share: float, *, level: float = 0.95
) -> Comparison:
    """Test whether the mean of paired differences over resampled splits is zero.

    Splits share training rows, so that their differences go together and the usual t-test is too
    sure. The variance is multiplied by (1/k + test/train) in the place of 1/k.

    Parameters
    ----------
    differences : sequence of float
        Figure of one candidate minus that of the other, one a split; the same splits for both.
    test_share : float
        Share of rows in each test part: 0.2 for five folds, repeated or not.
    level : float
        Of the interval.

    Raises
    ------
    ValueError
        When a share or level is not between 0 and 1, or a difference is not finite.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003);
    R. Bouckaert, E. Frank (2004) for repeated cross-validation.

    Examples
    --------
    >>> found = corrected_t_test([0.02, 0.03, 0.01, 0.02, 0.02], 0.2)
    >>> round(found.difference, 3), round(found.low, 4), found.is_sure
    (0.02, 0.0068, True)
    """
    from scipy import stats

    values = np.asarray(differences, dtype=np.float64)
    if not 0 < test_share < 1 or not 0 < level < 1:
        raise ValueError(f"shares lie between 0 and 1, not {test_share:g} and {level:g}")
    if not np.isfinite(values).all():
        raise ValueError("every difference must be finite")
    count, mean = len(values), float(values.mean()) if len(values) else math.nan
    if count < 2:
        return Comparison(mean, math.nan, math.nan, math.nan, count, level)
    ratio = test_share / (1.0 - test_share)
    error = math.sqrt((1.0 / count + ratio) * float(values.var(ddof=1)))
    reach = float(stats.t.ppf(0.5 + level / 2, count - 1)) * error
    if error == 0:
        p = 1.0 if mean == 0 else 0.0
    else:
        p = float(2 * stats.t.sf(abs(mean) / error, count - 1))
    return Comparison(mean, mean - reach, mean + reach, p, count, level)
