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
from pipelines.segmenting.publishing import HIDDEN, publish_classes, publish_matrix
from pipelines.valuing.brands import Moved
from pipelines.valuing.relating import Relations
from pipelines.valuing.switching import Switched

__all__ = ["equity_part", "left_out_part", "relations_part", "switching_part"]

NOT_ASKED: Mapping[str, str] = {
    "relationship": "what relations earn now is not told: state 'relationship', and give lines"
    " with 'cost', or the share of wallet",
    "potential": "what relations may earn is not told: state strategies in 'potential'",
    "switching": "brands that customers go to are not told: state 'switching' with its matrix,"
    " or with 'estimate'",
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


def switching_part(found: Switched, currency: str, min_group: int) -> Part:
    """Draw the shares of the brands ahead, and tell what a customer is worth to the own one."""
    step = str(found.shares.columns[0])
    wide = found.shares.pivot(index=step, columns="brand", values="share")
    wide = wide[list(dict.fromkeys(found.shares["brand"]))]
    lines = [
        Line(str(brand), wide.index.to_numpy(dtype=np.float64), wide[brand].to_numpy(), style)
        for brand, style in zip(wide, [*STYLES] * len(wide.columns), strict=False)
    ]
    picture = line_chart(
        "switching",
        f"Shares of the brands in the coming {step}s",
        "by the switching matrix, if it stays as it is",
        lines,
        x_label=f"{step}s from now",
        y_label="share",
        x_text=lambda at: f"{at:g}",
        y_text=lambda share: f"{share:.0%}",
    )
    worth = found.values.pivot(index="discount", columns="brand", values="value")
    worth = worth[list(wide)].rename(columns=lambda brand: f"amount of a buyer of {brand}")
    shares = wide.rename(columns=lambda brand: f"share of {brand}").reset_index()
    legend = tuple((line.name, line.style) for line in lines)
    value = f"Value of a customer to {found.own}, by yearly discount rate"
    measured = {} if found.moved is None else _matrix(found.moved, min_group)
    return Part(
        heading="Switching between brands",
        text=[_in_the_long_run(found), *([] if found.moved is None else _rests_on(found.moved))],
        tables={**measured, value: worth.rename_axis(columns=None).reset_index()},
        figures=[Plot(picture, "Expected share of each brand.", shares, legend)],
    )


def _in_the_long_run(found: Switched) -> str:
    if found.steady is None:
        return "Some brands never mix: the long run depends on where customers are now."
    return f"In the long run {found.own} keeps {found.steady[found.own]:.1%} of the buyers."


def _rests_on(moved: Moved) -> list[str]:
    """Say what the matrix was taken from, and which rows say little."""
    told = moved.estimate
    seen = int(told.counts.sum())
    text = [
        f"The matrix was taken from {seen:,} moves from one period of {moved.days} days to the"
        f" next. {told.paused:,} times a buyer bought nothing in the next one: the shares are of"
        " those who go on buying."
    ]
    if moved.thin:
        text.append(
            f"Fewer than {moved.least} customers stand behind the rows of {', '.join(moved.thin)}:"
            " take their shares as guesses."
        )
    return text


def _matrix(moved: Moved, min_group: int) -> dict[str, pd.DataFrame]:
    """Give shares with their intervals, without those from which small groups can be counted."""
    told, brands = moved.estimate, moved.estimate.brands
    many = told.customers >= min_group
    kept = _shown(told.counts, min_group) & many[:, None]
    ends = [
        [f"{low:.1%} to {high:.1%}" for low, high in zip(*row, strict=True)]
        for row in zip(told.low, told.high, strict=True)
    ]
    shares = pd.DataFrame(told.matrix, columns=[f"share of {brand}" for brand in brands])
    intervals = pd.DataFrame(ends, columns=list(shares), dtype=object)
    behind = pd.Series(told.customers, dtype=float).where(many)
    who = pd.DataFrame({"bought": brands, "customers": behind})
    ways = f"Share of the buyers by what they buy {moved.days} days later"
    return {
        ways: pd.concat([who, shares.where(kept)], axis=1),
        f"Intervals of these shares, {told.level:.0%}": pd.concat(
            [who[["bought"]], intervals.where(kept, HIDDEN)], axis=1
        ),
    }


def _shown(counts: np.ndarray, min_group: int) -> np.ndarray:
    names = [f"brand {place}" for place in range(len(counts))]
    matrix = publish_matrix(pd.DataFrame(counts, names, names), min_group)
    return np.asarray(matrix[names].iloc[:-1].notna())  # the last row is the total


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
