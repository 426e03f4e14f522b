"""A neural network from what a customer bought to what the customer buys next."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_random_state

from models.recommend.base import NEVER, Reason, Recommender, State, check_parts, item_index
from models.recommend.batches import in_batches
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.evidence import Evidence
from models.recommend.history import History, LabelledWindow
from models.recommend.network import Examples, Network, softmax, train
from models.recommend.personal import Habits
from models.recommend.popularity import share_of_customers
from models.recommend.scaling import quantile_levels, quantile_points
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["Neural", "log_odds", "row_shares"]

RECENT = 30.0
PARTS = ("items", "read", "share", "quantiles", "repeat", "epochs")


class Neural(Recommender):
    """Predict purchases of every item from recency-weighted history and indicators.

    A perceptron with one hidden layer reads the customer's purchases of the most frequent items
    (each decays with age; the logarithm of the sums, scaled to length one) and the indicators'
    quantiles. It also learns to restore the present customers' purchases from a part of them.
    It adds to the log odds of an item's recent sales, which are known, so that it only learns how
    a customer differs from all, and follows items that come and go. It learns from earlier windows:
    what was known then, against what was bought afterwards.

    Parameters
    ----------
    target : {'new', 'all'}, default 'new'
        Learn purchases of items new to the customer, or all purchases.
    hidden : int, default 128
        Units of the hidden layer.
    half_life : float, default 120
        Days after which a purchase counts half.
    top_items : int, default 5000
        Items read and predicted, the most frequent; the others are never offered.
    epochs : int, default 60
        Passes over the customers, at most; training stops earlier when customers held out (10 %)
        are no longer predicted better.
    learning_rate : float, default 0.002
        Step size.
    decay : float, default 0.1
        Weight decay.
    dropout : float, default 0.5
        Share of the inputs hidden at each step of learning.
    max_customers : int, default 10000
        Customers learned from, over all windows; above it a random sample.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    read_ : numpy.ndarray of int32
        Codes of the items read and predicted.
    share_ : numpy.ndarray of float64, (items read,)
        Share of customers who bought the item in the last 30 days.
    quantiles_ : pandas.DataFrame
        Scale of the indicators.
    network_ : Network
        The weights.
    epochs_ : int
        The pass that predicted held-out customers best.
    """

    family: ClassVar[str] = "neural"
    complexity: ClassVar[int] = 6
    search_space: ClassVar[Mapping[str, Range]] = {
        "hidden": IntRange(32, 256, log=True),
        "half_life": FloatRange(30, 360, log=True),
        "learning_rate": FloatRange(0.0005, 0.01, log=True),
        "decay": FloatRange(0.001, 1.0, log=True),
    }

    read_: np.ndarray
    share_: np.ndarray
    quantiles_: pd.DataFrame
    network_: Network
    epochs_: int

    def __init__(
        self,
        target: Literal["new", "all"] = "new",
        hidden: int = 128,
        half_life: float = 120.0,
        top_items: int = 5000,
        epochs: int = 60,
        learning_rate: float = 0.002,
        decay: float = 0.1,
        dropout: float = 0.5,
        max_customers: int = 10_000,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.hidden = hidden
        self.half_life = half_life
        self.top_items = top_items
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.decay = decay
        self.dropout = dropout
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn from `past`; of `history` only the sales of each item and the scale are used.

        Raises
        ------
        ValueError
            When `past` is empty or nothing was bought in it.
        """
        self._check()
        not_empty(history)
        self.items_ = history.items
        ever = share_of_customers(history)
        self.read_ = np.sort(np.argsort(-ever, kind="stable")[: self.top_items]).astype(np.int32)
        self.share_ = share_of_customers(history, 30)[self.read_]
        self.quantiles_ = quantile_points(history.customer_features)
        random = check_random_state(self.random_state)
        examples = self._learnable(history, past, random)
        sizes = [examples.inputs.shape[1], self.hidden, len(self.read_)]
        self.network_, self.epochs_ = train(
            Network.fresh(sizes, random),
            examples,
            epochs=self.epochs,
            batch=128,
            learning_rate=self.learning_rate,
            decay=self.decay,
            patience=3,
            held_out=0.1,
            dropout=self.dropout,
            random=random,
        )
        return self

    def _check(self) -> None:
        one_of(("new", "all"), target=self.target)
        at_least(1, hidden=self.hidden, top_items=self.top_items, epochs=self.epochs)
        at_least(1, max_customers=self.max_customers)
        at_least(1e-9, half_life=self.half_life, learning_rate=self.learning_rate)
        at_least(0, decay=self.decay, dropout=self.dropout)
        if self.dropout >= 1:
            raise ValueError(f"dropout must be below 1 but got {self.dropout}")

    def _learnable(
        self, history: History, past: Sequence[LabelledWindow], random: np.random.RandomState
    ) -> Examples:
        if not past:
            raise ValueError("the network learns from earlier windows, but past is empty")
        most = max(1, self.max_customers // len(past))
        known = [window.with_items(self.items_) for window in past]
        parts = [self._of_window(window, place, most, random) for place, window in enumerate(known)]
        if not any(part.target.nnz for part in parts):
            raise ValueError("nothing was bought in the earlier windows: nothing to learn from")
        parts.append(self._of_present(sample(history, most, self.random_state), len(parts)))
        return _joined(parts)

    def _of_present(self, history: History, place: int) -> Examples:
        """Let the network reproduce what customers bought lately from their partly hidden past."""
        recent = history.weighted(history.decay(RECENT))[:, self.read_]
        inputs, own = self._inputs(history)
        share = share_of_customers(history, 30)[self.read_]
        nothing = sparse.csr_matrix(own * np.float32(0.0))
        nothing.eliminate_zeros()
        barred = nothing if self.target == "new" else None
        group = np.full(len(history.customers), place)
        return Examples(inputs, nothing, log_odds(share), group, row_shares(recent), barred)

    def _of_window(
        self, window: LabelledWindow, place: int, most: int, random: np.random.RandomState
    ) -> Examples:
        buyers = np.flatnonzero(np.diff(window.bought.indptr))
        if len(buyers) > most:
            buyers = np.sort(random.choice(buyers, most, replace=False))
        some = window.history.of_customers(buyers)
        target = window.bought[buyers][:, self.read_]
        barred = None
        if self.target == "new":
            barred = some.owned()[:, self.read_]
            target = sparse.csr_matrix(target - target.multiply(barred))
            target.eliminate_zeros()
        share = share_of_customers(window.history, 30)[self.read_]
        inputs, own = self._inputs(some)
        group = np.full(len(buyers), place)
        return Examples(inputs, own, log_odds(share), group, row_shares(target), barred)

    def _inputs(self, history: History) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        own = history.weighted(history.decay(self.half_life))[:, self.read_]
        own.data = np.log1p(own.data)
        levels = quantile_levels(history.customer_features, self.quantiles_).astype(np.float32)
        inputs = sparse.hstack([_unit_rows(own), sparse.csr_matrix(levels)], format="csr")
        return sparse.csr_matrix(inputs), own

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give each item's expected share among the next purchases of the customer."""
        scores = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        inputs, own = self._inputs(history.of_customers(rows))
        group = np.zeros(len(rows), dtype=np.int64)
        some = Examples(inputs, own, log_odds(self.share_), group, own)
        logits = self.network_.logits(some)
        scores[:, self.read_] = softmax(logits, np.ones_like(logits))
        return scores

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchase without which the item's log odds would fall most."""
        evidence = Evidence.of(history)

        def of_some(
            some: History, at: np.ndarray, item: np.ndarray, names: pd.Series
        ) -> list[Reason]:
            inputs, own = self._inputs(some)
            habits = Habits.of(some)
            outs = np.minimum(np.searchsorted(self.read_, item), len(self.read_) - 1)
            found = [
                self._cause(inputs[row], own[row], out) for row, out in zip(at, outs, strict=True)
            ]
            return [
                evidence.habit(habits, int(row), int(code), names.array[code])
                if cause == code
                else self._reason(int(code), cause, names)
                for row, code, cause in zip(at, item, found, strict=True)
            ]

        return in_batches(history, np.asarray(customer), item, names, of_some)

    def _cause(self, inputs: sparse.csr_matrix, own: sparse.csr_matrix, out: int) -> int:
        """Leave out one purchase after the other; -1 where the log odds fall without none."""
        net = self.network_
        bought = inputs.indices < len(self.read_)
        code, value = inputs.indices[bought], inputs.data[bought]
        before = (np.asarray(inputs @ net.weights[0]) + net.biases[0]).ravel()
        without = np.maximum(before - value[:, None] * net.weights[0][code], 0.0)
        fall = (np.maximum(before, 0.0) - without) @ net.weights[1][:, out]
        fall = fall + np.where(code == out, own[0, out] * net.repeat[out], 0.0)
        return int(self.read_[code[np.argmax(fall)]]) if len(fall) and fall.max() > 0 else -1

    def _reason(self, item: int, because: int, names: pd.Series) -> Reason:
        name, known = names.array[item], self.items_[item]
        if because < 0:
            return Reason(f"{name} sells well at present.", f"popular:{known}")
        text = f"Bought {names.array[because]}, which of all purchases speaks most for {name}."
        return Reason(text, f"network:{self.items_[because]}>{known}")

    def get_state(self) -> State:
        """Give the weights and the scales as arrays."""
        state: State = {
            "items": list(self.items_),
            "read": self.read_,
            "share": self.share_,
            "quantiles": self.quantiles_,
            "repeat": self.network_.repeat,
            "epochs": self.epochs_,
        }
        for place, weight in enumerate(self.network_.weights):
            state |= {f"weight_{place}": weight, f"bias_{place}": self.network_.biases[place]}
        return state

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        layers = range(sum(name.startswith("weight_") for name in state))
        layer = [f"{part}_{place}" for part in ("weight", "bias") for place in layers]
        check_parts(type(self).__name__, state, {*PARTS, *layer})
        self.items_ = item_index(state)
        self.read_, self.share_ = np.asarray(state["read"]), np.asarray(state["share"])
        quantiles, epochs = state["quantiles"], state["epochs"]
        assert isinstance(quantiles, pd.DataFrame)
        assert isinstance(epochs, int)
        self.quantiles_, self.epochs_ = quantiles, epochs
        self.network_ = Network(
            [np.asarray(state[f"weight_{place}"]) for place in layers],
            [np.asarray(state[f"bias_{place}"]) for place in layers],
            np.asarray(state["repeat"]),
        )
        return self


def row_shares(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each row to sum one; empty rows stay empty."""
    total = np.asarray(matrix.sum(axis=1)).ravel()
    scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ matrix)


def _joined(parts: Sequence[Examples]) -> Examples:
    barred = [part.barred for part in parts if part.barred is not None]
    return Examples(
        sparse.csr_matrix(sparse.vstack([part.inputs for part in parts], format="csr")),
        sparse.csr_matrix(sparse.vstack([part.own for part in parts], format="csr")),
        np.vstack([part.offset for part in parts]),
        np.concatenate([part.group for part in parts]),
        sparse.csr_matrix(sparse.vstack([part.target for part in parts], format="csr")),
        sparse.csr_matrix(sparse.vstack(barred, format="csr")) if barred else None,
    )


def log_odds(share: np.ndarray) -> np.ndarray:
    """Give one row of log odds; an item not sold lately keeps a small chance."""
    share = np.clip(share, 1e-4, 1 - 1e-4)
    return np.log(share / (1 - share)).astype(np.float32)[None, :]


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ matrix)
