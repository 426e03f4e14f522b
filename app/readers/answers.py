"""Answers that took long, kept in memory: the least lately used go first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

__all__ = ["Answers"]

T = TypeVar("T")


class Answers:
    """What was asked before, and what came of it.

    A key holds everything that an answer depends on, so that nothing old is ever given. Whoever
    asks what is being answered just now waits for that answer.

    Parameters
    ----------
    most : int
        Cells of all answers together that are kept at most; an answer larger than that is not.
    """

    def __init__(self, most: int = 1_000_000) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._asking: dict[Hashable, tuple[Lock, list[None]]] = {}
        self._lock = Lock()

    @property
    def cells(self) -> int:
        """Give how many cells are kept."""
        with self._lock:
            return sum(size for size, _ in self._kept.values())

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """Give the answer to a key, made now or before.

        Parameters
        ----------
        key : hashable
            All that the answer depends on.
        make : callable
            Makes it; what it raises is not kept.
        size : callable
            Gives its cells.
        """
        with self._lock:
            turn, waiting = self._asking.setdefault(key, (Lock(), []))
            waiting.append(None)
        try:
            with turn:
                found = self._known(key)
                if found is None:
                    found = (made := make(),)
                    self._keep(key, size(made), made)
                answer: T = found[0]
                return answer
        finally:
            with self._lock:
                waiting.pop()
                if not waiting:
                    self._asking.pop(key, None)

    def _known(self, key: Hashable) -> tuple[Any] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return (self._kept[key][1],)

    def _keep(self, key: Hashable, size: int, answer: Any) -> None:
        if size > self._most:
            return
        with self._lock:
            self._kept[key] = (size, answer)
            while sum(each for each, _ in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
