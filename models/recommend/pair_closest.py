"""How close an item is to the nearest of the customer's own purchases."""

import numba
import numpy as np
from scipy import sparse

from models.recommend.history import History
from models.recommend.sources import CONTENT

__all__ = ["closest_columns"]

FEW = 3
PARTS = ("closest", "close", "count", "sum")


def closest_columns(
    likeness: sparse.csr_matrix, history: History, row: np.ndarray, item: np.ndarray
) -> dict[str, np.ndarray]:
    """Compare items with the customer's purchases one by one, where a source adds all up.

    One purchase that is much alike says more than many that are a little alike.

    Parameters
    ----------
    likeness : scipy.sparse.csr_matrix of float32, (items, items)
        Row: an item offered; columns: the items that speak for it.
    history : History
        The purchases.
    row, item : numpy.ndarray of int, equal in length
        The pairs.

    Returns
    -------
    dict of str to numpy.ndarray of float32, (pairs,)
        What the columns mean stands in ``models.recommend.pairs.LABELS``.

    Examples
    --------
    >>> import pandas as pd
    >>> bought = pd.DataFrame({"customer_id": ["ann", "ann"], "item_id": ["ink", "pen"],
    ...     "order_id": ["1", "1"], "ordered_at": pd.Timestamp("2024-01-01"),
    ...     "quantity": 1.0, "amount": 2.0})
    >>> history = History.from_purchases(
    ...     bought, pd.Timestamp("2024-01-02"), items=pd.Index(["ink", "pad", "pen"]))
    >>> likeness = sparse.csr_matrix([[0, 0, 0], [0.5, 0, 0.25], [0, 0, 0]], dtype=np.float32)
    >>> found = closest_columns(likeness, history, np.array([0]), np.array([1]))
    >>> {name.removeprefix("content_"): part.tolist() for name, part in found.items()}
    {'closest': [0.5], 'close': [0.25], 'count': [2.0], 'sum': [0.75]}
    """
    owned = history.owned().toarray() > 0
    parts = _closest(
        likeness.indptr, likeness.indices, likeness.data.astype(np.float32), owned, row, item
    )
    return {f"{CONTENT}_{part}": parts[at] for at, part in enumerate(PARTS)}


@numba.njit(cache=True)
def _closest(
    begin: np.ndarray,
    other: np.ndarray,
    value: np.ndarray,
    owned: np.ndarray,
    row: np.ndarray,
    item: np.ndarray,
) -> np.ndarray:
    found = np.zeros((len(PARTS), len(row)), dtype=np.float32)
    for pair in range(len(row)):
        top = np.zeros(FEW, dtype=np.float32)
        for place in range(begin[item[pair]], begin[item[pair] + 1]):
            if owned[row[pair], other[place]]:
                found[2, pair] += 1
                found[3, pair] += value[place]
                one = value[place]
                for at in range(FEW):
                    if one > top[at]:
                        one, top[at] = top[at], one
        found[0, pair] = top[0]
        found[1, pair] = top.sum() / FEW
    return found
