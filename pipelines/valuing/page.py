"""The report of the question what customers are worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.report.numbers import compact, count, money
from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Bar, Line, bar_chart, line_chart
from models.segments.pyramid import LEVELS
from models.value import Selection
from pipelines.config.value import ValueQuestion
from pipelines.segmenting.publishing import publish_classes
from pipelines.valuing.bundled import ValueBundle
from pipelines.valuing.compete import Contest
from pipelines.valuing.histories import Calibrated
from pipelines.valuing.look_alikes import LookAlikes
from pipelines.valuing.relating import Relations
from pipelines.valuing.relations_page import (
    equity_part,
    left_out_part,
    relations_part,
    switching_part,
)
from pipelines.valuing.switching import Switched

__all__ = ["Found", "page"]

POINTS = 80
# Of the total of purchases held out.
NEAR = 0.1
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that the page tells."""

    config: ValueQuestion
    seen: Calibrated
    contest: Contest
    bundle: ValueBundle
    customers: pd.DataFrame
    selection: Selection
    tracking: pd.DataFrame
    curve: pd.DataFrame
    periods: pd.DataFrame
    alike: LookAlikes | None
    what_if: pd.DataFrame
    relations: Relations | None = None
    switched: Switched | None = None
    equity: pd.DataFrame | None = None

    @property
    def currency(self) -> str:
        """Code of the money."""
        return self.config.economics.currency

    @property
    def total(self) -> float:
        """Value of all customers."""
        return float(self.customers["lifetime_value"].sum())

    @property
    def winner(self) -> pd.Series:
        """The winner's row of the board."""
        board = self.contest.board
        return board[board["winner"]].iloc[0]


def page(found: Found) -> Sheet:
    """Write the report."""
    off, days = float(found.winner["off_total"]), found.config.window.outcome
    return Sheet(
        title=f"Value of customers: {found.config.name}",
        headline=_headline(found),
        mood="good" if abs(off) < NEAR else "open",
        verdict=f"on the {days} days held out the model was off by {off:+.1%}",
        lead=_lead(found),
        tiles=_tiles(found),
        parts=[
            _classes(found),
            _tracking(found),
            _candidates(found),
            _concentration(found),
            *([] if found.alike is None else [_alike(found.alike)]),
            *_asked(found),
            _what_if(found),
            *([] if (left := left_out_part(found.config)) is None else [left]),
        ],
        doubts=_doubts(found),
        currency=found.currency,
        about={
            "calibration": f"up to {found.seen.as_of}, held against the days to {found.seen.until}",
            "values": f"at the end of {found.seen.until}",
            "seed": str(found.config.seed),
        },
    )


def _asked(found: Found) -> list[Part]:
    """Write the parts that were asked for."""
    config, parts = found.config, []
    if found.relations is not None:
        parts.append(relations_part(found.relations, found.currency, config.privacy.min_group))
    if found.switched is not None and config.switching is not None:
        parts.append(switching_part(found.switched, config.switching.own, found.currency))
    if found.equity is not None:
        parts.append(equity_part(found.equity, found.currency))
    return parts


def _headline(found: Found) -> str:
    days = found.config.economics.horizon
    worth = money(found.total, found.currency)
    return f"{len(found.customers):,} customers are worth {worth} over the next {days} days."


def _lead(found: Found) -> list[str]:
    alive, all_ = float(found.customers["p_alive"].sum()), len(found.customers)
    tenth = found.customers["lifetime_value"].nlargest(max(1, all_ // 10)).sum()
    told = [
        f"About {alive:,.0f} of {all_:,} customers are still buying. The best tenth carries"
        f" {tenth / found.total:.0%} of the value."
        if found.total > 0
        else "Nothing is expected.",
        f"The tenth that {found.contest.winner} put first went on to spend"
        f" {found.winner['share_reached_by_top']:.0%} of all the money of the days held out.",
    ]
    if found.selection.forgone > 0:
        chosen = int(found.selection.chosen.sum())
        told.append(
            f"Within the limits {chosen:,} customers are chosen, worth"
            f" {money(found.selection.value, found.currency)}; value of"
            f" {money(found.selection.forgone, found.currency)} is forgone."
        )
    return told


def _tiles(found: Found) -> dict[str, tuple[str, str]]:
    peak = found.curve["share_of_profit"].max()
    return {
        "Customer equity": _equity_tile(found),
        "Still buying": (count(float(found.customers["p_alive"].sum())), "customers expected"),
        "Model": (found.contest.winner, "chosen on days held out"),
        "Peak of the profit curve": (
            "unknown" if np.isnan(peak) else f"{peak:.0%}",
            "of all profit so far",
        ),
    }


def _equity_tile(found: Found) -> tuple[str, str]:
    if found.equity is None:
        return compact(found.total, found.currency), "discounted margin"
    total = float(found.equity["total_value"].sum())
    return compact(total, found.currency), "with customers still to be won"


def _classes(found: Found) -> Part:
    grouped = found.customers.groupby("value_class")
    table = pd.DataFrame(
        {
            "customers": grouped.size(),
            "share_of_customers": grouped.size() / len(found.customers),
            "mean_alive": grouped["p_alive"].mean(),
            "expected_purchases": grouped["expected_purchases"].mean(),
            "mean_value": grouped["lifetime_value"].mean(),
            "share_of_value": grouped["lifetime_value"].sum() / max(found.total, 1e-12),
        }
    )
    table = table.reindex([level for level in LEVELS if level in table.index]).reset_index()
    table = publish_classes(table, found.config.privacy.min_group, ("value_class",))
    shown = table.dropna(subset=["share_of_value"])
    bars = [
        Bar(str(name), float(share))
        for name, share in zip(shown["value_class"], shown["share_of_value"], strict=True)
    ]
    picture = bar_chart(
        "classes", "Value by class", "share of all value", bars, lambda share: f"{share:.0%}"
    )
    return Part(
        heading="Classes of value",
        text=[
            "Who is in which class is in the table of customers beside this report. Classes too"
            " small to be shown have no figures here."
        ],
        tables={"By class, per customer": table},
        figures=[Plot(picture, "Share of all value that each class carries.", table)],
    )


def _tracking(found: Found) -> Part:
    table, figures = found.tracking, []
    for slug, title, names in (
        ("cumulative", "All so far", ("cumulative_actual", "cumulative_expected")),
        ("weekly", "In each period", ("actual", "expected")),
    ):
        lines = [
            Line(said, table["period"].to_numpy(), table[name].to_numpy(), style)
            for said, name, style in (
                ("what happened", names[0], "c1"),
                (found.contest.winner, names[1], "c2 strong"),
            )
        ]
        picture = line_chart(
            f"tracking-{slug}",
            f"Repeat purchases: {title.lower()}",
            "expected against what happened",
            lines,
            x_label=f"periods of {found.config.window.unit} days",
            y_label="repeat purchases",
            x_text=count,
            y_text=count,
            mark=float(table["calibration"].sum()),
            mark_text="calibration ends",
        )
        legend = tuple((line.name, line.style) for line in lines)
        figures.append(
            Plot(picture, f"{title}; right of the mark nothing was known.", table, legend)
        )
    return Part(heading="Does it track?", figures=figures)


def _candidates(found: Found) -> Part:
    fitted = found.bundle.buying.intervals(found.config.evaluation.level)
    fitted = fitted.rename(columns={"standard_error": "se"})
    spending = found.bundle.spending
    spend = pd.DataFrame(
        {
            "parameter": list(spending.parameters_),
            "estimate": list(spending.parameters_.values()),
            "se": list(spending.standard_errors_.values()),
        }
    )
    return Part(
        heading="The models",
        text=[
            found.contest.reason,
            "Log-likelihood is that of what each customer did on the days held out, given all"
            " before; a forecast of the same rate holds much of it for impossible and has none.",
        ],
        tables={
            "On the days held out": found.contest.board,
            f"Parameters of {found.contest.winner}, fitted on everything": fitted,
            "Parameters of money per purchase (Gamma-Gamma)": spend,
        },
    )


def _concentration(found: Found) -> Part:
    curve = found.curve
    places = np.unique(np.linspace(0, len(curve) - 1, POINTS).round().astype(int))
    few = curve.iloc[places].reset_index(drop=True)
    line = Line("profit", few["share_of_customers"].to_numpy(), few["share_of_profit"].to_numpy())
    picture = line_chart(
        "concentration",
        "Who earns the profit",
        "share of profit against share of customers, best first",
        [line],
        x_label="share of customers",
        y_label="share of profit so far",
        x_text=lambda share: f"{share:.0%}",
        y_text=lambda share: f"{share:.0%}",
    )
    by_month = found.periods.groupby("period")["profit"].agg(
        profit="sum", customers="size", losing=lambda each: int((each < 0).sum())
    )
    monthly = _told_of_many(pd.DataFrame(by_month), found.config.privacy.min_group)
    peak = curve["share_of_profit"].max()
    return Part(
        heading="Profit so far",
        text=[
            "No share can be told: profit sums to nothing."
            if np.isnan(peak)
            else f"The curve peaks at {peak:.1%} of all profit: beyond that customers cost money.",
        ],
        tables={"By month, returns taken off": monthly.reset_index()},
        figures=[Plot(picture, "Share of all profit that the best customers bring.", few)],
    )


def _told_of_many(monthly: pd.DataFrame, least: int) -> pd.DataFrame:
    """Blank months, and numbers of losing customers, that tell on few."""
    shown = monthly.astype(float).where(monthly["customers"] >= least)
    few = (shown["losing"] < least) & (shown["losing"] > 0)
    shown.loc[few, "losing"] = np.nan
    return shown


def _alike(alike: LookAlikes) -> Part:
    area = alike.auc
    text = [
        "The fifth of the customers with most profit so far, described by what a usual order is"
        " made of and by what is declared of them; how much and how often they buy is left out.",
        f"The score of likeness puts a profitable customer above another one in {area.mean:.0%} of"
        f" pairs ({area.low:.0%} to {area.high:.0%}; chance is 50%), by trees that had not seen"
        " them. The other customers and their scores are in the table look_alikes beside this"
        " report.",
    ]
    tables = {}
    if alike.groups.empty:
        text.append("No trait parts them.")
    else:
        tables["Groups, counted on customers not used to find them"] = alike.groups
    differ = alike.differences[alike.differences["p_corrected"] < ALPHA]
    text.append(
        f"Of {len(alike.differences)} traits compared, {len(differ)} differ by more than chance"
        f" between the profitable and the others (corrected p below {ALPHA:g})."
    )
    if len(differ):
        tables["Traits that differ; intervals and p allow for the number of traits"] = differ
    return Part(heading="Who looks like the profitable", text=text, tables=tables)


def _what_if(found: Found) -> Part:
    wide = found.what_if.pivot_table(index="discount", columns="retention", values="total_value")
    wide.columns = [f"amount at {name:g}" for name in wide.columns]
    return Part(
        heading="What if",
        text=[
            "Value of all customers by yearly discount rate (rows) and by the share of the expected"
            " purchases that remains from one month to the next (columns)."
        ],
        tables={"Value of all customers": wide.reset_index()},
    )


def _doubts(found: Found) -> list[str]:
    told = [
        "Money of a purchase is taken not to depend on how often a customer buys.",
        "Value is margin; what it costs to win or to keep a customer is not in it.",
    ]
    observed = (found.seen.purchases["ordered_at"].min()).date()
    told.append(
        f"Purchases are known from {observed}; who bought before counts as new at the first"
        " purchase seen."
    )
    wide = [
        name
        for name, error in found.bundle.buying.standard_errors_.items()
        if error > found.bundle.buying.parameters_[name]
    ]
    if wide:
        told.append(f"The data do not tell {', '.join(wide)}: its error is larger than itself.")
    return told
