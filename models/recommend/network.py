"""A small multi-layer perceptron in numpy: a softmax over items, trained with Adam."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from models.recommend.steady import steady_product

__all__ = ["Examples", "Network", "cross_entropy", "softmax", "train"]

Product = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Examples:
    """What a network reads and should predict, one row a customer.

    Attributes
    ----------
    inputs : scipy.sparse.csr_matrix of float32, (customers, inputs)
    own : scipy.sparse.csr_matrix of float32, (customers, items)
        Strength of the customer's own earlier purchases.
    offset : numpy.ndarray of float32, (groups, items)
        Log odds that are known beforehand.
    group : numpy.ndarray of int, (customers,)
        Row of `offset` that holds for the customer.
    target : scipy.sparse.csr_matrix, (customers, items)
        Shares of what was bought; a row sums to one, or to zero when it teaches nothing.
    barred : scipy.sparse.csr_matrix or None, (customers, items)
        1 where an item does not count.
    """

    inputs: sparse.csr_matrix
    own: sparse.csr_matrix
    offset: np.ndarray
    group: np.ndarray
    target: sparse.csr_matrix
    barred: sparse.csr_matrix | None = None

    def take(self, rows: np.ndarray) -> "Examples":
        """Keep some customers."""
        barred = None if self.barred is None else self.barred[rows]
        return Examples(
            self.inputs[rows],
            self.own[rows],
            self.offset,
            self.group[rows],
            self.target[rows],
            barred,
        )

    def answer(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the target and the mask (0 where an item does not count), dense."""
        target = self.target.toarray()
        mask = np.ones_like(target)
        return target, mask if self.barred is None else mask - self.barred.toarray()


@dataclass
class Network:
    """Rectified hidden layers, and a direct way from an item's own purchases to its log odds.

    Attributes
    ----------
    weights : list of numpy.ndarray of float32, (inputs, outputs) of each layer
    biases : list of numpy.ndarray of float32, (outputs,) of each layer
    repeat : numpy.ndarray of float32, (items,)
        Log odds added for each unit of own purchases.
    """

    weights: list[np.ndarray]
    biases: list[np.ndarray]
    repeat: np.ndarray

    @classmethod
    def fresh(cls, sizes: list[int], random: np.random.RandomState) -> "Network":
        """Draw weights on He's scale, the last layer at a tenth of it."""
        pairs = list(pairwise(sizes))
        scales = [np.sqrt(2.0 / max(inputs, 1)) for inputs, _ in pairs]
        scales[-1] *= 0.1
        weights = [
            (random.standard_normal(pair) * scale).astype(np.float32)
            for pair, scale in zip(pairs, scales, strict=True)
        ]
        biases = [np.zeros(outputs, dtype=np.float32) for _, outputs in pairs]
        return cls(weights, biases, np.ones(sizes[-1], dtype=np.float32))

    def copied(self) -> "Network":
        """Copy all weights."""
        weights = [part.copy() for part in self.weights]
        return Network(weights, [part.copy() for part in self.biases], self.repeat.copy())

    def logits(self, some: Examples) -> np.ndarray:
        """Give the log odds of each item, float32 (customers, items)."""
        return self._forward(some, steady_product)[-1]

    def _forward(self, some: Examples, times: Product = np.matmul) -> list[np.ndarray]:
        layers: list[np.ndarray] = []
        value: Any = some.inputs
        for weight, bias in zip(self.weights, self.biases, strict=True):
            product = value @ weight if sparse.issparse(value) else times(value, weight)
            value = np.asarray(product) + bias
            if len(layers) < len(self.weights) - 1:
                value = np.maximum(value, 0.0)
            layers.append(value)
        layers[-1] += some.offset[some.group]
        at = some.own.tocoo()
        layers[-1][at.row, at.col] += at.data * self.repeat[at.col]
        return layers

    def gradients(self, some: Examples) -> tuple[list[np.ndarray], float]:
        """Differentiate the mean cross entropy of a customer.

        Returns
        -------
        gradients : list of numpy.ndarray
            For the weights, the biases, then `repeat`.
        loss : float
        """
        layers = self._forward(some)
        target, mask = some.answer()
        loss = cross_entropy(layers[-1], target, mask)
        expected = softmax(layers[-1], mask) * target.sum(axis=1, keepdims=True)
        error = (expected - target) / np.float32(len(target))
        repeat = np.asarray(some.own.multiply(error).sum(axis=0), dtype=np.float32).ravel()
        weights: list[np.ndarray] = []
        biases: list[np.ndarray] = []
        for place in range(len(self.weights) - 1, -1, -1):
            below = layers[place - 1] if place else some.inputs
            weights.insert(0, np.asarray(below.T @ error))
            biases.insert(0, error.sum(axis=0))
            if place:
                error = (error @ self.weights[place].T) * (layers[place - 1] > 0)
        return [*weights, *biases, repeat], loss


def softmax(logits: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Map log odds to shares that sum to one over the items with mask 1."""
    shifted = np.where(mask > 0, logits, -np.inf)
    top = shifted.max(axis=1, keepdims=True)
    power = np.exp(shifted - np.where(np.isfinite(top), top, 0.0))
    return np.asarray(power / np.maximum(power.sum(axis=1, keepdims=True), 1e-30), dtype=np.float32)


def cross_entropy(logits: np.ndarray, target: np.ndarray, mask: np.ndarray) -> float:
    """Sum minus target times log share, mean over customers."""
    share = np.maximum(softmax(logits, mask), 1e-30)
    return float(-(target * np.log(share)).sum() / max(len(target), 1))


def train(
    net: Network,
    examples: Examples,
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    decay: float,
    patience: int,
    held_out: float,
    dropout: float,
    random: np.random.RandomState,
) -> tuple[Network, int]:
    """Train with Adam in mini-batches; stop early on customers held out, and keep the best.

    Parameters
    ----------
    net : Network
        Where to start; changed in place.
    examples : Examples
        All customers.
    epochs, batch, patience : int
        Passes at most, customers a step, passes without improvement before stopping.
    learning_rate, decay : float
        Step size; weight decay, decoupled from the gradient.
    held_out : float
        Share of customers that only decide when to stop; with none, the last pass is kept.
    dropout : float
        Share of the inputs hidden at each step.
    random : numpy.random.RandomState
        Order of the customers, and what is hidden.

    Returns
    -------
    best : Network
    kept : int
        The pass it comes from, from 1; 0 when none was better than the start.

    References
    ----------
    D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR (2015); I. Loshchilov,
    F. Hutter, "Decoupled weight decay regularization", ICLR (2019).
    """
    order = random.permutation(len(examples.group))
    aside = round(len(order) * held_out)
    check, learn = np.sort(order[:aside]), order[aside:]
    adam = _Adam(net, learning_rate, decay)
    best, kept, copy = _loss(net, examples, check, batch), 0, net.copied()
    for epoch in range(1, epochs + 1):
        random.shuffle(learn)
        for start in range(0, len(learn), batch):
            some = examples.take(learn[start : start + batch])
            _hide(some.inputs, dropout, random)
            adam.step(net.gradients(some)[0])
        loss = _loss(net, examples, check, batch)
        if not aside or loss < best:
            best, kept, copy = loss, epoch, net.copied()
        elif epoch - kept >= patience:
            break
    return copy, kept


class _Adam:
    def __init__(self, net: Network, rate: float, decay: float) -> None:
        self.values = [*net.weights, *net.biases, net.repeat]
        self.decays = [decay if value.ndim == 2 else 0.0 for value in self.values]
        self.mean = [np.zeros_like(value) for value in self.values]
        self.square = [np.zeros_like(value) for value in self.values]
        self.rate, self.steps = rate, 0

    def step(self, gradients: list[np.ndarray]) -> None:
        self.steps += 1
        size = self.rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        parts = zip(self.values, gradients, self.mean, self.square, self.decays, strict=True)
        for value, gradient, mean, square, decay in parts:
            mean += np.float32(0.1) * (gradient - mean)
            square += np.float32(0.001) * (gradient * gradient - square)
            value -= np.float32(size) * mean / (np.sqrt(square) + np.float32(1e-8))
            value -= np.float32(self.rate * decay) * value


def _hide(inputs: sparse.csr_matrix, share: float, random: np.random.RandomState) -> None:
    kept = random.random_sample(inputs.nnz) >= share
    inputs.data *= kept.astype(np.float32) / np.float32(1.0 - share)


def _loss(net: Network, examples: Examples, rows: np.ndarray, batch: int) -> float:
    total = 0.0
    for start in range(0, len(rows), batch):
        some = examples.take(rows[start : start + batch])
        total += cross_entropy(net.logits(some), *some.answer()) * len(some.group)
    return total / max(len(rows), 1)
