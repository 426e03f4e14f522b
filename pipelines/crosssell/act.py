"""Fit the winner on everything known, and decide whether it becomes the champion."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from scipy import stats

import lodeworks
from experiments.bundle import Bundle, load_bundle
from experiments.drift import profile_of
from experiments.evaluation.bootstrap import paired_difference
from experiments.evaluation.money import Profit, Spread
from experiments.registry import ModelVersion, Registry
from models.baskets import BasketTable
from models.calibration import PurchaseCalibrator
from models.recommend.base import Recommender
from models.recommend.history import History
from models.segments import ValuePyramid
from pipelines.cache import Cache
from pipelines.crosssell.evaluate import Intervals, profit_of
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.mine import LIST, Candidate, Measured, Settings, mine_candidate
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.bundled import spec_meta
from pipelines.lists.make import ListSpec
from pipelines.lists.pricing import calibrated, priced
from pipelines.promotion import Promotion

__all__ = [
    "decide",
    "final_bundle",
    "fit_winner",
    "profile_of_offers",
    "standing_figure",
]


def fit_winner(
    winner: Measured, latest: Snapshot, labelled: Sequence[Snapshot], settings: Settings
) -> tuple[Recommender, PurchaseCalibrator, History]:
    """Fit the winning recipe at the latest date; calibrate it on the last window.

    The calibrator learns from the offers that were made at the test date without knowing what
    followed, where that is known at the latest date; otherwise it stays as it was measured.

    Parameters
    ----------
    winner : Measured
        Recipe, and offers at the test date with what was bought.
    latest : Snapshot
        Everything known.
    labelled : sequence of Snapshot
        The test window and the back-tests, latest first.
    settings : Settings
        What all candidates have in common.
    """
    known = [one for one in labelled if one.window.outcome_until <= latest.window.seen_until]
    now = Learnable.of([latest, *known], settings.min_customers)
    recommender = now.fit(winner.candidate.kind, winner.params, settings.scope, settings.seed)
    test = labelled[0]
    if not known or known[0] is not test:
        return recommender, winner.calibrator, now.history
    at_test = test.history(test.vocabulary(settings.min_customers))
    return recommender, calibrated(winner.offers[LIST], at_test), now.history


def final_bundle(
    winner: Measured,
    fitted: tuple[Recommender, PurchaseCalibrator, History],
    *,
    items: pd.DataFrame,
    spec: ListSpec,
    spread: Spread,
    figure: Mapping[str, float],
    settings: Settings,
    meta: Mapping[str, Any],
    offered: Mapping[str, Any],
) -> Bundle:
    """Put together what is exported.

    Parameters
    ----------
    winner : Measured
        Gives the recipe.
    fitted : tuple
        What `fit_winner` gave.
    items : pandas.DataFrame
        The warehouse's items: ``item_id``, ``item_name``, ``category``, ``price``, ``margin``.
    spec : ListSpec
        The terms of the list.
    spread : Spread
        How far the winner's profit lay around its mean on held-out data.
    figure : mapping
        What `standing_figure` gave.
    settings : Settings
        What all candidates have in common.
    meta : mapping
        What the job knows: name, sources, window, features, currency.
    offered : mapping
        What `profile_of_offers` gave of the winner's offers at the test date.
    """
    recommender, calibrator, history = fitted
    spend = history.lines.groupby("customer")["amount"].sum()
    known = items[items["item_id"].isin(set(recommender.items_))]
    return Bundle(
        recommender=recommender,
        calibrator=calibrator,
        items=known.sort_values("item_id", ignore_index=True),
        item_features=history.item_features.reindex(recommender.items_),
        meta={
            **meta,
            **spec_meta(spec, settings.economics, spread, ValuePyramid().fit(spend)),
            "recipe": {
                "kind": winner.candidate.kind,
                "params": winner.params,
                "scope": settings.scope,
            },
            "as_of": str(history.as_of.date()),
            "trained_through": str(history.as_of.date()),
            "min_customers": settings.min_customers,
            "seed": settings.seed,
            "figure": dict(figure),
            "version": lodeworks.__version__,
            "customer_features": list(history.customer_features.columns),
        },
        profile={**_profile(history), "offers": dict(offered)},
        baskets=BasketTable().fit(history.with_items(recommender.items_)),
    )


def standing_figure(profit: Profit) -> dict[str, float]:
    """Give what a customer of the test window earned on average, to hold later fits against."""
    customers = max(profit.realised.n, 1)
    return {
        "profit_per_customer": profit.realised.mean / customers,
        "se": profit.realised.se / customers,
    }


def _profile(history: History) -> dict[str, Any]:
    """Describe the training data, so that later data can be held against it."""
    return {
        "customers": len(history.customers),
        "items": len(history.items),
        "lines": len(history.lines),
        "features": profile_of(history.customer_features),
    }


def profile_of_offers(offers: pd.DataFrame, items: pd.Index) -> dict[str, Any]:
    """Describe offers before any policy: how probable the purchases are, and of which items.

    Parameters
    ----------
    offers : pandas.DataFrame
        ``customer``, ``item``, ``rank``, ``probability``.
    items : pandas.Index
        Identifiers by the codes of ``item``.
    """
    shares = items[offers["item"]].value_counts(normalize=True)
    return {
        "n": len(offers),
        "depth": int(offers["rank"].max()) if len(offers) else 0,
        "probability": profile_of(offers[["probability"]])["probability"],
        "items": {str(item): float(share) for item, share in shares.sort_index().items()},
    }


def decide(
    registry: Registry,
    made: ModelVersion,
    bundle: Bundle,
    winner: Measured,
    *,
    alias: str,
    snapshots: Sequence[Snapshot],
    keys: Sequence[str],
    settings: Settings,
    intervals: Intervals,
    cache: Cache,
) -> Promotion:
    """Say whether the alias may point to the new version: when it beats the present champion.

    Both are held against the last window, which neither may have learned from: therefore the
    champion's recipe is fitted again with what was known at the test date. The same recipe,
    trained through the same or a later day, is a refreshed champion: it need not earn more, and is
    refused only where it is measurably worse than the champion as it stands, which may be the sign
    of data that went wrong.
    """
    name, version = made.name, made.version
    present = registry.champion(name, alias)
    if present is None:
        return Promotion(name, version, "first", version, "There was no champion before.")
    old_version, folder = present
    if old_version == version:
        return Promotion(name, version, "unchanged", version, "It is the champion already.")
    champion = load_bundle(folder)
    if _is_refreshed(champion, bundle):
        worse, reason = _is_worse(champion, old_version, winner, snapshots[0], settings, intervals)
        status = "refused" if worse else "refreshed"
        return Promotion(name, version, status, old_version if worse else version, reason)
    better, reason = _compare(
        champion, old_version, winner, snapshots, keys, settings, intervals, cache
    )
    status = "better" if better else "refused"
    return Promotion(name, version, status, version if better else old_version, reason)


def _is_refreshed(champion: Bundle, challenger: Bundle) -> bool:
    same = bool(champion.meta.get("recipe") == challenger.meta["recipe"])
    before = str(champion.meta.get("trained_through"))
    return same and before <= str(challenger.meta["trained_through"])


def _is_worse(
    champion: Bundle,
    old_version: str,
    winner: Measured,
    test: Snapshot,
    settings: Settings,
    intervals: Intervals,
) -> tuple[bool, str]:
    """Hold a recipe that was fitted again against the champion as it stands.

    A champion that was trained after the test date has seen some of the outcome and looks better
    than it is. Then the new fit must also be worse than the figure of the champion's own test, on
    another window, which alone may differ by the season.
    """
    history = test.history(test.vocabulary(settings.min_customers))
    new = profit_of(winner.offers, history, settings)
    old = _standing_profit(champion, test, settings)
    ahead = paired_difference(new, old, intervals.level, intervals.resamples, settings.seed)
    worse = ahead.high < 0
    reason = f"The recipe of version {old_version}, fitted again"
    if str(champion.meta["trained_through"]) > str(test.window.as_of):
        worse = worse and _is_below(new, champion.meta.get("figure"), intervals.level)
    if not worse:
        return False, f"{reason}."
    total = ahead.times(len(new))
    return True, (
        f"{reason}, earns {-total.mean:,.2f} less than that version as it stands (on the same"
        f" window, {intervals.level:.0%} interval {-total.high:,.2f} to {-total.low:,.2f}): are"
        " the data whole?"
    )


def _is_below(new: pd.Series, figure: Mapping[str, float] | None, level: float) -> bool:
    """Tell whether customers earn measurably less than in the champion's own test."""
    if figure is None:
        return False
    error = math.hypot(float(new.std(ddof=1)) / math.sqrt(len(new)), figure["se"])
    gap = float(new.mean()) - figure["profit_per_customer"]
    return gap + float(stats.norm.ppf((1 + level) / 2)) * error < 0


def _standing_profit(champion: Bundle, test: Snapshot, settings: Settings) -> pd.Series:
    """Let the champion itself, not its recipe, make the list of the test window."""
    recommender = champion.recommender
    columns = champion.meta["customer_features"]
    seen = replace(test, customers=test.customers.reindex(columns=columns))
    history = seen.history(recommender.items_)
    at = Learnable(seen, history, ())
    rows = at.offers_for_list(recommender, settings.restrictions, settings.depth)
    rows = priced(rows, history, champion.calibrator, settings.economics, settings.baseline)
    return profit_of({LIST: at.marked(rows, settings.scope)}, history, settings)


def _compare(
    champion: Bundle,
    old_version: str,
    winner: Measured,
    snapshots: Sequence[Snapshot],
    keys: Sequence[str],
    settings: Settings,
    intervals: Intervals,
    cache: Cache,
) -> tuple[bool, str]:
    recipe = champion.meta["recipe"]
    again = mine_candidate(
        Candidate(f"champion-{old_version}", recipe["kind"], recipe["params"], {}),
        snapshots,
        keys,
        replace(settings, trials=0),
        cache,
    )
    history = snapshots[0].history(snapshots[0].vocabulary(settings.min_customers))
    new, old = (profit_of(each.offers, history, settings) for each in (winner, again))
    ahead = paired_difference(new, old, intervals.level, intervals.resamples, settings.seed).times(
        len(new)
    )
    told = (
        f"On the same window the new one ({winner.candidate.name}) earns {new.sum():,.2f}, version "
        f"{old_version} ({recipe['kind']}) {old.sum():,.2f}; the difference of {ahead.mean:,.2f} "
        f"has the {intervals.level:.0%} interval {ahead.low:,.2f} to {ahead.high:,.2f}."
    )
    return bool(new.sum() > old.sum()), told
