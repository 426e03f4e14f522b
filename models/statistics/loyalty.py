"""Loyalty: shares of purchases, visits and wallet, repeat rules, and what customers say."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.statistics.ahp import AhpWeights

__all__ = ["loyalty_score", "loyalty_shares", "purchase_pattern", "repeat_loyal"]

Pattern = Literal["undivided", "divided", "unstable", "none"]

_SHARES = ("purchases", "visits", "wallet")


def loyalty_shares(table: pd.DataFrame, parts: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Give the share of each customer's purchases, visits or spending that is ours.

    Parameters
    ----------
    table : DataFrame
        One row a customer.
    parts : mapping of str to (own column, total column)
        Under 'purchases', 'visits' or 'wallet'.

    Returns
    -------
    DataFrame
        One column a share; NaN where the total is 0 or missing.

    Raises
    ------
    ValueError
        When a name is another, or own exceeds total, or is negative.

    Examples
    --------
    >>> table = pd.DataFrame({"here": [3, 0], "anywhere": [4, 0]})
    >>> loyalty_shares(table, {"purchases": ("here", "anywhere")})["purchases"].tolist()
    [0.75, nan]
    """
    found = {}
    for name, (own, total) in parts.items():
        if name not in _SHARES:
            raise ValueError(f"shares are {', '.join(_SHARES)}, not {name!r}")
        ours, every = table[own].astype(float), table[total].astype(float)
        wrong = table.index[(ours < 0) | (ours > every)].tolist()
        if wrong:
            raise ValueError(f"{name}: {own!r} is not between 0 and {total!r} in rows {wrong[:5]}")
        found[name] = ours / every.where(every > 0)
    return pd.DataFrame(found)


def repeat_loyal(brands: Sequence[Any], brand: Any, *, times: int = 3) -> bool:
    """Say whether a customer bought a brand so many times in a row at any time.

    Three in a row is the rule of Tucker, "The development of brand loyalty" (1964).

    Parameters
    ----------
    brands : sequence
        What was bought, in time.
    brand : value
    times : int, default 3

    Raises
    ------
    ValueError
        When `times` is below 1.

    Examples
    --------
    >>> repeat_loyal("ABAAAB", "A"), repeat_loyal("ABAAB", "A")
    (True, False)
    """
    if times < 1:
        raise ValueError(f"times is 1 or more, not {times}")
    run = 0
    for one in brands:
        run = run + 1 if one == brand else 0
        if run >= times:
            return True
    return False


def purchase_pattern(brands: Sequence[Any]) -> Pattern:
    """Name the pattern of a sequence of purchases (Brown, "Brand loyalty: fact or fiction?", 1952).

    'undivided' (AAAAAA), 'divided' between two (ABABAB), 'unstable', from one to another for good
    (AAABBB), or 'none'.

    Raises
    ------
    ValueError
        When there are fewer than two purchases.

    Examples
    --------
    >>> [purchase_pattern(way) for way in ("AAAAAA", "ABABAB", "AAABBB", "ABCDEF")]
    ['undivided', 'divided', 'unstable', 'none']
    """
    ways = list(brands)
    if len(ways) < 2:
        raise ValueError(f"a pattern needs two purchases or more, not {len(ways)}")
    kinds = list(dict.fromkeys(ways))
    changes = sum(first != second for first, second in pairwise(ways))
    if len(kinds) == 1:
        return "undivided"
    if len(kinds) > 2 or len(ways) < 4:
        return "none"
    return "unstable" if changes == 1 else "divided"


def loyalty_score(
    objective: pd.DataFrame, subjective: ArrayLike, x: float,
    weights: AhpWeights | Mapping[str, float] | None = None,
) -> pd.Series:  # fmt: skip
    """Give (1 - x) times what customers do plus x times what they say.

    Parameters
    ----------
    objective : DataFrame
        Shares in 0 .. 1, one row a customer, such as `loyalty_shares` gives them.
    subjective : array, shape (n_customers,)
        What they say, scaled to 0 .. 1.
    x : float
        Weight of the subjective part, 0 to 1.
    weights : AhpWeights or mapping, optional
        Of the columns; from the AHP they must be consistent. Default: equal. Where a share is
        missing, the others are weighted up.

    Raises
    ------
    ValueError
        When the comparisons are not consistent, weights do not fit the columns or sum to 0, or a
        value is not in 0 .. 1.

    Examples
    --------
    >>> shares = pd.DataFrame({"purchases": [0.8], "wallet": [0.4]})
    >>> score = loyalty_score(shares, [0.5], x=0.4, weights={"purchases": 3, "wallet": 1})
    >>> float(score.iloc[0].round(3))
    0.62
    """
    if not 0 <= x <= 1:
        raise ValueError(f"x lies between 0 and 1, not {x}")
    said = pd.Series(np.asarray(subjective, float), index=objective.index)
    for name, column in [*objective.items(), ("subjective", said)]:
        if ((column < 0) | (column > 1)).any():
            raise ValueError(f"{name!r} holds values that are not between 0 and 1")
    own = _weights(objective, weights)
    known = objective.notna().mul(own, axis=1).sum(axis=1)
    done = objective.mul(own, axis=1).sum(axis=1) / known.where(known > 0)
    return (1 - x) * done + x * said


def _weights(
    objective: pd.DataFrame, weights: AhpWeights | Mapping[str, float] | None
) -> pd.Series:
    columns = [str(name) for name in objective.columns]
    if isinstance(weights, AhpWeights):
        sure = weights.require_consistent()
        given = {str(name): float(value) for name, value in sure.items()}
    else:
        given = dict(weights) if weights is not None else dict.fromkeys(columns, 1.0)
    if set(given) != set(columns):
        raise ValueError(f"weights of {sorted(given)} do not fit columns {sorted(columns)}")
    found = pd.Series([float(given[name]) for name in columns], index=objective.columns)
    if (found < 0).any() or found.sum() == 0:
        raise ValueError("weights are not negative and do not sum to 0")
    return found / found.sum()
