"""The report of the question whom a treatment changes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import Policy, policy_value, uplift_at
from experiments.report.numbers import money
from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Bar, Line, interval_chart, line_chart
from models.uplift import UpliftTree
from pipelines.config.uplift import UpliftQuestion
from pipelines.uplifting.compete import Contest
from pipelines.uplifting.trial import Customers

__all__ = ["Found", "page", "persuadable"]

POINTS = 100
PER = 1000


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that the page tells."""

    config: UpliftQuestion
    customers: Customers
    contest: Contest
    policy: Policy
    depth: float
    segments: pd.DataFrame
    curves: pd.DataFrame

    @property
    def currency(self) -> str:
        """Code of the money."""
        return self.config.economics.currency

    @property
    def effect(self) -> Interval:
        """Mean effect of the treatment on all."""
        seen = self.customers
        everybody = np.ones(len(seen.ids))
        level = self.config.evaluation.level
        return policy_value(
            everybody, seen.outcome, seen.treated, seen.propensity, level=level
        ).over_nobody

    @property
    def shares(self) -> bool:
        """Whether the outcome happens or not, so that its mean is a share."""
        return bool(np.isin(self.customers.outcome, (0, 1)).all())

    def change(self, size: float) -> str:
        """Write an effect on one customer: in percentage points where the outcome is a share."""
        if self.shares:
            return f"{100 * size:+.2f} percentage points"
        return f"{size:+.4f} a customer"

    @property
    def winner(self) -> pd.Series:
        """The winner's row of the board."""
        board = self.contest.board
        return board[board["winner"]].iloc[0]


def persuadable(tree: UpliftTree, customers: Customers, level: float) -> pd.DataFrame:
    """Say of each segment whether the treatment changes it.

    Intervals are as wide as looking at all segments together asks for (Bonferroni).

    Returns
    -------
    pandas.DataFrame
        ``segment``, ``customers``, ``share_of_customers``, ``treated``, ``control`` (measured),
        ``treated_mean``, ``control_mean``, ``effect``, ``low``, ``high``, ``verdict``
        (persuadable, put off or not sure).
    """
    number = int((tree.nodes_["feature"] < 0).sum())
    leaves = tree.leaves(1 - (1 - level) / number)
    counts = pd.Series(tree.leaf(customers.table)).value_counts()
    size = leaves["node"].map(counts).fillna(0).astype(int)
    verdict = np.where(leaves["low"] > 0, "persuadable", "not sure")
    verdict = np.where(leaves["high"] < 0, "put off", verdict)
    table = leaves.drop(columns="node").assign(verdict=verdict)
    table.insert(1, "customers", size)
    table.insert(2, "share_of_customers", size / len(customers.ids))
    return table


def page(found: Found) -> Sheet:
    """Write the report."""
    over = found.policy.over_nobody
    return Sheet(
        title=f"Whom it changes: {found.config.name}",
        headline=_headline(found),
        mood="good" if over.low > 0 else ("bad" if over.high < 0 else "open"),
        verdict=(
            f"per 1,000 customers the rule earns {_money(found, over.mean)} more than treating"
            f" nobody, interval {_money(found, over.low)} to {_money(found, over.high)}"
        ),
        lead=_lead(found),
        tiles=_tiles(found),
        parts=[_who(found), _curves(found), _rankings(found), _worth(found), _balance(found)],
        doubts=_doubts(found),
        currency=found.currency,
        about={
            "experiment": f"{len(found.customers.ids):,} customers,"
            f" {int(found.customers.treated.sum()):,} treated",
            "seed": str(found.config.seed),
        },
    )


def _headline(found: Found) -> str:
    effect = found.effect
    outcome, ranking = found.config.data.outcome, found.contest.winner.name
    if effect.low <= 0 <= effect.high:
        return (
            f"No effect on {outcome} can be told: {found.change(effect.mean)}, interval"
            f" {found.change(effect.low)} to {found.change(effect.high)}."
        )
    word = "raises" if effect.mean > 0 else "lowers"
    size = found.change(abs(effect.mean)).removeprefix("+")
    return f"The treatment {word} {outcome} by {size}; '{ranking}' ranks whom it changes most."


def _lead(found: Found) -> list[str]:
    policy, told = found.policy, [found.contest.verdict]
    more = policy.over_everybody
    word = "more" if more.mean >= 0 else "less"
    sure = "measurably" if more.low > 0 else "not measurably"
    apart = f"{_money(found, abs(more.mean))} {word} than treating everybody ({sure})"
    told.append(
        f"The rule treats {policy.share:.0%} of the customers and earns"
        f" {_money(found, policy.value.mean)} per 1,000, {apart}."
    )
    can = found.segments[found.segments["verdict"] == "persuadable"]
    if len(can):
        told.append(
            f"Persuadable are {can['share_of_customers'].sum():.0%} of the customers; most of all:"
            f" {can['segment'].iloc[0]} ({found.change(can['effect'].iloc[0])}). A treatment pays"
            f" for itself only where it changes more than {_break_even(found)}."
        )
    return told


def _break_even(found: Found) -> str:
    money = found.config.economics
    return found.change(money.cost / money.revenue).removeprefix("+")


def _tiles(found: Found) -> dict[str, tuple[str, str]]:
    row, effect = found.winner, found.effect
    return {
        "Mean effect": _effect_tile(found, effect),
        "Qini": (f"{row['qini']:.5f}", f"{row['qini_low']:.5f} to {row['qini_high']:.5f}"),
        "Ranking": (str(found.contest.winner.name), "the simplest that is not worse"),
        "To treat": (f"{found.depth:.0%}", "of the customers, best first"),
    }


def _effect_tile(found: Found, effect: Interval) -> tuple[str, str]:
    unit, digits = (100, 2) if found.shares else (1, 4)
    low, high = (f"{unit * end:+.{digits}f}" for end in (effect.low, effect.high))
    what = " percentage points" if found.shares else ""
    return f"{unit * effect.mean:+.{digits}f}", f"{low} to {high}{what}"


def _who(found: Found) -> Part:
    bars = [
        Bar(str(name), float(value), float(low), float(high), strong=verdict != "not sure")
        for name, value, low, high, verdict in zip(
            *(found.segments[c] for c in ("segment", "effect", "low", "high", "verdict")),
            strict=True,
        )
    ]
    picture = interval_chart(
        "segments",
        "Effect by segment",
        "with intervals",
        bars,
        (lambda value: f"{100 * value:.3g}") if found.shares else (lambda value: f"{value:.3g}"),
        f"change of {found.config.data.outcome}"
        + (", percentage points" if found.shares else " a customer"),
    )
    ends = {"low": "effect_low", "high": "effect_high"}
    segments = found.segments.rename(columns=ends)
    return Part(
        heading="Who is persuadable",
        text=[
            "A tree splits where the effect differs most; the effects are measured on customers"
            " that did not choose the splits. Intervals are wide enough for all segments together."
        ],
        tables={"Segments": segments},
        figures=[Plot(picture, "Change of the outcome by the treatment.", segments)],
    )


def _curves(found: Found) -> Part:
    own = found.curves[found.curves["candidate"] == found.contest.winner.name]
    response = next(one.name for one in found.config.learners if one.kind == "response")
    names = dict.fromkeys([found.contest.winner.name, response])
    names |= dict.fromkeys(found.contest.board["candidate"].head(4))
    lines = []
    for place, name in enumerate(names):
        curve = _thin(found.curves[found.curves["candidate"] == name])
        style = f"c{place + 1}{' strong' if place == 0 else ''}"
        lines.append(Line(name, curve["depth"].to_numpy(), curve["gain"].to_numpy(), style))
    ends = own.iloc[[0, -1]]
    lines.append(Line("by chance", ends["depth"].to_numpy(), ends["random"].to_numpy(), "c8"))
    picture = line_chart(
        "uplift",
        "Outcome gained by treating the best first",
        "a customer of all, against the share treated",
        lines,
        x_label="share treated",
        y_label="gain a customer",
        x_text=lambda share: f"{share:.0%}",
        y_text=lambda value: f"{value:.3g}",
        mark=found.depth,
        mark_text="the rule",
    )
    legend = tuple((line.name, line.style) for line in lines)
    caption = "Customers scored by models that had not seen them."
    return Part(
        heading="Uplift curves",
        tables={"Of the winner": _named(uplift_at(own))},
        figures=[Plot(picture, caption, _named(_thin(own)), legend)],
    )


def _named(curve: pd.DataFrame) -> pd.DataFrame:
    """Keep what is added to the outcome from being written as a share."""
    return curve.rename(columns={"gain": "outcome_added", "random": "by_chance"})


def _thin(curve: pd.DataFrame) -> pd.DataFrame:
    places = np.unique(np.linspace(0, len(curve) - 1, POINTS).round().astype(int))
    return curve.iloc[places].reset_index(drop=True)


def _rankings(found: Found) -> Part:
    return Part(
        heading="The rankings",
        text=[
            found.contest.verdict,
            found.contest.reason,
            "Qini is the area between the curve and chance, in outcome a customer; `difference` is"
            " that to the ranking by response, on the same customers.",
        ],
        tables={"Cross-fitted, with bootstrap intervals": found.contest.board},
    )


def _worth(found: Found) -> Part:
    policy = found.policy
    rows = {
        "the rule": policy.value,
        "more than treating nobody": policy.over_nobody,
        "more than treating everybody": policy.over_everybody,
    }
    table = pd.DataFrame(
        [(name, PER * one.mean, PER * one.low, PER * one.high) for name, one in rows.items()],
        columns=["what", "profit", "profit_low", "profit_high"],
    )
    return Part(
        heading="What the rule earns",
        text=[
            "Money per 1,000 customers. How deep to go was chosen on one half of the customers"
            " and measured on the other, and the other way round."
        ],
        tables={"Per 1,000 customers": table},
    )


def _balance(found: Found) -> Part:
    balance = found.customers.balance
    return Part(
        heading="Was it a fair experiment?",
        text=[balance.sentence()],
        tables={"Largest differences before it, in standard deviations": balance.table.head(10)},
    )


def _doubts(found: Found) -> list[str]:
    told = list(found.customers.notes)
    over = found.policy.over_nobody
    if over.low <= 0 <= over.high:
        told.append(
            "Whether the rule earns more than treating nobody is open: its interval includes zero."
        )
    if not found.contest.beaten:
        told.append(
            "Effects differ so little between customers, or so much along with response, that"
            " uplift models gain nothing over ranking by response here."
        )
    if not found.customers.balance.random:
        told.append(
            "The treatment was not given by chance: all rests on the propensities that were stated."
        )
    return told


def _money(found: Found, amount: float) -> str:
    return money(PER * amount, found.currency)
