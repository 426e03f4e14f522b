"""The parts of the report on relations, switching and customers still to be won."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from experiments.report.numbers import money
from experiments.report.plots import Plot
from experiments.report.sheet import Part
from experiments.report.svg import Line, line_chart
from models.segments.pyramid import LEVELS
from pipelines.config.value import ValueQuestion
from pipelines.segmenting.publishing import publish_classes
from pipelines.valuing.relating import Relations
from pipelines.valuing.switching import Switched

__all__ = ["equity_part", "left_out_part", "relations_part", "switching_part"]

NOT_ASKED: Mapping[str, str] = {
    "relationship": "what relations earn now is not told: state 'relationship', and give lines"
    " with 'cost', or the share of wallet",
    "potential": "what relations may earn is not told: state strategies in 'potential'",
    "switching": "brands that customers go to are not told: state 'switching' with its matrix",
    "future": "customer equity is of present customers only: state in 'future' how many will join",
}
STYLES = ("c1", "c2", "c3", "c4")


def left_out_part(config: ValueQuestion) -> Part | None:
    """Say which figures were not asked for, and what they need."""
    lacking = [said for name, said in NOT_ASKED.items() if not getattr(config, name)]
    if not lacking:
        return None
    return Part(heading="Not asked", text=[f"{said[0].upper()}{said[1:]}." for said in lacking])


def relations_part(found: Relations, currency: str, min_group: int) -> Part:
    """Tell what relations earn and may earn, by class of value."""
    names = [str(name) for name in found.table if str(name).endswith("_profit")]
    sums = {name: float(found.table[name].sum()) for name in names}
    words = {
        "relationship_profit": "Relations earn {} in a year (RP).",
        "potential_profit": "The strategies may add {} (PRP: response x gain).",
        "total_profit": "Together: {} (TRP = RP + PRP).",
    }
    text = [words[name].format(money(total, currency)) for name, total in sums.items()]
    tables = {"Mean of a customer, by class of value": _by_class(found.table, names, min_group)}
    if len(found.strategies):
        tables["By strategy"] = found.strategies.assign(
            customers=found.strategies["customers"].where(
                found.strategies["customers"] >= min_group
            )
        )
    return Part(heading="Relations", text=[*text, *found.notes], tables=tables)


def _by_class(table: pd.DataFrame, names: list[str], min_group: int) -> pd.DataFrame:
    grouped = table.groupby("value_class")
    means = grouped[names].mean()
    means.insert(0, "customers", grouped.size())
    present = [level for level in LEVELS if level in means.index]
    shown = means.loc[present].rename_axis("value_class").reset_index()
    return publish_classes(shown, min_group, ("value_class",))


def switching_part(found: Switched, own: str, currency: str) -> Part:
    """Draw the shares of the brands ahead, and tell what a customer is worth to the own one."""
    wide = found.shares.pivot(index="year", columns="brand", values="share")
    wide = wide[list(dict.fromkeys(found.shares["brand"]))]
    lines = [
        Line(str(brand), wide.index.to_numpy(dtype=np.float64), wide[brand].to_numpy(), style)
        for brand, style in zip(wide, [*STYLES] * len(wide.columns), strict=False)
    ]
    picture = line_chart(
        "switching",
        "Shares of the brands in the coming years",
        "by the switching matrix, if it stays as it is",
        lines,
        x_label="years from now",
        y_label="share",
        x_text=lambda year: f"{year:g}",
        y_text=lambda share: f"{share:.0%}",
    )
    text = [_in_the_long_run(found, own)]
    worth = found.values.pivot(index="discount", columns="brand", values="value")
    worth.columns = [f"amount of a buyer of {brand}" for brand in worth.columns]
    shares = wide.rename(columns=lambda brand: f"share of {brand}").reset_index()
    legend = tuple((line.name, line.style) for line in lines)
    return Part(
        heading="Switching between brands",
        text=text,
        tables={
            f"Value of a customer to {own}, by yearly discount rate": worth.reset_index(),
        },
        figures=[Plot(picture, "Expected share of each brand.", shares, legend)],
    )


def _in_the_long_run(found: Switched, own: str) -> str:
    if found.steady is None:
        return "Some brands never mix: the long run depends on where customers are now."
    return f"In the long run {own} keeps {found.steady[own]:.1%} of the buyers."


def equity_part(table: pd.DataFrame, currency: str) -> Part:
    """Tell the value of present and coming customers."""
    total = float(table["total_value"].sum())
    coming = float(table["total_value"].iloc[1:].sum())
    shown = table.rename(columns={"mean_value": "mean_amount", "total_value": "amount"})
    return Part(
        heading="Customer equity",
        text=[
            f"Present and coming customers are worth {money(total, currency)} today;"
            f" {money(coming, currency)} of it is still to be won. Who joins is taken to do so in"
            " the middle of the year and to be like the mean of all; the cost of winning is off.",
        ],
        tables={"By year of joining": shown},
    )
