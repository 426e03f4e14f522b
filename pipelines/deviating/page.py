"""The report of deviations: what was found in each way of looking, and how far to trust it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.report.numbers import compact, count, day
from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Line, line_chart
from pipelines.config.deviation import Deviation
from pipelines.deviating.found import Found

__all__ = ["page"]

HEADINGS = {
    "member": "Unlike the others of the class",
    "exception": "Exceptions to strong rules",
    "unexpected": "Spent otherwise than expected",
    "change": "Changed over time",
}
MOST_RULES = 30
BY_CHANCE = "surprises that chance alone would bring"
PERIODS = "Figures of the shop by period"


def page(config: Deviation, found: Sequence[Found], customers: int) -> Sheet:
    """Write the report; customers are counted on it and never named.

    Parameters
    ----------
    config : Deviation
        What was asked.
    found : sequence of Found
        One of each way of looking that was asked for.
    customers : int
        All who were looked at.
    """
    named = len({who for one in found for who in one.table["subject"]})
    shop = [f"The shop: {text}." for one in found for text in one.figures["text"]]
    return Sheet(
        title=f"Deviations: {config.name}",
        headline=(
            f"{count(named)} of {count(customers)} customers are not as they usually are or as"
            " others like them."
        ),
        mood="open",
        verdict="to be looked at, not proved",
        lead=[*shop, *(_sentence(one, config) for one in found), _where(named)],
        tiles={HEADINGS[one.sort]: (count(len(one.table)), "customers") for one in found},
        parts=[_part(one, config) for one in found],
        doubts=_doubts(found),
        currency=config.currency_shown,
        about={"Configuration": config.name, "Seed": str(config.seed)},
    )


def _where(named: int) -> str:
    if not named:
        return "Nothing has to be looked at."
    return "Who they are, and why, is in the table deviations beside this report."


def _sentence(found: Found, config: Deviation) -> str:
    told = f"{HEADINGS[found.sort]}: {count(len(found.table))} customers"
    return f"{told}{_detail(found, config)}."


def _detail(found: Found, config: Deviation) -> str:
    least = config.privacy.min_group
    if found.sort == "member":
        return _main_reason(found.overview.get("Reasons"))
    if found.sort == "exception":
        full = config.exceptions is not None and len(found.table) == config.exceptions.most
        return ", the surest first; more were not asked for" if full else ""
    if found.sort == "change":
        rose = int((found.table["observed"] > found.table["expected"]).sum())
        fell = len(found.table) - rose
        return f"; spending rose for {rose} and fell for {fell}" if min(rose, fell) >= least else ""
    return ""


def _main_reason(reasons: pd.DataFrame | None) -> str:
    shown = None if reasons is None else reasons.dropna(subset=["customers"])
    if shown is None or shown.empty:
        return ""
    first = shown.iloc[0]
    return f", {count(first['customers'])} of them first of all by {_words(first['attribute'])}"


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _doubts(found: Sequence[Found]) -> list[str]:
    told = ["Unusual is not wrong: each case asks for a look before anything is done."]
    for one in found:
        surprises = one.overview.get("Surprises")
        if surprises is None:
            continue
        by_chance = surprises.set_index("figure")["number"].get(BY_CHANCE, np.nan)
        told.append(
            f"{count(len(one.table))} customers spent otherwise than expected, and chance alone"
            f" would bring about {by_chance:,.0f}: look at the first of them only."
        )
    return [*told, *(note for one in found for note in one.notes)]


def _part(found: Found, config: Deviation) -> Part:
    tables = dict(found.overview)
    for caption, shorten in (("Rules that are broken", _rules), ("Reasons", _reasons)):
        if caption in tables:
            tables[caption] = shorten(tables[caption], config.privacy.min_group)
    text, figures = [ABOUT[found.sort]], []
    if PERIODS in tables:
        figures.append(_revenue(tables[PERIODS], config.currency_shown))
    if found.sort in ("member", "exception"):
        text.append(f"A dash: fewer than {config.privacy.min_group} customers, or what would give"
                    " them away.")  # fmt: skip
    return Part(heading=HEADINGS[found.sort], text=text, tables=tables, figures=figures)


ABOUT = {
    "member": "Isolation forest (rare anywhere) and local outlier factor (rare among its own"
    " neighbours), within each class.",
    "exception": "Left of the sign > is what they bought; what stands right of it is missing,"
    " though nearly all others have it.",
    "unexpected": "Each customer is predicted from the others over the same days; how rare the"
    " difference is, is counted among customers with a like prediction in the window before.",
    "change": "Sums of deviations from the customer's own usual level (CUSUM, robust).",
}


def _rules(rules: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Take their figures from rules with few exceptions: no small group is shown."""
    few = rules["exceptions"] < min_group
    told = rules["exceptions"].astype(object).where(~few, f"fewer than {min_group}")
    shown = rules.assign(exceptions=told, confidence=rules["confidence"].where(~few))
    return shown.head(MOST_RULES)


def _reasons(reasons: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Say in one row how many reasons are too rare to be shown one by one."""
    shown = reasons.dropna(subset=["customers"])
    few = len(reasons) - len(shown)
    table = shown.assign(attribute=shown["attribute"].map(_words))
    if not few:
        return table
    rest = pd.DataFrame({"attribute": [f"{few} others, each rarer"], "customers": [np.nan]})
    return pd.concat([table, rest], ignore_index=True) if len(table) else rest


def _revenue(periods: pd.DataFrame, currency: str) -> Plot:
    begins = [day(str(pd.Timestamp(one).date())) for one in periods["begins"]]
    revenue = periods["revenue"].to_numpy(dtype=float)
    picture = line_chart(
        "revenue",
        "Revenue of the shop by period",
        f"From the period that begins on {begins[0]} to that of {begins[-1]}.",
        [Line("revenue", np.arange(1.0, len(periods) + 1), revenue, dots=True)],
        x_label="period",
        y_label=f"revenue ({currency})",
        x_text=lambda value: count(value) if float(value).is_integer() else "",
        y_text=lambda value: compact(value, currency),
    )
    caption = f"Revenue by period; the first begins on {begins[0]}, the last on {begins[-1]}."
    return Plot(picture, caption, periods)
