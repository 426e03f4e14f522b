"""Genetic search for short descriptions and for few good features."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import StratifiedKFold, cross_val_score

from models.concepts.selectors import selector_masks, selectors
from models.concepts.subgroups import wracc
from models.trees.conditions import Condition, words
from models.trees.table import as_frame
from models.trees.vetoes import Vetoes

__all__ = ["Evolution", "choose_features", "evolve_descriptions"]

Genes = tuple[int, ...]
Fitness = Callable[[Genes], tuple[float, float]]


@dataclass(frozen=True)
class Evolution:
    """How a population of solutions changes (Deb et al., NSGA-II, 2002, as kept in Optuna).

    Parameters
    ----------
    population : int, default 40
        Solutions of a generation.
    generations : int, default 20
        How many there are.
    crossover : float, default 0.9
        How likely two parents are crossed; their genes are swapped with probability one half.
    mutation : float, optional
        How likely a gene is drawn anew; default: one by the number of genes.
    random_state : int, default 0
    """

    population: int = 40
    generations: int = 20
    crossover: float = 0.9
    mutation: float | None = None
    random_state: int = 0

    def front(self, n_options: list[int], fitness: Fitness) -> list[tuple[Genes, float, float]]:
        """Give the solutions that no other beats in both, most first objective first.

        Parameters
        ----------
        n_options : list of int
            How many values each gene has.
        fitness : callable
            Takes genes; gives what is to be large and what is to be small.

        Raises
        ------
        ValueError
            When a setting is out of range.

        Examples
        --------
        >>> small = Evolution(population=10, generations=5)
        >>> front = small.front([2, 2], lambda genes: (sum(genes), sum(genes)))
        >>> [(genes, most) for genes, most, _ in front if sum(genes) != 1]
        [((1, 1), 2.0), ((0, 0), 0.0)]
        """
        _check(self)
        known: dict[Genes, tuple[float, float]] = {}

        def measure(trial: Any) -> tuple[float, float]:
            genes = tuple(
                trial.suggest_int(f"g{i}", 0, options - 1) for i, options in enumerate(n_options)
            )
            if genes not in known:
                known[genes] = fitness(genes)
            return known[genes]

        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            study = optuna.create_study(
                directions=["maximize", "minimize"], sampler=self._sampler()
            )
            for first in _beginnings(n_options, self.population // 2):
                study.enqueue_trial({f"g{i}": gene for i, gene in enumerate(first)})
            study.optimize(measure, n_trials=self.population * self.generations)
        finally:
            optuna.logging.set_verbosity(level)
        return _not_beaten(known)

    def _sampler(self) -> Any:
        return optuna.samplers.NSGAIISampler(
            population_size=self.population, crossover_prob=self.crossover,
            mutation_prob=self.mutation, seed=self.random_state,
        )  # fmt: skip


def evolve_descriptions(
    X: Any,
    y: ArrayLike,
    target: Any,
    *,
    n_bins: int = 5,
    min_rows: int = 20,
    evolution: Evolution | None = None,
    vetoes: Vetoes | Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Search descriptions of a class that are good and short, by a genetic algorithm.

    A gene stands for a column: one of its conditions, or none. The fitness is the
    weighted relative accuracy, which is to be large, and the number of conditions.

    Parameters
    ----------
    X, y : DataFrame or array, and array
    target : class
        The class to describe.
    n_bins : int, default 5
        Intervals of a number.
    min_rows : int, default 20
        Least records of a description.
    evolution : Evolution, optional
        The settings of the search.
    vetoes : Vetoes or mapping, optional
        What is not to be found.

    Returns
    -------
    DataFrame
        The front: description, conditions, quality, rows, share, lift; best quality first. The
        figures are those of the records searched; test them on others.

    Raises
    ------
    ValueError
        When the target does not occur.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [*range(20, 60)] * 5})
    >>> buys = np.where(people["age"] > 43, "yes", "no")
    >>> quick = Evolution(population=10, generations=3)
    >>> evolve_descriptions(people, buys, "yes", evolution=quick)["description"].tolist()
    ['age is above 43']
    """
    frame, hits = as_frame(X), np.asarray(y) == target
    if not hits.any():
        raise ValueError(f"the target {target!r} does not occur in y")
    unwanted = Vetoes.of(vetoes)
    columns = [name for name in frame.columns if name not in unwanted.columns]
    options = [selectors(frame[[name]], n_bins=n_bins) for name in columns]
    masks = [selector_masks(few, frame) for few in options]

    def chosen(genes: Genes) -> list[Condition]:
        pairs = zip(options, genes, strict=True)
        return [few[gene - 1] for few, gene in pairs if 0 < gene <= len(few)]

    def inside(genes: Genes) -> NDArray[np.bool_]:
        mask = np.ones(len(hits), bool)
        for own, gene in zip(masks, genes, strict=True):
            if 0 < gene <= len(own):
                mask &= own[gene - 1]
        return mask

    def fitness(genes: Genes) -> tuple[float, float]:
        mask, conditions = inside(genes), chosen(genes)
        if mask.sum() < min_rows or not unwanted.allow(conditions):
            return -1.0, float(len(conditions))
        return wracc(mask, hits), float(len(conditions))

    # Most values of a gene stand for no condition, so that two columns or so are used at first.
    sizes = [len(few) * max(len(options) // 2, 1) + 1 for few in options]
    front = (evolution or Evolution()).front(sizes, fitness)
    rows = [
        (words(chosen(genes)), int(n), quality, int(mask.sum()), hits[mask].mean())
        for genes, quality, n in front
        if n and quality > 0
        for mask in [inside(genes)]
    ]
    frame = pd.DataFrame(rows, columns=["description", "conditions", "quality", "rows", "share"])
    return frame.assign(lift=frame["share"] / hits.mean())


def choose_features(
    estimator: BaseEstimator,
    X: pd.DataFrame,
    y: ArrayLike,
    *,
    scoring: str = "roc_auc",
    cv: int = 3,
    evolution: Evolution | None = None,
) -> pd.DataFrame:
    """Search few columns with which an estimator does well, by a genetic algorithm.

    A gene says whether a column is used. The fitness is the mean score in cross-validation, which
    is to be large, and the number of columns.

    Parameters
    ----------
    estimator : scikit-learn classifier
        It is cloned, not changed.
    X, y : DataFrame and array
    scoring : str, default 'roc_auc'
        A scikit-learn scorer.
    cv : int, default 3
        Folds.
    evolution : Evolution, optional
        Default: 20 solutions over 10 generations.

    Returns
    -------
    DataFrame
        The front: columns (list), n_columns, score; best score first. Scores of a search are
        optimistic: measure the chosen columns on other records.
    """
    names = [str(name) for name in X.columns]
    folds = StratifiedKFold(cv, shuffle=True, random_state=0)

    def fitness(genes: Genes) -> tuple[float, float]:
        used = [name for name, gene in zip(X.columns, genes, strict=True) if gene]
        if not used:
            return -np.inf, 0.0
        scores = cross_val_score(clone(estimator), X[used], y, scoring=scoring, cv=folds)
        return float(scores.mean()), float(len(used))

    search = evolution or Evolution(population=20, generations=10)
    front = search.front([2] * len(names), lambda genes: _finite(fitness(genes)))
    rows = [
        ([name for name, gene in zip(names, genes, strict=True) if gene], int(n), score)
        for genes, score, n in front
        if n
    ]
    return pd.DataFrame(rows, columns=["columns", "n_columns", "score"])


def _beginnings(n_options: list[int], most: int) -> list[Genes]:
    """Give solutions to begin with: no gene set, and each gene alone."""
    none = (0,) * len(n_options)
    alone = [(*none[:i], 1, *none[i + 1 :]) for i, size in enumerate(n_options) if size > 1]
    return [none, *alone][: max(most, 1)]


def _finite(fitness: tuple[float, float]) -> tuple[float, float]:
    return (max(fitness[0], -1e9), fitness[1])


def _not_beaten(known: Mapping[Genes, tuple[float, float]]) -> list[tuple[Genes, float, float]]:
    """Keep one solution for each pair of objectives that no other beats."""
    order = sorted(known, key=lambda genes: (-known[genes][0], known[genes][1], genes))
    front, least = [], np.inf
    for genes in order:
        large, small = known[genes]
        if small < least:
            front.append((genes, float(large), float(small)))
            least = small
    return front


def _check(evolution: Evolution) -> None:
    if evolution.population < 2 or evolution.generations < 1:
        given = (evolution.population, evolution.generations)
        raise ValueError(f"a population is 2 or more over 1 generation or more, not {given}")
    if not 0 <= evolution.crossover <= 1:
        raise ValueError(f"crossover lies in 0 .. 1, not {evolution.crossover}")
