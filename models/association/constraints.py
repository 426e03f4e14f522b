"""What the items of an itemset must and must not be, obeyed inside the search."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.association.baskets import Baskets

__all__ = ["ItemConstraints"]


def _frozen(names: Iterable[Hashable]) -> frozenset[Hashable]:
    if isinstance(names, str):
        raise ValueError(f"a list of items is wanted, not the text {names!r}")
    return frozenset(names)


@dataclass(frozen=True)
class ItemConstraints:
    """Conditions on the items of an itemset; the search never visits what they forbid.

    Parameters
    ----------
    all_of : iterable of item names
        Every itemset holds all of these.
    any_of : iterable of item names
        Every itemset holds one of these at least; empty: no such condition.
    never : iterable of item names
        No itemset holds any of these.
    only : iterable of item names or None
        No itemset holds any others.
    at_most_one_of : iterable of item names
        No itemset holds two of these.

    Raises
    ------
    ValueError
        When an item is both demanded and forbidden, or two of `all_of` are in `at_most_one_of`.

    Examples
    --------
    >>> ItemConstraints(any_of=["milk"], never=["milk"])
    Traceback (most recent call last):
    ...
    ValueError: items both demanded and forbidden: 'milk'
    """

    all_of: Iterable[Hashable] = field(default=frozenset())
    any_of: Iterable[Hashable] = field(default=frozenset())
    never: Iterable[Hashable] = field(default=frozenset())
    only: Iterable[Hashable] | None = None
    at_most_one_of: Iterable[Hashable] = field(default=frozenset())

    def __post_init__(self) -> None:
        for name in ("all_of", "any_of", "never", "at_most_one_of"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        if self.only is not None:
            object.__setattr__(self, "only", _frozen(self.only))
        self._check()

    def _check(self) -> None:
        demanded = frozenset(self.all_of) | frozenset(self.any_of)
        outside = frozenset() if self.only is None else demanded - frozenset(self.only)
        if clash := (demanded & frozenset(self.never)) | outside:
            names = ", ".join(sorted(map(repr, clash)))
            raise ValueError(f"items both demanded and forbidden: {names}")
        if len(frozenset(self.all_of) & frozenset(self.at_most_one_of)) > 1:
            raise ValueError("all_of demands two items of at_most_one_of")

    def forbidden(self, baskets: Baskets) -> NDArray[np.bool_]:
        """Mark the item codes that no itemset may hold beside `all_of`."""
        mask = np.zeros(baskets.n_items, bool)
        if self.only is not None:
            mask[:] = True
            mask[baskets.code_of(self.only)] = False
        mask[baskets.code_of(self.never)] = True
        mask[baskets.code_of(self.all_of)] = True  # they are in the prefix already
        if frozenset(self.all_of) & frozenset(self.at_most_one_of):
            mask[baskets.code_of(self.at_most_one_of)] = True
        return mask

    def demanded(self, baskets: Baskets) -> NDArray[np.bool_] | None:
        """Mark the item codes of which one is still needed beside `all_of`; None: no need."""
        if not self.any_of or frozenset(self.any_of) & frozenset(self.all_of):
            return None
        return _mask(baskets, self.any_of)

    def exclusive(self, baskets: Baskets) -> NDArray[np.bool_]:
        """Mark the item codes of which an itemset holds one at most."""
        return _mask(baskets, self.at_most_one_of)


def _mask(baskets: Baskets, names: Iterable[Hashable]) -> NDArray[np.bool_]:
    mask = np.zeros(baskets.n_items, bool)
    mask[baskets.code_of(names)] = True
    return mask
