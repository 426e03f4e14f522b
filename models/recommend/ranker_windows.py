"""Earlier windows to learn from: more of them, and with the items that were known then."""

import itertools
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.history import History, LabelledWindow

__all__ = ["cut_window", "fewest_buyers", "with_items_known_then", "with_windows_between"]

ENOUGH = 10


def with_windows_between(
    history: History, past: Sequence[LabelledWindow], count: int
) -> list[LabelledWindow]:
    """Add `count` windows in every gap between two earlier ones, evenly spread.

    Their outcome is as long as the time from the latest earlier window to `history`, so that it
    ends with `history` at the latest.

    Parameters
    ----------
    history : History
        What the windows are cut from.
    past : sequence of LabelledWindow
        Latest last.
    count : int
        Windows in a gap; 0 gives `past` alone.

    Returns
    -------
    list of LabelledWindow
        Latest last.
    """
    if count == 0 or len(past) < 2:
        return list(past)
    cache = past[-1].derived
    key = ("between", count, history.fingerprint, past[0].history.fingerprint)
    if key not in cache:
        cache[key] = _between(history, past, count)
    windows: list[LabelledWindow] = [*past, *cache[key]]
    return sorted(windows, key=lambda window: window.history.as_of)


def _between(history: History, past: Sequence[LabelledWindow], count: int) -> list[LabelledWindow]:
    """Cut windows at days that are the same whichever later date `history` ends at."""
    days = [(history.as_of - window.history.as_of).days for window in past]
    inner = {
        late + (early - late) * step // (count + 1)
        for early, late in itertools.pairwise(days)
        for step in range(1, count + 1)
    }
    fewest = fewest_buyers(history)
    cut = [cut_window(history, back, days[-1]) for back in sorted(inner - set(days))]
    return [_known_customers(with_items_known_then(one, history.items, fewest)) for one in cut]


def _known_customers(window: LabelledWindow) -> LabelledWindow:
    """Leave out customers who had bought no item of the vocabulary."""
    rows = np.flatnonzero(np.diff(window.history.starts))
    return LabelledWindow(window.history.of_customers(rows), window.bought[rows])


def cut_window(history: History, back: int, length: int) -> LabelledWindow:
    """Go back `back` days: what was known then, and what was bought in the `length` days after.

    Parameters
    ----------
    history : History
        Purchases up to today. Customers of the window are those who had bought by then; they have
        no indicators, which were not known in the past.
    back : int
        Days.
    length : int
        Days; at most `back` are known.

    Returns
    -------
    LabelledWindow
    """
    age = history.lines["age"].to_numpy()
    rows = np.unique(history.lines["customer"].to_numpy()[age >= back])
    some = history.of_customers(rows)
    age = some.lines["age"].to_numpy()
    later = (age < back) & (age >= back - length)
    bought = some.weighted(later)
    bought.data[:] = 1.0
    known = some.lines[age >= back].reset_index(drop=True)
    days = (age[age >= back] - back).astype(np.int32)
    then = replace(
        some,
        as_of=history.as_of - pd.Timedelta(days=back),
        lines=known.assign(age=days),
        customer_features=pd.DataFrame(index=some.customers),
    )
    return LabelledWindow(then, sparse.csr_matrix(bought))


def fewest_buyers(history: History) -> int:
    """Tell how many customers an item seems to need to be offered: 10 at most.

    It is the number of customers of the item that the fewest bought; where even that one is
    popular, nothing was left out of the vocabulary for its few buyers.
    """
    return int(_buyers(history).min(initial=ENOUGH))


def with_items_known_then(window: LabelledWindow, items: pd.Index, fewest: int) -> LabelledWindow:
    """Leave out items that too few customers had bought at the date of the window.

    A vocabulary of today holds items because they were bought after that date: it would tell the
    ranker that items hardly bought so far are about to succeed.

    Parameters
    ----------
    window : LabelledWindow
        An earlier window.
    items : pandas.Index of str
        The vocabulary of today.
    fewest : int
        Customers that an item must have had.

    Returns
    -------
    LabelledWindow
        The same object when called again: what is derived from it is derived once.
    """
    key = ("known then", fewest, zlib.crc32("\n".join(map(str, items)).encode()))
    if key not in window.derived:
        today = window.with_items(items)
        window.derived[key] = today.with_items(items[_buyers(today.history) >= fewest])
    known: LabelledWindow = window.derived[key]
    return known


def _buyers(history: History) -> np.ndarray:
    return np.bincount(history.owned().indices, minlength=len(history.items))
