"""Switching matrix: which brand customers buy next, and what that is worth."""

from collections.abc import Sequence

import numpy as np

__all__ = ["brand_shares", "customer_equity", "steady_shares", "switching_value"]


def brand_shares(matrix: np.ndarray, start: Sequence[float] | np.ndarray, years: int) -> np.ndarray:
    """Give the expected share of each brand after each of the coming years.

    Parameters
    ----------
    matrix : array of float, (brands, brands)
        Row i: with which probability a buyer of brand i buys each brand a year later; rows sum
        to 1.
    start : array of float, (brands,)
        Shares now, for one customer or all; they sum to 1.
    years : int
        How far to look.

    Returns
    -------
    numpy.ndarray of float64, (years + 1, brands)
        Row t: shares t years ahead; row 0 is `start`.

    Raises
    ------
    ValueError
        When the matrix is not square, has a negative entry, or a row does not sum to 1.

    Examples
    --------
    >>> brand_shares([[0.7, 0.3], [0.2, 0.8]], [1.0, 0.0], 2)[-1].round(3).tolist()
    [0.55, 0.45]
    """
    steps = _stochastic(matrix)
    share = np.asarray(start, dtype=np.float64)
    if share.shape != (len(steps),) or (share < 0).any() or not np.isclose(share.sum(), 1):
        raise ValueError(f"start must be {len(steps)} shares that sum to 1 but got {start!r}")
    if years < 0:
        raise ValueError(f"years must not be negative but got {years!r}")
    return np.array([share @ np.linalg.matrix_power(steps, year) for year in range(years + 1)])


def steady_shares(matrix: np.ndarray) -> np.ndarray:
    """Give the shares that no longer change.

    Raises
    ------
    ValueError
        When there is more than one such set of shares, as where two brands never exchange buyers.

    Examples
    --------
    >>> steady_shares([[0.7, 0.3], [0.2, 0.8]]).round(3).tolist()
    [0.4, 0.6]
    """
    steps = _stochastic(matrix)
    equations = np.vstack([steps.T - np.eye(len(steps)), np.ones(len(steps))])
    target = np.append(np.zeros(len(steps)), 1.0)
    found, _, rank, _ = np.linalg.lstsq(equations, target, rcond=None)
    if rank < len(steps):
        raise ValueError("the matrix has more than one steady state: some brands never mix")
    return np.asarray(np.clip(found, 0.0, None) / np.clip(found, 0.0, None).sum())


def switching_value(
    matrix: np.ndarray,
    start: Sequence[float] | np.ndarray,
    brand: int,
    purchases: float,
    profit: float,
    rate: float,
    years: int = 5,
) -> float:
    """Give a customer's lifetime value to a brand when purchases may go to others.

    The sum over the coming years of purchases a year x expected share x profit, discounted; the
    first of them is this year, at the share of now.

    Parameters
    ----------
    matrix, start
        As in `brand_shares`.
    brand : int
        Whose value it is, from 0.
    purchases : float
        Of the category, a year.
    profit : float
        Of one purchase.
    rate : float
        Discount rate of one year.
    years : int, default 5
        Years that count.

    Notes
    -----
    Rust, Lemon, Zeithaml (2004), *Return on marketing*, Journal of Marketing 68(1), eq. 4.

    Examples
    --------
    >>> round(switching_value([[0.7, 0.3], [0.2, 0.8]], [1, 0], 0, 10, 2.0, rate=0.0, years=2), 6)
    34.0
    """
    if not rate > -1 or years < 1:
        raise ValueError(f"rate must be above -1 and years at least 1 but got {rate!r}, {years!r}")
    share = brand_shares(matrix, start, years - 1)[:, brand]
    return float(purchases * profit * (share / (1 + rate) ** np.arange(years)).sum())


def customer_equity(
    current: Sequence[float] | np.ndarray,
    future: Sequence[float] | np.ndarray = (),
    acquired: Sequence[float] | np.ndarray | None = None,
) -> float:
    """Sum the lifetime values of current and of future customers.

    Parameters
    ----------
    current : array of float
        Lifetime value of each customer.
    future : array of float, optional
        Present lifetime value, less the cost of acquisition, of one customer of each coming cohort.
    acquired : array of float, optional
        How many customers each cohort will have; default 1.

    Examples
    --------
    >>> customer_equity([100.0, -20.0], future=[30.0, 25.0], acquired=[10, 4])
    480.0
    """
    values, coming = (np.asarray(each, dtype=np.float64) for each in (current, future))
    many = np.ones_like(coming) if acquired is None else np.asarray(acquired, dtype=np.float64)
    if many.shape != coming.shape:
        raise ValueError(
            f"future and acquired differ in length: {len(coming)} and {len(many)} cohorts"
        )
    if not (np.isfinite(values).all() and np.isfinite(coming * many).all()):
        raise ValueError("lifetime values must not be missing or infinite")
    return float(values.sum() + coming @ many)


def _stochastic(matrix: np.ndarray) -> np.ndarray:
    steps = np.asarray(matrix, dtype=np.float64)
    if steps.ndim != 2 or steps.shape[0] != steps.shape[1] or not len(steps):
        raise ValueError(f"a switching matrix must be square but has shape {steps.shape}")
    if not (steps >= 0).all():
        raise ValueError("a switching matrix must not hold negative or missing numbers")
    wrong = np.flatnonzero(~np.isclose(steps.sum(axis=1), 1.0, atol=1e-9))
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(
            f"each row must sum to 1 but row {row} sums to {steps[row].sum():g}"
            f" ({len(wrong)} rows are wrong)"
        )
    return steps
