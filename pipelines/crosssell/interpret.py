"""Say what was found: the parts of the report, as frames and words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.money import Forecast, forecast_table
from experiments.item_names import item_names
from experiments.report import ListSummary, ReportData
from models.recommend.history import History
from pipelines.crosssell.evaluate import Evaluation
from pipelines.crosssell.knowledge import knowledge_of
from pipelines.crosssell.mine import LIST, Measured, Settings
from pipelines.crosssell.small_groups import hide_small_groups
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.make import CrossSellList

__all__ = ["GROSS", "LIMITATIONS", "list_summary", "report_data"]

GROSS = {
    "none": "Profit counts every purchase of an offered item, also those that would have been made"
    " without the offer. Only the control group can tell how much the contact itself brought.",
    "organic": "Of the profit is taken off what customers on average buy of an item, which knows"
    " nothing of the single customer. Only the control group can tell what the contact brought.",
    "file": "Of the profit is taken off what a file states to be bought without the offer. Only the"
    " control group can tell what the contact brought.",
}
LIMITATIONS = (
    "A sale is valued at the item's margin and its median order quantity, not at the size of the"
    " customer's own order.",
    "The probabilities hold as long as customers go on as in the windows that were measured; a"
    " season that the data never showed cannot be foreseen.",
)

FEW_BUYERS = 100
EXAMPLES = 12
CALIBRATION_BINS = 10


def report_data(
    evaluation: Evaluation,
    mined: Sequence[Measured],
    snapshots: Sequence[Snapshot],
    listed: ListSummary | None,
    offers: CrossSellList | None,
    items: pd.DataFrame,
    settings: Settings,
    load: Mapping[str, Any],
    about: Mapping[str, Any],
    forecasts: Sequence[Forecast] = (),
    notes: Sequence[str] = (),
    min_group: int = 1,
) -> ReportData:
    """Fill in the report.

    Parameters
    ----------
    evaluation : Evaluation
        What the last window said.
    mined : sequence of Measured
        The candidates.
    snapshots : sequence of Snapshot
        The test window, then the back-tests.
    listed : ListSummary
        The list in figures.
    offers : CrossSellList
        The list, for examples of reasons.
    items : pandas.DataFrame
        Names of the items.
    settings : Settings
        What all candidates have in common.
    load : mapping
        What became of every row.
    about : mapping
        What the job knows: ``name``, ``currency``, ``level``, ``versions``, ``seeds``, ``digests``,
        ``config``, ``command``.
    forecasts : sequence of Forecast
        What earlier lists were expected to earn, and earned.
    notes : sequence of str
        What else a person must know.
    min_group : int
        Smallest group of customers that is described.
    """
    history = snapshots[0].history(snapshots[0].vocabulary(settings.min_customers))
    names = item_names(items, history.items)
    winner = next(m for m in mined if m.candidate.name == evaluation.choice.winner)
    known, hidden = _knowledge(mined, history, names, min_group)
    return ReportData(
        title=f"Cross-sell: {about['name']}",
        as_of=str(snapshots[0].window.as_of),
        leaderboard=evaluation.leaderboard,
        winner=evaluation.choice.winner,
        winner_reason=evaluation.choice.reason,
        question=_question(settings),
        list=listed,
        windows=_windows(snapshots),
        load=_load(load),
        rejected=_rejected(load),
        profit_curves=evaluation.curves,
        gains=evaluation.gains,
        forecasts=forecast_table(forecasts) if forecasts else None,
        calibration=_calibration(winner.offers[LIST]),
        reasons=None if offers is None else _examples(offers, items),
        trials=_trials(mined),
        warnings=[*_warnings(evaluation, snapshots, load), *notes],
        limitations=(GROSS[settings.baseline.kind], *LIMITATIONS, *hidden),
        **known,
        **about,
    )


def list_summary(
    offers: CrossSellList,
    items: pd.DataFrame,
    outcome: tuple[str, str],
    file: str,
) -> ListSummary:
    """Give the list in a few figures.

    Parameters
    ----------
    offers : CrossSellList
        The list.
    items : pandas.DataFrame
        Names of the items.
    outcome : tuple of str
        First and last day in which the profit should be earned.
    file : str
        Name of the list's file.
    """
    counts, target = offers.counts(), offers.rows[~offers.rows["is_control"]]
    cost = offers.scorer.economics.contact_cost * counts["target_customers"]
    names = item_names(items, offers.history.items)
    top = target.groupby("item").agg(
        customers=("customer", "size"), expected_profit=("expected_profit", "sum")
    )
    top = top.sort_values(["customers", "expected_profit"], ascending=False).head(10).reset_index()
    code = top.pop("item").to_numpy(dtype=np.int64)
    top.insert(0, "item_name", names.to_numpy()[code])
    top.insert(0, "item_id", offers.history.items[code])
    return ListSummary(
        customers=int(counts["target_customers"]),
        rows=len(target),
        control=int(counts["control_customers"]),
        expected_profit=offers.expected_profit,
        contact_cost=cost,
        from_day=outcome[0],
        to_day=outcome[1],
        file=file,
        baseline=offers.scorer.baseline.kind,
        gap=offers.refusals.gap,
        top_items=top,
    )


def _question(settings: Settings) -> str:
    own = " that they do not own yet" if settings.scope == "new" else ""
    return f"What will each customer buy next{own}?"


def _windows(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    roles = ["test, looked at once", "tuning and calibration"]
    rows = []
    for place, snapshot in enumerate(snapshots):
        window = snapshot.window
        rows.append(
            {
                "window": "test" if place == 0 else f"back-test {place}",
                "role": roles[place] if place < len(roles) else "training",
                "as_of": str(window.as_of),
                "from": str(window.outcome_from.date()),
                "to": str((window.outcome_until - pd.Timedelta(days=1)).date()),
                "customers": snapshot.purchases["customer_id"].nunique(),
                "buyers": int(
                    snapshot.outcomes["customer_id"]
                    .drop_duplicates()
                    .isin(snapshot.purchases["customer_id"])
                    .sum()
                ),
            }
        )
    return pd.DataFrame(rows)


def _load(load: Mapping[str, Any]) -> pd.DataFrame:
    columns = ["source", "rows_in", "rows_loaded", "rows_rejected"]
    return pd.DataFrame(load["sources"])[columns]


def _rejected(load: Mapping[str, Any]) -> pd.DataFrame | None:
    rows = [
        {"source": source["source"], "reason": reason, "rows": count}
        for source in load["sources"]
        for reason, count in source["reasons"].items()
    ]
    return pd.DataFrame(rows) if rows else None


def _calibration(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Hold predicted against observed shares of purchases, with Wilson's interval.

    Wilson (1927), *Probable inference, the law of succession, and statistical inference*, JASA 22.
    """
    if rows.empty:
        return None
    order = rows["probability"].rank(method="first")
    bins = pd.cut(order, CALIBRATION_BINS, labels=False)
    table = rows.groupby(bins).agg(
        predicted=("probability", "mean"), observed=("bought", "mean"), pairs=("bought", "size")
    )
    z = 1.959963984540054
    p, n = table["observed"], table["pairs"]
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return table.assign(low=centre - half, high=centre + half).reset_index(drop=True)


def _examples(offers: CrossSellList, items: pd.DataFrame) -> pd.DataFrame:
    """Take one example an item, of those who promise most; no customer is named."""
    rows = offers.rows[~offers.rows["is_control"]]
    rows = rows.sort_values(["expected_profit", "customer"], ascending=[False, True])
    rows = rows.drop_duplicates("item").head(EXAMPLES)
    names = item_names(items, offers.history.items)
    reasons = offers.reasons(rows["customer"].to_numpy(), rows["item"].to_numpy())
    return pd.DataFrame(
        {
            "item_name": names.to_numpy()[rows["item"].to_numpy()],
            "probability": rows["probability"].to_numpy(),
            "reason": [reason.text for reason in reasons],
        }
    )


def _trials(mined: Sequence[Measured]) -> pd.DataFrame | None:
    parts = [
        m.trials.rename(columns={"number": "trial"}).assign(candidate=m.candidate.name)
        for m in mined
        if len(m.trials)
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def _warnings(
    evaluation: Evaluation, snapshots: Sequence[Snapshot], load: Mapping[str, Any]
) -> list[str]:
    found = []
    buyers = snapshots[0].outcomes["customer_id"].nunique()
    if buyers < FEW_BUYERS:
        found.append(f"Only {buyers} customers bought in the last window: figures are uncertain.")
    winner = evaluation.results[evaluation.choice.winner].profit
    if winner.realised.low <= 0:
        found.append("The interval of the profit reaches zero: the list may earn nothing.")
    if not winner.realised.low <= winner.expected.mean <= winner.realised.high:
        found.append(
            f"On the last window the predicted profit ({winner.expected.mean:,.0f}) lay outside the"
            f" interval of what was earned ({winner.realised.low:,.0f} to"
            f" {winner.realised.high:,.0f}): read the expectation of the list with that in mind."
        )
    share = load["rows_rejected"] / max(load["rows_in"], 1)
    if share > 0.1:
        found.append(f"{share:.0%} of the rows were rejected; see the reasons under data quality.")
    for column, count in load["orphans"].items():
        if count:
            found.append(f"{count:,} lines have a {column} that no declared table lists.")
    return found


def _knowledge(
    mined: Sequence[Measured], history: History, names: pd.Series, min_group: int
) -> tuple[dict[str, Any], list[str]]:
    """Give segments, rules and the tree of the candidates that have them; say what is hidden."""
    found: dict[str, Any] = {"segments": None, "rules": None, "tree": None}
    for each in mined:
        recommender = each.recommender()
        known = history.with_items(recommender.items_)
        found |= knowledge_of(recommender, known, names.reindex(recommender.items_))
    if found["segments"] is None:
        return found, []
    found["segments"], hidden = hide_small_groups(
        found["segments"], "segment", "customers", min_group
    )
    return found, [_hidden_segments(hidden, min_group)] if hidden else []


def _hidden_segments(hidden: int, min_group: int) -> str:
    return (
        f"{hidden} segments are not described: they have fewer than {min_group} customers, or would"
        " give away one that has."
    )
