"""Abnormal members of a class: customers unlike the others who are called the same."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models.deviation.forest import ForestTrees
from models.deviation.scale import RobustScale
from models.deviation.words import contribution_sentence

__all__ = ["AbnormalMembers"]

_METHODS = ("forest", "lof")
_COLUMNS = ("row", "group", "score", "rank", "reasons", "text")


class AbnormalMembers(BaseEstimator):
    """Find the members of each class that are least like the others.

    Parameters
    ----------
    method : {'forest', 'lof'}, default 'forest'
        Isolation forest [1]_ (rare anywhere) or local outlier factor [2]_ (rare among its own
        neighbours).
    share : float, default 0.01
        Share of each class that is given, one member at least.
    min_members : int, default 30
        Smaller classes are left out: nobody can be unusual among few.
    top : int, default 3
        Attributes that a sentence names, at most.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    models_ : dict of str to estimator
        The fitted model of each class that is large enough.
    scales_ : dict of str to RobustScale
        Median and spread of each attribute in the class.
    limits_ : dict of str to float
        The score from which a customer is as unusual as the `share` of the class was.
    skipped_ : dict of str to int
        Classes left out, with their members.

    References
    ----------
    .. [1] Liu, Ting and Zhou, Isolation Forest, ICDM 2008.
    .. [2] Breunig, Kriegel, Ng and Sander, LOF: identifying density-based local outliers, SIGMOD
       2000.
    """

    def __init__(
        self,
        method: str = "forest",
        share: float = 0.01,
        min_members: int = 30,
        top: int = 3,
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.share = share
        self.min_members = min_members
        self.top = top
        self.random_state = random_state

    def fit(self, frame: pd.DataFrame, groups: pd.Series) -> Self:
        """Learn what is usual in each class.

        Parameters
        ----------
        frame : pandas.DataFrame of numbers
            Attributes of customers; a missing one counts as usual, a constant one tells nothing.
        groups : pandas.Series
            Class of each, by the same index.

        Raises
        ------
        ValueError
            When a parameter is out of range, an attribute is no number, or the index differs.
        """
        self._check(frame, groups)
        self.models_: dict[str, Any] = {}
        self.scales_: dict[str, RobustScale] = {}
        self.limits_: dict[str, float] = {}
        self.skipped_: dict[str, int] = {}
        # Neither the order of the rows nor the number of threads may matter.
        with threadpool_limits(1):
            for name, index in sorted(_members(groups).items()):
                self._learn(name, frame.loc[index])
        return self

    def score(self, frame: pd.DataFrame, groups: pd.Series) -> pd.Series:
        """Give how unusual each customer is; larger is more, NaN in a class left out."""
        check_is_fitted(self, "models_")
        scores = pd.Series(np.nan, frame.index)
        for name, index in _members(groups).items():
            if name in self.models_:
                scores.loc[index] = self._scores(name, self._scaled(name, frame.loc[index]))
        return scores

    def find(self, frame: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
        """Give the most unusual members of each class with the reasons.

        Returns
        -------
        pandas.DataFrame
            ``row`` (label of the index), ``group``, ``score``, ``rank`` (within the class, from
            1), ``reasons`` (list of ``attribute``, ``value``, ``typical``, ``share`` of the score
            that goes when the attribute is made usual) and ``text``; by class and rank.
        """
        scores = self.score(frame, groups)
        rows = []
        for name, index in sorted(_members(groups).items()):
            if name in self.models_:
                rows += self._worst(name, frame.loc[index], scores.loc[index])
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def judge(self, frame: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
        """Say of customers, who need not have been learned from, whether they are unusual.

        Returns
        -------
        pandas.DataFrame
            By the index of `frame`: ``group``, ``score``, ``limit``, ``unusual`` (not below the
            limit) and ``text`` (why; empty for the others). Score and limit are NaN in a class
            that was not learned.
        """
        scores = self.score(frame, groups)
        named = groups.astype(str)
        limit = named.map(self.limits_).astype(np.float64)
        # Tolerance: trees taken out of a forest score as it does up to rounding.
        unusual = scores >= limit * (1 - 1e-12)
        text = pd.Series("", frame.index, dtype=object)
        for row in frame.index[unusual]:
            name = str(named[row])
            reasons = self._reasons(name, frame.loc[[row]], float(scores[row]))
            text[row] = contribution_sentence(reasons, name)
        return pd.DataFrame(
            {"group": named, "score": scores, "limit": limit, "unusual": unusual, "text": text}
        )

    def get_state(self) -> dict[str, Any]:
        """Give what was learned in open forms: no customer is in it.

        Raises
        ------
        ValueError
            When the method is not 'forest': the local outlier factor is its customers.
        """
        check_is_fitted(self, "models_")
        if self.method != "forest":
            raise ValueError("only a forest can be kept without the customers it learned from")
        classes = [
            {
                "name": name,
                "attributes": list(scale.names_),
                "centres": scale.centres_,
                "spreads": scale.spreads_,
                "limit": self.limits_[name],
                "forest": _trees(self.models_[name]).get_state(),
            }
            for name, scale in self.scales_.items()
        ]
        return {"params": self.get_params(), "classes": classes, "skipped": dict(self.skipped_)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave; it only scores."""
        found = cls(**state["params"])
        found.models_, found.scales_, found.limits_ = {}, {}, {}
        found.skipped_ = dict(state["skipped"])
        for one in state["classes"]:
            scale = RobustScale()
            scale.names_ = list(one["attributes"])
            scale.centres_, scale.spreads_ = one["centres"], one["spreads"]
            found.scales_[one["name"]] = scale
            found.limits_[one["name"]] = float(one["limit"])
            found.models_[one["name"]] = ForestTrees.from_state(one["forest"])
        return found

    def _worst(self, name: str, frame: pd.DataFrame, scores: pd.Series) -> list[dict[str, Any]]:
        count = self._count(len(frame))
        ordered = sorted(frame.index, key=lambda row: (-scores[row], str(row)))[:count]
        found = []
        for rank, row in enumerate(ordered, start=1):
            reasons = self._reasons(name, frame.loc[[row]], float(scores[row]))
            text = contribution_sentence(reasons, name)
            found.append(
                dict(zip(_COLUMNS, (row, name, scores[row], rank, reasons, text), strict=True))
            )
        return found

    def _reasons(self, name: str, case: pd.DataFrame, score: float) -> list[dict[str, Any]]:
        """Make one attribute usual at a time; those that calm the score most are the reasons."""
        scale = self.scales_[name]
        place = self._scaled(name, case)
        calmed = np.repeat(place, place.shape[1], axis=0)
        np.fill_diagonal(calmed, 0.0)
        usual = float(self._scores(name, np.zeros_like(place))[0])
        drop = (score - self._scores(name, calmed)) / max(score - usual, 1e-12)
        order = np.argsort(-drop, kind="stable")[: self.top]
        values = case.iloc[0]
        return [
            {
                "attribute": scale.names_[at],
                "value": float(values[scale.names_[at]]),
                "typical": float(scale.centres_[at]),
                "share": float(drop[at]),
            }
            for at in order
            if drop[at] > 0 and abs(place[0, at]) > 1
        ]

    def _learn(self, name: str, frame: pd.DataFrame) -> None:
        if len(frame) < self.min_members:
            self.skipped_[name] = len(frame)
            return
        self.scales_[name] = RobustScale().fit(frame)
        places = self._scaled(name, frame)
        places = places[np.lexsort(places.T[::-1])]
        self.models_[name] = self._model(len(places)).fit(places)
        scores = np.sort(self._scores(name, places))
        self.limits_[name] = float(scores[-self._count(len(scores))])

    def _count(self, members: int) -> int:
        return max(1, int(self.share * members))

    def _model(self, n: int) -> Any:
        if self.method == "forest":
            return IsolationForest(n_estimators=200, random_state=self.random_state)
        return LocalOutlierFactor(n_neighbors=min(20, n - 1), novelty=True)

    def _scaled(self, name: str, frame: pd.DataFrame) -> np.ndarray:
        return self.scales_[name].transform(frame)

    def _scores(self, name: str, places: np.ndarray) -> np.ndarray:
        return -np.asarray(self.models_[name].score_samples(places))

    def _check(self, frame: pd.DataFrame, groups: pd.Series) -> None:
        if self.method not in _METHODS:
            raise ValueError(f"method must be one of {', '.join(_METHODS)} but got {self.method!r}")
        if not 0 < self.share <= 1 or self.min_members < 2:
            raise ValueError(
                "share must be above 0 and at most 1 and min_members at least 2 but got"
                f" {self.share} and {self.min_members}"
            )
        if not frame.index.equals(groups.index) or not frame.index.is_unique:
            raise ValueError("attributes and classes must name the same customers once each")


def _trees(model: Any) -> ForestTrees:
    return model if isinstance(model, ForestTrees) else ForestTrees.of(model)


def _members(groups: pd.Series) -> dict[str, pd.Index]:
    return {str(name): rows.index for name, rows in groups.groupby(groups.astype(str))}
