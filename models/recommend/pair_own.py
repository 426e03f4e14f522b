"""How a customer bought an item so far."""

import numpy as np

from models.recommend.history import History

__all__ = ["own_columns"]

HALF_LIVES = (10, 30, 90)


def own_columns(history: History, row: np.ndarray, item: np.ndarray) -> dict[str, np.ndarray]:
    """Describe the customer's purchases of the item.

    Parameters
    ----------
    history : History
        The purchases.
    row, item : numpy.ndarray of int, equal in length
        The pairs.

    Returns
    -------
    dict of str to numpy.ndarray, (pairs,)
        What the columns mean stands in ``models.recommend.pairs.LABELS``; NaN or 0 when the
        customer never bought the item.
    """
    held, place, table = _summed(history, row, item)
    columns = {
        name: np.where(held, np.append(column, np.nan)[place], np.nan)
        for name, column in table.items()
    }
    columns["own_baskets_since"] = _days_since(history, row, columns["own_last_days"])
    return columns | _strength(history, row, item)


def _summed(
    history: History, row: np.ndarray, item: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Sum up each pair bought; tell which of the pairs asked for are among them, and where."""
    lines = history.lines[history.first_in_basket]
    width = len(history.items)
    key = lines["customer"].to_numpy(dtype=np.int64) * width + lines["item"].to_numpy()
    order = np.argsort(key, kind="stable")
    unique, first = np.unique(key[order], return_index=True)
    age = lines["age"].to_numpy(dtype=np.float32)[order]
    money = lines["amount"].to_numpy(dtype=np.float32)[order]
    pieces = np.log1p(np.maximum(lines["quantity"].to_numpy(dtype=np.float32), 0.0))[order]
    times = np.diff(np.append(first, len(key))).astype(np.float32)
    last, oldest = _reduced(np.minimum, age, first), _reduced(np.maximum, age, first)
    gap = np.where(times > 1, (oldest - last) / np.maximum(times - 1, 1), np.nan)
    wanted = row.astype(np.int64) * width + item
    at = np.searchsorted(unique, wanted)
    held = np.append(unique, -1)[at] == wanted
    table = {
        "own_times": times,
        "own_last_days": last,
        "own_first_days": oldest,
        "own_gap": gap,
        "own_overdue": last / np.maximum(gap, 1.0),
        "own_amount": np.log1p(np.maximum(_reduced(np.add, money, first), 0.0)),
        "own_pieces": _reduced(np.add, pieces, first),
    }
    return held, np.where(held, at, -1), table


def _reduced(how: np.ufunc, values: np.ndarray, first: np.ndarray) -> np.ndarray:
    return np.asarray(how.reduceat(values, first)) if len(first) else values


def _days_since(history: History, row: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Count the customer's days with a purchase after that of the item."""
    lines = history.lines[["customer", "age"]].drop_duplicates()
    span = int(lines["age"].max()) + 2 if len(lines) else 2
    days = np.sort(lines["customer"].to_numpy(dtype=np.int64) * span + lines["age"].to_numpy())
    begin = row.astype(np.int64) * span
    until = begin + np.nan_to_num(last).astype(np.int64)
    since = np.searchsorted(days, until) - np.searchsorted(days, begin)
    return np.where(np.isnan(last), np.nan, since)


def _strength(history: History, row: np.ndarray, item: np.ndarray) -> dict[str, np.ndarray]:
    """Weigh the purchases by age, from quickly to slowly forgotten."""
    weights = {f"own_weight_{days}": history.decay(days) for days in HALF_LIVES}
    if not len(row):  # of no cells at all, SciPy gives a sparse array
        return dict.fromkeys(weights, np.zeros(0, dtype=np.float32))
    return {
        name: np.asarray(history.weighted(weight)[row, item], dtype=np.float32).ravel()
        for name, weight in weights.items()
    }
