"""Measures of how interesting a rule is, by their standard names.

Formulas follow M. Hahsler, *A Probabilistic Comparison of Commonly Used Interest Measures for
Association Rules* (2015), unless a measure names another source. In the docstrings X is the
antecedent, Y the consequent, `n` counts baskets and P is a share of them; logarithms are natural
unless their base is written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import did_you_mean
from models.association._hypergeometric import lower_tails, upper_quantiles, upper_tails

__all__ = ["MEASURES", "RuleCounts", "measure"]

Values = NDArray[np.float64]
Measure = Callable[["RuleCounts"], Values]

MEASURES: dict[str, Measure] = {}


@dataclass(frozen=True, eq=False)
class RuleCounts:
    """How many baskets hold the sides of rules; everything a measure needs.

    Parameters
    ----------
    n : int or array
        All baskets.
    n_x, n_y, n_xy : array
        Those with the antecedent, with the consequent, with both.

    Examples
    --------
    >>> measure("lift", RuleCounts(4, [2], [2], [2])).tolist()
    [2.0]
    """

    n: ArrayLike
    n_x: ArrayLike
    n_y: ArrayLike
    n_xy: ArrayLike

    def _share(self, count: ArrayLike) -> Values:
        return _ratio(np.asarray(count, float), np.asarray(self.n, float))

    @cached_property
    def x(self) -> Values:
        """P(X)."""
        return self._share(self.n_x)

    @cached_property
    def y(self) -> Values:
        """P(Y)."""
        return self._share(self.n_y)

    @cached_property
    def xy(self) -> Values:
        """P(X and Y)."""
        return self._share(self.n_xy)

    @cached_property
    def x_not_y(self) -> Values:
        """P(X and not Y)."""
        return self._share(np.asarray(self.n_x) - np.asarray(self.n_xy))

    @cached_property
    def not_x_y(self) -> Values:
        """P(Y and not X)."""
        return self._share(np.asarray(self.n_y) - np.asarray(self.n_xy))

    @cached_property
    def neither(self) -> Values:
        """P(not X and not Y)."""
        sides = np.asarray(self.n_x) + np.asarray(self.n_y)
        return self._share(np.asarray(self.n) - sides + np.asarray(self.n_xy))

    @cached_property
    def not_x(self) -> Values:
        """P(not X)."""
        return self._share(np.asarray(self.n) - np.asarray(self.n_x))

    @cached_property
    def not_y(self) -> Values:
        """P(not Y)."""
        return self._share(np.asarray(self.n) - np.asarray(self.n_y))

    @cached_property
    def confidence(self) -> Values:
        """P(Y | X)."""
        return _ratio(np.asarray(self.n_xy, float), np.asarray(self.n_x, float))

    @cached_property
    def whole_numbers(self) -> tuple[NDArray[np.int64], ...]:
        """The four counts as flat arrays of one length."""
        counts = (self.n, self.n_x, self.n_y, self.n_xy)
        return tuple(np.ravel(a).astype(np.int64) for a in np.broadcast_arrays(*counts))


def measure(name: str, counts: RuleCounts) -> Values:
    """Compute a measure by its name.

    A share of nothing (0/0) is NaN; a positive number over nothing is infinite.

    Raises
    ------
    ValueError
        When the name is unknown; the nearest one is given.
    """
    if name not in MEASURES:
        raise ValueError(f"unknown measure {name!r}; {did_you_mean(name, MEASURES)}")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(MEASURES[name](counts), float)


def _ratio(above: Values, below: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / below)


def _xlogy(x: Values, ratio: Values) -> Values:
    """Give x log(ratio), which is 0 where x is 0."""
    safe = np.where(x > 0, ratio, 1.0)
    return np.asarray(np.where(x > 0, x * np.log(safe), 0.0))


def _measure(function: Measure) -> Measure:
    MEASURES[function.__name__] = function
    return function


@_measure
def support(c: RuleCounts) -> Values:
    """P(XY) (Agrawal, Imielinski, Swami 1993)."""
    return c.xy


@_measure
def antecedent_support(c: RuleCounts) -> Values:
    """P(X), also called coverage."""
    return c.x


@_measure
def consequent_support(c: RuleCounts) -> Values:
    """P(Y), also called prevalence."""
    return c.y


@_measure
def confidence(c: RuleCounts) -> Values:
    """P(Y|X) (Agrawal, Imielinski, Swami 1993)."""
    return c.confidence


@_measure
def lift(c: RuleCounts) -> Values:
    """P(XY) / (P(X) P(Y)) (Brin et al. 1997)."""
    return _ratio(c.confidence, c.y)


@_measure
def leverage(c: RuleCounts) -> Values:
    """P(XY) - P(X) P(Y) (Piatetsky-Shapiro 1991)."""
    return c.xy - c.x * c.y


@_measure
def conviction(c: RuleCounts) -> Values:
    """P(X) P(not Y) / P(X, not Y) (Brin et al. 1997); infinite for a rule without exception."""
    exact = np.asarray(c.n_x) == np.asarray(c.n_xy)
    return np.where(exact, np.inf, _ratio(c.x * c.not_y, c.x_not_y))


@_measure
def cosine(c: RuleCounts) -> Values:
    """P(XY) / sqrt(P(X) P(Y)) (Tan, Kumar, Srivastava 2004)."""
    return _ratio(c.xy, np.sqrt(c.x * c.y))


@_measure
def jaccard(c: RuleCounts) -> Values:
    """P(XY) / P(X or Y) (Tan and Kumar 2000)."""
    return _ratio(c.xy, c.x + c.y - c.xy)


@_measure
def sorensen(c: RuleCounts) -> Values:
    """2 P(XY) / (P(X) + P(Y)), the Dice coefficient (Sorensen 1948)."""
    return _ratio(2 * c.xy, c.x + c.y)


@_measure
def kulczynski(c: RuleCounts) -> Values:
    """(P(Y|X) + P(X|Y)) / 2 (Kulczynski 1927)."""
    return (c.confidence + _ratio(c.xy, c.y)) / 2


@_measure
def imbalance(c: RuleCounts) -> Values:
    """|P(X) - P(Y)| / P(X or Y) (Wu, Chen, Han 2010)."""
    return _ratio(np.abs(c.x - c.y), c.x + c.y - c.xy)


@_measure
def all_confidence(c: RuleCounts) -> Values:
    """Smaller of P(Y|X) and P(X|Y) (Omiecinski 2003, for the two sides)."""
    return np.minimum(c.confidence, _ratio(c.xy, c.y))


@_measure
def max_confidence(c: RuleCounts) -> Values:
    """Larger of P(Y|X) and P(X|Y) (Tan, Kumar, Srivastava 2004)."""
    return np.maximum(c.confidence, _ratio(c.xy, c.y))


@_measure
def chi_squared(c: RuleCounts) -> Values:
    """Pearson's statistic of the 2 by 2 table, one degree of freedom, without correction."""
    return np.asarray(c.n) * phi(c) ** 2


@_measure
def phi(c: RuleCounts) -> Values:
    """Correlation of the two sides: leverage / sqrt(P(X) P(Y) P(not X) P(not Y))."""
    return _ratio(leverage(c), np.sqrt(c.x * c.y * c.not_x * c.not_y))


@_measure
def fisher_p(c: RuleCounts) -> Values:
    """Fisher's exact test, one-sided: P of a count as large if X and Y were independent."""
    return np.asarray(upper_tails(*c.whole_numbers))


@_measure
def hyper_confidence(c: RuleCounts) -> Values:
    """P of a smaller count if X and Y were independent (Hahsler and Hornik 2007)."""
    return np.asarray(lower_tails(*c.whole_numbers))


@_measure
def hyper_lift(c: RuleCounts) -> Values:
    """Count over the 99 % point of independent counts (Hahsler and Hornik 2007)."""
    n, n_x, n_y, n_xy = c.whole_numbers
    return _ratio(n_xy.astype(float), upper_quantiles(n, n_x, n_y, 0.99).astype(float))


@_measure
def odds_ratio(c: RuleCounts) -> Values:
    """P(XY) P(neither) / (P(X, not Y) P(Y, not X))."""
    return _ratio(c.xy * c.neither, c.x_not_y * c.not_x_y)


@_measure
def yules_q(c: RuleCounts) -> Values:
    """(ad - bc) / (ad + bc) of the 2 by 2 table (Yule 1900)."""
    ad, bc = c.xy * c.neither, c.x_not_y * c.not_x_y
    return _ratio(ad - bc, ad + bc)


@_measure
def yules_y(c: RuleCounts) -> Values:
    """(sqrt(ad) - sqrt(bc)) / (sqrt(ad) + sqrt(bc)) of the 2 by 2 table (Yule 1912)."""
    ad, bc = np.sqrt(c.xy * c.neither), np.sqrt(c.x_not_y * c.not_x_y)
    return _ratio(ad - bc, ad + bc)


@_measure
def added_value(c: RuleCounts) -> Values:
    """P(Y|X) - P(Y) (Sahar and Mansour 1999)."""
    return c.confidence - c.y


@_measure
def loevinger(c: RuleCounts) -> Values:
    """(P(Y|X) - P(Y)) / P(not Y) (Loevinger 1947); 0 where every basket holds Y."""
    return np.where(c.not_y == 0, 0.0, _ratio(added_value(c), c.not_y))


@_measure
def certainty_factor(c: RuleCounts) -> Values:
    """Loevinger's for a rise, (P(Y|X) - P(Y)) / P(Y) for a fall (Berzal et al. 2002)."""
    change = added_value(c)
    return np.where(change >= 0, loevinger(c), _ratio(change, c.y))


@_measure
def collective_strength(c: RuleCounts) -> Values:
    """Agreement over its expectation, times the same for violation (Aggarwal and Yu 1998)."""
    agree, expected = c.xy + c.neither, c.x * c.y + c.not_x * c.not_y
    return _ratio(agree, expected) * _ratio(1 - expected, c.x_not_y + c.not_x_y)


@_measure
def j_measure(c: RuleCounts) -> Values:
    """P(XY) log(P(Y|X)/P(Y)) + P(X, not Y) log(P(not Y|X)/P(not Y)) (Smyth, Goodman 1991)."""
    rest = _ratio(_ratio(c.x_not_y, c.x), c.not_y)
    return _xlogy(c.xy, _ratio(c.confidence, c.y)) + _xlogy(c.x_not_y, rest)


@_measure
def gini(c: RuleCounts) -> Values:
    """Fall of the Gini index of Y when X is known (Tan, Kumar, Srivastava 2004)."""
    known = _ratio(c.xy**2 + c.x_not_y**2, c.x)
    unknown = np.where(c.not_x > 0, _ratio(c.not_x_y**2 + c.neither**2, c.not_x), 0.0)
    return known + unknown - c.y**2 - c.not_y**2


@_measure
def kappa(c: RuleCounts) -> Values:
    """Agreement of the two sides beyond chance (Cohen 1960)."""
    expected = c.x * c.y + c.not_x * c.not_y
    return _ratio(c.xy + c.neither - expected, 1 - expected)


@_measure
def goodman_kruskal(c: RuleCounts) -> Values:
    """Lambda: fall of the error in guessing Y when X is known (Goodman and Kruskal 1954)."""
    guess = np.maximum(c.y, c.not_y)
    known = np.maximum(c.xy, c.x_not_y) + np.maximum(c.not_x_y, c.neither)
    return _ratio(known - guess, 1 - guess)


@_measure
def mutual_information(c: RuleCounts) -> Values:
    """Information that X gives about Y, in nats (Shannon 1948)."""
    cells = ((c.xy, c.x, c.y), (c.x_not_y, c.x, c.not_y),
             (c.not_x_y, c.not_x, c.y), (c.neither, c.not_x, c.not_y))  # fmt: skip
    return np.sum([_xlogy(p, _ratio(p, a * b)) for p, a, b in cells], axis=0)


@_measure
def normalised_mutual_information(c: RuleCounts) -> Values:
    """Mutual information over the smaller entropy of the sides (Tan, Kumar, Srivastava 2004)."""
    of_x = -_xlogy(c.x, c.x) - _xlogy(c.not_x, c.not_x)
    of_y = -_xlogy(c.y, c.y) - _xlogy(c.not_y, c.not_y)
    return _ratio(mutual_information(c), np.minimum(of_x, of_y))


@_measure
def laplace(c: RuleCounts) -> Values:
    """(n(XY) + 1) / (n(X) + 2) (Clark and Boswell 1991)."""
    return _ratio(np.asarray(c.n_xy, float) + 1, np.asarray(c.n_x, float) + 2)


@_measure
def least_contradiction(c: RuleCounts) -> Values:
    """(P(XY) - P(X, not Y)) / P(Y) (Aze and Kodratoff 2002)."""
    return _ratio(c.xy - c.x_not_y, c.y)


@_measure
def sebag_schoenauer(c: RuleCounts) -> Values:
    """P(XY) / P(X, not Y) (Sebag and Schoenauer 1988)."""
    return _ratio(c.xy, c.x_not_y)


@_measure
def counterexample_rate(c: RuleCounts) -> Values:
    """(P(XY) - P(X, not Y)) / P(XY), examples against counter-examples (Vaillant 2004)."""
    return _ratio(c.xy - c.x_not_y, c.xy)


@_measure
def relative_risk(c: RuleCounts) -> Values:
    """P(Y|X) / P(Y|not X)."""
    return _ratio(c.confidence, _ratio(c.not_x_y, c.not_x))


@_measure
def confidence_difference(c: RuleCounts) -> Values:
    """P(Y|X) - P(Y|not X) (Hofmann and Wilhelm 2001)."""
    return c.confidence - _ratio(c.not_x_y, c.not_x)


@_measure
def klosgen(c: RuleCounts) -> Values:
    """sqrt(P(XY)) (P(Y|X) - P(Y)) (Kloesgen 1996)."""
    return np.sqrt(c.xy) * added_value(c)


@_measure
def zhang(c: RuleCounts) -> Values:
    """Leverage over the largest it could be, from -1 to 1 (Zhang 2000); 0 where that is 0."""
    most = np.maximum(c.xy * c.not_x, c.x * c.not_x_y)
    return np.where(most == 0, 0.0, _ratio(leverage(c), most))


@_measure
def lerman(c: RuleCounts) -> Values:
    """(n(XY) - E) / sqrt(E) with E = n(X) n(Y) / n (Lerman 1981)."""
    return _ratio(np.sqrt(np.asarray(c.n, float)) * leverage(c), np.sqrt(c.x * c.y))


@_measure
def implication_index(c: RuleCounts) -> Values:
    """(n(X, not Y) - E) / sqrt(E) with E = n(X) n(not Y) / n (Gras 1996); lower is better."""
    expected = c.x * c.not_y
    return _ratio(np.sqrt(np.asarray(c.n, float)) * (c.x_not_y - expected), np.sqrt(expected))


@_measure
def causal_support(c: RuleCounts) -> Values:
    """P(XY) + P(neither) (Kodratoff 2001)."""
    return c.xy + c.neither


@_measure
def causal_confidence(c: RuleCounts) -> Values:
    """(P(Y|X) + P(not X|not Y)) / 2 (Kodratoff 2001)."""
    return (c.confidence + _ratio(c.neither, c.not_y)) / 2


@_measure
def confirmed_confidence(c: RuleCounts) -> Values:
    """P(Y|X) - P(not Y|X) (Kodratoff 2001; Ganascia's index)."""
    return 2 * c.confidence - 1


@_measure
def importance(c: RuleCounts) -> Values:
    """log10 of P(Y|X) / P(Y|not X), both with Laplace's correction (MacLennan et al. 2008)."""
    without = np.asarray(c.n_y) - np.asarray(c.n_xy)
    rest = _ratio(without + 1.0, np.asarray(c.n) - np.asarray(c.n_x) + 2.0)
    return np.log10(laplace(c) / rest)


@_measure
def odd_multiplier(c: RuleCounts) -> Values:
    """P(XY) P(not Y) / (P(Y) P(X, not Y)), the Bayes factor (Geng and Hamilton 2006)."""
    return _ratio(c.xy * c.not_y, c.y * c.x_not_y)


@_measure
def one_way_support(c: RuleCounts) -> Values:
    """P(Y|X) log2 lift (Yao and Zhong 1999)."""
    return _xlogy(c.confidence, lift(c)) / np.log(2)


@_measure
def two_way_support(c: RuleCounts) -> Values:
    """P(XY) log2 lift (Yao and Zhong 1999)."""
    return _xlogy(c.xy, lift(c)) / np.log(2)


@_measure
def standardised_lift(c: RuleCounts) -> Values:
    """Lift between the least and the largest it could be (McNicholas, Murphy, O'Regan 2008)."""
    both = c.x * c.y
    least = _ratio(np.maximum(c.x + c.y - 1, 1 / np.asarray(c.n, float)), both)
    most = _ratio(np.minimum(c.x, c.y), both)
    return _ratio(lift(c) - least, most - least)


@_measure
def counterexamples(c: RuleCounts) -> Values:
    """P(X, not Y): the baskets to which the rule can still be applied (Ralambondrainy 1991)."""
    return c.x_not_y


@_measure
def varying_rates(c: RuleCounts) -> Values:
    """P(XY) / (P(X) P(Y)) - 1 (Bernard and Charron 1996)."""
    return lift(c) - 1
