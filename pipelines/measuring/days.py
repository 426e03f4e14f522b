"""The days that are measured, and whether they are over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from features.windows import end_of
from pipelines.measuring.problems import Problems

__all__ = ["Days", "days_of"]


@dataclass(frozen=True)
class Days:
    """First and last day that are measured, both included.

    Attributes
    ----------
    first, last : datetime.date
        What is measured.
    planned : datetime.date
        The last day of the whole outcome window.
    """

    first: date
    last: date
    planned: date

    @property
    def interim(self) -> bool:
        """Whether days of the window are still to come."""
        return self.last < self.planned

    @property
    def since(self) -> datetime:
        """First moment that is measured."""
        return end_of(self.first - timedelta(days=1))

    @property
    def until(self) -> datetime:
        """First moment that is not measured any more."""
        return end_of(self.last)


def days_of(
    as_of: date,
    outcome: int,
    gap: int,
    ordered_at: pd.Series,
    *,
    through: date | None,
    so_far: bool,
    problems: Problems,
) -> Days:
    """Place the outcome window and check that it is over.

    Parameters
    ----------
    as_of : datetime.date
        The last day that the list saw.
    outcome, gap : int
        Length of the window, and the days before it.
    ordered_at : pandas.Series of timestamp
        Times of all orders; the last one says how far the data go.
    through : datetime.date, optional
        The last day for which the orders are complete, where it is known better.
    so_far : bool
        Measure what there is of a window that is not over.
    problems : Problems
        Gets what stands in the way.
    """
    first = as_of + timedelta(days=gap + 1)
    planned = first + timedelta(days=outcome - 1)
    reach = through or (ordered_at.max().date() if len(ordered_at) else as_of)
    if reach < first:
        problems.data.append(
            f"all orders came before the outcome: they end on {reach}, and the outcome of a list"
            f" as of {as_of} begins on {first}"
        )
    elif reach < planned and not so_far:
        problems.data.append(
            f"the outcome window is not over: it ends on {planned}, and the orders on {reach};"
            " wait, give --through if they are complete until a later day without a sale, or"
            " --so-far for an interim look"
        )
    days = Days(first, max(first, min(reach, planned)), planned)
    if days.interim and so_far and reach >= first:
        problems.notes.append(
            f"interim: {(days.last - first).days + 1} of {outcome} days; who looks early and stops"
            " when he likes what he sees will find effects that are not there"
        )
    return days
