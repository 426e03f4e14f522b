"""Offers for one basket at the till: from the items in it to what else to offer, within a blink."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.item_names import item_names
from lodeworks.errors import BundleError, DataError, did_you_mean

if TYPE_CHECKING:
    from experiments.bundle.folder import Bundle

__all__ = ["BasketOffer", "Counter"]

MOST_HINTS = 10


@dataclass(frozen=True)
class BasketOffer:
    """One item to offer beside a basket.

    Attributes
    ----------
    rank : int
        From 1.
    item_id, item_name : str
        The item; its name where one is known, else the identifier.
    score : float
        Sum of the cosines with the items of the basket.
    share : float
        Share of the baskets with the item named in the reason that hold this one too.
    reason, evidence_id : str
        As in a list.
    """

    rank: int
    item_id: str
    item_name: str
    score: float
    share: float
    reason: str
    evidence_id: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


class Counter:
    """A bundle made ready to answer for one basket at a time.

    A basket names no customer, so what is asked is what lies in the same basket
    (`models.baskets.BasketTable`), not what the recommender expects of a customer in a month.

    Parameters
    ----------
    bundle : Bundle
        Loaded.

    Raises
    ------
    BundleError
        When the bundle holds no table of baskets.
    """

    def __init__(self, bundle: "Bundle") -> None:
        if bundle.baskets is None:
            raise BundleError("the bundle holds no table of baskets; make it again")
        self.table = bundle.baskets
        self.items = [str(item) for item in bundle.recommender.items_]
        self.names = item_names(bundle.items, bundle.recommender.items_).tolist()
        self._place = {item: code for code, item in enumerate(self.items)}

    def offers(self, basket: Sequence[str], n: int = 5) -> list[BasketOffer]:
        """Give the best `n` items that are not in the basket.

        Parameters
        ----------
        basket : sequence of str
            Identifiers of items; repeats do not count.
        n : int
            Offers, at most.

        Raises
        ------
        DataError
            When the basket is empty or holds items that the model does not know, with the nearest
            that it does; all of them at once.
        ValueError
            When `n` is less than 1.
        """
        found = self.table.offers(self._codes(basket), n)
        parts = (found.item, found.score, found.cause, found.share, found.baskets, found.usual)
        rows = zip(*(part.tolist() for part in parts), strict=True)
        return [self._offer(rank, *row) for rank, row in enumerate(rows, start=1)]

    def _codes(self, basket: Sequence[str]) -> np.ndarray:
        if not len(basket):
            raise DataError("the basket is empty: name at least one item")
        strange = [item for item in dict.fromkeys(basket) if item not in self._place]
        if strange:
            hints = [self._unknown(item) for item in strange[:MOST_HINTS]]
            if len(strange) == 1:
                raise DataError(hints[0])
            raise DataError(f"{len(strange)} items of the basket are not known", hints)
        return np.array([self._place[item] for item in basket], dtype=np.int64)

    def _unknown(self, item: str) -> str:
        near = get_close_matches(item, self.items, n=1)
        return f"no item {item!r} is known" + (f"; {did_you_mean(item, near)}" if near else "")

    def _offer(
        self,
        rank: int,
        item: int,
        score: float,
        cause: int,
        share: float,
        baskets: int,
        usual: float,
    ) -> BasketOffer:
        known, name = self.items[item], self.names[item]
        if cause < 0:
            text, evidence = f"{share:.1%} of all baskets hold {name}.", f"popular:{known}"
        else:
            text = (
                f"Of the {baskets:,} baskets with {self.names[cause]}, {share:.0%} also hold"
                f" {name}, {share / usual:.1f} times the usual share."
            )
            evidence = f"basket:{self.items[cause]}>{known}"
        return BasketOffer(rank, known, name, score, share, text, evidence)
