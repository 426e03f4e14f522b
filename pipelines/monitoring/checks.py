"""Each comparison of today with the training, as one row with its limit and a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from experiments.drift import feature_drift, share_distance
from pipelines.config.monitoring import Monitoring as Limits

__all__ = [
    "Check",
    "calibration_checks",
    "check_frame",
    "feature_checks",
    "item_checks",
    "offer_checks",
    "volume_checks",
]

CHANCE = 0.01
"""A difference that chance makes more often than this is no alarm."""


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes
    ----------
    check, subject : str
        What was compared, such as ``psi``, and of what.
    value, limit : float
        The figure, and how far it may go.
    alarm : bool
        Whether it went further, and further than chance.
    sentence : str
        In words.
    """

    check: str
    subject: str
    value: float
    limit: float
    alarm: bool
    sentence: str


def check_frame(checks: Sequence[Check]) -> pd.DataFrame:
    """Give the checks as a frame, alarms first."""
    columns = ["check", "subject", "value", "limit", "alarm", "sentence"]
    frame = pd.DataFrame([asdict(one) for one in checks], columns=columns)
    return frame.sort_values("alarm", ascending=False, kind="stable", ignore_index=True)


def volume_checks(
    then: Mapping[str, int], now: Mapping[str, int], load: Mapping[str, Any], limits: Limits
) -> Iterator[Check]:
    """Compare how much there is, and how much of it was rejected."""
    for what in ("customers", "lines"):
        ratio = now[what] / max(then[what], 1)
        out = not limits.volume_low <= ratio <= limits.volume_high
        limit = limits.volume_low if ratio < 1 else limits.volume_high
        told = f"{now[what]:,} {what}, {ratio:.2f} times the training's {then[what]:,}"
        yield Check("volume", what, ratio, limit, out, told)
    rejected = load["rows_rejected"] / max(load["rows_in"], 1)
    told = f"{load['rows_rejected']:,} of {load['rows_in']:,} rows were rejected"
    yield Check("rejected", "rows", rejected, limits.rejected, rejected > limits.rejected, told)


def feature_checks(
    profile: Mapping[str, Any], features: pd.DataFrame, limits: Limits
) -> Iterator[Check]:
    """Compare every indicator: there at all, missing values, distribution, separability."""
    for name in sorted(set(profile) - set(features.columns)):
        yield Check("schema", name, 1.0, 0.0, True, f"the data no longer give {name}")
    for row in feature_drift(profile, features).to_dict("records"):
        yield from _of_feature(row, limits)


def _of_feature(row: Mapping[Any, Any], limits: Limits) -> Iterator[Check]:
    name, psi, auc = str(row["feature"]), float(row["psi"]), float(row["auc"])
    beyond_chance = float(row["p"]) < CHANCE
    told = f"{name} moved by a stability index of {psi:.3f}"
    told += "" if beyond_chance else " (chance alone could do it)"
    yield Check("psi", name, psi, limits.psi, beyond_chance and psi > limits.psi, told)
    told = f"{name} alone tells today from the training with an AUC of {auc:.3f}"
    yield Check("auc", name, auc, limits.auc, beyond_chance and auc > limits.auc, told)
    then, now = float(row["missing_then"]), float(row["missing_now"])
    told = f"{now:.1%} of {name} are missing, {then:.1%} before"
    yield Check("missing", name, now - then, limits.missing, now - then > limits.missing, told)


def item_checks(items: pd.Series, known: pd.Index, limits: Limits) -> Iterator[Check]:
    """Compare the items that are bought with those that the model knows."""
    unknown = float((~items.isin(known)).mean()) if len(items) else 0.0
    told = f"{unknown:.1%} of the lines are of items that the model does not know"
    alarm = unknown > limits.unknown_items
    yield Check("unknown_items", "lines", unknown, limits.unknown_items, alarm, told)


def offer_checks(
    then: Mapping[str, Any], now: Mapping[str, Any], probability: pd.Series, limits: Limits
) -> Iterator[Check]:
    """Compare what the model would offer, before any policy."""
    moved_by = feature_drift({"p": then["probability"]}, probability.to_frame("p")).iloc[0]
    psi = float(moved_by["psi"])
    sentence = f"the predicted probabilities moved by a stability index of {psi:.3f}"
    alarm = psi > limits.scores and float(moved_by["p"]) < CHANCE
    yield Check("scores", "probability", psi, limits.scores, alarm, sentence)
    moved, chance = share_distance(then["items"], now["items"], then["n"], now["n"])
    sentence = f"{moved:.0%} of the offers went to other items than in the training's test"
    alarm = moved - chance > limits.offers
    yield Check("offers", "items", moved, limits.offers, alarm, sentence)


def calibration_checks(rows: pd.DataFrame, limits: Limits) -> Iterator[Check]:
    """Compare what an earlier list expected with what was bought.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer_id``, ``probability`` and ``bought`` (1 or 0) of the rows of the list.
    limits : Monitoring
        Gives the largest difference.
    """
    by_customer = rows.groupby("customer_id")[["probability", "bought"]].sum()
    expected, bought = float(rows["probability"].sum()), float(rows["bought"].sum())
    gap = (by_customer["bought"] - by_customer["probability"]).to_numpy()
    error = float(np.std(gap, ddof=1) * np.sqrt(len(gap))) if len(gap) > 1 else float("inf")
    off = (bought - expected) / max(expected, 1e-12)
    sure = abs(bought - expected) > stats.norm.ppf(0.995) * error
    told = f"{bought:,.0f} of {len(rows):,} offers were bought, {expected:,.1f} were expected"
    alarm = bool(abs(off) > limits.calibration and sure)
    yield Check("calibration", "list", abs(off), limits.calibration, alarm, told)
