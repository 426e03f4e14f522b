"""The report of the question what customers are worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.report.numbers import compact, count, day, money
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
ROUNDING = 1e-9
MONTHLY = "By month, returns taken off; the first and the last may be cut short"
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
    off = float(found.winner["off_total"])
    return Sheet(
        title=f"Value of customers: {found.config.name}",
        headline=_headline(found),
        mood="good" if abs(off) < NEAR else "open",
        verdict=_verdict(off, found.config.window.outcome),
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


def _verdict(off: float, days: int) -> str:
    if np.isnan(off):
        return f"nobody bought on the {days} days held out: the model could not be judged"
    word = "more" if off > 0 else "fewer"
    purchases = f"{abs(off):.1%} {word} purchases than were made"
    return f"on the {days} days held out the model expected {purchases}"


def _asked(found: Found) -> list[Part]:
    """Write the parts that were asked for."""
    config, parts = found.config, []
    if found.relations is not None:
        parts.append(relations_part(found.relations, found.currency, config.privacy.min_group))
    if found.switched is not None:
        least = config.privacy.min_group
        parts.append(switching_part(found.switched, found.currency, least))
    if found.equity is not None:
        parts.append(equity_part(found.equity, found.currency))
    return parts


def _headline(found: Found) -> str:
    days = found.config.economics.horizon
    worth = money(found.total, found.currency)
    return f"{len(found.customers):,} customers are worth {worth} over the next {days} days."


def _lead(found: Found) -> list[str]:
    all_ = len(found.customers)
    tenth = found.customers["lifetime_value"].nlargest(max(1, all_ // 10)).sum()
    told = [
        f"{_alive(found)} The best tenth carries {tenth / found.total:.0%} of the value."
        if found.total > 0
        else "Nothing is expected.",
        f"The tenth that {found.contest.winner} put first went on to spend"
        f" {found.winner['share_reached_by_top']:.0%} of all the money of the days held out.",
    ]
    if found.selection.forgone > 0:
        chosen = int(found.selection.chosen.sum())
        told.append(
            f"Within the limits {chosen:,} customers are chosen, worth"
            f" {money(found.selection.value, found.currency)} after what they cost; others who"
            f" would pay are left out, worth {money(found.selection.forgone, found.currency)}."
        )
    return told


def _alive(found: Found) -> str:
    alive, all_ = found.customers["p_alive"], len(found.customers)
    if (alive == 1).all():
        return f"Who has stopped buying is not known: {found.contest.winner} cannot tell."
    return f"About {alive.sum():,.0f} of {all_:,} customers are still buying."


def _tiles(found: Found) -> dict[str, tuple[str, str]]:
    peak = found.curve["share_of_profit"].max()
    return {
        "Customer equity": _equity_tile(found),
        "Still buying": _alive_tile(found),
        "Model": (found.contest.winner, "chosen on days held out"),
        "Peak of the profit curve": (
            "unknown" if np.isnan(peak) else f"{peak:.0%}",
            "of all profit so far",
        ),
    }


def _alive_tile(found: Found) -> tuple[str, str]:
    alive = found.customers["p_alive"]
    if (alive == 1).all():
        return "unknown", f"{found.contest.winner} cannot tell"
    return count(float(alive.sum())), "customers expected"


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
            " before. A forecast of the same rate rules out some of what happened, and has none.",
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
            else _peak(float(peak)),
        ],
        tables={MONTHLY: monthly.reset_index()},
        figures=[Plot(picture, "Share of all profit that the best customers bring.", few)],
    )


def _peak(peak: float) -> str:
    if peak < 1 + ROUNDING:
        return "No customer has cost more than was earned so far: the curve never falls."
    return f"The curve peaks at {peak:.1%} of all profit: beyond that customers cost money."


def _told_of_many(monthly: pd.DataFrame, least: int) -> pd.DataFrame:
    """Blank months, and numbers of losing customers, that tell on few."""
    shown = monthly.astype(float).where(monthly["customers"] >= least)
    few = (shown["losing"] < least) & (shown["losing"] > 0)
    shown.loc[few, "losing"] = np.nan
    return shown


def _alike(alike: LookAlikes) -> Part:
    area = alike.auc
    who = (
        "The fifth of the customers with most profit so far, described by what a usual order is"
        " made of and by what is declared of them; how much and how often they buy is left out."
    )
    if alike.differences.empty:
        nothing = "Nothing else is known of the customers by which they could be told apart."
        return Part(heading="Who looks like the profitable", text=[who, nothing])
    text = [
        who,
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
        f"Traits compared between the profitable and the others: {len(alike.differences)}; they"
        f" differ by more than chance in {len(differ)} (corrected p below {ALPHA:g})."
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
    observed = day(str(found.seen.purchases["ordered_at"].min().date()))
    told.append(
        f"Purchases are known from {observed}; who bought before counts as new at the first"
        " purchase seen."
    )
    told += _too_many_alive(found)
    wide = [
        name
        for name, error in found.bundle.buying.standard_errors_.items()
        if error > found.bundle.buying.parameters_[name]
    ]
    if wide:
        told.append(
            f"The data do not settle {', '.join(wide)}: the error is larger than the value."
        )
    return told


def _too_many_alive(found: Found) -> list[str]:
    """Say whom the model cannot but count as still buying, whatever they do."""
    sure = found.customers["p_alive"] == 1
    if sure.all():
        return [
            f"{found.contest.winner} supposes that nobody ever leaves: value far ahead is too high"
            " where customers do."
        ]
    if not sure.any():
        return []
    return [
        f"{count(int(sure.sum()))} customers have not come back since they first bought."
        f" {found.contest.winner} counts each of them as still buying: take the number still"
        " buying for the most it can be."
    ]
