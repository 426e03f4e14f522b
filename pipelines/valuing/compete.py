"""The models of buying fitted on one span and held against the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval, mean_interval, paired_difference
from models.value import COMPLEXITY, PURCHASE_MODELS, PurchaseModel
from pipelines.valuing.histories import Calibrated

__all__ = ["Contest", "Held", "compete"]

TOP = 0.1


@dataclass(frozen=True)
class Held:
    """A model and how it did on the days held out.

    Attributes
    ----------
    name : str
    model : PurchaseModel
        Fitted on the calibration.
    expected : numpy.ndarray of float64
        Purchases expected of each customer in the outcome.
    log_likelihood : numpy.ndarray of float64
        Of what each customer did in the outcome, given the calibration; not finite where the
        model holds it for impossible.
    """

    name: str
    model: PurchaseModel
    expected: np.ndarray
    log_likelihood: np.ndarray

    @property
    def possible(self) -> bool:
        """Whether the model holds everything that happened for possible."""
        return bool(np.isfinite(self.log_likelihood).all())


@dataclass(frozen=True)
class Contest:
    """What became of it.

    Attributes
    ----------
    held : list of Held
    winner : str
    reason : str
        Why, in a sentence.
    board : pandas.DataFrame
        One row a model.
    """

    held: list[Held]
    winner: str
    reason: str
    board: pd.DataFrame

    @property
    def best(self) -> Held:
        """The winner."""
        return next(one for one in self.held if one.name == self.winner)


def compete(
    names: Sequence[str],
    seen: Calibrated,
    *,
    unit: int,
    level: float,
    bootstrap: int,
    seed: int,
) -> Contest:
    """Fit the models, hold them against what came, and take the simplest that is not worse."""
    time = (seen.until - seen.as_of).days / unit
    held = [_held(name, seen, time) for name in names]
    able = [one for one in held if one.possible and one.name != "same-rate"]
    best = max(able, key=lambda one: float(one.log_likelihood.mean()))
    gaps = {
        one.name: paired_difference(
            one.log_likelihood, best.log_likelihood, level=level, n=bootstrap, seed=seed
        )
        for one in able
    }
    as_good = [one for one in able if one is best or gaps[one.name].high >= 0]
    winner = min(as_good, key=lambda one: COMPLEXITY[one.name])
    rows = [_row(one, seen, gaps.get(one.name), level, bootstrap, seed) for one in held]
    board = pd.DataFrame(rows)
    board.insert(1, "winner", board["candidate"] == winner.name)
    return Contest(held, winner.name, _reason(winner.name, best.name, board), board)


def _held(name: str, seen: Calibrated, time: float) -> Held:
    model = PURCHASE_MODELS[name]().fit(seen.histories)
    with np.errstate(invalid="ignore"):
        moved = model.log_likelihood(seen.later) - model.log_likelihood(seen.histories)
    if name == "same-rate":  # its rate is that of each span by itself: no forecast
        moved = np.full(len(moved), -np.inf)
    return Held(name, model, model.expected_purchases(seen.histories, time), moved)


def _row(
    one: Held,
    seen: Calibrated,
    gap: Interval | None,
    level: float,
    bootstrap: int,
    seed: int,
) -> dict[str, object]:
    miss = one.expected - seen.bought
    size = mean_interval(np.abs(miss), level, bootstrap, seed)
    total = float(seen.bought.sum())
    nothing = float("nan")
    return {
        "candidate": one.name,
        "log_likelihood": float(one.log_likelihood.mean()) if one.possible else nothing,
        "below_best": nothing if gap is None else gap.mean,
        "below_best_low": nothing if gap is None else gap.low,
        "below_best_high": nothing if gap is None else gap.high,
        "mae": size.mean,
        "mae_low": size.low,
        "mae_high": size.high,
        "rmse": float(np.sqrt((miss**2).mean())),
        "expected_purchases": float(one.expected.sum()),
        "actual_purchases": total,
        "off_total": float(one.expected.sum() / total - 1) if total else nothing,
        "share_reached_by_top": _reached(one.expected * _worth(seen), seen.spent),
    }


def _worth(seen: Calibrated) -> np.ndarray:
    """Give what a purchase was worth so far; of who never came back, the first one."""
    known = seen.histories["spend"].fillna(seen.histories["first_spend"])
    return known.to_numpy(dtype=np.float64)


def _reached(score: np.ndarray, spent: np.ndarray) -> float:
    """Give the share of the money that the best tenth by `score` went on to spend."""
    if not spent.sum() > 0:
        return float("nan")
    order = np.lexsort((spent, -score))
    return float(spent[order[: max(1, round(TOP * len(score)))]].sum() / spent.sum())


def _reason(winner: str, best: str, board: pd.DataFrame) -> str:
    if winner == best:
        said = f"{winner} finds what happened the likeliest"
    else:
        said = f"{winner} is simpler than {best} and not measurably less likely"
    closest = board["candidate"].iloc[int(board["rmse"].argmin())]
    if closest != winner:
        said += f"; by squared error {closest} came closest"
    return f"{said}."
