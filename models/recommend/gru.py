"""A recurrent network over baskets: NumPy to score with it, PyTorch to train it."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import sparse

from lodeworks.errors import NotInstalled
from models.recommend.steady import steady_product

__all__ = [
    "Baskets",
    "GatedNetwork",
    "Questions",
    "Training",
    "has_torch",
    "torch_or_refuse",
    "train",
]

REPEAT = 4.0


@dataclass(frozen=True)
class Baskets:
    """What lies in baskets; the last one is empty and stands for none.

    Attributes
    ----------
    contents : scipy.sparse.csr_matrix of float32, (baskets, items)
        Rows sum to one.
    gaps : numpy.ndarray of float32, (baskets,)
        Logarithm of one plus the days since the customer's basket before.
    """

    contents: sparse.csr_matrix
    gaps: np.ndarray


@dataclass(frozen=True)
class Questions:
    """What will a customer buy next, asked at a date.

    Attributes
    ----------
    places : numpy.ndarray of int64, (questions, width)
        The customer's baskets by then, oldest first, filled up with the empty one.
    seen : numpy.ndarray of int64, (questions,)
        How many of them are baskets.
    waited : numpy.ndarray of float32, (questions,)
        Logarithm of one plus the days since the last of them.
    own : scipy.sparse.csr_matrix of float32, (questions, items)
        Strength of own purchases by then.
    date : numpy.ndarray of int64, (questions,)
        Row of `offset` that holds.
    offset : numpy.ndarray of float32, (dates, items)
        Log odds of the items that are known beforehand.
    """

    places: np.ndarray
    seen: np.ndarray
    waited: np.ndarray
    own: sparse.csr_matrix
    date: np.ndarray
    offset: np.ndarray


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes
    ----------
    hidden : int
        Numbers that describe a customer.
    epochs, batch : int
        Passes over the questions; questions a step.
    learning_rate, decay, dropout : float
        Step size, weight decay, share of the basket's description that is hidden.
    random_state : int
        Seed.
    """

    hidden: int
    epochs: int
    batch: int
    learning_rate: float
    decay: float
    dropout: float
    random_state: int


@dataclass(frozen=True)
class GatedNetwork:
    """Gated recurrent units over baskets, a question, and a score for every item.

    Attributes
    ----------
    embed : numpy.ndarray of float32, (items, embedding)
        What describes an item. A basket is the mean of its items, and an item is wanted as far as
        its description agrees with what is wanted.
    inner, outer : numpy.ndarray of float32, (3 x hidden, embedding + 1) and (3 x hidden, hidden)
        Weights of reset, update and new state, from the basket and from the former state.
    inner_bias, outer_bias : numpy.ndarray of float32, (3 x hidden,)
    ask : numpy.ndarray of float32, (embedding, hidden + 1)
        From the state and the days waited to what is wanted.
    ask_bias : numpy.ndarray of float32, (embedding,)
    repeat : numpy.ndarray of float32, (items,)
        Log odds added for each unit of own purchases.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP (2014).
    """

    embed: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    inner_bias: np.ndarray
    outer_bias: np.ndarray
    ask: np.ndarray
    ask_bias: np.ndarray
    repeat: np.ndarray

    def inputs(self, baskets: Baskets) -> np.ndarray:
        """Describe every basket, float32 (baskets, embedding + 1)."""
        described = np.asarray(baskets.contents @ self.embed)
        return np.column_stack([described, baskets.gaps]).astype(np.float32)

    def step(self, state: np.ndarray, basket: np.ndarray) -> np.ndarray:
        """Take in one basket of each customer."""
        size = state.shape[1]
        new = steady_product(basket, self.inner.T) + self.inner_bias
        old = steady_product(state, self.outer.T) + self.outer_bias
        gates = _sigmoid(new[:, : 2 * size] + old[:, : 2 * size])
        reset, keep = gates[:, :size], gates[:, size:]
        fresh = np.tanh(new[:, 2 * size :] + reset * old[:, 2 * size :])
        return np.asarray((1 - keep) * fresh + keep * state)

    def states(self, inputs: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Give the state after 0, 1, ... baskets, float32 (questions, width + 1, hidden)."""
        questions, width = places.shape
        states = np.zeros((questions, width + 1, self.outer.shape[1]), dtype=np.float32)
        for column in range(width):
            states[:, column + 1] = self.step(states[:, column], inputs[places[:, column]])
        return states

    def wanted(self, state: np.ndarray, waited: np.ndarray) -> np.ndarray:
        """Say what is wanted, float32 (questions, embedding)."""
        asked = np.column_stack([state, waited]).astype(np.float32)
        return np.asarray(steady_product(asked, self.ask.T) + self.ask_bias)

    def log_odds(self, wanted: np.ndarray, asked: Questions) -> np.ndarray:
        """Score every item, float32 (questions, items)."""
        scores = steady_product(wanted, self.embed.T) + asked.offset[asked.date]
        at = asked.own.tocoo()
        scores[at.row, at.col] += at.data * self.repeat[at.col]
        return np.asarray(scores, dtype=np.float32)


def _sigmoid(value: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (np.tanh(0.5 * value) + 1.0))


def has_torch() -> bool:
    """Tell whether PyTorch is installed, without importing it."""
    return importlib.util.find_spec("torch") is not None


def torch_or_refuse(what: str) -> Any:
    """Import PyTorch, or say how to get it.

    Raises
    ------
    NotInstalled
        When it is not installed.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise NotInstalled(
            f"{what} needs PyTorch, which is not installed; "
            "install it with: pip install 'lodeworks[neural]'"
        ) from error


def train(
    baskets: Baskets,
    asked: Questions,
    target: sparse.csr_matrix,
    barred: sparse.csr_matrix | None,
    items: np.ndarray,
    how: Training,
) -> GatedNetwork:
    """Fit the network to what was bought, by Adam on mini-batches, on one thread.

    Parameters
    ----------
    baskets : Baskets
    asked : Questions
    target : scipy.sparse.csr_matrix of float32, (questions, items)
        Shares of what was bought; rows sum to one.
    barred : scipy.sparse.csr_matrix or None, (questions, items)
        1 where an item does not count.
    items : numpy.ndarray of float32, (items, embedding)
        What describes each item. It is not trained: with the purchases of a few thousand customers
        the network would learn them by heart.
    how : Training

    Raises
    ------
    NotInstalled
        Without PyTorch.
    """
    torch = torch_or_refuse("training the sequence network")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order would be another network
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(how.random_state)
            return _trained(torch, baskets, asked, target, barred, items, how)
    finally:
        torch.set_num_threads(threads)


def _trained(
    torch: Any,
    baskets: Baskets,
    asked: Questions,
    target: sparse.csr_matrix,
    barred: sparse.csr_matrix | None,
    items: np.ndarray,
    how: Training,
) -> GatedNetwork:
    parts = _fresh(torch, items, how)
    learnt = torch.nn.ModuleDict(vars(parts))
    repeat = [*parts.repeat.parameters()]
    others = [part for part in learnt.parameters() if part.requires_grad and part is not repeat[0]]
    groups = [{"params": others}, {"params": repeat, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=how.learning_rate, weight_decay=how.decay)
    steps = how.epochs * -(-len(asked.seen) // how.batch)
    slower = torch.optim.lr_scheduler.OneCycleLR(adam, how.learning_rate, total_steps=max(steps, 1))
    learnt.train()
    for _ in range(how.epochs):
        for rows in _batches(torch, len(asked.seen), how.batch):
            scores = _forward(torch, parts, baskets, asked, rows)
            if barred is not None:
                scores = scores - 1e9 * _dense(torch, barred[rows])
            share = torch.log_softmax(scores, dim=1)
            loss = -(_dense(torch, target[rows]) * share).sum(dim=1).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            slower.step()
    return _frozen(parts)


def _fresh(torch: Any, items: np.ndarray, how: Training) -> SimpleNamespace:
    nn, (count, embedding) = torch.nn, items.shape
    parts = SimpleNamespace(
        embed=nn.Embedding.from_pretrained(torch.from_numpy(items), freeze=True),
        cells=nn.GRU(embedding + 1, how.hidden, batch_first=True),
        ask=nn.Linear(how.hidden + 1, embedding),
        repeat=nn.Embedding(count, 1),
        hide=nn.Dropout(how.dropout),
    )
    with torch.no_grad():
        parts.ask.weight.mul_(0.1)
        parts.repeat.weight.fill_(REPEAT)
    return parts


def _batches(torch: Any, questions: int, batch: int) -> Iterator[np.ndarray]:
    order = torch.randperm(questions).numpy()
    for start in range(0, questions, batch):
        yield order[start : start + batch]


def _forward(
    torch: Any, parts: SimpleNamespace, baskets: Baskets, asked: Questions, rows: np.ndarray
) -> Any:
    """Score every item for some questions, as `GatedNetwork` does, but differentiably."""
    places = asked.places[rows][:, : max(int(asked.seen[rows].max()), 1)]
    used, where = np.unique(places, return_inverse=True)
    contents = _sparse(torch, baskets.contents[used])
    described = parts.hide(torch.sparse.mm(contents, parts.embed.weight))
    gaps = torch.from_numpy(baskets.gaps[used])[:, None]
    inputs = torch.cat([described, gaps], dim=1)[torch.from_numpy(where.reshape(places.shape))]
    states, _ = parts.cells(inputs)
    seen = torch.from_numpy(asked.seen[rows])
    state = states[torch.arange(len(rows)), (seen - 1).clamp(min=0)] * (seen > 0)[:, None]
    waited = torch.from_numpy(asked.waited[rows])[:, None]
    wanted = parts.ask(torch.cat([parts.hide(state), waited], dim=1))
    scores = wanted @ parts.embed.weight.T + torch.from_numpy(asked.offset[asked.date[rows]])
    return scores + _dense(torch, asked.own[rows]) * parts.repeat.weight[:, 0]


def _sparse(torch: Any, matrix: sparse.csr_matrix) -> Any:
    at = matrix.tocoo()
    places = torch.from_numpy(np.vstack([at.row, at.col]).astype(np.int64))
    return torch.sparse_coo_tensor(
        places, torch.from_numpy(at.data), matrix.shape, check_invariants=False
    )


def _dense(torch: Any, matrix: sparse.csr_matrix) -> Any:
    return torch.from_numpy(matrix.toarray())


def _frozen(parts: SimpleNamespace) -> GatedNetwork:
    def array(tensor: Any) -> np.ndarray:
        return np.array(tensor.detach().numpy(), dtype=np.float32)

    cells = parts.cells
    return GatedNetwork(
        embed=array(parts.embed.weight),
        inner=array(cells.weight_ih_l0),
        outer=array(cells.weight_hh_l0),
        inner_bias=array(cells.bias_ih_l0),
        outer_bias=array(cells.bias_hh_l0),
        ask=array(parts.ask.weight),
        ask_bias=array(parts.ask.bias),
        repeat=array(parts.repeat.weight)[:, 0],
    )
