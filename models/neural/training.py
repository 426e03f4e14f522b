"""Train a tabular network with PyTorch on the processor: seeded, with early stopping."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeworks.errors import NotInstalled
from models.neural.network import Inputs, Network

__all__ = ["Plan", "Trained", "has_torch", "torch_or_refuse", "train"]

INSTALL = "needs PyTorch, which is not installed: pip install 'lodeworks[neural]'"


@dataclass(frozen=True)
class Plan:
    """How a network is built and trained.

    Attributes
    ----------
    outputs : int
        1 for two classes or a value, otherwise the number of classes.
    squared : bool
        Fit values by squared error; otherwise classes by cross entropy.
    embedding, activation : str
        As in `Network`.
    layers, units : int
        Hidden layers, units of each; 0 layers leave a linear or logistic unit.
    size, bins : int
        Numbers that describe a column, bins or frequencies of a number.
    dropout, learning_rate, decay : float
        Share of hidden units silenced, step size, weight decay.
    epochs, batch, patience : int
        Passes at most, rows a step (0: all rows, by L-BFGS), passes without improvement.
    held_out : float
        Share of the rows that only decide when to stop.
    seed : int
        Of weights, order and silenced units.
    """

    outputs: int
    squared: bool
    embedding: str
    activation: str
    layers: int
    units: int
    size: int
    bins: int
    dropout: float
    learning_rate: float
    decay: float
    epochs: int
    batch: int
    patience: int
    held_out: float
    seed: int


@dataclass(frozen=True)
class Trained:
    """A network and how its training went.

    Attributes
    ----------
    network : Network
        The weights of the best pass.
    losses : numpy.ndarray of float64, (passes, 2)
        Mean loss on the rows learned from and on those held out, after each pass.
    kept : int
        The pass that was kept, from 1.
    """

    network: Network
    losses: np.ndarray
    kept: int


def has_torch() -> bool:
    """Tell whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def torch_or_refuse(who: str) -> Any:
    """Import PyTorch, or say in words what to install.

    Raises
    ------
    NotInstalled
        Without the extra ``neural``.
    """
    if not has_torch():
        raise NotInstalled(f"{who} {INSTALL}")
    import torch

    return torch


def train(
    inputs: Inputs, target: np.ndarray, weight: np.ndarray, levels: int, plan: Plan
) -> Trained:
    """Train a network.

    Parameters
    ----------
    inputs : Inputs
        All rows.
    target : numpy.ndarray
        Values, or numbers of classes.
    weight : numpy.ndarray of float64
        Of each row.
    levels : int
        Rows of the table of levels.
    plan : Plan
        How.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR (2019); J. Nocedal,
    "Updating quasi-Newton matrices with limited storage" (1980).
    """
    torch = torch_or_refuse("a neural network")
    with _alone(torch, plan.seed):
        job = _Job(torch, inputs, target, weight, levels, plan)
        losses, kept = job.whole() if plan.batch == 0 else job.in_batches()
        return Trained(job.network(), np.array(losses).reshape(-1, 2), kept)


@contextmanager
def _alone(torch: Any, seed: int) -> Iterator[None]:
    """Use one thread and a seed of our own, and leave both as they were."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


class _Job:
    """One training: the tensors of weights by their names in `Network`."""

    def __init__(
        self,
        torch: Any,
        inputs: Inputs,
        target: np.ndarray,
        weight: np.ndarray,
        levels: int,
        plan: Plan,
    ) -> None:
        self.torch, self.plan = torch, plan
        kind = torch.float64 if plan.batch == 0 else torch.float32
        self.numbers = torch.as_tensor(inputs.numbers).to(kind)
        self.flags = torch.as_tensor(inputs.flags).to(kind)
        self.codes = torch.as_tensor(inputs.codes)
        self.is_class = plan.outputs > 1
        self.target = torch.as_tensor(target).to(torch.int64 if self.is_class else kind)
        self.weight = torch.as_tensor(weight / weight.mean()).to(kind)
        self.kind = kind
        self.fixed, self.free = self._fresh(inputs, levels)
        self._begin_at_the_mean(target, weight)

    def _fresh(self, inputs: Inputs, levels: int) -> tuple[dict[str, Any], dict[str, Any]]:
        plan, count = self.plan, inputs.numbers.shape[1]
        fixed: dict[str, Any] = {}
        free: dict[str, Any] = {"levels": self._draw((levels, plan.size), 0.1)}
        wide = count
        if plan.embedding != "none" and count:
            if plan.embedding == "piecewise":
                low, width = _bins(inputs.numbers, plan.bins)
                fixed = {"low": self._tensor(low), "width": self._tensor(width)}
                inner = low.shape[1]
            else:
                free["frequency"] = self._draw((count, plan.bins), 0.3)
                inner = 2 * plan.bins
            free["embed"] = self._draw((count, inner, plan.size), np.sqrt(1.0 / inner))
            free["embed_bias"] = self._draw((count, plan.size), 0.1)
            wide = count * plan.size
        flat = wide + inputs.flags.shape[1] + inputs.codes.shape[1] * plan.size
        free["skip"] = self._zeros((flat, plan.outputs))
        free["head_bias"] = self._zeros((plan.outputs,))
        if plan.layers:
            free |= self._layers(flat)
        for part in free.values():
            part.requires_grad_(True)
        return fixed, free

    def _layers(self, flat: int) -> dict[str, Any]:
        units = self.plan.units
        made = {
            "first": self._draw((flat, units), np.sqrt(2.0 / max(flat, 1))),
            "first_bias": self._zeros((units,)),
            "head": self._draw((units, self.plan.outputs), 0.1 / np.sqrt(units)),
        }
        for block in range(self.plan.layers - 1):
            made[f"block{block}"] = self._draw((units, units), np.sqrt(1.0 / units))
            made[f"block{block}_bias"] = self._zeros((units,))
        return made

    def _begin_at_the_mean(self, target: np.ndarray, weight: np.ndarray) -> None:
        if self.is_class:
            return
        mean = float(np.average(target, weights=weight))
        if not self.plan.squared:
            mean = float(np.log(mean / (1.0 - mean)))
        with self.torch.no_grad():
            self.free["head_bias"] += mean

    def _tensor(self, values: np.ndarray) -> Any:
        return self.torch.as_tensor(values).to(self.kind)

    def _draw(self, shape: tuple[int, ...], scale: float) -> Any:
        return (self.torch.randn(shape, dtype=self.kind) * float(scale)).detach()

    def _zeros(self, shape: tuple[int, ...]) -> Any:
        return self.torch.zeros(shape, dtype=self.kind)

    def in_batches(self) -> tuple[list[tuple[float, float]], int]:
        """Learn by AdamW, and keep the pass that held-out rows like best."""
        torch, plan = self.torch, self.plan
        check, learn = self._parted()
        steps = torch.optim.AdamW(self._groups(), lr=plan.learning_rate)
        losses, kept, best, copy = [], 0, np.inf, self._copy()
        for epoch in range(1, plan.epochs + 1):
            order = learn[torch.randperm(len(learn))]
            total = sum(self._step(steps, rows) * len(rows) for rows in order.split(plan.batch))
            mean = total / max(len(learn), 1)
            held = self._held(check) if len(check) else mean
            losses.append((mean, held))
            if held < best - 1e-6 or not len(check):
                best, kept, copy = held, epoch, self._copy()
            elif epoch - kept >= plan.patience:
                break
        self._put_back(copy)
        return losses, kept

    def _groups(self) -> list[dict[str, Any]]:
        """Decay matrices, and neither biases nor frequencies."""
        bare = {name for name in self.free if name.endswith("_bias") or name == "frequency"}
        return [
            {"params": [p for n, p in self.free.items() if n not in bare],
             "weight_decay": self.plan.decay},
            {"params": [p for n, p in self.free.items() if n in bare], "weight_decay": 0.0},
        ]  # fmt: skip

    def _parted(self) -> tuple[Any, Any]:
        """Put rows aside, of every class its share."""
        torch = self.torch
        every = torch.arange(len(self.target))
        if not self.plan.held_out:
            return every[:0], every
        order = torch.randperm(len(self.target))
        if not self.plan.squared:
            order = order[torch.argsort(self.target[order], stable=True)]
        step = max(round(1.0 / self.plan.held_out), 2)
        aside = torch.zeros(len(order), dtype=torch.bool)
        aside[order[step // 2 :: step]] = True
        return every[aside], every[~aside]

    def _step(self, steps: Any, rows: Any) -> float:
        steps.zero_grad()
        loss = self._loss(rows, silence=True)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(list(self.free.values()), 5.0)
        steps.step()
        return float(loss.detach())

    def _held(self, rows: Any) -> float:
        with self.torch.no_grad():
            return float(self._loss(rows, silence=False))

    def whole(self) -> tuple[list[tuple[float, float]], int]:
        """Learn from all rows at once, to the optimum."""
        torch, everybody = self.torch, self.torch.arange(len(self.target))
        steps = torch.optim.LBFGS(
            list(self.free.values()),
            max_iter=self.plan.epochs,
            tolerance_grad=1e-10,
            tolerance_change=1e-14,
            history_size=50,
            line_search_fn="strong_wolfe",
        )

        def closure() -> Any:
            steps.zero_grad()
            loss = self._loss(everybody, silence=False) + self._ridge()
            loss.backward()
            return loss

        steps.step(closure)
        loss = self._held(everybody)
        return [(loss, loss)], 1

    def _ridge(self) -> Any:
        weights = [p for n, p in self.free.items() if not n.endswith("_bias")]
        return 0.5 * self.plan.decay * sum((part**2).sum() for part in weights)

    def _loss(self, rows: Any, *, silence: bool) -> Any:
        functional = self.torch.nn.functional
        answer, target = self._forward(rows, silence=silence), self.target[rows]
        if self.is_class:
            each = functional.cross_entropy(answer, target, reduction="none")
        elif self.plan.squared:
            each = (answer[:, 0] - target) ** 2
        else:
            each = functional.binary_cross_entropy_with_logits(
                answer[:, 0], target, reduction="none"
            )
        return (each * self.weight[rows]).mean()

    def _forward(self, rows: Any, *, silence: bool) -> Any:
        torch, plan, w = self.torch, self.plan, {**self.fixed, **self.free}
        flat = self._embedded(rows)
        answer = flat @ w["skip"] + w["head_bias"]
        if not plan.layers:
            return answer
        active = torch.relu if plan.activation == "relu" else _same

        def quiet(value: Any) -> Any:
            return torch.nn.functional.dropout(value, plan.dropout, training=silence)

        hidden = quiet(active(quiet(flat) @ w["first"] + w["first_bias"]))
        for block in range(plan.layers - 1):
            inner = hidden @ w[f"block{block}"] + w[f"block{block}_bias"]
            hidden = hidden + quiet(active(inner))
        return answer + hidden @ w["head"]

    def _embedded(self, rows: Any) -> Any:
        torch, plan, w = self.torch, self.plan, {**self.fixed, **self.free}
        numbers, count = self.numbers[rows], len(rows)
        if plan.embedding != "none" and numbers.shape[1]:
            if plan.embedding == "piecewise":
                spread = ((numbers[:, :, None] - w["low"]) / w["width"]).clamp(0.0, 1.0)
            else:
                angle = 2.0 * np.pi * numbers[:, :, None] * w["frequency"]
                spread = torch.cat([torch.sin(angle), torch.cos(angle)], dim=2)
            each = torch.einsum("rnb,nbs->rns", spread, w["embed"]) + w["embed_bias"]
            numbers = torch.relu(each).reshape(count, -1)
        levels = w["levels"][self.codes[rows]].reshape(count, -1)
        return torch.cat([numbers, self.flags[rows], levels], dim=1)

    def _copy(self) -> dict[str, Any]:
        return {name: part.detach().clone() for name, part in self.free.items()}

    def _put_back(self, copy: dict[str, Any]) -> None:
        with self.torch.no_grad():
            for name, part in self.free.items():
                part.copy_(copy[name])

    def network(self) -> Network:
        """Give the weights without PyTorch."""
        kind = np.float64 if self.plan.batch == 0 else np.float32
        parts = {**self.fixed, **self.free}
        weights = {name: part.detach().numpy().astype(kind) for name, part in parts.items()}
        return Network(self.plan.embedding, self.plan.activation, weights)


def _same(value: Any) -> Any:
    return value


def _bins(numbers: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut each number at its quantiles; bins that are too many stay empty for ever."""
    count = numbers.shape[1]
    low, width = np.full((count, bins), 1e9), np.ones((count, bins))
    for place in range(count):
        edges = np.unique(np.quantile(numbers[:, place], np.linspace(0, 1, bins + 1)))
        if len(edges) > 1:
            low[place, : len(edges) - 1] = edges[:-1]
            width[place, : len(edges) - 1] = np.diff(edges)
    return low, width
