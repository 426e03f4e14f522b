"""What texts are about: groups of words that stand together, and how much of each a text has."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.decomposition import non_negative_factorization
from sklearn.utils.validation import check_is_fitted

from features.text.weights import WordWeights, as_texts

__all__ = ["Topics"]

_ITERATIONS = 400
_LEAST = 1e-6


class Topics(BaseEstimator):
    """Find topics by factoring the word weights into parts without negative numbers.

    Non-negative matrix factorisation of TF-IDF (Lee and Seung 1999, *Learning the parts of objects
    by non-negative matrix factorization*), by scikit-learn.

    Parameters
    ----------
    n_topics : int, default 8
        Topics to find; fewer where there are fewer different words or texts.
    min_texts, max_share, max_words, segmenter
        See `WordWeights`.
    random_state : int, default 0
        Seed of the factorisation.

    Attributes
    ----------
    weights_ : WordWeights
        The vocabulary.
    components_ : numpy.ndarray of float64, (topics, words)
        The words of each topic, of length 1; the topic with the largest share first.
    shares_ : numpy.ndarray of float64
        The part of each topic in the texts it was fitted on; all sum to 1.

    Examples
    --------
    >>> texts = ["late delivery", "delivery late again", "broken cup", "cup broken", "🙂"]
    >>> topics = Topics(n_topics=2).fit(texts)
    >>> [sorted(words) for words in topics.table(n_words=2)["words"]]
    [['delivery', 'late'], ['broken', 'cup']]
    """

    weights_: WordWeights
    components_: np.ndarray
    shares_: np.ndarray

    def __init__(
        self,
        n_topics: int = 8,
        min_texts: int = 2,
        max_share: float = 0.5,
        max_words: int = 5000,
        segmenter: str | None = None,
        random_state: int = 0,
    ) -> None:
        self.n_topics = n_topics
        self.min_texts = min_texts
        self.max_share = max_share
        self.max_words = max_words
        self.segmenter = segmenter
        self.random_state = random_state

    def fit(self, texts: Iterable[object], y: None = None) -> Self:
        """Learn the words and the topics.

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
        if self.n_topics < 1:
            raise ValueError(f"n_topics must be at least 1 but got {self.n_topics}")
        known = sorted(as_texts(texts))  # an order of its own: sums do not depend on that of rows
        self.weights_ = WordWeights(
            self.min_texts, self.max_share, self.max_words, segmenter=self.segmenter
        ).fit(known)
        weights = self.weights_.transform(known)
        filled = weights[np.diff(weights.indptr) > 0]
        n = min(self.n_topics, filled.shape[1], len({text for text in known if text.strip()}))
        _, found, _ = non_negative_factorization(
            filled,
            n_components=n,
            init="nndsvda" if n <= min(filled.shape) else "random",
            max_iter=_ITERATIONS,
            tol=1e-4,
            random_state=self.random_state,
        )
        length = np.linalg.norm(found, axis=1, keepdims=True)
        self.components_ = (found / np.where(length > 0, length, 1.0))[length.ravel() > _LEAST]
        shares = _shared(self._loadings(filled)).mean(axis=0)
        order = np.lexsort((np.arange(len(shares)), -shares))
        self.components_, self.shares_ = self.components_[order], shares[order]
        return self

    @property
    def names(self) -> list[str]:
        """The names of the topics: ``topic_1``, ``topic_2`` ..."""
        return [f"topic_{number + 1}" for number in range(len(self.components_))]

    def transform(self, texts: Iterable[object]) -> pd.DataFrame:
        """Give the part of each topic in texts.

        Returns
        -------
        pandas.DataFrame of float64
            Columns `names`; each row sums to 1, or is 0 where no word is known. The index of a
            series is kept.
        """
        check_is_fitted(self, "components_")
        index = texts.index if isinstance(texts, pd.Series) else None
        weights = self.weights_.transform(texts)
        shares = np.zeros((weights.shape[0], len(self.components_)))
        filled = np.diff(weights.indptr) > 0
        if filled.any():
            shares[filled] = _shared(self._loadings(weights[filled]))
        return pd.DataFrame(shares, index=index, columns=self.names)

    def table(self, n_words: int = 8) -> pd.DataFrame:
        """Describe the topics.

        Returns
        -------
        pandas.DataFrame
            ``topic``, ``share`` and ``words``: at most `n_words` of the heaviest, in that order.
        """
        check_is_fitted(self, "components_")
        lists = [self._heaviest(row, n_words) for row in self.components_]
        return pd.DataFrame({"topic": self.names, "share": self.shares_, "words": lists})

    def examples(self, texts: Iterable[object], n: int = 3) -> list[list[int]]:
        """Give for each topic the places of the `n` texts that are most about it."""
        shares = self.transform(list(texts)).to_numpy()
        best = np.argsort(-shares, axis=0, kind="stable")[:n].T
        return [
            [int(at) for at in column if shares[at, topic] > 0] for topic, column in enumerate(best)
        ]

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, for export in open formats."""
        check_is_fitted(self, "components_")
        own = {"components_": self.components_, "shares_": self.shares_}
        return {**self.weights_.get_state(), **own}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        left = dict(state)
        components, shares = left.pop("components_", None), left.pop("shares_", None)
        weights = WordWeights().set_state(left)
        if components is None or components.shape[1:] != weights.words_.shape:
            raise ValueError("topics need components_ with one column a word")
        if shares is None or len(shares) != len(components):
            raise ValueError("topics need shares_ with one value a topic")
        self.weights_, self.components_ = weights, np.asarray(components, dtype=np.float64)
        self.shares_ = np.asarray(shares, dtype=np.float64)
        return self

    def _loadings(self, weights: Any) -> np.ndarray:
        found, *_ = non_negative_factorization(
            weights,
            H=self.components_,
            n_components=len(self.components_),
            update_H=False,
            max_iter=_ITERATIONS,
            tol=1e-4,
            random_state=self.random_state,
        )
        return np.asarray(found)

    def _heaviest(self, row: np.ndarray, n_words: int) -> list[str]:
        order = np.lexsort((self.weights_.words_, -row.round(9)))[:n_words]
        return [str(self.weights_.words_[at]) for at in order if row[at] > _LEAST]


def _shared(loadings: np.ndarray) -> np.ndarray:
    total = loadings.sum(axis=1, keepdims=True)
    return np.divide(loadings, total, out=np.zeros_like(loadings), where=total > _LEAST)
