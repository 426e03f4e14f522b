"""How much each word says about each text: TF-IDF over words that several texts share."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.text.stopwords import STOP_WORDS
from features.text.words import chosen_segmenter, words

__all__ = ["WordWeights", "as_texts"]


def as_texts(texts: Iterable[object]) -> list[str]:
    """Give texts as a list; what is missing is an empty text.

    Raises
    ------
    ValueError
        When the texts are one text, or a value is no text.
    """
    if isinstance(texts, str):
        raise ValueError("texts must be many texts, not one")
    given = [None if value is None or value is pd.NA else value for value in texts]
    wrong = [value for value in given if not isinstance(value, str | float | None)]
    wrong += [value for value in given if isinstance(value, float) and not np.isnan(value)]
    if wrong:
        raise ValueError(f"texts must be text or missing, but one is {type(wrong[0]).__name__}")
    return [value if isinstance(value, str) else "" for value in given]


class WordWeights(TransformerMixin, BaseEstimator):
    """Weigh words by how often they stand in a text and in how few texts they stand.

    The weight of a word is ``(1 + ln n) * (1 + ln((1 + N) / (1 + d)))``, where it stands `n` times
    in the text and in `d` of `N` texts; every text has length 1 (Salton and Buckley 1988, *Term
    weighting approaches in automatic text retrieval*; smoothed as in scikit-learn).

    Parameters
    ----------
    min_texts : int, default 2
        Texts that a word has to stand in. From 2 on, what only one person wrote, such as a name,
        is no word of the vocabulary.
    max_share : float, default 0.5
        Words in more than this share of the texts say nothing and are left out, where there are
        ten texts or more.
    max_words : int, default 5000
        Words kept, those in most texts.
    pairs : bool, default False
        Take two neighbouring words as a word too, and keep stop words: ``not good``.
    segmenter : {'jieba', 'bigrams'}, optional
        How Chinese is divided; default: jieba where it is installed.

    Attributes
    ----------
    words_ : numpy.ndarray of str
        The vocabulary, sorted.
    rarity_ : numpy.ndarray of float64
        The second factor of the weight.
    segmenter_ : str
        How Chinese was divided.
    """

    learned: ClassVar[tuple[str, ...]] = ("words_", "rarity_", "segmenter_")

    words_: np.ndarray
    rarity_: np.ndarray
    segmenter_: str

    def __init__(
        self,
        min_texts: int = 2,
        max_share: float = 0.5,
        max_words: int = 5000,
        pairs: bool = False,
        segmenter: str | None = None,
    ) -> None:
        self.min_texts = min_texts
        self.max_share = max_share
        self.max_words = max_words
        self.pairs = pairs
        self.segmenter = segmenter

    def fit(self, texts: Iterable[object], y: object = None) -> Self:
        """Choose the vocabulary.

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
        self._check()
        self.segmenter_ = chosen_segmenter(self.segmenter)
        counted = [set(self._terms(text)) for text in as_texts(texts)]
        filled = [terms for terms in counted if terms]
        held = Counter(term for terms in filled for term in terms)
        most = len(filled) * self.max_share if len(filled) >= 10 else len(filled)
        usable = {term: n for term, n in held.items() if self.min_texts <= n <= most}
        if not usable:
            raise ValueError(
                f"no word stands in {self.min_texts} or more of {len(counted)} texts"
                f" ({len(counted) - len(filled)} have no words)"
            )
        best = sorted(usable, key=lambda term: (-usable[term], term))[: self.max_words]
        self.words_ = np.array(sorted(best), dtype=np.str_)
        texts_with = np.array([usable[str(term)] for term in self.words_])
        self.rarity_ = 1 + np.log((1 + len(filled)) / (1 + texts_with))
        return self

    def transform(self, texts: Iterable[object]) -> sparse.csr_matrix:
        """Weigh the words of texts.

        Returns
        -------
        scipy.sparse.csr_matrix of float64, (texts, words)
            A text without known words is an empty row.
        """
        check_is_fitted(self, "words_")
        place = {str(term): at for at, term in enumerate(self.words_)}
        found = [_counts(self._terms(text), place) for text in as_texts(texts)]
        ends = np.cumsum([0, *(len(counts) for counts in found)])
        at = np.array([column for counts in found for column in sorted(counts)], dtype=np.int64)
        n = np.array([counts[column] for counts in found for column in sorted(counts)], dtype=float)
        weights = (1 + np.log(n)) * self.rarity_[at]
        return _unit_rows(
            sparse.csr_matrix((weights, at, ends), shape=(len(found), len(self.words_)))
        )

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, for export in open formats."""
        check_is_fitted(self, "words_")
        return {name: getattr(self, name) for name in self.learned} | {"pairs": bool(self.pairs)}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        wrong = sorted({*state} ^ {*self.learned, "pairs"})
        if wrong:
            raise ValueError(f"word weights have missing or unknown parts: {', '.join(wrong)}")
        self.words_ = np.asarray(state["words_"], dtype=np.str_)
        self.rarity_ = np.asarray(state["rarity_"], dtype=np.float64)
        self.segmenter_ = chosen_segmenter(str(state["segmenter_"]))
        self.pairs = bool(state["pairs"])
        return self

    def _check(self) -> None:
        if self.min_texts < 1:
            raise ValueError(f"min_texts must be at least 1 but got {self.min_texts}")
        if not 0 < self.max_share <= 1:
            raise ValueError(f"max_share must be above 0 and up to 1 but got {self.max_share}")
        if self.max_words < 1:
            raise ValueError(f"max_words must be at least 1 but got {self.max_words}")

    def _terms(self, text: str) -> list[str]:
        found = words(text, self.segmenter_)
        if self.pairs:
            return [*found, *(f"{a} {b}" for a, b in pairwise(found))]
        return [word for word in found if word not in STOP_WORDS]


def _counts(terms: list[str], place: Mapping[str, int]) -> dict[int, int]:
    return Counter(place[term] for term in terms if term in place)


def _unit_rows(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ weights)
