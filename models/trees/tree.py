"""A decision tree that a person can read, prune and override."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_is_fitted, column_or_1d, validate_data

from models.trees._bins import Bins, fit_columns
from models.trees._choose import best_price, leaf_of_rows, parts
from models.trees._grow import Growth
from models.trees._prune import Risk, pruned, split_prices
from models.trees.costs import CostMatrix, cost_table
from models.trees.criteria import CRITERIA, Criterion, entropy, gini
from models.trees.folds import folds
from models.trees.nodes import Node
from models.trees.overrides import Overrides, read_overrides
from models.trees.table import Table, as_frame, category_columns

__all__ = ["ReadableTree"]

Values = NDArray[np.float64]
Pruning = Literal["cv", "held-out", "none"]

MAX_BINS = 255
N_FOLDS = 5
FORMAT = 1


class ReadableTree(ClassifierMixin, BaseEstimator):
    """A classification tree of few, plain questions.

    Numbers, texts and missing values are taken as they are: a missing value, and a category that
    was not seen, goes where it did best in training. With 'gini' or 'entropy' a node has two
    branches; with 'chi-square' (CHAID) as many as there are groups that differ significantly.

    Parameters
    ----------
    criterion : {'gini', 'entropy', 'chi-square'}
        What a split is judged by.
    max_depth : int or None, default 5
        Questions from the top to a leaf.
    min_samples_leaf, min_samples_split : int
        Least rows of a leaf and of a node that is split.
    min_gain : float, default 0
        Least fall of the impurity by a split, as a share of all rows.
    alpha_split, alpha_merge : float, default 0.05
        Levels of the tests of 'chi-square': below the first a node is split, above the second
        categories are merged. P-values of splits are Bonferroni-adjusted.
    pruning : {'cv', 'held-out', 'none'}
        How to choose the price of a leaf: by cross-validation, by a fifth of the rows held out, or
        not at all.
    alpha : float, default 0
        Price of a leaf when it is not chosen, in impurity as a share of all rows.
    one_se : bool, default True
        Take the smallest tree that is within one standard error of the best.
    cost_matrix : array or mapping, optional
        See `models.trees.costs.cost_table`. The tree then answers what is expected to cost least,
        and pruning counts cost.
    smoothing : float, default 1
        Rows of the average kind that are added to a leaf before its probabilities are read.
    categorical : collection of str
        Columns of numbers that are codes, not amounts.
    overrides : mapping, optional
        What a person says; see `models.trees.overrides.read_overrides`.
    random_state : int, default 0
        Which rows are held out. The order of rows does not matter.

    Attributes
    ----------
    classes_ : ndarray
        The classes.
    root_ : Node
        The tree.
    alpha_ : float
        The price of a leaf that was used.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ValueError
        By `fit`, when there is one class alone, weights are negative or sum to 0, or an argument
        or override cannot be used.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20, 25, 30, 50, 60, 70], "job": list("ababab")})
    >>> tree = ReadableTree(min_samples_leaf=1, pruning="none")
    >>> print(tree.fit(X, ["no", "no", "no", "yes", "yes", "yes"]).to_text())
    all: 6 rows; no 50.0 %
    ├─ age is up to 40: 3 rows; no 87.5 %
    └─ age is above 40: 3 rows; yes 87.5 %
    >>> tree.predict(pd.DataFrame({"age": [33, 66], "job": ["z", None]})).tolist()
    ['no', 'yes']
    """

    def __init__(
        self,
        criterion: Criterion = "gini",
        *,
        max_depth: int | None = 5,
        min_samples_leaf: int = 5,
        min_samples_split: int = 2,
        min_gain: float = 0.0,
        alpha_split: float = 0.05,
        alpha_merge: float = 0.05,
        pruning: Pruning = "cv",
        alpha: float = 0.0,
        one_se: bool = True,
        cost_matrix: CostMatrix | None = None,
        smoothing: float = 1.0,
        categorical: Collection[str] = (),
        overrides: Mapping[str, Any] | None = None,
        random_state: int | None = 0,
    ) -> None:
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.min_samples_split = min_samples_split
        self.min_gain = min_gain
        self.alpha_split = alpha_split
        self.alpha_merge = alpha_merge
        self.pruning = pruning
        self.alpha = alpha
        self.one_se = one_se
        self.cost_matrix = cost_matrix
        self.smoothing = smoothing
        self.categorical = categorical
        self.overrides = overrides
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Grow and prune the tree.

        Parameters
        ----------
        X : DataFrame or array, shape (n_rows, n_columns)
            Numbers, texts and missing values.
        y : array, shape (n_rows,)
            The class of each row.
        sample_weight : array, shape (n_rows,), optional
            A row of weight 2 counts as two of weight 1; `min_samples_leaf` counts rows.
        """
        _check_arguments(self)
        frame = self._frame(X, reset=True)
        classes = self._classes(y, len(frame))
        weights = _checked_weights(sample_weight, len(frame))
        kept = np.flatnonzero(weights > 0)
        frame, classes, weights = frame.iloc[kept], classes[kept], weights[kept]
        names = [str(name) for name in frame.columns]
        self.categories_ = category_columns(frame, _known_columns(self.categorical, names))
        said = read_overrides(self.overrides, names, self.categories_)
        self.costs_ = None if self.cost_matrix is None else self._costs()
        growth = self._growth(frame, classes, weights, said)
        self.share_ = growth.bins.class_weights(np.arange(len(frame))) / weights.sum()
        self._grow_and_prune(growth, frame)
        absent = growth.absent(self.root_)
        if absent:
            self._grow_and_prune(replace(growth, lead=absent), frame)
        if absent := growth.absent(self.root_):
            raise ValueError(f"required columns that cannot be split: {list(absent)}")
        return self

    def predict_proba(self, X: Any) -> Values:
        """Give the probability of each class, in the order of `classes_`."""
        probabilities = np.array([self._probabilities(leaf) for leaf in self._leaves()])
        return probabilities[self._leaf_numbers(X)]

    def predict(self, X: Any) -> NDArray[Any]:
        """Give the class that is most probable or, with costs, expected to cost least."""
        answers = np.array([self._answer(leaf) for leaf in self._leaves()])
        return self.classes_[answers[self._leaf_numbers(X)]]

    def apply(self, X: Any) -> NDArray[Any]:
        """Give the path of the leaf of each record."""
        paths = np.array([leaf.path for leaf in self._leaves()], dtype=object)
        return paths[self._leaf_numbers(X)]

    def prune(self, alpha: float) -> Self:
        """Give a copy without the splits that do not pay this price of a leaf."""
        check_is_fitted(self)
        total = sum(self.root_.counts)
        prices = split_prices(self.root_, self._risk())
        return self._with_root(pruned(self.root_, prices, alpha * total))

    def collapse(self, path: str) -> Self:
        """Give a copy in which the split at this path is a leaf; nothing is fitted anew.

        Raises
        ------
        ValueError
            When there is no split at the path.
        """
        check_is_fitted(self)
        places = [node.path for node in self.root_.walk() if node.split]
        if path not in places:
            raise ValueError(f"no split at {path!r}; there are: {places}")
        return self._with_root(self.root_.cut({path}, "a person said so"))

    def override(self, path: str, order: Mapping[str, Any] | str) -> Self:
        """Give an unfitted copy to which this is said about a place too.

        Examples
        --------
        >>> ReadableTree().override("root.left", "leaf").overrides
        {'nodes': {'root.left': 'leaf'}}
        """
        said = dict(self.overrides or {})
        said["nodes"] = {**said.get("nodes", {}), path: order}
        copy = clone(self)
        copy.overrides = said
        return copy

    def path_of(self, record: Mapping[str, Any] | pd.Series) -> pd.DataFrame:
        """Show the questions that a record answers on its way.

        Parameters
        ----------
        record : mapping or Series
            Its values by column.

        Returns
        -------
        DataFrame
            One row a node: path, condition, rows, and the probability of every class.
        """
        frame = pd.DataFrame([dict(record)])
        end = str(self.apply(frame)[0])
        return pd.DataFrame([self._step(node, said) for node, said in _way(self.root_, end)])

    def to_text(self, target: Any = None) -> str:
        """Draw the tree with lines, one node a line.

        Parameters
        ----------
        target : class, optional
            Show the probability of this class at every node; default: of the node's answer.
        """
        from models.trees.text import draw

        check_is_fitted(self)
        return draw(self.root_, lambda node: self._words(node, target))

    def to_dict(self) -> dict[str, Any]:
        """Give the fitted tree as plain values, which JSON can hold."""
        check_is_fitted(self)
        return {
            "format": FORMAT,
            "params": self._plain_params(),
            "classes": self.classes_.tolist(),
            "columns": list(self.columns_),
            "named": hasattr(self, "feature_names_in_"),
            "categories": sorted(self.categories_),
            "share": self.share_.tolist(),
            "alpha": self.alpha_,
            "root": self.root_.to_dict(),
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave.

        Raises
        ------
        ValueError
            When the format is another.
        """
        if given.get("format") != FORMAT:
            raise ValueError(f"a tree of format {FORMAT} is needed, not {given.get('format')!r}")
        tree = cls(**given["params"])
        tree.classes_ = np.array(given["classes"])
        tree.columns_ = list(given["columns"])
        tree.n_features_in_ = len(given["columns"])
        if given["named"]:
            tree.feature_names_in_ = np.array(given["columns"], dtype=object)
        tree.categories_ = frozenset(given["categories"])
        tree.share_ = np.array(given["share"])
        tree.alpha_ = given["alpha"]
        tree.costs_ = None if tree.cost_matrix is None else tree._costs()
        tree.root_ = Node.from_dict(given["root"])
        return tree

    def to_json(self) -> str:
        """Give the fitted tree as JSON, the same for the same tree."""
        return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _plain_params(self) -> dict[str, Any]:
        params = {name: _plain(value) for name, value in self.get_params().items()}
        # JSON has no keys but texts, and classes may be numbers.
        return {**params, "cost_matrix": None if self.costs_ is None else self.costs_.tolist()}

    def _frame(self, X: Any, reset: bool) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, skip_check_array=True, reset=reset)
            _check_size(X)
        else:
            X = check_array(
                X, dtype=None, ensure_all_finite="allow-nan", estimator=self, input_name="X"
            )
            validate_data(self, X, skip_check_array=True, reset=reset)
        frame = as_frame(X)
        if reset:
            self.columns_ = list(frame.columns)
        return frame.set_axis(self.columns_, axis=1)

    def _classes(self, y: ArrayLike, n_rows: int) -> NDArray[np.int64]:
        if y is None:
            raise ValueError("ReadableTree requires y to be passed, but the target y is None")
        target = column_or_1d(y, warn=True)
        if pd.isna(target).any():
            raise ValueError("y holds missing values; leave those rows out")
        check_classification_targets(target)
        if len(target) != n_rows:
            raise ValueError(f"X has {n_rows} rows and y has {len(target)}")
        self.classes_, codes = np.unique(target, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]!r}; a tree needs two")
        return codes.astype(np.int64)

    def _costs(self) -> Values:
        assert self.cost_matrix is not None
        return cost_table(self.cost_matrix, self.classes_.tolist())

    def _growth(
        self, frame: pd.DataFrame, classes: NDArray[np.int64], weights: Values, said: Overrides
    ) -> Growth:
        table = Table(frame)
        columns = fit_columns(table, self.categories_, MAX_BINS, said.forbid)
        codes = [column.encode(table) for column in columns]
        stacked = np.array(codes, np.uint8).reshape(len(columns), len(frame))
        return Growth(
            table, Bins(columns, stacked, classes, weights, len(self.classes_)), said,
            criterion=self.criterion, max_depth=self.max_depth, min_leaf=self.min_samples_leaf,
            min_split=self.min_samples_split, min_gain=self.min_gain,
            alpha_split=self.alpha_split, alpha_merge=self.alpha_merge,
        )  # fmt: skip

    def _risk(self) -> Risk:
        if self.costs_ is not None:
            costs = self.costs_
            return lambda counts: float((counts @ costs).min())
        impurity = gini if self.criterion == "gini" else entropy
        return lambda counts: float(counts.sum() * impurity(counts))

    def _grow_and_prune(self, growth: Growth, frame: pd.DataFrame) -> None:
        root = growth.grow()
        _check_reached(root, growth.overrides)
        self.alpha_ = self._price(root, growth, frame)
        prices = split_prices(root, self._risk())
        self.root_ = pruned(root, prices, self.alpha_) if self.alpha_ >= 0 else root

    def _price(self, root: Node, growth: Growth, frame: pd.DataFrame) -> float:
        """Give the price of a leaf in the units of `_risk`; negative: no pruning."""
        total = float(growth.bins.weights.sum())
        if self.pruning == "none" or root.split is None:
            return self.alpha * total if self.alpha > 0 else -1.0
        classes, weights = growth.bins.classes, growth.bins.weights
        if len(frame) < 2 * N_FOLDS:
            return -1.0
        seed = self.random_state or 0
        fold = folds(growth.table, self.categories_, classes, N_FOLDS, seed)
        return best_price(
            root, self._risk(), lambda rows: self._grow_on(frame, growth, rows),
            self._answer if self.costs_ is not None else self._probabilities,
            list(parts(fold, N_FOLDS, self.pruning == "held-out")), growth.table,
            lambda answers, rows: self._loss(answers, classes[rows]), weights, self.one_se,
        )  # fmt: skip

    def _grow_on(self, frame: pd.DataFrame, growth: Growth, rows: NDArray[np.int64]) -> Node:
        bins = growth.bins
        part = replace(
            bins, codes=np.ascontiguousarray(bins.codes[:, rows]), classes=bins.classes[rows],
            weights=bins.weights[rows],
        )  # fmt: skip
        return replace(growth, table=Table(frame.iloc[rows]), bins=part).grow()

    def _loss(self, answers: Values, truth: NDArray[np.int64]) -> Values:
        if self.costs_ is not None:
            return self.costs_[truth, answers.astype(np.int64)]
        return -np.log(np.maximum(answers[np.arange(len(truth)), truth], 1e-15))

    def _probabilities(self, node: Node) -> Values:
        counts = np.array(node.counts) + self.smoothing * self.share_
        return counts / counts.sum() if counts.sum() > 0 else self.share_

    def _answer(self, node: Node) -> int:
        probabilities = self._probabilities(node)
        if self.costs_ is not None:
            return int(np.argmin(probabilities @ self.costs_))
        return int(np.argmax(probabilities))

    def _leaves(self) -> list[Node]:
        check_is_fitted(self)
        return list(self.root_.leaves())

    def _leaf_numbers(self, X: Any) -> NDArray[np.int64]:
        frame = self._frame(X, reset=False)
        return leaf_of_rows(self.root_, Table(frame), np.arange(len(frame)))

    def _with_root(self, root: Node) -> Self:
        copy = type(self).from_dict(self.to_dict())
        copy.root_ = root
        return copy

    def _step(self, node: Node, said: str) -> dict[str, Any]:
        shares = zip(self.classes_.tolist(), self._probabilities(node).tolist(), strict=True)
        return {"path": node.path, "condition": said, "rows": node.n_rows, **dict(shares)}

    def _words(self, node: Node, target: Any) -> str:
        known = self.classes_.tolist()
        if target is not None and target not in known:
            raise ValueError(f"target {target!r} is not a class; given: {known}")
        shown = self._answer(node) if target is None else known.index(target)
        share = self._probabilities(node)[shown]
        return f"{node.n_rows} rows; {known[shown]} {share:.1%}".replace("%", " %")


def _way(node: Node, end: str) -> list[tuple[Node, str]]:
    steps = [(node, "all")]
    while node.split is not None:
        branch = next(i for i, c in enumerate(node.children) if f"{end}.".startswith(f"{c.path}."))
        said = node.split.condition(branch).text
        node = node.children[branch]
        steps.append((node, said))
    return steps


def _check_arguments(tree: ReadableTree) -> None:
    problems = [
        (tree.criterion not in CRITERIA, f"criterion is one of {CRITERIA}, not {tree.criterion!r}"),
        (tree.pruning not in ("cv", "held-out", "none"),
         f"pruning is 'cv', 'held-out' or 'none', not {tree.pruning!r}"),
        (tree.max_depth is not None and tree.max_depth < 0,
         f"max_depth cannot be negative but got {tree.max_depth}"),
        (tree.min_samples_leaf < 1, f"min_samples_leaf is 1 or more, not {tree.min_samples_leaf}"),
        (tree.alpha < 0, f"alpha cannot be negative but got {tree.alpha}"),
        (tree.smoothing < 0, f"smoothing cannot be negative but got {tree.smoothing}"),
        (not 0 < tree.alpha_split <= 1, f"alpha_split lies in 0 .. 1, not {tree.alpha_split}"),
        (not 0 < tree.alpha_merge < 1, f"alpha_merge lies in 0 .. 1, not {tree.alpha_merge}"),
    ]  # fmt: skip
    found = [message for wrong, message in problems if wrong]
    if found:
        raise ValueError("; ".join(found))


def _check_size(X: pd.DataFrame) -> None:
    if 0 in X.shape:
        what = "sample(s)" if X.shape[0] == 0 else "feature(s)"
        raise ValueError(
            f"Found array with 0 {what} (shape={X.shape}) while a minimum of 1 is required"
            " by ReadableTree."
        )


def _checked_weights(given: ArrayLike | None, n_rows: int) -> Values:
    weights = np.ones(n_rows) if given is None else np.asarray(given, float)
    if weights.shape != (n_rows,):
        raise ValueError(f"X has {n_rows} rows and sample_weight has shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("weights are finite and not negative")
    if weights.sum() == 0:
        raise ValueError("weights sum to 0: every weight is zero")
    return weights


def _known_columns(given: Collection[str], names: list[str]) -> frozenset[str]:
    if unknown := sorted(set(given) - set(names)):
        raise ValueError(f"categorical: unknown columns {unknown}; given: {names}")
    return frozenset(given)


def _check_reached(root: Node, said: Overrides) -> None:
    """Refuse orders about places that the tree does not have."""
    places = {node.path: node for node in root.walk()}
    lost = [path for path in said.nodes if path not in places]
    if lost:
        ends = [f"{path!r} (the tree ends at {_nearest(path, places)})" for path in lost]
        raise ValueError(f"overrides at places that the tree does not have: {', '.join(ends)}")


def _nearest(path: str, places: Mapping[str, Node]) -> str:
    while path not in places and "." in path:
        path = path.rpartition(".")[0]
    why = places[path].why or "its branches are others"
    return f"{path!r}: {why}"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, frozenset | set | tuple):
        return sorted(value) if not isinstance(value, tuple) else list(value)
    return value
