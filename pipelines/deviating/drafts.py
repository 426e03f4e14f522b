"""Deviations of the whole shop as findings; single customers stay in the table of the run."""

import pandas as pd

from experiments.findings.draft import Draft, Evidence, Words
from models.segments.words import plain_number

__all__ = ["deviation_drafts"]


def deviation_drafts(figures: pd.DataFrame, customers: int) -> list[Draft]:
    """Make a draft of every figure of the shop that left its usual level.

    Parameters
    ----------
    figures : pandas.DataFrame
        See `pipelines.deviating.found.COLUMNS`.
    customers : int
        Customers looked at.
    """
    return [
        Draft(
            kind="deviation",
            pattern={"subject": str(row["subject"]), "measure": str(row["measure"])},
            words=Words(
                "deviation",
                {
                    "subject": "the shop",
                    "measure": str(row["measure"]),
                    "observed": plain_number(float(row["observed"])),
                    "expected": plain_number(float(row["expected"])),
                },
            ),
            evidence=Evidence(n=customers, value=float(row["score"]), unit="deviations"),
            source="cusum",
        )
        for row in figures.to_dict("records")
    ]
