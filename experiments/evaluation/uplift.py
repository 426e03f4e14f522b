"""How well a ranking finds those whom a treatment changes: every curve from one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.classification import auc
from models.uplift import check_experiment

__all__ = [
    "Balance",
    "Policy",
    "check_balance",
    "compare_rankings",
    "policy_value",
    "uplift_areas",
    "uplift_at",
    "uplift_table",
]

MARGIN = 0.02


@dataclass(frozen=True)
class _Levels:
    """Sums by distinct score, best first."""

    score: np.ndarray
    first: np.ndarray
    order: np.ndarray
    arm: np.ndarray
    weight: np.ndarray
    outcome: np.ndarray

    @classmethod
    def of(cls, score: Any, y: Any, treatment: Any, propensity: Any, weight: Any) -> "_Levels":
        outcome, treated, chance, given = check_experiment(y, treatment, propensity, weight)
        scores = np.asarray(score, dtype=np.float64)
        if scores.shape != outcome.shape:
            raise ValueError(f"score has shape {scores.shape} but y {outcome.shape}")
        if not np.isfinite(scores).all():
            raise ValueError("scores must not be missing or infinite")
        order = np.lexsort((outcome, treated, -scores))
        ranked = scores[order]
        first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        balanced = given / np.where(treated, chance, 1 - chance)
        return cls(
            ranked[first],
            first,
            order,
            treated[order].astype(np.float64),
            balanced[order],
            outcome[order],
        )

    def cumulated(self, times: np.ndarray | float = 1.0) -> np.ndarray:
        """Give weight and outcome of untreated and treated up to each level; (4, levels + 1)."""
        weight = self.weight * times
        parts = [weight * (1 - self.arm), weight * self.arm]
        rows = np.stack([*parts, *(part * self.outcome for part in parts)])
        sums = np.cumsum(np.add.reduceat(rows, self.first, axis=1), axis=1)
        return np.concatenate([np.zeros((4, 1)), sums], axis=1)


def uplift_table(
    score: Any, y: Any, treatment: Any, propensity: Any = None, weight: Any = None
) -> pd.DataFrame:
    """Treat customers from the highest score down; give one row for each place to stop.

    Customers with equal scores are taken together. Every curve is two columns of this table:
    uplift ``depth``, ``gain``; Qini ``depth``, ``qini``; both with ``random``.

    Parameters
    ----------
    score : array-like of float
        Larger is to be treated first.
    y : array-like of float
        Outcome.
    treatment : array-like of {0, 1}
        Who was treated in the experiment.
    propensity : array-like of float or float, optional
        Probability of the treatment; default the share of the treated.
    weight : array-like of float, optional
        What a record counts.

    Returns
    -------
    pandas.DataFrame
        One row a distinct score and one for nobody: ``depth`` (share of the customers),
        ``threshold``, ``treated_mean`` and ``control_mean`` (so far), ``uplift`` (their
        difference), ``gain`` (depth x uplift: what treating them brings, for each customer of
        all), ``qini`` (the same as Radcliffe counts it: from the share of the treated), and
        ``random``, the straight line to the end of ``gain``.

    Notes
    -----
    Radcliffe (2007), *Using control groups to target on predicted lift*. Weights over the
    probability of the arm make both arms stand for all; without `propensity` they are constant.

    Examples
    --------
    >>> table = uplift_table([2, 2, 1, 1], [1, 0, 0, 0], [1, 0, 1, 0])
    >>> table[["depth", "uplift", "gain", "random"]].values.tolist()
    [[0.0, 0.0, 0.0, 0.0], [0.5, 1.0, 0.5, 0.25], [1.0, 0.5, 0.5, 0.5]]
    """
    levels = _Levels.of(score, y, treatment, propensity, weight)
    return _table(levels.cumulated(), levels.score)


def _table(sums: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    control, treated, control_y, treated_y = sums
    mean = [
        np.divide(part, many, out=np.zeros_like(part), where=many > 0)
        for part, many in ((treated_y, treated), (control_y, control))
    ]
    depth, gain, qini = _curves(sums)
    return pd.DataFrame(
        {
            "depth": depth,
            "threshold": np.concatenate([[np.inf], score]),
            "treated_mean": mean[0],
            "control_mean": mean[1],
            "uplift": mean[0] - mean[1],
            "gain": gain,
            "qini": qini,
            "random": depth * gain[-1],
        }
    )


def _curves(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give depth, gain and Qini; along the last axis."""
    control, treated, control_y, treated_y = sums
    whole = (control + treated)[..., -1:]
    depth = (control + treated) / whole
    ratio = np.divide(treated, control, out=np.zeros_like(treated), where=control > 0)
    per_treated = np.divide(treated_y, treated, out=np.zeros_like(treated), where=treated > 0)
    per_control = np.divide(control_y, control, out=np.zeros_like(control), where=control > 0)
    gain = depth * (per_treated - per_control)
    qini = (treated_y - control_y * ratio) / treated[..., -1:]
    return depth, gain, qini


def uplift_at(table: pd.DataFrame, depths: Any = (0.1, 0.2, 0.3, 0.5, 1.0)) -> pd.DataFrame:
    """Read the curves at round depths; between places to stop they run straight.

    Returns
    -------
    pandas.DataFrame
        ``depth``, ``gain``, ``uplift`` (gain / depth), ``random``.
    """
    at = np.asarray(depths, dtype=np.float64)
    if not ((at > 0) & (at <= 1)).all():
        raise ValueError(f"depths must lie above 0 and up to 1 but got {list(at)}")
    gain = np.interp(at, table["depth"], table["gain"])
    return pd.DataFrame(
        {"depth": at, "gain": gain, "uplift": gain / at, "random": at * table["gain"].iloc[-1]}
    )


def uplift_areas(
    score: Any,
    y: Any,
    treatment: Any,
    propensity: Any = None,
    weight: Any = None,
    *,
    level: float = 0.95,
    n: int = 500,
    seed: int = 0,
) -> dict[str, Interval]:
    """Give the areas of a ranking with bootstrap intervals.

    Returns
    -------
    dict of str to Interval
        ``auuc``, the area under ``gain``; ``auuc_over_random``, that less the area of random
        order; ``qini``, the area between ``qini`` and its straight line. All in outcome for each
        customer. Above 0, the last two say that the order is better than chance.
    """
    table = compare_rankings(
        {"ranking": score}, y, treatment, propensity, weight, level=level, n=n, seed=seed
    )
    row = table.iloc[0]
    names = ("auuc", "auuc_over_random", "qini")
    rows = len(np.asarray(y))
    return {
        name: Interval(row[name], row[f"{name}_low"], row[f"{name}_high"], n=rows, level=level)
        for name in names
    }


def compare_rankings(
    scores: Mapping[str, Any],
    y: Any,
    treatment: Any,
    propensity: Any = None,
    weight: Any = None,
    *,
    against: str | None = None,
    level: float = 0.95,
    n: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure several rankings of the same customers, each against chance and one of them.

    Parameters
    ----------
    scores : mapping of str to array-like of float
        By name.
    y, treatment, propensity, weight
        As in `uplift_table`.
    against : str, optional
        The ranking that the others are compared with, such as that by response.
    level : float
        Of the intervals.
    n : int
        Resamples; each arm is drawn anew, with the same draws for all rankings.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row a ranking: ``ranking``, and ``auuc``, ``auuc_over_random``, ``qini``, each with
        ``_low`` and ``_high``; with `against` also ``difference`` (of ``qini``), ``_low``,
        ``_high``.
    """
    if against is not None and against not in scores:
        raise ValueError(f"there is no ranking {against!r}; there are {', '.join(scores)}")
    if not 0 < level < 1 or n < 1:
        raise ValueError(f"level must be between 0 and 1 and n at least 1 but got {level!r}, {n!r}")
    found = {
        name: _Levels.of(score, y, treatment, propensity, weight) for name, score in scores.items()
    }
    areas = {name: np.array(_areas(levels.cumulated())) for name, levels in found.items()}
    drawn = _drawn(found, np.asarray(treatment, dtype=np.float64) == 1, n, seed)
    rows = [_measured(name, areas, drawn, against, (1 - level) / 2) for name in scores]
    return pd.DataFrame(rows)


def _areas(sums: np.ndarray) -> tuple[float, float, float]:
    depth, gain, qini = _curves(sums)
    auuc = float(np.trapezoid(gain, depth))
    line = float(np.trapezoid(depth * qini[-1], depth))
    return auuc, auuc - gain[-1] / 2, float(np.trapezoid(qini, depth)) - line


def _drawn(
    found: Mapping[str, _Levels], treated: np.ndarray, n: int, seed: int
) -> dict[str, np.ndarray]:
    """Give the areas of `n` resamples, (n, 3) by name."""
    random = np.random.RandomState(seed)
    arms = [np.flatnonzero(treated), np.flatnonzero(~treated)]
    areas: dict[str, list[tuple[float, float, float]]] = {name: [] for name in found}
    times = np.zeros(len(treated))
    for _ in range(n):
        for rows in arms:
            picked = random.randint(0, len(rows), len(rows))
            times[rows] = np.bincount(picked, minlength=len(rows))
        for name, levels in found.items():
            areas[name].append(_areas(levels.cumulated(times[levels.order])))
    return {name: np.array(each) for name, each in areas.items()}


def _measured(
    name: str,
    areas: Mapping[str, np.ndarray],
    drawn: Mapping[str, np.ndarray],
    against: str | None,
    tail: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {"ranking": name}
    for place, figure in enumerate(("auuc", "auuc_over_random", "qini")):
        row |= _with_ends(figure, areas[name][place], drawn[name][:, place], tail)
    if against is not None:
        gap = drawn[name][:, 2] - drawn[against][:, 2]
        row |= _with_ends("difference", areas[name][2] - areas[against][2], gap, tail)
    return row


def _with_ends(figure: str, value: float, drawn: np.ndarray, tail: float) -> dict[str, float]:
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return {figure: float(value), f"{figure}_low": float(low), f"{figure}_high": float(high)}


@dataclass(frozen=True)
class Policy:
    """What a rule of whom to treat is worth, for each customer.

    Attributes
    ----------
    share : float
        Share of the customers that it treats.
    value : Interval
        Mean outcome, in money, less the cost of the treatments.
    over_nobody, over_everybody : Interval
        How much more than treating nobody, and than treating everybody.
    """

    share: float
    value: Interval
    over_nobody: Interval
    over_everybody: Interval


def policy_value(
    treat: Any,
    y: Any,
    treatment: Any,
    propensity: Any = None,
    *,
    revenue: float = 1.0,
    cost: float = 0.0,
    level: float = 0.95,
) -> Policy:
    """Estimate what a rule would have earned, from an experiment that did not follow it.

    Parameters
    ----------
    treat : array-like of bool
        Whom the rule treats.
    y, treatment, propensity
        As in `uplift_table`.
    revenue : float
        Money that one unit of the outcome is worth.
    cost : float
        Of one treatment.
    level : float
        Of the intervals.

    Notes
    -----
    The mean over the customers whose treatment agrees with the rule, each weighted by one over
    the probability of that (Horvitz-Thompson; Dudik, Langford, Li 2011), with the means of the
    arms taken off first, which leaves it unbiased and far less noisy. Intervals are normal.

    Examples
    --------
    >>> y, arm = [1, 0, 0, 0] * 50, [1, 0, 1, 0] * 50
    >>> rule = [1, 1, 0, 0] * 50
    >>> found = policy_value(rule, y, arm, revenue=10, cost=1)
    >>> round(found.value.mean, 2), round(found.over_nobody.mean, 2)
    (4.5, 4.5)
    """
    outcome, treated, chance, _ = check_experiment(y, treatment, propensity)
    rule = np.asarray(treat, dtype=np.float64)
    if rule.shape != outcome.shape or not np.isin(rule, (0.0, 1.0)).all():
        raise ValueError("treat must hold 0 or 1 for every customer")
    treating = _money(outcome * revenue, treated, chance) - cost
    leaving = _money(outcome * revenue, ~treated, 1 - chance)
    followed = np.where(rule == 1, treating, leaving)
    return Policy(
        share=float(rule.mean()),
        value=_normal(followed, level),
        over_nobody=_normal(followed - leaving, level),
        over_everybody=_normal(followed - treating, level),
    )


def _money(outcome: np.ndarray, in_arm: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Give one unbiased guess a customer of the outcome in an arm."""
    middle = float(np.average(outcome[in_arm], weights=1 / chance[in_arm]))
    return np.asarray(middle + np.where(in_arm, (outcome - middle) / chance, 0.0))


def _normal(values: np.ndarray, level: float) -> Interval:
    from scipy import stats

    mean = float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    return Interval(mean, mean - reach, mean + reach, error, len(values), level)


@dataclass(frozen=True)
class Balance:
    """Whether the treated look like the others did before the treatment.

    Attributes
    ----------
    auc : Interval
        How well the treatment can be told from the covariates, on held-out folds; 0.5 is chance.
    table : pandas.DataFrame
        By feature: ``feature``, ``treated_mean``, ``control_mean``, ``difference`` (in standard
        deviations), largest first.
    """

    auc: Interval
    table: pd.DataFrame

    @property
    def random(self) -> bool:
        """Whether nothing speaks against chance: the interval reaches below 0.52."""
        return bool(self.auc.low <= 0.5 + MARGIN)

    def sentence(self) -> str:
        """Say it."""
        told = f"AUC {self.auc.mean:.3f} ({self.auc.low:.3f} to {self.auc.high:.3f})"
        if self.random:
            return f"Who was treated cannot be told from what was known before: {told}."
        return (
            f"Who was treated can be told from what was known before ({told}, largest difference"
            f" in {self.table['feature'].iloc[0]}): this was not a random choice"
        )


def check_balance(
    x: np.ndarray,
    names: list[str],
    treatment: Any,
    *,
    level: float = 0.99,
    seed: int = 0,
    folds: int = 3,
    rows: int = 50_000,
) -> Balance:
    """Try to tell the treated from the others by what was known before.

    Parameters
    ----------
    x : numpy.ndarray of float, (rows, features)
        NaN where missing.
    names : list of str
        Of the features.
    treatment : array-like of {0, 1}
    level : float
        Of the interval; high, because a sound experiment must not be refused.
    seed : int
    folds : int
    rows : int
        A sample of this many is enough.
    """
    _, treated, _, _ = check_experiment(np.zeros(len(x)), treatment)
    if len(treated) > rows:
        keep = np.sort(np.random.RandomState(seed).permutation(len(treated))[:rows])
        x, treated = x[keep], treated[keep]
    folds = max(2, min(folds, int(treated.sum()), int((~treated).sum())))
    score = _told_apart(x, treated, seed, folds)
    return Balance(auc(score, treated, level=level), _differences(x, names, treated))


def _told_apart(x: np.ndarray, treated: np.ndarray, seed: int, folds: int) -> np.ndarray:
    """Score every row by a model of the other folds; each fold's scores become ranks."""
    from scipy import stats
    from sklearn.model_selection import StratifiedKFold

    from models.uplift.outcome import OutcomeModel

    score = np.zeros(len(treated))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(x, treated)
    for learn, held in parts:
        model = OutcomeModel("boosted", seed)
        model.fit(x[learn], treated[learn] * 1.0, np.ones(len(learn)), binary=True)
        score[held] = stats.rankdata(model.predict(x[held])) / len(held)
    return score


def _differences(x: np.ndarray, names: list[str], treated: np.ndarray) -> pd.DataFrame:
    def of(rows: np.ndarray, function: Callable[..., np.ndarray]) -> np.ndarray:
        known = np.isfinite(x[rows]).any(axis=0)
        filled = np.where(known, x[rows], 0.0)
        return np.where(known, function(filled, axis=0), np.nan)

    spread = np.sqrt((of(treated, np.nanvar) + of(~treated, np.nanvar)) / 2)
    means = of(treated, np.nanmean), of(~treated, np.nanmean)
    table = pd.DataFrame(
        {
            "feature": names,
            "treated_mean": means[0],
            "control_mean": means[1],
            "difference": (means[0] - means[1]) / np.where(spread > 0, spread, 1.0),
        }
    )
    order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
