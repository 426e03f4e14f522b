"""A few customers at a time, so that what is known about all their items fits in memory."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from models.recommend.base import Reason
from models.recommend.history import History

__all__ = ["batches", "in_batches"]

# Some hundred pairs a customer, some hundred bytes a pair; dense scores of all items besides.
BATCH = 512

Explain = Callable[[History, np.ndarray, np.ndarray, pd.Series], list[Reason]]


def batches(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Split customers into parts.

    Examples
    --------
    >>> [len(some) for some in batches(np.arange(1200))]
    [512, 512, 176]
    """
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def in_batches(
    history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series, explain: Explain
) -> list[Reason]:
    """Explain the pairs of a part of the customers after the other.

    Parameters
    ----------
    history : History
        Of all customers.
    customer, item : numpy.ndarray of int, equal in length
        The pairs.
    names : pandas.Series of str
        What to call each item.
    explain : callable
        Given the history of some customers, rows in it, items and `names`.
    """
    who, at = np.unique(customer, return_inverse=True)
    item, reasons = np.asarray(item), [Reason("", "")] * len(item)
    order = np.argsort(at, kind="stable")
    first = np.searchsorted(at[order], np.arange(len(who) + 1))
    for places in batches(np.arange(len(who))):
        mine = order[first[places[0]] : first[places[-1] + 1]]
        said = explain(history.of_customers(who[places]), at[mine] - places[0], item[mine], names)
        for place, reason in zip(mine.tolist(), said, strict=True):
            reasons[place] = reason
    return reasons
