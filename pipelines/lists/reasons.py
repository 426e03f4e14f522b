"""Put figures to what a recommender says drove a score: how many others did the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from models.recommend.base import Reason
from models.recommend.crowd import Crowd
from models.recommend.history import History

__all__ = ["Witness"]

FEW = 5
TELLING = 1.2
RULE, CONTENT = "rule:", "content:"


@dataclass(frozen=True)
class Witness:
    """What customers own, to bear out a reason or to leave it as it is.

    Attributes
    ----------
    crowd : Crowd
        The customers who are counted.
    names : list of str
        What to call each item, by its code.
    """

    crowd: Crowd
    names: list[str]

    @classmethod
    def of(cls, history: History, names: pd.Series) -> Self:
        """Count in the purchases of all customers of `history`, or of those it is a part of."""
        return cls(Crowd.of(history), names.tolist())

    @property
    def items(self) -> pd.Index:
        """Identifiers."""
        return self.crowd.items

    def told(self, reasons: Sequence[Reason], item: np.ndarray) -> list[Reason]:
        """Say with figures what speaks for each item, where they bear it out.

        A reason whose evidence names one purchase that drove the score (``ease:A>C``) becomes the
        share of those who bought A and also bought C, beside the usual share. Where fewer than
        `FEW` customers bought both, a share would be decoration: they are counted instead, in
        place of words that say "often". Where the share is not `TELLING` times the usual one, the
        recommender's own words stay. So do rules, which have figures, and likeness of content.

        Parameters
        ----------
        reasons : sequence of Reason
            What the recommender said, one a row.
        item : numpy.ndarray of int
            The item offered in each row.
        """
        cause = self._causes(reasons, item)
        named = np.flatnonzero(cause >= 0)
        if not len(named):
            return list(reasons)
        crowd = self.crowd
        both = crowd.both(cause[named], item[named]).tolist()
        of_cause, of_item = (crowd.buyers(code[named]).tolist() for code in (cause, item))
        told = list(reasons)
        everybody = max(crowd.size, 1)
        for place, pair, did, had in zip(named.tolist(), both, of_cause, of_item, strict=True):
            share, usual = pair / max(did, 1), had / everybody
            if pair >= FEW and share >= TELLING * usual:
                text = self._sentence(int(cause[place]), int(item[place]), int(did), share, usual)
                told[place] = Reason(text, reasons[place].evidence_id)
            elif pair < FEW and not reasons[place].evidence_id.startswith(CONTENT):
                text = self._count(int(cause[place]), int(item[place]), int(did), int(pair))
                told[place] = Reason(text, reasons[place].evidence_id)
        return told

    def _causes(self, reasons: Sequence[Reason], item: np.ndarray) -> np.ndarray:
        """Read the purchase that each evidence names; -1 where it names none, or several."""
        known = [str(one) for one in self.items]
        parts = [
            _cause(reason.evidence_id, known[code])
            for reason, code in zip(reasons, item.tolist(), strict=True)
        ]
        found: np.ndarray = self.items.get_indexer(pd.Index(parts, dtype=object))
        return np.where(found == np.asarray(item), -1, found)

    def _sentence(self, cause: int, item: int, did: int, share: float, usual: float) -> str:
        return (
            f"Bought {self.names[cause]}; of the {did:,} customers who did, {share:.0%} also"
            f" bought {self.names[item]}, {share / usual:.1f} times the usual share."
        )

    def _count(self, cause: int, item: int, did: int, pair: int) -> str:
        bought, offered = self.names[cause], self.names[item]
        if not pair:
            return f"Bought {bought}, which points to {offered} by way of other purchases."
        of = f"{pair:,} of the {did:,} customers who did" if did > 1 else "one customer who did"
        return f"Bought {bought}; {of} also bought {offered}."


def _cause(evidence_id: str, item: str) -> str:
    """Take the cause out of ``kind:CAUSE>ITEM``; identifiers may hold any sign."""
    kind, colon, rest = evidence_id.partition(":")
    end = f">{item}"
    if not colon or f"{kind}:" == RULE or not rest.endswith(end):
        return ""
    return rest[: -len(end)]
