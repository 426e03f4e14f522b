"""The main tables of a report, to be kept beside it for those who read them by program."""

from collections.abc import Mapping

import pandas as pd

from experiments.report.data import ReportData

__all__ = ["frames"]


def frames(report: ReportData) -> dict[str, pd.DataFrame]:
    """Give the tables that a later page may need; what there is nothing of is left out.

    Parameters
    ----------
    report : ReportData

    Returns
    -------
    dict of str to pandas.DataFrame
        ``profit_curves`` and ``gains`` with a ``candidate`` a row; ``calibration``, ``forecasts``,
        ``segments`` and ``rules`` as they are; ``tree`` with a ``line`` a node. No personal data.
    """
    found = {
        "profit_curves": _stacked(report.profit_curves),
        "gains": _stacked(report.gains),
        "calibration": report.calibration,
        "forecasts": report.forecasts,
        "segments": report.segments,
        "rules": report.rules,
        "tree": None if report.tree is None else pd.DataFrame({"line": report.tree.splitlines()}),
    }
    return {name: frame for name, frame in found.items() if frame is not None and len(frame)}


def _stacked(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    named = [frame.assign(candidate=name) for name, frame in parts.items()]
    return pd.concat(named, ignore_index=True) if named else None
