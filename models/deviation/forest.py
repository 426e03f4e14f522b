"""The trees of a fitted isolation forest as arrays: the same scores, without its code."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.ensemble import IsolationForest

__all__ = ["ForestTrees"]

_EULER = 0.5772156649015329
_LEAF = -1


class ForestTrees:
    """A forest that was fitted before and only scores.

    Attributes
    ----------
    left, right : numpy.ndarray of int32
        Nodes of all trees one after the other: where a row goes on, -1 in a leaf.
    feature : numpy.ndarray of int32
        The attribute that a node asks for.
    threshold : numpy.ndarray of float64
        A row goes left up to it.
    length : numpy.ndarray of float64
        Depth of a leaf, and what its members would still have taken.
    starts : numpy.ndarray of int64
        First node of each tree, and the end.
    usual : float
        Mean depth of a row among as many as a tree was grown from, times the trees.

    References
    ----------
    Liu, Ting and Zhou, Isolation Forest, ICDM 2008, equations 1 and 2.

    Examples
    --------
    >>> places = np.append(np.linspace(-1, 1, 50), 9.0)[:, None]
    >>> forest = IsolationForest(n_estimators=20, random_state=0).fit(places)
    >>> trees = ForestTrees.of(forest)
    >>> bool(np.allclose(trees.score_samples(places), forest.score_samples(places)))
    True
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    length: np.ndarray
    starts: np.ndarray
    usual: float

    @classmethod
    def of(cls, forest: IsolationForest) -> Self:
        """Take the trees out of a fitted forest."""
        found, trees = cls(), [one.tree_ for one in forest.estimators_]
        own = forest.estimators_features_
        found.starts = np.cumsum([0, *(tree.node_count for tree in trees)])
        found.left = np.concatenate([tree.children_left for tree in trees]).astype(np.int32)
        found.right = np.concatenate([tree.children_right for tree in trees]).astype(np.int32)
        asked = [names[np.maximum(tree.feature, 0)] for tree, names in zip(trees, own, strict=True)]
        found.feature = np.concatenate(asked).astype(np.int32)
        found.threshold = np.concatenate([tree.threshold for tree in trees])
        found.length = np.concatenate([_lengths(tree) for tree in trees])
        found.usual = len(trees) * float(_left_to_go(np.array([forest.max_samples_]))[0])
        return found

    def score_samples(self, places: np.ndarray) -> np.ndarray:
        """Give the opposite of how unusual each row is; -1 is the most unusual.

        Parameters
        ----------
        places : numpy.ndarray of float, shape (rows, attributes)
            Without missing values.
        """
        rows = np.asarray(places, dtype=np.float32)  # as the trees were grown
        depth = np.zeros(len(rows))
        for start in self.starts[:-1]:
            depth += self.length[self._leaves(rows, int(start))]
        return np.asarray(-(2.0 ** -(depth / self.usual)))

    def _leaves(self, rows: np.ndarray, start: int) -> np.ndarray:
        node = np.full(len(rows), start)
        going = np.flatnonzero(self.left[node] != _LEAF)
        while len(going):
            at = node[going]
            goes_left = rows[going, self.feature[at]] <= self.threshold[at]
            node[going] = start + np.where(goes_left, self.left[at], self.right[at])
            going = going[self.left[node[going]] != _LEAF]
        return node

    def get_state(self) -> dict[str, Any]:
        """Give everything in open forms."""
        names = ("left", "right", "feature", "threshold", "length", "starts", "usual")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        found = cls()
        for name, value in state.items():
            setattr(found, name, value)
        return found


def _lengths(tree: Any) -> np.ndarray:
    """Give the depth of every node, and what those in it would still have taken."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # a child stands behind its parent
        if tree.children_left[node] != _LEAF:
            depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
    return np.asarray(depth + _left_to_go(tree.n_node_samples))


def _left_to_go(members: np.ndarray) -> np.ndarray:
    """Give the mean depth of an unsuccessful search among as many."""
    many = np.maximum(np.asarray(members, dtype=np.float64), 3.0)
    usual = 2.0 * (np.log(many - 1.0) + _EULER) - 2.0 * (many - 1.0) / many
    return np.where(members <= 1, 0.0, np.where(members == 2, 1.0, usual))
