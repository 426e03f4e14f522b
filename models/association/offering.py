"""What every way of making offers from rules asks for: checked options and weights."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["by_antecedent", "check_offers", "checked_weights"]


def check_offers(combine: str, limit: int) -> None:
    """Refuse another way to combine weights, or no offers at all.

    Raises
    ------
    ValueError
        When an argument is out of range.
    """
    if combine not in ("max", "sum"):
        raise ValueError(f"combine must be 'max' or 'sum', not {combine!r}")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")


def checked_weights(weights: ArrayLike, n_rules: int) -> NDArray[np.float64]:
    """Give the weights of rules as numbers.

    Raises
    ------
    ValueError
        When there is not one a rule, or one is NaN.
    """
    values = np.asarray(weights, float)
    if values.shape != (n_rules,):
        raise ValueError(f"{n_rules} rules need as many weights, not {values.shape}")
    if np.isnan(values).any():
        raise ValueError("a weight is NaN; drop those rules first")
    return values


def by_antecedent(
    antecedents: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """Bring rules of one antecedent together.

    Returns
    -------
    used : ndarray of int32
        The different antecedents.
    rule_ptr : ndarray of int64
        Where the rules of each begin.
    rules : ndarray of int32
        The numbers of the rules.
    """
    used, place = np.unique(antecedents, return_inverse=True)
    rule_ptr = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(used)))])
    return used, rule_ptr.astype(np.int64), np.argsort(place, kind="stable").astype(np.int32)
