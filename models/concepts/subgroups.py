"""Subgroups of records in which a class is unusually frequent, tested on held-out records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom

from models.association.significance import adjusted, confidence_interval
from models.concepts.selectors import selector_masks, selectors
from models.trees.conditions import Condition, holds, joined, words
from models.trees.folds import folds
from models.trees.table import Table, as_frame, category_columns
from models.trees.vetoes import Vetoes

__all__ = ["Subgroup", "find_subgroups", "subgroups_frame", "wracc"]

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]
Correction = Literal["holm", "bh", "none"]


@dataclass(frozen=True)
class Subgroup:
    """Records that meet some conditions, and how often the class occurs among them.

    Parameters
    ----------
    conditions : tuple of Condition
    target : class
    quality : float
        Weighted relative accuracy on the records that were searched.
    n_rows : int
        Held-out records in the subgroup.
    share, low, high : float
        Share of the class among them, and its interval.
    lift : float
        That share by the share in all held-out records.
    p_value, q_value : float
        Of Fisher's test on the held-out records that the class is more frequent inside, before
        and after the correction for all subgroups that were tested.
    """

    conditions: tuple[Condition, ...]
    target: Any
    quality: float
    n_rows: int
    share: float
    low: float
    high: float
    lift: float
    p_value: float
    q_value: float

    @property
    def text(self) -> str:
        """The subgroup in words."""
        return words(self.conditions)

    def holds(self, X: pd.DataFrame) -> Mask:
        """Mark the records in the subgroup."""
        return holds(self.conditions, X)


def wracc(inside: ArrayLike, hits: ArrayLike) -> float:
    """Give the weighted relative accuracy: share inside x (share of hits inside - overall).

    Lavrac, Flach and Zupan, "Rule evaluation measures: a unifying view", *ILP* (1999).

    Examples
    --------
    >>> wracc([True, True, False, False], [True, True, True, False])
    0.125
    """
    mask, hit = np.asarray(inside, bool), np.asarray(hits, bool)
    return float((mask & hit).mean() - mask.mean() * hit.mean())


def find_subgroups(
    X: Any,
    y: ArrayLike,
    target: Any,
    *,
    n_subgroups: int = 10,
    max_depth: int = 3,
    beam: int = 30,
    min_rows: int = 20,
    n_bins: int = 5,
    held_out: float | tuple[Any, ArrayLike] = 0.5,
    correction: Correction = "holm",
    max_overlap: float = 0.8,
    vetoes: Vetoes | Mapping[str, Any] | None = None,
    random_state: int = 0,
) -> list[Subgroup]:
    """Search subgroups by beam search, and test those found on records not searched.

    Parameters
    ----------
    X, y : DataFrame or array, and array
        Records and their class.
    target : class
        The class that is to be frequent.
    n_subgroups : int, default 10
        Most subgroups to test.
    max_depth : int, default 3
        Most conditions.
    beam : int, default 30
        Subgroups that are refined further on each level.
    min_rows : int, default 20
        Least records searched in a subgroup.
    n_bins : int, default 5
        Intervals of a number.
    held_out : float or (X, y), default 0.5
        Share of the records that is kept for the test, to the nearest fraction with a denominator
        up to 10, or those records themselves.
    correction : {'holm', 'bh', 'none'}
        Over the subgroups tested.
    max_overlap : float, default 0.8
        A subgroup that shares more of its records (Jaccard) with a better one is left out.
    vetoes : Vetoes or mapping, optional
        What is not to be found.
    random_state : int, default 0
        Which records are kept for the test.

    Returns
    -------
    list of Subgroup
        Best quality first; also those that the test does not confirm: see `q_value`.

    Raises
    ------
    ValueError
        When the target does not occur or is all there is, or an argument is out of range.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [25] * 100 + [65] * 100})
    >>> buys = np.where(people["age"] > 40, "yes", "no")
    >>> best = find_subgroups(people, buys, "yes", max_depth=1)[0]
    >>> best.text, best.share, best.q_value < 0.001
    ('age is above 25', 1.0, True)
    """
    frame, hits = as_frame(X), np.asarray(y) == target
    _check(frame, hits, target, max_depth, beam, held_out)
    (searched, found_hits), (kept, kept_hits) = _halves(frame, hits, target, held_out, random_state)
    unwanted = Vetoes.of(vetoes)
    every = [
        one for one in selectors(searched, n_bins=n_bins) if one.column not in unwanted.columns
    ]
    search = _Beam(every, selector_masks(every, searched), found_hits, min_rows, unwanted)
    chosen = search.best(max_depth, beam, n_subgroups, max_overlap)
    named = [(quality, search.conditions(numbers)) for quality, numbers, _ in chosen]
    return _tested(named, target, kept, kept_hits, correction)


def subgroups_frame(found: Sequence[Subgroup]) -> pd.DataFrame:
    """Give subgroups as a frame, one row each.

    Examples
    --------
    >>> subgroups_frame([]).columns.tolist()[:3]
    ['subgroup', 'quality', 'rows']
    """
    columns = [
        "subgroup", "quality", "rows", "share", "low", "high", "lift", "p_value", "q_value"
    ]  # fmt: skip
    rows = [
        (g.text, g.quality, g.n_rows, g.share, g.low, g.high, g.lift, g.p_value, g.q_value)
        for g in found
    ]
    return pd.DataFrame(rows, columns=columns)


Candidate = tuple[float, tuple[int, ...], Mask]


class _Beam:
    """Beam search over conjunctions of conditions."""

    def __init__(
        self, every: list[Condition], masks: Mask, hits: Mask, min_rows: int, vetoes: Vetoes
    ) -> None:
        self.every, self.masks, self.hits = every, masks, hits
        self.min_rows, self.vetoes = min_rows, vetoes

    def best(self, depth: int, beam: int, n_best: int, max_overlap: float) -> list[Candidate]:
        level: list[Candidate] = [(0.0, (), np.ones(len(self.hits), bool))]
        found: list[Candidate] = []
        for _ in range(depth):
            level = self._distinct(self._refined(level), beam, 1.0)
            found += level
        return self._distinct(found, n_best, max_overlap)

    def conditions(self, numbers: tuple[int, ...]) -> tuple[Condition, ...]:
        return joined(self.every[i] for i in numbers)

    def _refined(self, level: list[Candidate]) -> list[Candidate]:
        seen: set[tuple[int, ...]] = set()
        found = []
        for quality, numbers, mask in level:
            used = {self.every[i].column for i in numbers}
            for i, own in enumerate(self._qualities(mask)):
                key = tuple(sorted((*numbers, i)))
                if own <= quality or self.every[i].column in used or key in seen:
                    continue
                seen.add(key)
                found.append((float(own), key, mask & self.masks[i]))
        return found

    def _qualities(self, mask: Mask) -> Values:
        inside = self.masks & mask
        n, both = inside.sum(axis=1), (inside & self.hits).sum(axis=1)
        quality = both / len(mask) - n / len(mask) * self.hits.mean()
        return np.where(n >= self.min_rows, quality, -np.inf)

    def _distinct(self, found: list[Candidate], most: int, max_overlap: float) -> list[Candidate]:
        """Keep the best that are wanted and do not repeat a better one."""
        kept: list[Candidate] = []
        for one in sorted(found, key=lambda c: (-round(c[0], 12), len(c[1]), c[1])):
            if len(kept) == most:
                break
            alike = any(_jaccard(one[2], other[2]) >= max_overlap for other in kept)
            if not alike and self.vetoes.allow(self.conditions(one[1])):
                kept.append(one)
        return kept


def _tested(
    chosen: list[tuple[float, tuple[Condition, ...]]], target: Any, X: pd.DataFrame, hits: Mask,
    correction: Correction,
) -> list[Subgroup]:  # fmt: skip
    table = Table(X)
    inside = [holds(conditions, table) for _, conditions in chosen]
    n = np.array([mask.sum() for mask in inside], int)
    both = np.array([(mask & hits).sum() for mask in inside], int)
    p = hypergeom.sf(both - 1, len(hits), int(hits.sum()), n) if len(n) else np.empty(0)
    q = adjusted(p, correction)
    share = np.divide(both, n, np.full(len(n), np.nan), where=n > 0)
    low, high = confidence_interval(both, np.maximum(n, 1))
    lift = share / hits.mean() if hits.any() else np.full(len(n), np.nan)
    figures = np.stack([share, np.where(n, low, 0.0), np.where(n, high, 1.0), lift, p, q], axis=1)
    return [
        Subgroup(conditions, target, quality, int(n[i]), *map(float, figures[i]))
        for i, (quality, conditions) in enumerate(chosen)
    ]


def _halves(
    frame: pd.DataFrame, hits: Mask, target: Any, held_out: float | tuple[Any, ArrayLike], seed: int
) -> tuple[tuple[pd.DataFrame, Mask], tuple[pd.DataFrame, Mask]]:
    if isinstance(held_out, tuple):
        other = as_frame(held_out[0])
        if missing := sorted(set(frame.columns) - set(other.columns)):
            raise ValueError(f"held-out records lack columns {missing}")
        return (frame, hits), (other, np.asarray(held_out[1]) == target)
    categories = category_columns(frame)
    share = Fraction(held_out).limit_denominator(10)
    n_parts = max(share.denominator, 2)
    part = folds(Table(frame), categories, hits.astype(np.int64), n_parts, seed)
    kept = part < max(share.numerator, 1)
    return (frame[~kept], hits[~kept]), (frame[kept], hits[kept])


def _jaccard(first: Mask, second: Mask) -> float:
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else 1.0


def _check(
    frame: pd.DataFrame, hits: Mask, target: Any, max_depth: int, beam: int, held_out: Any
) -> None:
    if len(hits) != len(frame):
        raise ValueError(f"X has {len(frame)} rows and y has {len(hits)}")
    if not hits.any():
        raise ValueError(f"the target {target!r} does not occur in y")
    if hits.all():
        raise ValueError(f"y has one class only, {target!r}")
    if max_depth < 1 or beam < 1:
        raise ValueError(f"max_depth and beam are 1 or more, not {max_depth} and {beam}")
    if isinstance(held_out, float) and not 0 < held_out < 1:
        raise ValueError(f"held_out lies between 0 and 1, not {held_out}")
