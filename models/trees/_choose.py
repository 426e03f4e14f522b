"""How far to prune: by records that the tree did not see."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.trees._grow import branches
from models.trees._prune import Risk, pruned, split_prices, steps
from models.trees.nodes import Node
from models.trees.table import Table

__all__ = ["best_price", "leaf_of_rows", "losses", "parts"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]
Answer = Callable[[Node], Values]
Grow = Callable[[Rows], Node]
Part = tuple[Rows, Rows]


def parts(fold: Rows, n_folds: int, only_first: bool) -> Iterator[Part]:
    """Give rows to grow and rows to judge."""
    for k in range(1 if only_first else n_folds):
        yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)


def best_price(
    root: Node, risk: Risk, grow: Grow, answer: Callable[[Node], Any], judged: list[Part],
    table: Table, loss: Callable[[Values, Rows], Values], weights: Values, one_se: bool,
) -> float:  # fmt: skip
    """Choose the price of a leaf whose pruned trees lose least on records they did not see.

    Parameters
    ----------
    root : Node
        The tree of all records, whose prices are compared.
    risk : callable
    grow : callable
        Grows a tree on some rows.
    answer : callable
        Gives what a leaf answers.
    judged : list of (rows to grow, rows to judge)
    loss : callable
        Takes the answers and the rows; gives the loss of each.
    weights : ndarray
    one_se : bool
        Take the smallest tree within one standard error of the best.
    """
    prices = steps(split_prices(root, risk))
    if len(prices) < 2:
        return float(prices[0])
    kept, lost = [], []
    for seen, unseen in judged:
        tree = grow(seen)
        own = split_prices(tree, risk)
        scale = weights[seen].sum() / weights.sum()
        kept.append(unseen)
        lost.append(losses(tree, own, prices * scale, answer, table, unseen, loss))
    weight, loss_by_row = weights[np.concatenate(kept)], np.concatenate(lost, axis=1)
    mean = (loss_by_row * weight).sum(axis=1) / weight.sum()
    best = int(np.flatnonzero(mean <= mean.min() + 1e-12)[-1])
    if not one_se:
        return float(prices[best])
    # The standard error is that of the difference, which is smaller than that of either.
    away = loss_by_row - loss_by_row[best]
    shares = weight / weight.sum()
    middle = (away * shares).sum(axis=1, keepdims=True)
    error = np.sqrt((shares**2 * (away - middle) ** 2).sum(axis=1))
    return float(prices[np.flatnonzero(mean <= mean[best] + error + 1e-12)[-1]])


def losses(
    tree: Node, prices: dict[str, float], at: Values, answer: Callable[[Node], Any], table: Table,
    rows: Rows, loss: Callable[[Values, Rows], Values],
) -> Values:  # fmt: skip
    """Give the loss of every row at every price; shape (n_prices, n_rows)."""
    found = []
    for alpha in at:
        cut = pruned(tree, prices, alpha)
        leaves = list(cut.leaves())
        answers = np.array([answer(leaf) for leaf in leaves])
        found.append(loss(answers[leaf_of_rows(cut, table, rows)], rows))
    return np.array(found)


def leaf_of_rows(root: Node, table: Table, rows: Rows) -> Rows:
    """Give the number of the leaf, in the order of `leaves`, of each of these rows."""
    place = {leaf.path: i for i, leaf in enumerate(root.leaves())}
    result = np.zeros(len(rows), np.int64)
    pending = [(root, np.arange(len(rows)))]
    while pending:
        node, inside = pending.pop()
        if node.split is None:
            result[inside] = place[node.path]
            continue
        where = branches(node.split, table, rows[inside])
        pending += [(child, inside[where == i]) for i, child in enumerate(node.children)]
    return result
