"""The models of an outcome that uplift models are put together from."""

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from scipy import special

__all__ = ["Base", "OutcomeModel"]

Base = Literal["boosted", "linear"]

ROUNDS = 120
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 100,
    "lambda_l2": 10.0,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
"""Careful on purpose: an effect is much smaller than the differences between customers."""


class OutcomeModel:
    """Expect an outcome from features: boosted trees, or a straight line.

    Parameters
    ----------
    base : {"boosted", "linear"}
        LightGBM, or ridge (for 0 and 1: logistic) regression.
    seed : int
    """

    def __init__(self, base: Base = "boosted", seed: int = 0) -> None:
        if base not in ("boosted", "linear"):
            raise ValueError(f"base must be 'boosted' or 'linear' but got {base!r}")
        self.base = base
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, binary: bool) -> Self:
        """Learn; of an outcome that is the same everywhere, just that."""
        self.binary = binary
        self.model: dict[str, Any] = {"constant": float(np.average(y, weights=weight))}
        if np.ptp(y) > 0:
            learn = _boosted if self.base == "boosted" else _line
            self.model = learn(x, y, weight, binary, self.seed)
        self._booster: Any = None
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Give the expected outcome of each row."""
        if "constant" in self.model:
            return np.full(len(x), self.model["constant"])
        if "trees" in self.model:
            return self._by_trees(x)
        place = (np.where(np.isfinite(x), x, self.model["center"]) - self.model["center"]) / (
            np.asarray(self.model["scale"])
        )
        value = place @ np.asarray(self.model["slope"]) + self.model["intercept"]
        return np.asarray(special.expit(value) if self.binary else value)

    def _by_trees(self, x: np.ndarray) -> np.ndarray:
        if self._booster is None:
            import lightgbm

            self._booster = lightgbm.Booster(model_str=self.model["trees"])
        return np.asarray(self._booster.predict(x, num_threads=1), dtype=np.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_booster": None}

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as text and numbers."""
        return {"binary": self.binary, "model": self.model}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.binary, self.model, self._booster = bool(state["binary"]), dict(state["model"]), None
        return self


def _boosted(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, binary: bool, seed: int
) -> dict[str, Any]:
    import lightgbm

    settings = {**SETTINGS, "objective": "binary" if binary else "regression", "seed": seed}
    settings["min_data_in_leaf"] = int(np.clip(len(y) // 20, 5, SETTINGS["min_data_in_leaf"]))
    data = lightgbm.Dataset(x, y, weight=weight / weight.mean(), free_raw_data=True)
    return {"trees": lightgbm.train(settings, data, ROUNDS).model_to_string()}


def _line(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, binary: bool, seed: int
) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression, Ridge

    known = np.isfinite(x)
    center = np.where(known, x, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, x, center)
    spread = filled.std(axis=0)
    scale = np.where(spread > 1e-12, spread, 1.0)
    model = LogisticRegression(max_iter=500) if binary else Ridge(alpha=10.0)
    model.fit((filled - center) / scale, y, sample_weight=weight / weight.mean())
    return {
        "center": center.tolist(),
        "scale": scale.tolist(),
        "slope": np.ravel(model.coef_).tolist(),
        "intercept": float(np.ravel(model.intercept_)[0]),
    }
