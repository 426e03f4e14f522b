"""Indicators in which today's customers are not those of the test date, as findings."""

from collections.abc import Sequence

import pandas as pd

from experiments.drift import drift, profile_of
from experiments.findings import Draft, Evidence, Words
from pipelines.crosssell.snapshots import Snapshot

__all__ = ["drift_drafts"]

# By custom an index under 0.1 is little, over 0.25 much (Siddiqi 2006).
SOME, MUCH = 0.1, 0.25


def drift_drafts(now: pd.DataFrame, snapshots: Sequence[Snapshot]) -> list[Draft]:
    """Make a draft of every indicator that moved since the test date.

    Parameters
    ----------
    now : pandas.DataFrame of float64
        Indicators of the customers that the list is made for.
    snapshots : sequence of Snapshot
        The test window, then the back-tests; the index against each date tells how steadily an
        indicator moved.
    """
    indexes = {
        str(one.window.as_of): drift(profile_of(one.customers), now)["psi"] for one in snapshots
    }
    latest = indexes[str(snapshots[0].window.as_of)]
    return [
        Draft(
            kind="drift",
            pattern={"feature": name},
            words=Words("drift", {"feature": name, "value": value, "strength": _strength(value)}),
            evidence=Evidence(
                n=len(now),
                value=value,
                unit="index",
                stability={day: round(of[name], 4) for day, of in indexes.items() if name in of},
            ),
            source="drift",
        )
        for name, value in latest.items()
        if value > SOME
    ]


def _strength(value: float) -> str:
    return "strength.much" if value > MUCH else "strength.some"
