"""Tune, fit and measure one candidate; each part is kept, so that a killed run goes on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.parts import read_state, write_state
from experiments.evaluation.money import Economics, profit_by_customer
from experiments.evaluation.ranking import ranking_metrics
from experiments.tuning import Tuned, tune
from lodeworks.errors import DataError
from models.calibration import PurchaseCalibrator
from models.recommend.base import Recommender
from models.recommend.history import History
from models.recommend.registry import create
from models.search import Range
from pipelines.cache import Cache, Step
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.pricing import calibrated, priced

__all__ = ["Candidate", "Measured", "Settings", "fit_candidate", "mine_candidate"]

SCOPES = ("new", "all")


@dataclass(frozen=True)
class Candidate:
    """One method that competes.

    Attributes
    ----------
    name : str
        What it is called on the leaderboard.
    kind : str
        Its name in ``models.recommend.registry``.
    params : mapping
        Parameters that are not the defaults.
    space : mapping of str to Range
        What the tuner may vary.
    """

    name: str
    kind: str
    params: Mapping[str, Any]
    space: Mapping[str, Range]

    def identity(self) -> dict[str, Any]:
        """Give everything a result of this candidate depends on."""
        space = {name: [type(part).__name__, asdict(part)] for name, part in self.space.items()}
        return {"kind": self.kind, "params": dict(self.params), "space": space}


@dataclass(frozen=True)
class Settings:
    """What all candidates have in common.

    Attributes
    ----------
    scope : {"new", "all"}
        What the list is made of: items new to the customer, or all items.
    rows : int
        Rows of a customer's list.
    ks : tuple of int
        Lengths at which lists are measured.
    min_customers : int
        Customers who must have bought an item for it to be offered.
    economics : Economics
        Costs and margins.
    metric : str
        What tuning maximises: ``profit`` or a ranking metric such as ``recall@10``.
    trials : int
        Tuning trials, the defaults included.
    timeout_s : float, optional
        Seconds of tuning a candidate.
    tuning_customers : int, optional
        Customers drawn for the tuning; None: all.
    seed : int
        Of everything random.
    """

    scope: str
    rows: int
    ks: tuple[int, ...]
    min_customers: int
    economics: Economics
    metric: str
    trials: int
    timeout_s: float | None
    tuning_customers: int | None
    seed: int

    @property
    def depth(self) -> int:
        """Rows a customer that are recommended, so that every measure has what it needs."""
        return max(self.rows, *self.ks)

    def identity(self) -> dict[str, Any]:
        """Give the settings as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Measured:
    """A candidate after the mining: its parameters, and its offers at the test date.

    Attributes
    ----------
    candidate : Candidate
        What was mined.
    params : dict
        The parameters tuning chose.
    calibrator : PurchaseCalibrator
        Fitted on the latest back-test.
    trials : pandas.DataFrame
        The trials of the tuning.
    offers : dict of str to pandas.DataFrame
        For ``new`` and ``all``: ``customer``, ``item``, ``rank``, ``score``; those of the list's
        scope with ``probability``, ``margin`` and ``bought``.
    complexity : int
        Of its recommender.
    family : str
        Of its recommender.
    seconds : float
        Wall time of tuning, fitting and scoring.
    key : str
        Hash of all it depends on.
    folder : Path
        Where the recommender fitted at the test date is kept.
    """

    candidate: Candidate
    params: dict[str, Any]
    calibrator: PurchaseCalibrator
    trials: pd.DataFrame
    offers: dict[str, pd.DataFrame]
    complexity: int
    family: str
    seconds: float
    key: str
    folder: Path

    def recommender(self) -> Recommender:
        """Give the recommender that was fitted at the test date."""
        state = read_state(self.folder, "recommender")
        return create(self.candidate.kind, **self.params).set_state(state)


def mine_candidate(
    candidate: Candidate,
    snapshots: Sequence[Snapshot],
    keys: Sequence[str],
    settings: Settings,
    cache: Cache,
) -> Measured:
    """Tune on the latest back-test, then fit and recommend at the test date.

    Parameters
    ----------
    candidate : Candidate
        What to mine.
    snapshots : sequence of Snapshot
        The test window first, then the back-tests, latest first.
    keys : sequence of str
        Content keys of the snapshots.
    settings : Settings
        What all candidates have in common.
    cache : Cache
        Keeps the parts.
    """
    depends = {**candidate.identity(), "settings": settings.identity(), "snapshots": list(keys)}
    earlier = depends | {"snapshots": list(keys[1:])}
    tuned = cache.step(
        "mine",
        f"{candidate.name}-tuned",
        earlier,
        lambda folder: _tune(
            candidate, snapshots[1:], settings, cache.journal(candidate.name, earlier), folder
        ),
    )
    params = json.loads((tuned.folder / "params.json").read_text())
    fitted = cache.step(
        "mine",
        f"{candidate.name}-measured",
        {**depends, "tuned": params},
        lambda folder: _measure(candidate.kind, params, tuned.folder, snapshots, settings, folder),
    )
    return _measured(candidate, params, tuned, fitted)


def fit_candidate(
    kind: str,
    params: Mapping[str, Any],
    scope: str,
    snapshots: Sequence[Snapshot],
    settings: Settings,
) -> tuple[Recommender, History]:
    """Fit a recommender at the first snapshot, with the later ones as earlier windows.

    Parameters
    ----------
    kind, params
        What to make.
    scope : {"new", "all"}
        Which items the recommender is to rank; told to those that can be.
    snapshots : sequence of Snapshot
        The one to fit at, then earlier ones whose outcome is known, latest first.
    settings : Settings
        For the vocabulary and the seed.

    Raises
    ------
    DataError
        When no item has enough customers.
    """
    now, *before = snapshots
    items = now.vocabulary(settings.min_customers)
    if items.empty:
        raise DataError(
            f"no item was bought by {settings.min_customers} customers or more up to "
            f"{now.window.as_of}; lower items.min_customers or widen window.observe"
        )
    history = now.history(items)
    recommender = _create(kind, params, scope, settings.seed)
    past = [snapshot.labelled(items) for snapshot in reversed(before)]
    return recommender.fit(history, past), history


def _create(kind: str, params: Mapping[str, Any], scope: str, seed: int) -> Recommender:
    recommender = create(kind, **params)
    known = recommender.get_params()
    given = {"target": scope, "random_state": seed}
    fixed = {name: value for name, value in given.items() if name in known and name not in params}
    recommender.set_params(**fixed)
    return recommender


def _tune(
    candidate: Candidate,
    snapshots: Sequence[Snapshot],
    settings: Settings,
    journal: Path,
    folder: Path,
) -> None:
    """Search on the latest back-test, and calibrate there with the parameters chosen."""
    sample = _sampled(snapshots, settings)

    def objective(params: Mapping[str, Any]) -> float:
        return _value(_validated(candidate.kind, params, sample, settings), sample[0], settings)

    if candidate.space and settings.trials > 1:
        tuned = tune(
            objective,
            candidate.space,
            trials=settings.trials,
            seed=settings.seed,
            journal=journal,
            defaults={**_defaults(candidate), **candidate.params},
            timeout_s=settings.timeout_s,
        )
    else:
        tuned = Tuned(dict(candidate.params), float("nan"), pd.DataFrame())
    rows, history = _validated(candidate.kind, tuned.params, snapshots, settings)
    calibrator = calibrated(rows, history)
    (folder / "params.json").write_text(json.dumps(tuned.params, sort_keys=True))
    (folder / "calibrator.json").write_text(json.dumps(calibrator.get_state()))
    tuned.trials.to_parquet(folder / "trials.parquet")


def _defaults(candidate: Candidate) -> dict[str, Any]:
    params = create(candidate.kind).get_params()
    return {name: params[name] for name in candidate.space}


def _validated(
    kind: str, params: Mapping[str, Any], snapshots: Sequence[Snapshot], settings: Settings
) -> tuple[pd.DataFrame, History]:
    """Recommend at a back-test and mark what was bought."""
    recommender, history = fit_candidate(kind, params, settings.scope, snapshots, settings)
    rows = _recommended(recommender, history, settings.scope, settings.depth)
    return _marked(rows, snapshots[0], history, settings.scope), history


def _recommended(
    recommender: Recommender, history: History, scope: str, depth: int
) -> pd.DataFrame:
    return recommender.recommend(history, n=depth, exclude_owned=scope == "new")


def _marked(rows: pd.DataFrame, snapshot: Snapshot, history: History, scope: str) -> pd.DataFrame:
    truth = getattr(snapshot.truth(history), scope)
    pairs = pd.MultiIndex.from_frame(rows[["customer", "item"]])
    return rows.assign(bought=pairs.isin(pd.MultiIndex.from_frame(truth)).astype(np.float64))


def _value(
    validated: tuple[pd.DataFrame, History], snapshot: Snapshot, settings: Settings
) -> float:
    """Measure a trial: the held-out profit, or the mean of a ranking metric."""
    rows, history = validated
    if settings.metric == "profit":
        return _cross_fitted_profit(rows, history, settings)
    truth = getattr(snapshot.truth(history), settings.scope)
    k = int(settings.metric.partition("@")[2])
    return float(ranking_metrics(rows, truth, ks=[k])[settings.metric].mean())


def _cross_fitted_profit(rows: pd.DataFrame, history: History, settings: Settings) -> float:
    """Calibrate on one half of the customers and take the profit of the other, both ways."""
    rows = rows[rows["rank"] <= settings.rows]
    odd = rows["customer"].to_numpy() % 2 == 1
    halves = []
    for half in (odd, ~odd):
        calibrator = calibrated(rows[~half], history)
        halves.append(priced(rows[half], history, calibrator, settings.economics))
    together = pd.concat(halves)
    return float(profit_by_customer(together, settings.economics).sum())


def _sampled(snapshots: Sequence[Snapshot], settings: Settings) -> list[Snapshot]:
    """Draw the customers to tune on, the same in every window."""
    if settings.tuning_customers is None:
        return list(snapshots)
    everybody = snapshots[0].purchases["customer_id"].drop_duplicates().sort_values()
    if len(everybody) <= settings.tuning_customers:
        return list(snapshots)
    drawn = set(everybody.sample(settings.tuning_customers, random_state=settings.seed))
    return [_of_customers(snapshot, drawn) for snapshot in snapshots]


def _of_customers(snapshot: Snapshot, drawn: set[str]) -> Snapshot:
    return replace(
        snapshot,
        purchases=snapshot.purchases[snapshot.purchases["customer_id"].isin(drawn)],
        customers=snapshot.customers[snapshot.customers.index.isin(drawn)],
        outcomes=snapshot.outcomes[snapshot.outcomes["customer_id"].isin(drawn)],
    )


def _measure(
    kind: str,
    params: Mapping[str, Any],
    tuned: Path,
    snapshots: Sequence[Snapshot],
    settings: Settings,
    folder: Path,
) -> None:
    """Recommend at the test date; the outcome is only looked at to mark the hits."""
    calibrator = _read_calibrator(tuned)
    recommender: Recommender | None = None
    for scope in (settings.scope, *(s for s in SCOPES if s != settings.scope)):
        if recommender is None or "target" in recommender.get_params():
            recommender, history = fit_candidate(kind, params, scope, snapshots, settings)
        rows = _recommended(recommender, history, scope, settings.depth)
        if scope == settings.scope:
            rows = priced(rows, history, calibrator, settings.economics)
            rows = _marked(rows, snapshots[0], history, scope)
            write_state(folder, "recommender", recommender.get_state())
        rows.to_parquet(folder / f"{scope}.parquet")
    assert recommender is not None
    about = {"complexity": recommender.complexity, "family": recommender.family}
    (folder / "about.json").write_text(json.dumps(about))


def _read_calibrator(folder: Path) -> PurchaseCalibrator:
    return PurchaseCalibrator().set_state(json.loads((folder / "calibrator.json").read_text()))


def _measured(candidate: Candidate, params: dict[str, Any], tuned: Step, fitted: Step) -> Measured:
    about = json.loads((fitted.folder / "about.json").read_text())
    return Measured(
        candidate=candidate,
        params=params,
        calibrator=_read_calibrator(tuned.folder),
        trials=pd.read_parquet(tuned.folder / "trials.parquet"),
        offers={scope: pd.read_parquet(fitted.folder / f"{scope}.parquet") for scope in SCOPES},
        seconds=tuned.seconds + fitted.seconds,
        key=fitted.key,
        folder=fitted.folder,
        **about,
    )
