"""Tune, fit and measure one candidate; each part is kept, so that a killed run goes on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import pandas as pd

from experiments.bundle.parts import read_state, write_state
from experiments.evaluation.money import Economics, profit_by_customer
from experiments.evaluation.ranking import ranking_metrics
from experiments.tuning import Tuned, tune
from models.calibration import PurchaseCalibrator
from models.recommend.base import Recommender
from models.recommend.history import History
from models.recommend.registry import create
from models.search import Range
from pipelines.cache import Cache, Step
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.baseline import Baseline
from pipelines.lists.policy import Policy, listed
from pipelines.lists.pricing import calibrated, priced
from pipelines.lists.restrictions import Restrictions

__all__ = ["LIST", "SCOPES", "Candidate", "Measured", "Settings", "mine_candidate"]

SCOPES = ("new", "all")
LIST = "list"


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
    restrictions : Restrictions
        Which pairs a list may hold.
    policy : Policy
        Caps of a list; its limits on contacts are those of `economics`.
    ks : tuple of int
        Lengths at which lists are measured.
    min_customers : int
        Customers who must have bought an item for it to be offered.
    economics : Economics
        Costs and margins.
    baseline : Baseline
        What would be bought without an offer.
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
    policy: Policy
    ks: tuple[int, ...]
    min_customers: int
    economics: Economics
    metric: str
    trials: int
    timeout_s: float | None
    tuning_customers: int | None
    seed: int
    restrictions: Restrictions = field(default_factory=Restrictions)
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def depth(self) -> int:
        """Rows a customer that are recommended, so that every measure has what it needs."""
        return max(self.policy.depth, *self.ks)

    def of_share(self, share: float) -> Self:
        """Scale the limits that hold for all customers together to a share of the customers."""
        money = self.economics
        return replace(
            self,
            economics=replace(
                money,
                budget=None if money.budget is None else money.budget * share,
                capacity=None if money.capacity is None else round(money.capacity * share),
            ),
            policy=self.policy.of_share(share),
        )

    def identity(self) -> dict[str, Any]:
        """Give the settings as plain values."""
        plain = asdict(replace(self, baseline=Baseline()))
        return {**plain, "baseline": self.baseline.identity()}


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
        For ``new`` and ``all``: ``customer``, ``item``, ``rank``, ``score``; for ``list``, what a
        list could hold: these with ``probability``, ``baseline``, ``margin`` and ``bought``.
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
    journal = cache.journal(candidate.name, earlier)
    tuned = cache.step(
        "mine",
        f"{candidate.name}-tuned",
        earlier,
        lambda folder: _tune(candidate, snapshots[1:], settings, journal, folder),
    )
    params = json.loads((tuned.folder / "params.json").read_text())
    fitted = cache.step(
        "mine",
        f"{candidate.name}-measured",
        {**depends, "tuned": params},
        lambda folder: _measure(candidate.kind, params, tuned.folder, snapshots, settings, folder),
    )
    return _measured(candidate, params, tuned, fitted)


def _tune(
    candidate: Candidate,
    snapshots: Sequence[Snapshot],
    settings: Settings,
    journal: Path,
    folder: Path,
) -> None:
    """Search on the latest back-test, and calibrate there with the parameters chosen."""
    everybody = Learnable.of(snapshots, settings.min_customers)
    sample = _sampled(snapshots, settings)
    some = everybody if sample is None else Learnable.of(sample, settings.min_customers)
    share = len(some.history.customers) / max(len(everybody.history.customers), 1)
    limits = settings.of_share(share)

    def objective(params: Mapping[str, Any]) -> float:
        return _value(_validated(candidate.kind, params, some, settings), some, limits)

    tuned = Tuned(dict(candidate.params), float("nan"), pd.DataFrame())
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
    rows = _validated(candidate.kind, tuned.params, everybody, settings)
    calibrator = calibrated(rows, everybody.history)
    (folder / "params.json").write_text(json.dumps(tuned.params, sort_keys=True))
    (folder / "calibrator.json").write_text(json.dumps(calibrator.get_state()))
    tuned.trials.to_parquet(folder / "trials.parquet")


def _defaults(candidate: Candidate) -> dict[str, Any]:
    params = create(candidate.kind).get_params()
    return {name: params[name] for name in candidate.space}


def _validated(
    kind: str, params: Mapping[str, Any], at: Learnable, settings: Settings
) -> pd.DataFrame:
    """Recommend at a back-test and mark what was bought."""
    recommender = at.fit(kind, params, settings.scope, settings.seed)
    rows = at.offers_for_list(recommender, settings.restrictions, settings.depth)
    return at.marked(rows, settings.scope)


def _value(rows: pd.DataFrame, at: Learnable, settings: Settings) -> float:
    """Measure a trial: the held-out profit, or the mean of a ranking metric."""
    if settings.metric == "profit":
        return _cross_fitted_profit(rows, at.history, settings)
    k = int(settings.metric.partition("@")[2])
    measures = ranking_metrics(rows, getattr(at.truth, settings.scope), ks=[k])
    return float(measures[settings.metric].mean())


def _cross_fitted_profit(rows: pd.DataFrame, history: History, settings: Settings) -> float:
    """Calibrate on one half of the customers and take the profit of the other, both ways."""
    odd = rows["customer"].to_numpy() % 2 == 1
    halves = []
    for half in (odd, ~odd):
        calibrator = calibrated(rows[~half], history)
        halves.append(_priced(rows[half], history, calibrator, settings))
    kept = listed(pd.concat(halves), settings.policy, history.customers, history.items)
    depth = kept["customer"].nunique()
    return float(profit_by_customer(kept, settings.economics, depth=depth).sum())


def _priced(
    rows: pd.DataFrame, history: History, calibrator: PurchaseCalibrator, settings: Settings
) -> pd.DataFrame:
    return priced(rows, history, calibrator, settings.economics, settings.baseline)


def _sampled(snapshots: Sequence[Snapshot], settings: Settings) -> list[Snapshot] | None:
    """Draw the customers to tune on, the same in every window; None when all take part."""
    if settings.tuning_customers is None:
        return None
    everybody = snapshots[0].purchases["customer_id"].drop_duplicates().sort_values()
    if len(everybody) <= settings.tuning_customers:
        return None
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
    at = Learnable.of(snapshots, settings.min_customers)
    recommender = at.fit(kind, params, settings.scope, settings.seed)
    write_state(folder, "recommender", recommender.get_state())
    rows = at.offers_for_list(recommender, settings.restrictions, settings.depth)
    rows = _priced(rows, at.history, _read_calibrator(tuned), settings)
    at.marked(rows, settings.scope).to_parquet(folder / f"{LIST}.parquet")
    if settings.restrictions.is_plain:
        ranked = rows[["customer", "item", "rank", "score"]]
    else:
        ranked = at.offers(recommender, settings.scope, settings.depth)
    ranked.to_parquet(folder / f"{settings.scope}.parquet")
    (other,) = (scope for scope in SCOPES if scope != settings.scope)
    if "target" in recommender.get_params():
        recommender = at.fit(kind, params, other, settings.seed)
    rows = at.offers(recommender, other, settings.depth)
    rows.to_parquet(folder / f"{other}.parquet")
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
        offers={
            name: pd.read_parquet(fitted.folder / f"{name}.parquet") for name in (*SCOPES, LIST)
        },
        seconds=tuned.seconds + fitted.seconds,
        key=fitted.key,
        folder=fitted.folder,
        **about,
    )
