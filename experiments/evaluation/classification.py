"""Every curve and figure of a score against an outcome, from one table of cuts."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval, mean_interval

__all__ = [
    "Cut",
    "auc",
    "auc_difference",
    "best_cut",
    "brier",
    "calibration_table",
    "cut_at",
    "cut_table",
    "depth_table",
    "hits_at",
    "log_loss",
    "profit_interval",
]

DEPTHS = tuple(round(0.1 * part, 1) for part in range(1, 11))


@dataclass(frozen=True)
class Cut:
    """Where to stop: those with a score of at least `threshold` are contacted.

    Attributes
    ----------
    threshold : float
        Infinity when nobody is to be contacted.
    depth : float
        Share of all weight contacted.
    contacted : int
        Records contacted.
    profit : float
        Money there.
    """

    threshold: float
    depth: float
    contacted: int
    profit: float


def cut_table(
    score: Any, outcome: Any, weight: Any = None, *, cost: Any = 0.0, revenue: Any = 0.0
) -> pd.DataFrame:
    """Contact records from the highest score down; give one row for each place to stop.

    Records with equal scores are contacted together, so that no order is made up. Every curve is
    two columns of this table: gains ``depth``, ``gain``; lift ``depth``, ``lift``; response
    ``depth``, ``response``; ROC ``false_positive_rate``, ``gain``; money ``contacted`` or
    ``depth``, ``profit`` and ``roi``.

    Parameters
    ----------
    score : array-like of float
        Higher is contacted earlier.
    outcome : array-like of {0, 1}
        What happened.
    weight : array-like of float, optional
        What a record counts; default 1.
    cost : float or array-like
        Money spent on contacting a record.
    revenue : float or array-like
        Money earned by a contacted record with outcome 1.

    Returns
    -------
    pandas.DataFrame
        First row: nobody. ``threshold`` (lowest score contacted), ``contacted`` (records),
        ``weight``, ``depth`` (share of weight), ``hits`` (weight with outcome 1), ``response``
        (hits a contacted weight), ``gain`` (share of all hits), ``lift`` (response over that of
        all), ``false_positive_rate``, ``cost``, ``revenue``, ``profit``, ``roi`` (profit a unit of
        cost); shares of nothing are NaN.

    Raises
    ------
    ValueError
        When lengths differ, a value is missing, an outcome is neither 0 nor 1, or weights are
        negative or sum to 0.

    Examples
    --------
    >>> table = cut_table([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], cost=1.0, revenue=3.0)
    >>> table[["depth", "gain", "lift", "profit"]].values.tolist()[1:]
    [[0.25, 0.5, 2.0, 2.0], [0.75, 1.0, 1.3333333333333333, 3.0], [1.0, 1.0, 1.0, 2.0]]
    """
    data = _records(score, outcome, weight, cost, revenue)
    data = data.sort_values(["score", "outcome"], ascending=[False, True], kind="stable")
    data = data.assign(
        records=1.0,
        hits=data["weight"] * data["outcome"],
        cost=data["weight"] * data["cost"],
        revenue=data["weight"] * data["outcome"] * data["revenue"],
    )
    columns = ["records", "weight", "hits", "cost", "revenue"]
    steps = data.groupby("score", sort=False)[columns].sum().cumsum()
    nobody = pd.DataFrame(0.0, index=[math.inf], columns=columns)
    sums = pd.concat([nobody, steps]).rename_axis("threshold").reset_index()
    return _with_rates(sums)


def _with_rates(sums: pd.DataFrame) -> pd.DataFrame:
    total, hits = sums["weight"].iloc[-1], sums["hits"].iloc[-1]
    response, misses = sums["hits"] / sums["weight"], sums["weight"] - sums["hits"]
    profit = sums["revenue"] - sums["cost"]
    return pd.DataFrame(
        {
            "threshold": sums["threshold"],
            "contacted": sums["records"].astype(np.int64),
            "weight": sums["weight"],
            "depth": sums["weight"] / total,
            "hits": sums["hits"],
            "response": response,
            "gain": sums["hits"] / (hits if hits > 0 else math.nan),
            "lift": response / (hits / total if hits > 0 else math.nan),
            "false_positive_rate": misses / (total - hits if total > hits else math.nan),
            "cost": sums["cost"],
            "revenue": sums["revenue"],
            "profit": profit,
            "roi": profit / sums["cost"].where(sums["cost"] != 0),
        }
    )


def _records(score: Any, outcome: Any, weight: Any, cost: Any, revenue: Any) -> pd.DataFrame:
    score = np.asarray(score, dtype=np.float64)
    parts = {"score": score, "outcome": np.asarray(outcome, dtype=np.float64)}
    for name, given in (("weight", weight), ("cost", cost), ("revenue", revenue)):
        value = np.asarray(1.0 if given is None else given, dtype=np.float64)
        parts[name] = np.full(len(score), float(value)) if value.ndim == 0 else value
    _check_records(parts)
    return pd.DataFrame(parts)


def _check_records(parts: dict[str, np.ndarray]) -> None:
    rows = len(parts["score"])
    for name, values in parts.items():
        if values.shape != (rows,):
            raise ValueError(f"{name} has shape {values.shape} but there are {rows} scores")
        if not np.isfinite(values).all():
            bad = int((~np.isfinite(values)).sum())
            raise ValueError(f"{name}: {bad} of {rows} values are missing or infinite")
    if not rows:
        raise ValueError("there is no record to evaluate")
    if not np.isin(parts["outcome"], (0.0, 1.0)).all():
        raise ValueError("outcome must hold 0 and 1 only")
    if (parts["weight"] < 0).any() or parts["weight"].sum() <= 0:
        raise ValueError("weights must not be negative and must not sum to 0")


def depth_table(cuts: pd.DataFrame, depths: Any = DEPTHS) -> pd.DataFrame:
    """Read the curves at round depths; between cuts they run straight, as ties by chance would.

    Parameters
    ----------
    cuts : pandas.DataFrame
        What `cut_table` gave.
    depths : sequence of float
        Shares from above 0 to 1.

    Returns
    -------
    pandas.DataFrame
        ``depth``, ``contacted``, ``hits``, ``response``, ``gain``, ``lift``, ``cost``,
        ``revenue``, ``profit``, ``roi``; cumulative.

    Examples
    --------
    >>> table = depth_table(cut_table([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]), [0.5, 1.0])
    >>> table[["contacted", "hits", "gain", "lift"]].values.tolist()
    [[2.0, 1.5, 0.75, 1.5], [4.0, 2.0, 1.0, 1.0]]
    """
    at = np.asarray(depths, dtype=np.float64)
    if not ((at > 0) & (at <= 1)).all():
        raise ValueError(f"depths must lie above 0 and not above 1, not {list(at)}")
    read = {
        name: np.interp(at, cuts["depth"], cuts[name])
        for name in ("contacted", "weight", "hits", "cost", "revenue", "profit")
    }
    total, hits = cuts["weight"].iloc[-1], cuts["hits"].iloc[-1]
    response = read["hits"] / read["weight"]
    spent = np.where(read["cost"] != 0, read["cost"], np.nan)
    return pd.DataFrame(
        {
            "depth": at,
            "contacted": read["contacted"],
            "hits": read["hits"],
            "response": response,
            "gain": read["hits"] / (hits or math.nan),
            "lift": response / (hits / total or math.nan),
            "cost": read["cost"],
            "revenue": read["revenue"],
            "profit": read["profit"],
            "roi": read["profit"] / spent,
        }
    )


def best_cut(
    cuts: pd.DataFrame, *, capacity: int | None = None, budget: float | None = None
) -> Cut:
    """Stop where the profit is highest within the limits; the earlier of equal ones.

    Parameters
    ----------
    cuts : pandas.DataFrame
        What `cut_table` gave, best with expected outcomes: see `experiments.evaluation.bootstrap`.
    capacity : int, optional
        Most records contacted.
    budget : float, optional
        Most money spent.
    """
    allowed = pd.Series(True, index=cuts.index)
    if capacity is not None:
        allowed &= cuts["contacted"] <= capacity
    if budget is not None:
        # Ten contacts at 0.1 cost a hair more than 1.0 in floating point.
        allowed &= cuts["cost"] <= budget * (1 + 1e-12)
    within = cuts[allowed]
    return _cut(within.iloc[int(np.argmax(within["profit"]))])


def cut_at(cuts: pd.DataFrame, threshold: float) -> Cut:
    """Give the cut that contacts all scores of at least `threshold`."""
    return _cut(cuts[cuts["threshold"] >= threshold].iloc[-1])


def _cut(row: pd.Series) -> Cut:
    return Cut(
        threshold=float(row["threshold"]),
        depth=float(row["depth"]),
        contacted=int(row["contacted"]),
        profit=float(row["profit"]),
    )


def hits_at(score: Any, outcome: Any, number: int) -> float:
    """Count those with outcome 1 among the `number` highest scores; ties by chance.

    Examples
    --------
    >>> hits_at([3.0, 2.0, 2.0, 1.0], [1, 1, 0, 0], 2)
    1.5
    """
    cuts = cut_table(score, outcome)
    if not 0 < number <= cuts["contacted"].iloc[-1]:
        raise ValueError(f"{number} of {cuts['contacted'].iloc[-1]} records cannot be chosen")
    return float(np.interp(number, cuts["contacted"], cuts["hits"]))


def profit_interval(
    score: Any,
    outcome: Any,
    threshold: float,
    *,
    cost: Any = 0.0,
    revenue: Any = 0.0,
    level: float = 0.95,
    n: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give the total profit of contacting scores of at least `threshold`, with its interval.

    The threshold must have been chosen without these outcomes.

    Parameters
    ----------
    score, outcome, cost, revenue
        As in `cut_table`.
    threshold : float
        Lowest score contacted.
    level, n, seed
        Of the bootstrap over records, see `experiments.evaluation.bootstrap.mean_interval`.
    """
    data = _records(score, outcome, None, cost, revenue)
    each = np.where(
        data["score"] >= threshold, data["outcome"] * data["revenue"] - data["cost"], 0.0
    )
    return mean_interval(each, level, n, seed).times(len(each))


def auc(score: Any, outcome: Any, *, level: float = 0.95) -> Interval:
    """Give the area under the ROC curve with DeLong's interval.

    Parameters
    ----------
    score, outcome
        As in `cut_table`; of both classes.
    level : float
        Of the interval, which is cut at 0 and 1.

    Returns
    -------
    Interval
        Ends are NaN where a class has a single record.

    References
    ----------
    E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the areas under two or more correlated
    receiver operating characteristic curves", Biometrics 44 (1988); X. Sun, W. Xu, "Fast
    implementation of DeLong's algorithm", IEEE Signal Processing Letters 21 (2014).

    Examples
    --------
    >>> found = auc([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0])
    >>> found.mean
    0.75
    """
    score, outcome = _both_classes(score, outcome)
    positive, negative = _placements(score, outcome)
    return _delong(positive[None], negative[None], np.ones(1), level, ends=(0.0, 1.0))


def auc_difference(a: Any, b: Any, outcome: Any, *, level: float = 0.95) -> Interval:
    """Give the area of score `a` less that of `b` on the same records, with DeLong's interval."""
    first, outcome = _both_classes(a, outcome)
    second, _ = _both_classes(b, outcome)
    parts = [_placements(score, outcome) for score in (first, second)]
    positive = np.stack([part[0] for part in parts])
    negative = np.stack([part[1] for part in parts])
    return _delong(positive, negative, np.array([1.0, -1.0]), level, ends=(-1.0, 1.0))


def _both_classes(score: Any, outcome: Any) -> tuple[np.ndarray, np.ndarray]:
    data = _records(score, outcome, None, 0.0, 0.0)
    if data["outcome"].nunique() < 2:
        raise ValueError("the outcome has one class only: no ranking can be judged")
    return data["score"].to_numpy(), data["outcome"].to_numpy()


def _placements(score: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the other class that each record beats; ties count half."""
    from scipy.stats import rankdata

    positive, negative = score[outcome == 1], score[outcome == 0]
    together = rankdata(np.concatenate([positive, negative]))
    m, n = len(positive), len(negative)
    beats = (together[:m] - rankdata(positive)) / n
    beaten_by = 1.0 - (together[m:] - rankdata(negative)) / m
    return beats, beaten_by


def _delong(
    positive: np.ndarray,
    negative: np.ndarray,
    contrast: np.ndarray,
    level: float,
    ends: tuple[float, float],
) -> Interval:
    from scipy.stats import norm

    mean = float(contrast @ positive.mean(axis=1))
    m, n = positive.shape[1], negative.shape[1]
    if m < 2 or n < 2:
        return Interval(mean, math.nan, math.nan, n=m + n, level=level)
    variance = (contrast @ positive).var(ddof=1) / m + (contrast @ negative).var(ddof=1) / n
    error = math.sqrt(float(variance))
    reach = float(norm.ppf(0.5 + level / 2)) * error
    low, high = max(mean - reach, ends[0]), min(mean + reach, ends[1])
    return Interval(mean, low, high, error, m + n, level)


def brier(
    probability: Any, outcome: Any, *, level: float = 0.95, n: int = 2000, seed: int = 0
) -> Interval:
    """Give the mean squared error of probabilities (Brier 1950) with its bootstrap interval."""
    data = _probabilities(probability, outcome)
    return mean_interval((data["score"] - data["outcome"]) ** 2, level, n, seed)


def log_loss(
    probability: Any, outcome: Any, *, level: float = 0.95, n: int = 2000, seed: int = 0
) -> Interval:
    """Give the mean negative log likelihood with its bootstrap interval; 0 counts as 1e-15."""
    data = _probabilities(probability, outcome)
    chance = np.where(data["outcome"] == 1, data["score"], 1.0 - data["score"])
    return mean_interval(-np.log(np.clip(chance, 1e-15, 1.0)), level, n, seed)


def calibration_table(
    probability: Any, outcome: Any, bins: int = 10, *, level: float = 0.95
) -> pd.DataFrame:
    """Compare probabilities with what happened, in bins of equal numbers of records.

    Returns
    -------
    pandas.DataFrame
        ``predicted`` (mean), ``observed`` (share) with ``low`` and ``high`` (Wilson's interval)
        and ``records``; equal probabilities stay in one bin.
    """
    from scipy.stats import norm

    data = _probabilities(probability, outcome)
    ranks = data["score"].rank(method="max") - 1
    data = data.assign(bin=np.minimum(ranks * bins // len(data), bins - 1))
    groups = data.groupby("bin", sort=True)
    table = groups.agg(
        predicted=("score", "mean"), observed=("outcome", "mean"), records=("score", "size")
    ).reset_index(drop=True)
    z, n, p = float(norm.ppf(0.5 + level / 2)), table["records"], table["observed"]
    center = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    table.insert(2, "low", center - reach)
    table.insert(3, "high", center + reach)
    return table


def _probabilities(probability: Any, outcome: Any) -> pd.DataFrame:
    data = _records(probability, outcome, None, 0.0, 0.0)
    if not data["score"].between(0, 1).all():
        raise ValueError("probabilities must lie between 0 and 1")
    return data
