"""Sums and days that are exact, so that the same data give the same bytes."""

from datetime import date

import ibis
import ibis.expr.types as ir

__all__ = ["days_between", "exact_sum"]


def exact_sum(
    values: ir.NumericValue, places: int = 6, *, where: ir.BooleanValue | None = None
) -> ir.NumericValue:
    """Sum in decimals; a sum of doubles changes with the order of its terms.

    Six places hold any money; the contract of sources keeps numbers small enough for 38 digits.
    With `where`, only those rows are summed; null when there are none.
    """
    return values.cast(f"decimal(38, {places})").sum(where=where).cast("float64")


def days_between(moment: ir.TimestampValue, day: date) -> ir.IntegerValue:
    """Count the midnights from `moment` to `day`: 0 on the day itself."""
    return ibis.date(day).delta(moment.date(), unit="day")
