"""Texts as a few numbers each, for models that cannot read."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted

from features.text.weights import WordWeights, as_texts

__all__ = ["TextFeatures"]


class TextFeatures(BaseEstimator):
    """Give every text its place in a space in which texts of like words are near each other.

    Latent semantic analysis: the word weights of `WordWeights` times the first right singular
    vectors (Deerwester et al. 1990, *Indexing by latent semantic analysis*).

    Parameters
    ----------
    dimensions : int, default 16
        Numbers a text.
    min_texts, max_share, max_words, segmenter
        See `WordWeights`.
    random_state : int, default 0
        Seed of the decomposition.

    Attributes
    ----------
    weights_ : WordWeights
        The vocabulary.
    components_ : numpy.ndarray of float64, (dimensions, words)
        What each word adds to each number; rows of zeros where the words have fewer dimensions.

    Examples
    --------
    >>> texts = ["late delivery", "late again", "delivery was late", "cup", "a cup", None]
    >>> space = TextFeatures(dimensions=2).fit(texts)
    >>> space.transform(["late!", "cups", "a cup"]).round(1).abs().values.tolist()
    [[0.8, 0.0], [0.0, 0.0], [0.0, 1.0]]
    """

    weights_: WordWeights
    components_: np.ndarray

    def __init__(
        self,
        dimensions: int = 16,
        min_texts: int = 2,
        max_share: float = 0.5,
        max_words: int = 5000,
        segmenter: str | None = None,
        random_state: int = 0,
    ) -> None:
        self.dimensions = dimensions
        self.min_texts = min_texts
        self.max_share = max_share
        self.max_words = max_words
        self.segmenter = segmenter
        self.random_state = random_state

    @property
    def names(self) -> list[str]:
        """The names of the columns: ``text_1``, ``text_2`` ..."""
        return [f"text_{number + 1}" for number in range(self.dimensions)]

    def fit(self, texts: Iterable[object], y: None = None) -> Self:
        """Learn the words and the space.

        Parameters
        ----------
        texts : iterable of str or None
            Their order does not matter.
        y : None
            Not used.

        Raises
        ------
        ValueError
            When a parameter is out of range, or no word is in enough texts.
        """
        if self.dimensions < 1:
            raise ValueError(f"dimensions must be at least 1 but got {self.dimensions}")
        known = sorted(as_texts(texts))  # an order of its own: sums do not depend on that of rows
        self.weights_ = WordWeights(
            self.min_texts, self.max_share, self.max_words, segmenter=self.segmenter
        ).fit(known)
        weights = self.weights_.transform(known)
        rank = min(self.dimensions, *weights.shape)
        *_, found = randomized_svd(
            weights, rank, transpose=False, random_state=self.random_state, flip_sign=False
        )
        self.components_ = np.zeros((self.dimensions, weights.shape[1]))
        self.components_[:rank] = _largest_positive(found)
        return self

    def transform(self, texts: Iterable[object]) -> pd.DataFrame:
        """Give the numbers of texts.

        Returns
        -------
        pandas.DataFrame of float64
            Columns `names`; the index of a series is kept. A text without known words is all 0.
        """
        check_is_fitted(self, "components_")
        index = texts.index if isinstance(texts, pd.Series) else None
        values = self.weights_.transform(texts) @ self.components_.T
        return pd.DataFrame(values, index=index, columns=self.names)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, for export in open formats."""
        check_is_fitted(self, "components_")
        return {**self.weights_.get_state(), "components_": self.components_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        left = dict(state)
        components = left.pop("components_", None)
        weights = WordWeights().set_state(left)
        if components is None or components.shape[1:] != weights.words_.shape:
            raise ValueError("text features need components_ with one column a word")
        self.weights_, self.components_ = weights, np.asarray(components, dtype=np.float64)
        self.dimensions = len(self.components_)
        return self


def _largest_positive(components: np.ndarray) -> np.ndarray:
    """Choose the sign of each row so that its largest entry is positive."""
    largest = np.abs(components).argmax(axis=1)
    return components * np.sign(components[np.arange(len(components)), largest])[:, None]
