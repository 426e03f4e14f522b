"""Costly results kept in memory for the next fit in this process that needs just the same."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy import sparse

__all__ = ["SHELF", "Shelf", "size_of"]

Made = TypeVar("Made")


class Shelf:
    """Results under keys that name everything they depend on; the least lately used go first.

    Parameters
    ----------
    most : int
        Bytes kept, at most. A result larger than that is given and not kept.

    Examples
    --------
    >>> shelf = Shelf(most=100)
    >>> shelf.get("ones", lambda: np.ones(10)).sum()
    np.float64(10.0)
    >>> shelf.get("ones", lambda: np.zeros(10)).sum()
    np.float64(10.0)
    >>> shelf.used
    80
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    @property
    def used(self) -> int:
        """Bytes kept now."""
        return sum(size for _, size in self._kept.values())

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Give what is kept under `key`, else make and keep it; nobody may change it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: Made = self._kept[key][0]
                return found
        made = make()
        self._keep(key, made, size_of(made))
        return made

    def _keep(self, key: Hashable, made: object, size: int) -> None:
        if size > self.most:
            return
        with self._lock:
            self._kept.pop(key, None)
            while self._kept and self.used + size > self.most:
                self._kept.popitem(last=False)
            self._kept[key] = (made, size)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def size_of(thing: object) -> int:
    """Count the bytes of the arrays in a thing, in its attributes and in its members.

    Examples
    --------
    >>> size_of({"a": np.zeros(4), "b": [np.zeros(2, dtype=np.float32), "text"]})
    40
    """
    if isinstance(thing, np.ndarray):
        return int(thing.nbytes)
    if isinstance(thing, pd.DataFrame | pd.Series):
        return int(np.sum(thing.memory_usage(index=False)))
    if sparse.issparse(thing):
        return sum(size_of(part) for part in vars(thing).values())
    if isinstance(thing, dict):
        return sum(size_of(part) for part in thing.values())
    if isinstance(thing, list | tuple):
        return sum(size_of(part) for part in thing)
    return size_of(vars(thing)) if hasattr(thing, "__dict__") else 0


# Enough for the windows of a year of some thousand customers; little beside what a fit needs.
SHELF = Shelf(most=512 << 20)
