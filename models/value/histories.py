"""Purchase histories: frequency, recency and age of each customer, from a log or grouped."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

__all__ = ["Histories", "purchase_histories"]

COLUMNS = ("frequency", "recency", "T")


def purchase_histories(
    log: pd.DataFrame, until: pd.Timestamp | str, unit: float = 7.0
) -> pd.DataFrame:
    """Sum a log of purchases to one row a customer.

    Several purchases on one day count as one, as in Fader, Hardie and Lee (2005).

    Parameters
    ----------
    log : pandas.DataFrame
        ``customer_id``, ``ordered_at`` (timestamp) and, where known, ``amount`` (money). Rows after
        `until` are left out.
    until : timestamp or str
        The last day of the observation.
    unit : float, default 7
        Days in a unit of time; 7 counts in weeks.

    Returns
    -------
    pandas.DataFrame
        By ``customer_id``, sorted: ``frequency`` (days with a purchase after the first),
        ``recency`` (units from the first purchase to the last), ``T`` (units from the first
        purchase to the end) and, with amounts, ``spend`` (mean money of a day after the first; NaN
        for who never came back) and ``first_spend``.

    Raises
    ------
    ValueError
        When a column is missing, the unit is not above 0 or an id or a moment is missing.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "amount": [5.0, 7.0, 2.0],
    ...     "ordered_at": pd.to_datetime(["1997-01-01", "1997-01-15", "1997-01-08"])})
    >>> seen = purchase_histories(log, "1997-01-29")
    >>> seen.loc["a", ["frequency", "recency", "T", "spend"]].tolist()
    [1.0, 2.0, 4.0, 7.0]
    """
    _check_log(log, unit)
    end = pd.Timestamp(until).normalize()
    days = _by_day(log, end)
    grouped = days.groupby("customer_id", sort=True)["day"]
    first, last = grouped.min(), grouped.max()
    found = pd.DataFrame(
        {
            "frequency": (grouped.size() - 1).astype(np.float64),
            "recency": (last - first).dt.days / unit,
            "T": (end - first).dt.days / unit,
        }
    )
    return found.join(_spend(days, first)) if "amount" in days else found


def _check_log(log: pd.DataFrame, unit: float) -> None:
    missing = [name for name in ("customer_id", "ordered_at") if name not in log]
    if missing:
        raise ValueError(f"the log lacks {', '.join(missing)}; it has {', '.join(map(str, log))}")
    if not unit > 0:
        raise ValueError(f"unit must be above 0 days but got {unit!r}")
    empty = log[["customer_id", "ordered_at"]].isna().any()
    if empty.any():
        raise ValueError(f"the log has rows without {' and '.join(empty.index[empty])}")


def _by_day(log: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    day = pd.to_datetime(log["ordered_at"]).dt.normalize()
    seen = log.assign(day=day)[day <= end]
    keys = ["customer_id", "day"]
    if "amount" not in seen:
        return seen[keys].drop_duplicates()
    # Sorted, so that sums do not depend on the order of the rows.
    ordered = seen[[*keys, "amount"]].sort_values([*keys, "amount"])
    return ordered.groupby(keys, sort=True)["amount"].sum().reset_index()


def _spend(days: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    opening = days["day"] == days["customer_id"].map(first)
    amounts = days.set_index("customer_id")["amount"]
    again = amounts[~opening.to_numpy()].groupby(level=0).mean()
    return pd.DataFrame({"spend": again, "first_spend": amounts[opening.to_numpy()]})


@dataclass(frozen=True)
class Histories:
    """Distinct histories and how many customers have each.

    Attributes
    ----------
    x, tx, t : numpy.ndarray of float64, (groups,)
        Purchases after the first, time of the last and length of the observation.
    count : numpy.ndarray of float64, (groups,)
        Customers, or their weight.
    group : numpy.ndarray of int, (customers,)
        The group of each row that was given.
    """

    x: np.ndarray
    tx: np.ndarray
    t: np.ndarray
    count: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, X: pd.DataFrame, weight: np.ndarray | pd.Series | None = None) -> Self:
        """Group the rows of a frame; the result does not depend on their order.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency``, ``recency``, ``T``.
        weight : array of float, optional
            How many customers a row stands for; default 1.

        Raises
        ------
        ValueError
            When a column is missing, a number is missing or impossible, or all weights are 0.
        """
        values = _values(X)
        weights = _weights(weight, len(values))
        frame = pd.DataFrame(values, columns=list(COLUMNS))
        keys = frame.groupby(list(COLUMNS), sort=True)
        group = keys.ngroup().to_numpy()
        distinct = frame.drop_duplicates().sort_values(list(COLUMNS)).to_numpy()
        count = np.bincount(group, weights, minlength=len(distinct))
        return cls(distinct[:, 0], distinct[:, 1], distinct[:, 2], count, group)

    def sample(self, most: int) -> Self:
        """Draw `most` customers, evenly along the order of the groups; `group` is left empty."""
        reached = np.cumsum(self.count)
        points = (np.arange(most) + 0.5) / most * reached[-1]
        drawn = np.bincount(np.searchsorted(reached, points), minlength=len(self.x))
        keep = np.flatnonzero(drawn)
        count, nobody = drawn[keep] * reached[-1] / most, np.empty(0, dtype=int)
        return type(self)(self.x[keep], self.tx[keep], self.t[keep], count, nobody)


def _values(X: pd.DataFrame) -> np.ndarray:
    missing = [name for name in COLUMNS if name not in X]
    if missing:
        raise ValueError(f"histories lack {', '.join(missing)}; they have {', '.join(map(str, X))}")
    values = X[list(COLUMNS)].to_numpy(dtype=np.float64)
    problem = _problem(values)
    if problem:
        raise ValueError(problem)
    return values


def _problem(values: np.ndarray) -> str:
    if not len(values):
        return "histories need at least one customer but got none"
    if not np.isfinite(values).all():
        return "histories must not hold missing or infinite numbers"
    x, tx, t = values.T
    checks = {
        "have a negative frequency, recency or T": (values < 0).any(axis=1),
        "bought after the observation ended (recency above T)": tx > t * (1 + 1e-12),
        "have a recency but no purchase after the first": (x == 0) & (tx > 0),
        "have purchases after the first but recency 0": (x > 0) & (tx == 0),
    }
    said = [f"{int(bad.sum())} customers {what}" for what, bad in checks.items() if bad.any()]
    return "; ".join(said)


def _weights(weight: np.ndarray | pd.Series | None, rows: int) -> np.ndarray:
    weights = np.ones(rows) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != (rows,):
        raise ValueError(f"weight has shape {weights.shape} but there are {rows} rows")
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.sum() <= 0:
        raise ValueError("weights must be finite, not negative and not sum to 0")
    return weights
