"""The figures of a load and of a list in sentences, as every command prints them."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.evaluation.bootstrap import Interval

__all__ = ["forecast_sentence", "list_sentence", "load_sentence", "money_text", "money_values"]


MOST_REASONS = 6
TAKEN_OFF = {
    "none": "gross: purchases that would be made without the offer count too",
    "organic": "less what customers usually buy of each item",
    "file": "less what is stated to be bought without the offer",
}


def load_sentence(load: Mapping[str, Any]) -> str:
    """Say what became of the rows, and why some were rejected.

    Examples
    --------
    >>> load_sentence({"rows_in": 1200, "rows_loaded": 1000, "rows_rejected": 200})
    'rows in 1,200 = loaded 1,000 + rejected 200'
    """
    counted = (
        f"rows in {load['rows_in']:,} = loaded {load['rows_loaded']:,}"
        f" + rejected {load['rows_rejected']:,}"
    )
    why = [
        f"{source['source']}: {reason} ({rows:,})"
        for source in load.get("sources", ())
        for reason, rows in source["reasons"].items()
    ]
    return "\n  ".join([counted, *why[:MOST_REASONS], *["..."] * (len(why) > MOST_REASONS)])


def list_sentence(counts: Mapping[str, Any], money: Mapping[str, Any]) -> str:
    """Say how long a list is and what it should earn."""
    interval = "its interval is not known"
    if money["low"] is not None:
        interval = f"{money_text(money['low'])} to {money_text(money['high'])}"
    taken_off = TAKEN_OFF[money.get("baseline", "none")]
    return (
        f"list: {counts['rows']:,} rows for {counts['target_customers']:,} customers, and a control"
        f" group of {counts['control_customers']:,}; expected profit"
        f" {money_text(money['mean'])} {money['currency']} ({interval}), {taken_off}"
    )


def forecast_sentence(forecasts: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Say what earlier lists would have promised, and earned.

    Examples
    --------
    >>> rows = [{"as_of": "2024-11-30", "predicted_profit": 231.1, "realised_profit": 196.6},
    ...         {"as_of": "2024-10-30", "predicted_profit": 2377.0, "realised_profit": 1766.7}]
    >>> forecast_sentence(rows, "GBP")
    'earlier lists, promised and earned: 231.10 and 196.60, 2,377 and 1,767 GBP'
    """
    told = [
        f"{money_text(one['predicted_profit'])} and {money_text(one['realised_profit'])}"
        for one in forecasts
    ]
    return f"earlier lists, promised and earned: {', '.join(told)} {currency}"


def money_text(amount: float) -> str:
    """Write an amount for people: no pence above a thousand.

    Examples
    --------
    >>> money_text(12.3), money_text(-45678.9)
    ('12.30', '-45,679')
    """
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.2f}"


def money_values(interval: Interval, currency: str, baseline: str = "none") -> dict[str, Any]:
    """Give an interval as plain values for JSON; an end that is not known is None.

    Parameters
    ----------
    interval : Interval
        Money.
    currency : str
        Its code.
    baseline : {"none", "organic", "file"}
        What was taken off for purchases that would be made anyway.
    """
    ends = {name: getattr(interval, name) for name in ("mean", "low", "high")}
    known = {name: value if value == value else None for name, value in ends.items()}
    return {**known, "currency": currency, "baseline": baseline}
