"""Everything a report says, as frames and strings; a part that is None is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from experiments.evaluation.bootstrap import Interval

__all__ = ["ListSummary", "ReportData"]


@dataclass(frozen=True, kw_only=True)
class ListSummary:
    """The cross-sell list in a few figures.

    Attributes
    ----------
    customers : int
        Customers to contact, control group not counted.
    rows : int
        Offers in the list to contact.
    control : int
        Customers held back for comparison.
    expected_profit : Interval
        Total, after contact costs.
    contact_cost : float or None
        Total cost of the contacts.
    from_day, to_day : str or None
        The days in which the profit should be earned.
    file : str or None
        Name of the list's file.
    baseline : {"none", "organic", "file"}
        What was taken off the profit for purchases that would be made without the offer.
    gap : float
        Share of the profit that a perfect sharing out of scarce items might add.
    top_items : pandas.DataFrame or None
        What is offered most: ``item_id``, ``item_name``, ``customers`` and, where known,
        ``expected_profit``; most offered first.
    """

    customers: int
    rows: int
    control: int
    expected_profit: Interval
    contact_cost: float | None = None
    from_day: str | None = None
    to_day: str | None = None
    file: str | None = None
    baseline: str = "none"
    gap: float = 0.0
    top_items: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """What was done, found and measured in one run.

    Amounts are in `currency`, shares are between 0 and 1. Frames are shown with all their columns
    unless said otherwise; the named columns are the ones that plots and sentences need. No frame
    may hold personal data: customers are counted, never named.

    Attributes
    ----------
    title : str
        Headline of the page.
    name : str
        Name of the experiment.
    currency : str
        ISO code, such as ``GBP``.
    as_of : str
        The last day that was seen by the features of the measured window.
    leaderboard : pandas.DataFrame
        What `experiments.evaluation.leaderboard.leaderboard` gave.
    winner, winner_reason : str
        The chosen candidate, and why in words.
    question : str
        What was asked of the data.
    level : float
        Level of all intervals.
    list : ListSummary or None
        The list to act on.
    windows : pandas.DataFrame or None
        One row a window: ``window``, ``role``, ``from``, ``to``, ``customers``, ``buyers``.
    load : pandas.DataFrame or None
        One row a source: ``source``, ``rows_in``, ``rows_loaded``, ``rows_rejected``.
    rejected : pandas.DataFrame or None
        Why rows were rejected: ``source``, ``reason``, ``rows``.
    forecasts : pandas.DataFrame or None
        What `experiments.evaluation.money.forecast_table` gave.
    profit_curves : mapping of str to pandas.DataFrame
        By candidate, what `experiments.evaluation.money.profit_curve` gave.
    gains : mapping of str to pandas.DataFrame
        By candidate, what `experiments.evaluation.gains.gains_table` gave.
    calibration : pandas.DataFrame or None
        One row a bin of predictions: ``predicted``, ``observed`` and, where known, ``low``,
        ``high`` and ``pairs``.
    reasons : pandas.DataFrame or None
        Examples of offers: ``item_name``, ``reason``; no customer.
    segments, rules : pandas.DataFrame or None
        Any columns.
    tree : str or None
        The readable decision tree as text.
    trials : pandas.DataFrame or None
        Tuning: ``candidate``, ``trial`` (from 0), ``value`` (larger is better), parameters.
    warnings, limitations : sequence of str
        What is doubtful in this run; what the method cannot see in any run.
    versions, seeds, digests : mapping
        What is needed to run it again.
    config : str or None
        The resolved configuration, YAML.
    command : str or None
        The command that was typed.
    """

    title: str
    name: str
    currency: str
    as_of: str
    leaderboard: pd.DataFrame
    winner: str
    winner_reason: str
    question: str = "What will each customer buy next that they do not own yet?"
    level: float = 0.95
    list: ListSummary | None = None
    windows: pd.DataFrame | None = None
    load: pd.DataFrame | None = None
    rejected: pd.DataFrame | None = None
    forecasts: pd.DataFrame | None = None
    profit_curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    gains: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    calibration: pd.DataFrame | None = None
    reasons: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None
    rules: pd.DataFrame | None = None
    tree: str | None = None
    trials: pd.DataFrame | None = None
    warnings: Sequence[str] = ()
    limitations: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    config: str | None = None
    command: str | None = None
