"""Whether a text praises or complains: only where labels of other texts taught it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from features.text.weights import WordWeights, as_texts

__all__ = ["LEAST_TEXTS", "Sentiment"]

LEAST_TEXTS = 10
"""Labelled texts of each label without which nothing is learned."""

_FOLDS = 5


class Sentiment(BaseEstimator):
    """Learn labels of texts with a linear model over words and pairs of words.

    There is no built-in list of good and bad words: what a word means depends on the trade, and
    nobody has measured such a list on your texts.

    Parameters
    ----------
    strength : float, default 1
        Inverse of the regularisation.
    segmenter : {'jieba', 'bigrams'}, optional
        See `WordWeights`.
    random_state : int, default 0
        Seed of the folds.

    Attributes
    ----------
    labels_ : list of str
        The labels, sorted.
    accuracy_ : float
        Mean share of right answers over the labels, in five-fold cross-validation.
    chance_ : float
        The same by guessing.
    weights_ : WordWeights
        The vocabulary.
    coefficients_, intercepts_ : numpy.ndarray
        Of the linear model: (labels, words) and (labels,); of softmax.
    """

    labels_: list[str]
    accuracy_: float
    chance_: float
    weights_: WordWeights
    coefficients_: np.ndarray
    intercepts_: np.ndarray

    def __init__(
        self, strength: float = 1.0, segmenter: str | None = None, random_state: int = 0
    ) -> None:
        self.strength = strength
        self.segmenter = segmenter
        self.random_state = random_state

    def fit(self, texts: Iterable[object], labels: Sequence[object]) -> Self:
        """Learn from the texts that have a label.

        Parameters
        ----------
        texts : iterable of str or None
            Those without words or label are left out.
        labels : sequence
            A label for each text, or null.

        Raises
        ------
        ValueError
            When there is nothing to learn from, and why: too few labels, only one, or labels that
            the words do not tell apart better than chance.
        """
        known = _labelled(texts, labels)
        _check(known)
        words = WordWeights(max_share=1.0, pairs=True, segmenter=self.segmenter)
        linear = LogisticRegression(C=self.strength, class_weight="balanced", max_iter=1000)
        both = make_pipeline(words, linear)
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=self.random_state)
        guessed = cross_val_predict(both, known["text"].tolist(), known["label"], cv=folds)
        self.accuracy_ = float(balanced_accuracy_score(known["label"], guessed))
        self.labels_ = sorted(known["label"].unique())
        self.chance_ = 1 / len(self.labels_)
        self._refuse_chance(len(known))
        both.fit(known["text"].tolist(), known["label"])
        self.weights_ = words
        self._keep(linear)
        return self

    def transform(self, texts: Iterable[object]) -> pd.DataFrame:
        """Tell the label of texts.

        Returns
        -------
        pandas.DataFrame
            ``sentiment``, the likeliest label, and ``sentiment_probability``; both missing for
            a text without known words.
        """
        check_is_fitted(self, "coefficients_")
        index = texts.index if isinstance(texts, pd.Series) else None
        weights = self.weights_.transform(texts)
        scores = weights @ self.coefficients_.T + self.intercepts_
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = scores / scores.sum(axis=1, keepdims=True)
        names = np.array(self.labels_, dtype=object)[chances.argmax(axis=1)]
        frame = pd.DataFrame(
            {"sentiment": names, "sentiment_probability": chances.max(axis=1)}, index=index
        )
        frame[np.diff(weights.indptr) == 0] = None
        return frame.astype({"sentiment": "str", "sentiment_probability": "float64"})

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, for export in open formats."""
        check_is_fitted(self, "coefficients_")
        names = ("labels_", "accuracy_", "chance_", "coefficients_", "intercepts_")
        return {**self.weights_.get_state(), **{name: getattr(self, name) for name in names}}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        names = ("labels_", "accuracy_", "chance_", "coefficients_", "intercepts_")
        lacking = [name for name in names if name not in state]
        if lacking:
            raise ValueError(f"sentiment lacks the parts {', '.join(lacking)}")
        left = {name: value for name, value in state.items() if name not in names}
        self.weights_ = WordWeights().set_state(left)
        for name in names:
            setattr(self, name, state[name])
        return self

    def _refuse_chance(self, n: int) -> None:
        """Refuse what lies within two standard errors of guessing."""
        error = np.sqrt(self.chance_ * (1 - self.chance_) / n)
        if self.accuracy_ <= self.chance_ + 2 * error:
            raise ValueError(
                f"the words do not tell the labels apart: {self.accuracy_:.0%} right in"
                f" cross-validation, {self.chance_:.0%} by guessing"
            )

    def _keep(self, linear: LogisticRegression) -> None:
        """Keep a model of two labels as one of softmax, like those of more."""
        many = len(self.labels_) > 2
        coefficients, intercepts = linear.coef_, linear.intercept_
        self.coefficients_ = coefficients if many else np.vstack([-coefficients, coefficients]) / 2
        self.intercepts_ = intercepts if many else np.concatenate([-intercepts, intercepts]) / 2


def _labelled(texts: Iterable[object], labels: Sequence[object]) -> pd.DataFrame:
    given = as_texts(texts)
    if len(given) != len(labels):
        raise ValueError(f"{len(given)} texts but {len(labels)} labels")
    frame = pd.DataFrame({"text": given, "label": list(labels)}).dropna()
    frame["label"] = frame["label"].astype("str").str.strip()
    usable = frame["text"].str.strip().ne("") & frame["label"].ne("")
    return frame[usable].sort_values(["text", "label"], ignore_index=True)


def _check(known: pd.DataFrame) -> None:
    counts = known["label"].value_counts().sort_index()
    if len(counts) < 2:
        given = f"only {counts.index[0]!r}" if len(counts) else "none"
        raise ValueError(f"two labels or more are needed to learn sentiment; given: {given}")
    few = counts[counts < LEAST_TEXTS]
    if len(few):
        named = ", ".join(f"{label!r}: {n}" for label, n in few.items())
        raise ValueError(f"each label needs at least {LEAST_TEXTS} texts; too few: {named}")
