"""The figures of a load and of a list in sentences, as every command prints them."""

from collections.abc import Mapping
from typing import Any

from experiments.evaluation.bootstrap import Interval

__all__ = ["list_sentence", "load_sentence", "money_text", "money_values"]


MOST_REASONS = 6


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
    return (
        f"list: {counts['rows']:,} rows for {counts['target_customers']:,} customers, and a control"
        f" group of {counts['control_customers']:,}; expected profit"
        f" {money_text(money['mean'])} {money['currency']} ({interval})"
    )


def money_text(amount: float) -> str:
    """Write an amount for people: no pence above a thousand.

    Examples
    --------
    >>> money_text(12.3), money_text(-45678.9)
    ('12.30', '-45,679')
    """
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.2f}"


def money_values(interval: Interval, currency: str) -> dict[str, Any]:
    """Give an interval as plain values for JSON; an end that is not known is None."""
    ends = {name: getattr(interval, name) for name in ("mean", "low", "high")}
    known = {name: value if value == value else None for name, value in ends.items()}
    return {**known, "currency": currency}
