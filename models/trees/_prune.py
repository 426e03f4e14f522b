"""Cost-complexity pruning: from which price a leaf each split no longer pays."""

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.trees.nodes import Node

__all__ = ["pruned", "split_prices", "steps"]

Risk = Callable[[NDArray[np.float64]], float]


def split_prices(root: Node, risk: Risk) -> dict[str, float]:
    """Give the price a leaf at which each split is pruned, weakest link first.

    Breiman, Friedman, Olshen and Stone (1984), chapter 3. A person's split and those above it
    are never pruned: their price is infinite.

    Parameters
    ----------
    root : Node
    risk : callable
        Takes the class weights of a node and gives its impurity or cost.

    Returns
    -------
    dict of str to float
        By path; a split never outlives those above it.
    """
    links = _Links(root, risk)
    heap = [(links.price(path), path) for path in links.inner]
    heapq.heapify(heap)
    prices, highest = {}, 0.0
    while heap:
        price, path = heapq.heappop(heap)
        if path in prices or path in links.gone or price != links.price(path):
            continue
        highest = max(highest, price)
        for below in links.collapse(path):
            prices[below] = highest
        for above in links.above(path):
            heapq.heappush(heap, (links.price(above), above))
    return {path: prices.get(path, np.inf) for path in links.every}


def pruned(root: Node, prices: dict[str, float], alpha: float) -> Node:
    """Give the tree without the splits whose price is `alpha` or less."""
    return root.cut({path for path, price in prices.items() if price <= alpha}, "pruned")


def steps(prices: dict[str, float], most: int = 30) -> NDArray[np.float64]:
    """Give prices that part the pruned trees, the whole tree first; at most `most`.

    Between two prices their geometric mean is taken, as in the book.
    """
    points = np.unique([price for price in prices.values() if np.isfinite(price)])
    if not len(points):
        return np.array([-1.0])
    middle = np.sqrt(np.maximum(points[:-1], 0) * points[1:])
    every = np.concatenate([[-1.0], middle, [points[-1] * 2 + 1e-12]])
    return every[np.unique(np.linspace(0, len(every) - 1, most).round().astype(int))]


class _Links:
    """Risk and leaves below every split, kept up to date as splits go."""

    def __init__(self, root: Node, risk: Risk) -> None:
        nodes = list(root.walk())
        self.every = [node.path for node in nodes if node.split]
        self.own = {node.path: risk(np.array(node.counts)) for node in nodes}
        self.children = {n.path: [c.path for c in n.children] for n in nodes if n.split}
        self.below = dict(self.own)
        self.leaves = dict.fromkeys(self.own, 1)
        kept = {node.path for node in nodes if node.split and node.split.forced}
        for path in reversed(self.every):
            self._sum(path)
            if any(child in kept for child in self.children[path]):
                kept.add(path)
        self.inner = [path for path in self.every if path not in kept]
        self.kept = kept
        self.gone: set[str] = set()

    def _sum(self, path: str) -> None:
        self.below[path] = sum(self.below[child] for child in self.children[path])
        self.leaves[path] = sum(self.leaves[child] for child in self.children[path])

    def price(self, path: str) -> float:
        saved = max(self.own[path] - self.below[path], 0.0)
        return saved / max(self.leaves[path] - 1, 1)

    def collapse(self, path: str) -> list[str]:
        """Make a leaf of a split; give it and the splits below that were still there."""
        found, pending = [], [path]
        while pending:
            here = pending.pop()
            if here in self.children and here not in self.gone:
                found.append(here)
                pending += self.children[here]
        self.gone.update(found)
        self.below[path], self.leaves[path] = self.own[path], 1
        parts = path.split(".")
        for end in range(len(parts) - 1, 0, -1):
            self._sum(".".join(parts[:end]))
        return found

    def above(self, path: str) -> list[str]:
        parts = path.split(".")
        every = [".".join(parts[:end]) for end in range(1, len(parts))]
        return [one for one in every if one not in self.kept]
