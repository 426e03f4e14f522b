"""Boosted trees (LightGBM) that learn to rank in several ways, averaged on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.recommend.training import TrainingPairs

__all__ = ["OBJECTIVES", "Boosting"]

# A scale needs no more pairs than these.
SCALED_BY = 50_000

OBJECTIVES: dict[str, dict[str, object]] = {
    "lambdarank": {"objective": "lambdarank", "lambdarank_truncation_level": 60},
    "xendcg": {"objective": "rank_xendcg"},
}
FIXED: dict[str, object] = {
    "deterministic": True,
    "force_row_wise": True,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Boosting:
    """Several boosted rankers; their scores are divided by their spread and averaged.

    Attributes
    ----------
    texts : list of str
        The trees of each, in LightGBM's text format.
    spreads : list of float
        Standard deviation of each one's scores over the training pairs, or an even sample of them.
    """

    texts: list[str]
    spreads: list[float]

    @classmethod
    def train(
        cls,
        pairs: TrainingPairs,
        objectives: Sequence[str],
        repeats: int,
        rounds: int,
        params: dict[str, object],
        seed: int,
    ) -> "Boosting":
        """Train each objective with `repeats` seeds.

        Parameters
        ----------
        pairs : TrainingPairs
            What to learn from.
        objectives : sequence of str
            Names of `OBJECTIVES`.
        repeats, rounds : int
            Seeds of each objective; trees of each ranker.
        params : dict
            Further parameters of LightGBM.
        seed : int
            The first seed.
        """
        import lightgbm

        names, table = list(map(str, pairs.features)), pairs.features.to_numpy()
        data = lightgbm.Dataset(
            table, pairs.bought, group=pairs.group, feature_name=names, params=FIXED
        )
        some = table[:: -(-len(table) // SCALED_BY)]
        texts, spreads = [], []
        for name in objectives:
            for number in range(repeats):
                chosen = FIXED | OBJECTIVES[name] | params | {"seed": seed + number}
                booster = lightgbm.train(chosen, data, num_boost_round=rounds)
                found = np.asarray(booster.predict(some, num_threads=_threads(params)))
                texts.append(booster.model_to_string())
                spreads.append(float(found.std()) or 1.0)
        return cls(texts, spreads)

    def predict(self, features: pd.DataFrame, n_jobs: int) -> np.ndarray:
        """Average the scaled scores; float64, (pairs,)."""
        return self._mean(features, n_jobs)

    def contributions(self, features: pd.DataFrame, n_jobs: int) -> np.ndarray:
        """Tell what each feature added to the score of each pair.

        Returns
        -------
        numpy.ndarray of float64, (pairs, features)
            Shapley values of the trees (Lundberg, Lee, "A unified approach to interpreting model
            predictions", NeurIPS 2017). With the mean score they add up to the score.
        """
        return self._mean(features, n_jobs, pred_contrib=True)[:, :-1]

    def _mean(self, features: pd.DataFrame, n_jobs: int, **how: bool) -> np.ndarray:
        table = features.to_numpy()
        total = sum(
            np.asarray(booster.predict(table, num_threads=n_jobs, **how)) / spread
            for booster, spread in zip(self._boosters(), self.spreads, strict=True)
        )
        return np.asarray(total) / len(self.texts)

    def _boosters(self) -> list[Any]:
        import lightgbm

        if "_loaded" not in self.__dict__:
            loaded = [lightgbm.Booster(model_str=text) for text in self.texts]
            object.__setattr__(self, "_loaded", loaded)
        loaded = self.__dict__["_loaded"]
        return list(loaded)

    def importance(self) -> pd.DataFrame:
        """Give ``feature`` and ``gain``, its share of all gain, the largest first."""
        boosters = self._boosters()
        gains = [booster.feature_importance("gain") for booster in boosters]
        gain = np.mean([part / max(part.sum(), 1e-12) for part in gains], axis=0)
        table = pd.DataFrame({"feature": boosters[0].feature_name(), "gain": gain})
        table = table.sort_values(["gain", "feature"], ascending=[False, True])
        return table.reset_index(drop=True)

    def __getstate__(self) -> dict[str, object]:
        """Leave out the loaded trees."""
        return {"texts": self.texts, "spreads": self.spreads}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Take back the texts."""
        for name, part in state.items():
            object.__setattr__(self, name, part)


def _threads(params: dict[str, object]) -> int:
    given = params.get("num_threads", 1)
    return given if isinstance(given, int) else 1
