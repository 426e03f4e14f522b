"""Where customers go when they change the brand, and what that leaves of their value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.value import brand_shares, steady_shares, switching_value
from pipelines.config.relations import ValueSwitching

__all__ = ["Switched", "switched"]


@dataclass(frozen=True)
class Switched:
    """What a switching matrix says.

    Attributes
    ----------
    shares : pandas.DataFrame
        One row a year from 0 and a brand: ``year``, ``brand``, ``share``.
    values : pandas.DataFrame
        One row a discount rate and a brand bought now: ``discount``, ``brand``, ``own`` (whether
        it is the own one), ``value`` of such a customer to the own brand.
    steady : pandas.Series or None
        Shares in the long run by brand; None where that depends on the beginning.
    """

    shares: pd.DataFrame
    values: pd.DataFrame
    steady: pd.Series | None


def switched(
    asked: ValueSwitching, profit: float, discount: float, what_if: tuple[float, ...]
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
    """
    brands, matrix = list(asked.brands), np.array(asked.matrix)
    place = brands.index(asked.own)
    start = np.eye(len(brands))[place] if asked.shares is None else np.array(asked.shares)
    ahead = brand_shares(matrix, start, asked.years)
    rows = [
        (year, brand, float(share))
        for year, shares in enumerate(ahead)
        for brand, share in zip(brands, shares, strict=True)
    ]
    worth = [
        (rate, brand, brand == asked.own, _value(asked, matrix, begin, place, profit, rate))
        for rate in sorted({discount, *what_if})
        for brand, begin in zip(brands, np.eye(len(brands)), strict=True)
    ]
    return Switched(
        shares=pd.DataFrame(rows, columns=["year", "brand", "share"]),
        values=pd.DataFrame(worth, columns=["discount", "brand", "own", "value"]),
        steady=_steady(matrix, brands),
    )


def _value(
    asked: ValueSwitching,
    matrix: np.ndarray,
    begin: np.ndarray,
    place: int,
    profit: float,
    rate: float,
) -> float:
    return switching_value(matrix, begin, place, asked.purchases, profit, rate, asked.years)


def _steady(matrix: np.ndarray, brands: list[str]) -> pd.Series | None:
    try:
        return pd.Series(steady_shares(matrix), brands)
    except ValueError:  # some brands never mix
        return None
