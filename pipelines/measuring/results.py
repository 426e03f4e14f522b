"""The figures of a measurement: overall, in parts, and against what the list promised."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from experiments.effect import Effect, complier_effect, effect, ratio_effect
from experiments.effect.breakdown import breakdown, effect_frame
from pipelines.measuring.given_list import GivenList
from pipelines.measuring.outcomes import OUTCOMES, RATIOS

__all__ = ["PARTS", "Measured", "calibration", "measured", "overall_frame"]

PARTS = ("segment", "model", "decile")
FEWEST = 10


@dataclass(frozen=True)
class Measured:
    """All figures.

    Attributes
    ----------
    overall : dict of str to Effect
        By outcome; adjusted for the past where that was given.
    unadjusted : dict of str to Effect
        The same without the past.
    ratios : dict of str to Effect
        By ratio.
    compliers : dict of str to Effect
        Response and profit of those contacted because they were drawn; empty where contacts are
        as drawn or not known.
    parts : pandas.DataFrame
        ``subject``, ``part``, ``outcome`` and the columns of
        `experiments.effect.breakdown.effect_frame`.
    left_out : dict of str to int
        Parts with fewer than ten customers in a group, by subject.
    calibration : pandas.DataFrame
        See `calibration`.
    """

    overall: dict[str, Effect]
    unadjusted: dict[str, Effect]
    ratios: dict[str, Effect]
    compliers: dict[str, Effect]
    parts: pd.DataFrame
    left_out: dict[str, int]
    calibration: pd.DataFrame


def measured(
    given: GivenList,
    rows: pd.DataFrame,
    frame: pd.DataFrame,
    known: np.ndarray | None,
    contacted: pd.Series | None,
    level: float,
) -> Measured:
    """Compare target with control in every way that is reported.

    Parameters
    ----------
    given : GivenList
        The list.
    rows, frame : pandas.DataFrame
        What `row_outcomes` and `outcomes` gave.
    known : numpy.ndarray, optional
        What `covariates` gave.
    contacted : pandas.Series of bool, optional
        Who was contacted.
    level : float
        Coverage of the intervals.
    """
    treated = given.customers["treated"].to_numpy()
    plain = {name: effect(frame[name].to_numpy(), treated, level=level) for name in OUTCOMES}
    overall = plain
    if known is not None:
        overall = {
            name: effect(frame[name].to_numpy(), treated, known, level=level) for name in OUTCOMES
        }
    ratios = {
        name: ratio_effect(frame[above].to_numpy(), frame[below].to_numpy(), treated, level=level)
        for name, (_, above, below) in RATIOS.items()
    }
    parts, left_out = _parts(given, rows, frame, known, level)
    return Measured(
        overall,
        plain,
        ratios,
        _compliers(frame, treated, contacted, level),
        parts,
        left_out,
        calibration(given, rows, frame, level),
    )


def _compliers(
    frame: pd.DataFrame, treated: np.ndarray, contacted: pd.Series | None, level: float
) -> dict[str, Effect]:
    if contacted is None or (contacted.to_numpy() == treated).all():
        return {}
    found = {
        name: complier_effect(frame[name].to_numpy(), treated, contacted.to_numpy(), level=level)
        for name in ("response", "profit")
    }
    return {name: one for name, one in found.items() if one is not None}


def _parts(
    given: GivenList,
    rows: pd.DataFrame,
    frame: pd.DataFrame,
    known: np.ndarray | None,
    level: float,
) -> tuple[pd.DataFrame, dict[str, int]]:
    tables, left_out = [], {}
    for subject in PARTS:
        by = given.customers[subject]
        enough = by.isin(_large_enough(by, given.customers["treated"]))
        left_out[subject] = int(by[~enough].nunique())
        for outcome in ("response", "profit"):
            table = breakdown(
                frame.loc[enough, outcome],
                given.customers.loc[enough, "treated"],
                by[enough],
                None if known is None else known[enough.to_numpy()],
                name="part",
                level=level,
            )
            tables.append(_named(table, subject, outcome))
    for subject, column in (("rank", "rank"), ("rule", "evidence_id")):
        found, few = _by_row(rows, column, level)
        left_out[subject] = few
        tables += [_named(table, subject, outcome) for outcome, table in found.items()]
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True), left_out


def _by_row(rows: pd.DataFrame, column: str, level: float) -> tuple[dict[str, pd.DataFrame], int]:
    """Measure what stands in rows: customers with such a row, by the items of such rows alone.

    The cost of the contact is that of the whole list, so profit is before it.
    """
    each = rows.groupby([column, "customer_id"], sort=True).agg(
        response=("bought", "max"), margin=("margin", "sum"), group=("group", "first")
    )
    each = each.reset_index().assign(treated=lambda frame: frame["group"] == "target")
    enough = each[column].isin(_large_enough(each[column], each["treated"]))
    few = int(each.loc[~enough, column].nunique())
    kept = each[enough]
    return {
        outcome: breakdown(kept[outcome], kept["treated"], kept[column], name="part", level=level)
        for outcome in ("response", "margin")
    }, few


def _large_enough(by: pd.Series, treated: pd.Series) -> pd.Index:
    sizes = pd.crosstab(by.to_numpy(), treated.to_numpy()).reindex(
        columns=[False, True], fill_value=0
    )
    return sizes.index[(sizes >= FEWEST).all(axis=1)]


def _named(table: pd.DataFrame, subject: str, outcome: str) -> pd.DataFrame:
    named = table.assign(part=table["part"].astype(str), subject=subject, outcome=outcome)
    first = ["subject", "part", "outcome"]
    return named[[*first, *(name for name in named if name not in first)]]


def calibration(
    given: GivenList, rows: pd.DataFrame, frame: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Hold what the list expected of its targets against what they did.

    Returns
    -------
    pandas.DataFrame
        One row a decile of expected profit and one for ``all``: ``decile``, ``customers``,
        ``expected_profit`` and ``realised_profit`` (totals of the targets, with
        ``realised_profit_low`` and ``_high``), ``expected_purchases`` and ``purchases`` of listed
        items. The list expects purchases, not those it causes: hold this against all that targets
        bought, and the effect against the controls.
    """
    people = given.customers.join(frame["profit"])
    buys = rows.groupby("customer_id").agg(
        expected_purchases=("probability", "sum"), purchases=("bought", "sum")
    )
    target = people[people["treated"]].join(buys)
    groups: Mapping[str, pd.DataFrame] = {
        **{str(decile): part for decile, part in target.groupby("decile")},
        "all": target,
    }
    return pd.DataFrame([_against(name, part, level) for name, part in groups.items()])


def _against(name: str, part: pd.DataFrame, level: float) -> dict[str, object]:
    n, realised = len(part), float(part["profit"].sum())
    far = float("nan")
    if n > 1:
        far = float(special.stdtrit(n - 1, (1 + level) / 2) * part["profit"].std() * np.sqrt(n))
    return {
        "decile": name,
        "customers": n,
        "expected_profit": float(part["expected_profit"].sum()),
        "realised_profit": realised,
        "realised_profit_low": realised - far,
        "realised_profit_high": realised + far,
        "expected_purchases": float(part["expected_purchases"].sum()),
        "purchases": float(part["purchases"].sum()),
    }


def overall_frame(effects: dict[str, Effect]) -> pd.DataFrame:
    """Set the effects on all outcomes as a frame; see `effect_frame`."""
    return effect_frame(effects, "outcome")
