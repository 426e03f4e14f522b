"""The sentences of the first page: what was found, what to do, how sure it is."""

import math
from dataclasses import dataclass

import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.report.data import ReportData
from experiments.report.numbers import count, day, money, percent

__all__ = [
    "Promise",
    "advice",
    "doubts",
    "findings",
    "headline",
    "in_words",
    "promise",
    "verdict",
]


FAMILIES = {
    "association": "looks at what is bought together",
    "baseline": "is a simple rule of thumb",
    "clustering": "looks at customers who resemble each other",
    "neural": "is a neural network that learned from past purchases",
    "tree": "learned from past purchases which signs matter, with decision trees",
}


NET = {
    "none": "The profit is gross: it counts every purchase of an offered item, also those that "
    "would be made without the offer.",
    "organic": "What customers usually buy of each item is taken off the profit.",
    "file": "What is stated to be bought without the offer is taken off the profit.",
}


@dataclass(frozen=True)
class Promise:
    """How many customers to contact, and the total profit expected of it."""

    profit: Interval
    customers: int


def promise(report: ReportData) -> Promise:
    """Take the profit of the list, or without one that of the winner on held-out data."""
    if report.list is not None:
        return Promise(report.list.expected_profit, report.list.customers)
    row = _winner_row(report)
    if row is None:
        return Promise(Interval(math.nan, math.nan, math.nan), 0)
    return Promise(_measured(row, report.level), int(row["customers"]))


def headline(report: ReportData) -> str:
    """Say in one sentence whom to contact and what it should earn."""
    promised = promise(report)
    amount = money(abs(promised.profit.mean), report.currency)
    if promised.customers == 0:
        return "Contact nobody: no contact is expected to pay for itself."
    if not promised.profit.mean > 0:
        return f"Do not send this list: it should lose {amount}."
    return f"Contact {_many(promised.customers, 'customer')}: it should earn about {amount}."


def verdict(profit: Interval) -> tuple[str, str]:
    """Judge an interval of profit: a word for the mood (``good``, ``open``, ``bad``) and a phrase.

    Examples
    --------
    >>> verdict(Interval(5.0, 2.0, 8.0))
    ('good', 'Very likely to earn money')
    >>> verdict(Interval(5.0, -2.0, 8.0))[0], verdict(Interval(-5.0, -9.0, -1.0))[0]
    ('open', 'bad')
    """
    if math.isnan(profit.low):
        return "open", "Too few customers to say how sure this is"
    if profit.low > 0:
        return "good", "Very likely to earn money"
    if profit.high <= 0:
        return "bad", "Not expected to earn money"
    return "open", "May earn or lose money"


def in_words(profit: Interval, currency: str) -> str:
    """Say an interval in words.

    Examples
    --------
    >>> in_words(Interval(5000.0, 2000.0, 8000.0), "EUR")
    'between €2,000 and €8,000 in 95 of 100 such campaigns'
    """
    if math.isnan(profit.low):
        return "no interval can be given: too few customers"
    low, high = money(profit.low, currency), money(profit.high, currency)
    return f"between {low} and {high} in {profit.level * 100:.3g} of 100 such campaigns"


def advice(report: ReportData) -> list[str]:
    """Say whom to contact, what stays back and where the list is."""
    plan = report.list
    if plan is None:
        return []
    days = ""
    if plan.from_day and plan.to_day:
        days = f", to be earned from {day(plan.from_day)} to {day(plan.to_day)}"
    said = [
        f"Contact the {_many(plan.customers, 'customer')} on the list with "
        f"{_many(plan.rows, 'offer')} in all, best offer first{days}."
    ]
    said += [NET[plan.baseline]] if plan.baseline in NET else []
    if plan.gap > 0:
        said.append(
            f"Some items are scarce. They are shared out so that at most {plan.gap * 100:.2g} % of"
            " the profit is lost against the best possible."
        )
    if plan.contact_cost is not None:
        said.append(f"The contacts cost {money(plan.contact_cost, report.currency)} in all.")
    if plan.control:
        said.append(
            f"Leave the {_many(plan.control, 'customer')} of the control group alone. Comparing "
            "both groups afterwards shows what the campaign really caused."
        )
    if plan.file:
        said.append(f"The list is in the file {plan.file}.")
    return said


def findings(report: ReportData) -> list[str]:
    """Say what the comparison of methods showed."""
    board = report.leaderboard
    said = [f"{_many(len(board), 'method')} competed on this question."]
    row = _winner_row(report)
    if row is None:
        return said
    looks = FAMILIES.get(str(row["family"]))
    said.append(f"{_capital(report.winner)} was chosen{f': it {looks}' if looks else ''}.")
    profit = _measured(row, report.level)
    said.append(
        f"On a period that no method had seen, a list made by {report.winner} for "
        f"{_many(row['customers'], 'customer')} would have earned "
        f"{money(profit.mean, report.currency)} ({in_words(profit, report.currency)})."
    )
    return [*said, *_against_simplest(report, row), *_hits(row)]


def doubts(report: ReportData) -> list[str]:
    """Say what is not sure: what the run warned of, and what the figures themselves show."""
    said = [*report.warnings, *_missed_forecasts(report)]
    promised = promise(report)
    if promised.customers and promised.profit.low <= 0:
        said.append(
            "The interval of the expected profit includes zero: chance alone could turn this "
            "campaign into a loss."
        )
    row = _winner_row(report)
    if row is not None:
        said += _miscalibration(row, report)
    if report.list is not None and not report.list.control:
        said.append(
            "Nobody is held back as a control group, so it cannot be measured afterwards what the "
            "campaign caused."
        )
    return [*said, *_lost_rows(report.load)]


def _winner_row(report: ReportData) -> pd.Series | None:
    board = report.leaderboard
    rows = board[board["candidate"] == report.winner] if len(board) else board
    return rows.iloc[0] if len(rows) else None


def _measured(row: pd.Series, level: float) -> Interval:
    ends = (float(row.get(f"expected_profit{end}", math.nan)) for end in ("", "_low", "_high"))
    mean, low, high = ends
    return Interval(mean, low, high, level=level)


def _hits(row: pd.Series) -> list[str]:
    if pd.isna(row.get("hit@10_new", math.nan)):
        return []
    return [
        f"Of 100 customers who then bought something new to them, {row['hit@10_new'] * 100:.0f} "
        "bought at least one of the ten items it would have offered them."
    ]


def _against_simplest(report: ReportData, row: pd.Series) -> list[str]:
    if row["family"] == "baseline":
        return []
    board = report.leaderboard
    others = board[(board["candidate"] != report.winner) & (board["family"] == "baseline")]
    if others.empty:
        return []
    other = others.iloc[0]
    gap = float(row["expected_profit"] - other["expected_profit"])
    word = "more" if gap >= 0 else "less"
    return [
        f"That is {money(abs(gap), report.currency)} {word} than the best simple rule, "
        f"{other['candidate']}."
    ]


def _miscalibration(row: pd.Series, report: ReportData) -> list[str]:
    predicted = float(row.get("predicted_profit", math.nan))
    profit = _measured(row, report.level)
    if math.isnan(predicted) or math.isnan(profit.low) or predicted in profit:
        return []
    too = "optimistic" if predicted > profit.high else "cautious"
    return [
        f"The method was too {too} about itself: it predicted "
        f"{money(predicted, report.currency)} where {money(profit.mean, report.currency)} was "
        "measured."
    ]


def _missed_forecasts(report: ReportData) -> list[str]:
    """Say how far earlier promises were from what happened."""
    table = report.forecasts
    errors = [] if table is None else table["error"].dropna().tolist()
    if table is None or not errors:
        return []
    worst = max(errors, key=abs)
    word = "more" if worst >= 0 else "less"
    many = f"On {_many(len(table), 'earlier date')}"
    return [
        f"{many} the list would have promised {_spoken(table['predicted_profit'], report)} and "
        f"earned {_spoken(table['realised_profit'], report)}; at worst {abs(worst) * 100:.0f} % "
        f"{word} than promised."
    ]


def _spoken(amounts: pd.Series, report: ReportData) -> str:
    texts = [money(float(amount), report.currency) for amount in amounts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _lost_rows(load: pd.DataFrame | None) -> list[str]:
    if load is None or not load["rows_in"].sum():
        return []
    share = load["rows_rejected"].sum() / load["rows_in"].sum()
    if share < 0.1:
        return []
    return [f"{percent(share)} of the rows read could not be used; see data quality."]


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _many(number: float, what: str) -> str:
    return f"{count(number)} {what}{'' if number == 1 else 's'}"
