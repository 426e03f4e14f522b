"""The weights of a tabular network and what it answers, in NumPy alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Inputs", "Network", "periodic", "piecewise"]

ROWS = 8192


@dataclass(frozen=True)
class Inputs:
    """A table as a network reads it.

    Attributes
    ----------
    numbers : numpy.ndarray of float32, (rows, numbers)
        In standard deviations from their mean; 0 where missing.
    flags : numpy.ndarray of float32, (rows, flags)
        1 where a number that had gaps is missing.
    codes : numpy.ndarray of int64, (rows, categories)
        Levels, counted on from one category to the next: each is a row of one table.
    """

    numbers: np.ndarray
    flags: np.ndarray
    codes: np.ndarray

    def take(self, rows: Any) -> "Inputs":
        """Keep some rows."""
        return Inputs(self.numbers[rows], self.flags[rows], self.codes[rows])

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Network:
    """Embeddings of numbers and categories, residual layers, and a linear way past them.

    Attributes
    ----------
    embedding : {'none', 'piecewise', 'periodic'}
        How a number enters: as it is, as the share of each of its bins that it fills, or as sines
        and cosines of learned frequencies; the latter two through a small layer of its own.
    activation : {'relu', 'identity'}
        What hidden units do.
    weights : mapping of str to numpy.ndarray of float32
        ``low``, ``width`` (numbers, bins) or ``frequency`` (numbers, frequencies); ``embed``
        (numbers, bins, size) and ``embed_bias`` (numbers, size); ``levels`` (levels, size);
        ``first``, ``first_bias``; ``block0`` ... with ``_bias`` (units, units); ``head``,
        ``head_bias`` (units, outputs); ``skip`` (inputs, outputs). Without hidden layers only
        ``skip`` and ``head_bias``.

    References
    ----------
    Y. Gorishniy, I. Rubachev, A. Babenko, "On embeddings for numerical features in tabular deep
    learning", NeurIPS (2022); Y. Gorishniy et al., "Revisiting deep learning models for tabular
    data", NeurIPS (2021).
    """

    embedding: str
    activation: str
    weights: Mapping[str, np.ndarray]

    def answers(self, inputs: Inputs) -> np.ndarray:
        """Give the outputs, float64 (rows, outputs): log odds, or values."""
        parts = [
            self._some(inputs.take(slice(start, start + ROWS)))
            for start in range(0, len(inputs), ROWS)
        ]
        outputs = self.weights["skip"].shape[1]
        return np.concatenate(parts) if parts else np.zeros((0, outputs))

    def _some(self, inputs: Inputs) -> np.ndarray:
        w = self.weights
        flat = self._embedded(inputs)
        answer = flat @ w["skip"] + w["head_bias"]
        if "first" in w:
            hidden = self._active(flat @ w["first"] + w["first_bias"])
            block = 0
            while f"block{block}" in w:
                inner = hidden @ w[f"block{block}"] + w[f"block{block}_bias"]
                hidden = hidden + self._active(inner)
                block += 1
            answer = answer + hidden @ w["head"]
        return np.asarray(answer, dtype=np.float64)

    def _embedded(self, inputs: Inputs) -> np.ndarray:
        w, rows = self.weights, len(inputs)
        numbers = inputs.numbers
        if self.embedding != "none" and numbers.shape[1]:
            spread = (
                piecewise(numbers, w["low"], w["width"])
                if self.embedding == "piecewise"
                else periodic(numbers, w["frequency"])
            )
            each = np.matmul(spread.transpose(1, 0, 2), w["embed"]) + w["embed_bias"][:, None]
            numbers = np.maximum(each, 0.0).transpose(1, 0, 2).reshape(rows, -1)
        levels = w["levels"][inputs.codes].reshape(rows, -1)
        return np.concatenate([numbers, inputs.flags, levels], axis=1)

    def _active(self, value: np.ndarray) -> np.ndarray:
        return np.maximum(value, 0.0) if self.activation == "relu" else value


def piecewise(numbers: np.ndarray, low: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Give the share of each bin that a number fills: 1 in bins below it, 0 in bins above.

    Parameters
    ----------
    numbers : numpy.ndarray, (rows, numbers)
    low, width : numpy.ndarray, (numbers, bins)
        Where each bin begins and how wide it is.

    Returns
    -------
    numpy.ndarray, (rows, numbers, bins)

    Examples
    --------
    >>> piecewise(np.array([[1.5]]), np.array([[0.0, 1.0, 2.0]]), np.ones((1, 3))).tolist()
    [[[1.0, 0.5, 0.0]]]
    """
    return np.asarray(np.clip((numbers[:, :, None] - low) / width, 0.0, 1.0))


def periodic(numbers: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Give sines and cosines of a number at each frequency, (rows, numbers, 2 x frequencies)."""
    angle = 2.0 * np.pi * numbers[:, :, None] * frequency
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=2)
