"""Which method and how many segments: stable first, then well apart, then simple."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval, mean_interval, paired_difference
from models.segments import (
    AttributeSpace,
    Segmenter,
    create_segmenter,
    gap_statistic,
    silhouette,
    stability,
)
from models.segments.base import sample_rows
from models.segments.registry import SEGMENTERS
from pipelines.config.segments import Clustering, Selection
from pipelines.segmenting.segmentation import places_of

__all__ = ["Choice", "Measured", "choose", "leaderboard", "maker", "measure", "planned"]


@dataclass(frozen=True)
class Measured:
    """What was measured of one method with one number of segments.

    Attributes
    ----------
    name, method : str
    k : int
        Segments found.
    complexity : int
        How hard the method is to explain.
    rounds : numpy.ndarray of float64
        Likeness to itself in each resample.
    segments : numpy.ndarray of float64
        Mean likeness of each segment.
    strength : float
        Mean prediction strength.
    silhouettes : numpy.ndarray of float64
        One a compared customer, over the same places for every candidate.
    gap, gap_error : float
        NaN when it was not asked for.
    smallest : float
        Share of the smallest segment.
    """

    name: str
    method: str
    k: int
    complexity: int
    rounds: np.ndarray
    segments: np.ndarray
    strength: float
    silhouettes: np.ndarray
    gap: float
    gap_error: float
    smallest: float

    @property
    def stability(self) -> float:
        """Mean likeness to itself."""
        return float(self.rounds.mean())

    def is_stable(self, settings: Selection) -> bool:
        """Tell whether the segments come again, the weakest included."""
        return (
            self.stability >= settings.min_stability
            and float(self.segments.min()) >= settings.min_segment
        )

    @property
    def separation(self) -> float:
        """Mean silhouette."""
        return float(self.silhouettes.mean())


@dataclass(frozen=True)
class Choice:
    """Who won, and why.

    Attributes
    ----------
    winner : str
    is_stable : bool
        Whether the winner's segments come again in resampled customers.
    reason : str
        In words.
    """

    winner: str
    is_stable: bool
    reason: str


def planned(candidates: Sequence[Clustering]) -> list[tuple[str, Clustering, int]]:
    """Give every method with every number of segments: name, candidate, number."""
    plans = []
    for candidate in candidates:
        if SEGMENTERS[candidate.kind].finds_k:
            plans.append((candidate.called, candidate, 1))
        else:
            plans += [(f"{candidate.called}-{k}", candidate, k) for k in candidate.k]
    return plans


def maker(candidate: Clustering, k: int, space: AttributeSpace, seed: int) -> Segmenter:
    """Build an unfitted clustering."""
    params: dict[str, Any] = dict(candidate.params)
    if candidate.kind == "medoids" and params.get("metric") == "gower":
        params["categories"] = tuple(np.flatnonzero(space.is_category_).tolist())
    return create_segmenter(candidate.kind, k=k, random_state=seed, **params)


def measure(
    name: str,
    candidate: Clustering,
    k: int,
    space: AttributeSpace,
    attributes: pd.DataFrame,
    settings: Selection,
    seed: int,
) -> Measured:
    """Measure how well segments come again and how far apart they lie.

    Parameters
    ----------
    name : str
        What it is called.
    candidate : Clustering
        The method.
    k : int
        Number of segments.
    space : AttributeSpace
        Fitted.
    attributes : pandas.DataFrame
        All customers, sorted.
    settings : Selection
    seed : int
    """
    some = attributes.iloc[sample_rows(len(attributes), settings.max_rows, seed)]

    def make(random_state: int) -> Segmenter:
        return maker(candidate, k, space, random_state)

    form = make(seed).form
    X, places = places_of(space, some, form), space.transform(some)
    fitted = make(seed).fit(X)
    again = stability(
        make, X, rounds=settings.rounds, max_rows=settings.max_rows, random_state=seed
    )
    gap, error = float("nan"), float("nan")
    if settings.references and form == "places":
        found = gap_statistic(
            make, X, fitted.labels_, references=settings.references, random_state=seed
        )
        gap, error = found.gap, found.error
    return Measured(
        name=name,
        method=candidate.kind,
        k=fitted.n_clusters_,
        complexity=fitted.complexity,
        rounds=again.by_round,
        segments=again.by_segment,
        strength=float(again.strength.mean()),
        silhouettes=silhouette(places, fitted.labels_),
        gap=gap,
        gap_error=error,
        smallest=float(again.sizes.min() / again.sizes.sum()),
    )


def choose(measured: Sequence[Measured], settings: Selection, seed: int) -> Choice:
    """Take the simplest segmentation that is stable and not measurably worse separated.

    Without a stable one, the most stable of those with segments of a usable size is taken, and the
    reason says that these are no natural groups.
    """
    several = [one for one in measured if one.k > 1] or list(measured)
    usable = [one for one in several if one.smallest >= settings.min_share] or several
    stable = [one for one in usable if one.is_stable(settings)]
    if not stable:
        best = max(usable, key=lambda one: (one.stability, -one.complexity, -one.k))
        reason = (
            f"No segmentation comes again in resampled customers (the best, {best.name}, at"
            f" {best.stability:.2f}, its weakest segment at {best.segments.min():.2f};"
            f" {settings.min_stability:g} and {settings.min_segment:g} are needed): customers lie"
            " evenly, and these segments are a convenient cut, not natural groups."
        )
        return Choice(best.name, False, reason)
    best = max(stable, key=lambda one: (one.separation, -one.complexity, -one.k))
    equal = [one for one in stable if _not_worse(one, best, settings, seed)]
    winner = min(equal, key=lambda one: (one.complexity, one.k, -one.separation, one.name))
    return Choice(winner.name, True, _reason(winner, best))


def leaderboard(
    measured: Sequence[Measured], choice: Choice, settings: Selection, seed: int
) -> pd.DataFrame:
    """Put the candidates in a table, the best separated of the stable first.

    Returns
    -------
    pandas.DataFrame
        ``candidate``, ``method``, ``segments``, ``winner``, ``stable``, ``stability`` and
        ``silhouette`` with ``_low`` and ``_high``, ``weakest_segment`` (stability),
        ``prediction_strength``, ``gap``, ``gap_se``, ``smallest_share``.
    """
    rows = []
    for one in measured:
        again = mean_interval(one.rounds, settings.level, settings.bootstrap, seed)
        apart = mean_interval(one.silhouettes, settings.level, settings.bootstrap, seed)
        rows.append(
            {
                "candidate": one.name,
                "method": one.method,
                "segments": one.k,
                "winner": one.name == choice.winner,
                "stable": one.is_stable(settings),
                **_with_ends("stability", again),
                "weakest_segment": float(one.segments.min()),
                "prediction_strength": one.strength,
                **_with_ends("silhouette", apart),
                "gap": one.gap,
                "gap_se": one.gap_error,
                "smallest_share": one.smallest,
            }
        )
    order = ["winner", "stable", "silhouette"]
    return pd.DataFrame(rows).sort_values(order, ascending=False, kind="stable", ignore_index=True)


def plain(measured: Measured) -> dict[str, object]:
    """Give it as plain values for a file."""
    values = asdict(measured)
    return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in values.items()}


def unplain(values: dict[str, object]) -> Measured:
    """Take back what `plain` gave."""
    arrays = {n: np.array(v) if isinstance(v, list) else v for n, v in values.items()}
    return Measured(**arrays)  # type: ignore[arg-type]


def _not_worse(one: Measured, best: Measured, settings: Selection, seed: int) -> bool:
    if one is best:
        return True
    behind = paired_difference(
        best.silhouettes, one.silhouettes, settings.level, settings.bootstrap, seed
    )
    return bool(behind.low <= 0)


def _reason(winner: Measured, best: Measured) -> str:
    told = (
        f"{winner.name} comes again in resampled customers ({winner.stability:.2f}) and lies"
        f" apart (silhouette {winner.separation:.2f})"
    )
    if winner is best:
        return f"{told}; no stable segmentation lies further apart."
    return f"{told}; {best.name} ({best.separation:.2f}) is not measurably better and less simple."


def _with_ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
