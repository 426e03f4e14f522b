"""Reasons from the purchases that drove a score, with what other customers did after the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.base import Reason, popularity_reason
from models.recommend.batches import in_batches
from models.recommend.crowd import Crowd
from models.recommend.history import History
from models.recommend.personal import Habits

__all__ = ["Causes", "Evidence", "causes_of", "explained"]

Gains = Callable[[History, np.ndarray, np.ndarray], sparse.csr_matrix]
"""Given some customers, rows and items: what each purchase adds to the score of each pair."""

FEW = 5
TELLING = 1.2
# A second purchase is named when it adds at least this share of what the first adds.
ALSO = 0.5


def explained(
    kind: str,
    gains: Gains,
    popularity: np.ndarray,
    history: History,
    customer: np.ndarray,
    item: np.ndarray,
    names: pd.Series,
) -> list[Reason]:
    """Explain scores that are sums over the customer's purchases.

    Parameters
    ----------
    kind : str
        Begins the name of the evidence.
    gains : callable
        See `Gains`.
    popularity : numpy.ndarray of float64, (items,)
        Share of customers who bought the item lately; it speaks where no purchase does.
    history, customer, item, names
        As in ``Recommender.explain``.
    """
    evidence = Evidence.of(history)

    def of_some(part: History, row: np.ndarray, code: np.ndarray, names: pd.Series) -> list[Reason]:
        found, habits = causes_of(gains(part, row, code)), Habits.of(part)
        pairs = zip(row.tolist(), code.tolist(), found.item, found.share, strict=True)
        reasons = []
        for who, what, cause, share in pairs:
            if cause[0] < 0:
                name = names.array[what]
                reasons.append(popularity_reason(popularity[what], name, evidence.items[what]))
            elif cause[0] == what:
                reasons.append(evidence.habit(habits, who, what, names.array[what]))
            else:
                reasons.append(evidence.because(kind, cause, share, what, names))
        return reasons

    return in_batches(history, customer, item, names, of_some)


@dataclass(frozen=True)
class Causes:
    """The two purchases that add most to the score of each pair.

    Attributes
    ----------
    item : numpy.ndarray of int64, (pairs, 2)
        The purchases, the larger part first; -1 where none adds anything.
    share : numpy.ndarray of float64, (pairs, 2)
        Their part in all that speaks for the pair.
    """

    item: np.ndarray
    share: np.ndarray


def causes_of(gain: sparse.csr_matrix) -> Causes:
    """Find the largest parts of each sum.

    Parameters
    ----------
    gain : scipy.sparse.csr_matrix, (pairs, items)
        What each purchase adds to the score of a pair; what is negative speaks against it.

    Examples
    --------
    >>> found = causes_of(sparse.csr_matrix([[3.0, -9.0, 1.0], [0.0, 0.0, 0.0]]))
    >>> found.item.tolist(), found.share.tolist()
    ([[0, 2], [-1, -1]], [[0.75, 0.25], [0.0, 0.0]])
    """
    gain.sort_indices()
    return Causes(*_largest(gain.indptr, gain.indices, gain.data))


@numba.njit(cache=True)
def _largest(
    start: np.ndarray, item: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    pairs = len(start) - 1
    cause = np.full((pairs, 2), -1, dtype=np.int64)
    part = np.zeros((pairs, 2), dtype=np.float64)
    for pair in range(pairs):
        total = 0.0
        for at in range(start[pair], start[pair + 1]):
            one = gain[at]
            total += max(one, 0.0)
            if one > part[pair, 0]:
                part[pair, 1], cause[pair, 1] = part[pair, 0], cause[pair, 0]
                part[pair, 0], cause[pair, 0] = one, item[at]
            elif one > part[pair, 1]:
                part[pair, 1], cause[pair, 1] = one, item[at]
        if total > 0:
            part[pair] /= total
    return cause, part


@dataclass(frozen=True)
class Evidence:
    """What all customers bought, to bear out what a score says.

    Attributes
    ----------
    crowd : Crowd
        The customers counted.
    """

    crowd: Crowd

    @classmethod
    def of(cls, history: History) -> Self:
        """Count the purchases of all customers of `history`, or of those it is a part of."""
        return cls(Crowd.of(history))

    @property
    def items(self) -> pd.Index:
        """Identifiers."""
        return self.crowd.items

    def habit(self, habits: Habits, row: int, item: int, name: str) -> Reason:
        """Say how often the customer bought the item, and how many buyers come back for it."""
        bought = habits.sentence(row, item, name).removesuffix(".")
        text = f"{bought}; {self.crowd.again[item]:.0%} of its buyers bought it more than once."
        return Reason(text, f"favourite:{self.items[item]}")

    def because(
        self, kind: str, cause: np.ndarray, share: np.ndarray, item: int, names: pd.Series
    ) -> Reason:
        """Name the purchases that carry the score, with the figures of those who made both.

        Parameters
        ----------
        kind : str
            Begins the name of the evidence.
        cause, share : numpy.ndarray, (2,)
            A row of `Causes`; the first is a purchase.
        item : int
            The item offered.
        names : pandas.Series of str
            What to call each item.
        """
        name, known = names.array[item], self.items[item]
        first, second = cause.tolist()
        if _is_both(cause, share, item):
            did, pair, lift = self._figures(first, second, item)
            if pair >= FEW and lift >= TELLING:
                text = (
                    f"Bought {names.array[first]} and {names.array[second]};"
                    f" of the {did:,} customers who bought both, {pair / did:.0%} also bought"
                    f" {name}, {lift:.1f} times the usual share."
                )
                both = f"{self.items[first]}+{self.items[second]}"
                return Reason(text, f"{kind}:{both}>{known}")
        text = f"Bought {names.array[first]}, which is {share[0]:.0%} of what speaks for {name}."
        return Reason(text, f"{kind}:{self.items[first]}>{known}")

    def _figures(self, first: int, second: int, item: int) -> tuple[int, int, float]:
        """Count those who bought both, those who bought the item too; their share by the usual."""
        did, pair = self.crowd.all_three(first, second, item)
        usual = int(self.crowd.buyers(np.array(item))) / max(self.crowd.size, 1)
        return did, pair, pair / max(did, 1) / max(usual, 1e-12)


def _is_both(cause: np.ndarray, share: np.ndarray, item: int) -> bool:
    second = int(cause[1])
    return second >= 0 and second != item and bool(share[1] >= ALSO * share[0])
