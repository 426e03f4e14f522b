"""Where customers go when they change the brand, and what that leaves of their value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.value import brand_shares, steady_shares, switching_value
from pipelines.config.relations import ValueSwitching
from pipelines.valuing.brands import Moved

__all__ = ["Switched", "switched"]

YEAR = 365


@dataclass(frozen=True)
class Switched:
    """What a switching matrix says.

    Attributes
    ----------
    own : str
        The brand whose value is told.
    shares : pandas.DataFrame
        One row a step from 0 and a brand: ``year`` or ``period``, ``brand``, ``share``.
    values : pandas.DataFrame
        One row a discount rate and a brand bought now: ``discount``, ``brand``, ``own`` (whether
        it is the own one), ``value`` of such a customer to the own brand.
    steady : pandas.Series or None
        Shares in the long run by brand; None where that depends on the beginning.
    moved : Moved or None
        What the matrix was estimated from; None where it was stated.
    """

    own: str
    shares: pd.DataFrame
    values: pd.DataFrame
    steady: pd.Series | None
    moved: Moved | None = None


@dataclass(frozen=True)
class _Chain:
    """A matrix with what it is applied to; purchases and rates are those of one step."""

    brands: tuple[str, ...]
    own: str
    matrix: np.ndarray
    start: np.ndarray
    purchases: float
    days: int
    steps: int

    def value(self, begin: np.ndarray, profit: float, rate: float) -> float:
        """Give what a customer who begins so is worth to the own brand, at a rate of a year."""
        place = self.brands.index(self.own)
        of_a_step = (1 + rate) ** (self.days / YEAR) - 1
        return switching_value(
            self.matrix, begin, place, self.purchases, profit, of_a_step, self.steps
        )


def switched(
    asked: ValueSwitching,
    profit: float,
    discount: float,
    what_if: tuple[float, ...],
    moved: Moved | None = None,
) -> Switched:
    """Follow the brands ahead.

    Parameters
    ----------
    asked : ValueSwitching
        Matrix, brands, purchases and years.
    profit : float
        Of one purchase.
    discount : float
        Rate of a year.
    what_if : tuple of float
        Other rates to try.
    moved : Moved, optional
        What purchases say of switching, where the matrix is not stated.
    """
    chain = _stated(asked) if moved is None else _estimated(asked, moved)
    ahead = brand_shares(chain.matrix, chain.start, chain.steps)
    rows = [
        (step, brand, float(share))
        for step, shares in enumerate(ahead)
        for brand, share in zip(chain.brands, shares, strict=True)
    ]
    worth = [
        (rate, brand, brand == chain.own, chain.value(begin, profit, rate))
        for rate in sorted({discount, *what_if})
        for brand, begin in zip(chain.brands, np.eye(len(chain.brands)), strict=True)
    ]
    step = "year" if moved is None else "period"
    return Switched(
        own=chain.own,
        shares=pd.DataFrame(rows, columns=[step, "brand", "share"]),
        values=pd.DataFrame(worth, columns=["discount", "brand", "own", "value"]),
        steady=_steady(chain.matrix, chain.brands),
        moved=moved,
    )


def _stated(asked: ValueSwitching) -> _Chain:
    own, place = str(asked.own), asked.brands.index(str(asked.own))
    everybody = np.eye(len(asked.brands))[place]
    return _Chain(
        brands=asked.brands,
        own=own,
        matrix=np.array(asked.matrix),
        start=everybody if asked.shares is None else np.array(asked.shares),
        purchases=float(asked.purchases or 0.0),
        days=YEAR,
        steps=asked.years,
    )


def _estimated(asked: ValueSwitching, moved: Moved) -> _Chain:
    stated = asked.purchases
    return _Chain(
        brands=moved.estimate.brands,
        own=moved.own,
        matrix=moved.estimate.matrix,
        start=moved.start,
        purchases=moved.purchases if stated is None else stated * moved.days / YEAR,
        days=moved.days,
        steps=max(1, round(asked.years * YEAR / moved.days)),
    )


def _steady(matrix: np.ndarray, brands: tuple[str, ...]) -> pd.Series | None:
    try:
        return pd.Series(steady_shares(matrix), brands)
    except ValueError:  # some brands never mix
        return None
