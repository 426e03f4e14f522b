"""What contacting customers should earn, how deep to go, and what it earned on held-out data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from experiments.evaluation.bootstrap import Interval, mean_interval

__all__ = [
    "Economics",
    "Forecast",
    "Profit",
    "Spread",
    "best_depth",
    "between_windows",
    "customer_profit",
    "forecast_table",
    "profit_at_depth",
    "profit_by_customer",
    "profit_curve",
    "row_values",
]


@dataclass(frozen=True)
class Economics:
    """What a contact costs, what a sale is worth, and what may be spent.

    Attributes
    ----------
    margin : float or None
        Share of the price that is kept, between 0 and 1; used for rows whose own margin is not
        known. None: every row must know its margin.
    contact_cost : float
        Money for contacting one customer, however many items are offered.
    budget : float or None
        Most money that contacts may cost; None: no limit.
    capacity : int or None
        Most customers that can be contacted; None: no limit.
    quantity : float
        Pieces in a purchase, for rows that do not say.
    """

    margin: float | None = None
    contact_cost: float = 0.0
    budget: float | None = None
    capacity: int | None = None
    quantity: float = 1.0

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must be {allowed} but got {value!r}"
            for name, value, allowed, fine in self._checks()
            if not fine
        ]
        if wrong:
            raise ValueError("; ".join(wrong) + ".")

    def _checks(self) -> list[tuple[str, float | None, str, bool]]:
        margin, budget, capacity = self.margin, self.budget, self.capacity
        return [
            ("margin", margin, "from 0 to 1", margin is None or 0 <= margin <= 1),
            ("contact_cost", self.contact_cost, "0 or more", 0 <= self.contact_cost < math.inf),
            ("budget", budget, "0 or more", budget is None or budget >= 0),
            ("capacity", capacity, "0 or more", capacity is None or capacity >= 0),
            ("quantity", self.quantity, "above 0", 0 < self.quantity < math.inf),
        ]


@dataclass(frozen=True)
class Profit:
    """What a list should earn and what it earned, at its best depth.

    Attributes
    ----------
    customers : int
        Number of customers contacted.
    depth : float
        The same as a share of all customers.
    expected : Interval
        Total profit by the predicted probabilities.
    realised : Interval
        Total profit on the held-out outcomes: the honest forecast of what the list will earn.
    """

    customers: int
    depth: float
    expected: Interval
    realised: Interval


@dataclass(frozen=True)
class Spread:
    """How far a list's profit lay around its mean on held-out data, for lists to come.

    Attributes
    ----------
    below, above : float
        Money between the mean of the realised profit and the ends of its interval.
    customers : int
        Customers who were contacted.
    level : float
        Coverage of that interval.
    between : float
        Standard deviation of the forecasts' errors from window to window, beyond chance among
        customers, as a share of the expectation; 0 where too few windows were measured.
    windows : int
        Windows behind it.
    """

    below: float
    above: float
    customers: int
    level: float = 0.95
    between: float = 0.0
    windows: int = 0

    @classmethod
    def of(cls, profit: Profit, forecasts: "Sequence[Forecast]" = ()) -> "Spread":
        """Take the spread from what was measured: on the last window, and among windows."""
        part = profit.realised
        return cls(
            below=part.mean - part.low,
            above=part.high - part.mean,
            customers=profit.customers,
            level=part.level,
            between=between_windows(forecasts),
            windows=len(forecasts),
        )

    def around(self, expected: float, customers: int) -> Interval:
        """Put an interval around the expected profit of a list for another number of customers.

        Customers buy independently of one another, so the spread of their sum grows with the
        square root of their number. Windows differ in what all customers do, which no number of
        them evens out: that part is a share of the expectation, with the quantile of Student's t
        for the number of windows. Both are independent, so their squares add up. Without a
        contacted customer on held-out data the ends are not known (NaN).

        Examples
        --------
        >>> interval = Spread(below=10.0, above=20.0, customers=100).around(500.0, customers=400)
        >>> interval.low, interval.high
        (480.0, 540.0)
        """
        scale = math.sqrt(customers / self.customers) if self.customers else float("nan")
        wide = self._quantile() * self.between * expected
        low = expected - math.hypot(scale * self.below, wide)
        high = expected + math.hypot(scale * self.above, wide)
        return Interval(expected, low, high, n=customers, level=self.level)

    def _quantile(self) -> float:
        if not self.between:
            return 0.0
        return float(stats.t.ppf((1 + self.level) / 2, df=self.windows))


@dataclass(frozen=True)
class Forecast:
    """What a list was expected to earn at an earlier date, and what it earned.

    Attributes
    ----------
    as_of : str
        The date, ``YYYY-MM-DD``.
    profit : Profit
        Expected and realised.
    """

    as_of: str
    profit: Profit

    @property
    def error(self) -> float:
        """Realised less expected, as a share of expected; NaN when nothing was expected."""
        expected = self.profit.expected.mean
        return (self.profit.realised.mean - expected) / expected if expected > 0 else math.nan


MIN_WINDOWS = 3


def between_windows(forecasts: Sequence[Forecast]) -> float:
    """Estimate how far forecasts err from window to window beyond chance among customers.

    The mean square of the relative errors, less the mean square of what chance among customers
    explains (method of moments, DerSimonian and Laird 1986, *Meta-analysis in clinical trials*,
    with the forecast itself in the place of the common mean).

    Parameters
    ----------
    forecasts : sequence of Forecast
        Earlier lists; those that expected nothing do not count.

    Returns
    -------
    float
        A share of the expectation; 0 with fewer than three windows.

    Examples
    --------
    >>> sure = [Profit(1, 1.0, Interval(100, 90, 110), Interval(won, won, won, se=0.0))
    ...         for won in (80.0, 100.0, 120.0)]
    >>> round(between_windows([Forecast("2024-01-01", one) for one in sure]), 3)
    0.163
    """
    known = [one for one in forecasts if not math.isnan(one.error)]
    if len(known) < MIN_WINDOWS:
        return 0.0
    chance = [one.profit.realised.se / one.profit.expected.mean for one in known]
    beyond = [one.error**2 - by**2 for one, by in zip(known, chance, strict=True)]
    return math.sqrt(max(0.0, sum(beyond) / len(beyond)))


def forecast_table(forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """Set expectation and outcome side by side, one row a window, the latest first.

    Returns
    -------
    pandas.DataFrame
        ``as_of``, ``customers``, ``predicted_profit``, ``realised_profit`` with its interval
        (``_low``, ``_high``), ``error`` (realised less predicted, as a share of predicted) and
        ``within`` (whether the interval holds the prediction).
    """
    return pd.DataFrame(
        [
            {
                "as_of": one.as_of,
                "customers": one.profit.customers,
                "predicted_profit": one.profit.expected.mean,
                "realised_profit": one.profit.realised.mean,
                "realised_profit_low": one.profit.realised.low,
                "realised_profit_high": one.profit.realised.high,
                "error": one.error,
                "within": one.profit.expected.mean in one.profit.realised,
            }
            for one in forecasts
        ]
    )


def row_values(rows: pd.DataFrame, economics: Economics) -> pd.Series:
    """Give the money that a sale of each row brings: margin of a piece times pieces.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``margin`` (money a piece; NaN when unknown), optionally ``price`` (money a piece) and
        ``quantity`` (pieces in a purchase).
    economics : Economics
        Gives the margin share and the quantity for rows that do not know theirs.

    Raises
    ------
    ValueError
        When a row has neither a margin nor the price and share to estimate it.

    Examples
    --------
    >>> rows = pd.DataFrame({"margin": [2.0, None], "price": [9.0, 10.0]})
    >>> row_values(rows, Economics(margin=0.3, quantity=2)).tolist()
    [4.0, 6.0]
    """
    margin = rows["margin"].astype(np.float64)
    if "price" in rows and economics.margin is not None:
        margin = margin.fillna(rows["price"].astype(np.float64) * economics.margin)
    if margin.isna().any():
        raise ValueError(
            f"{margin.isna().sum()} of {len(rows)} rows have no margin; "
            "give the item's margin, or its price and a margin share."
        )
    if "quantity" not in rows:
        return margin * economics.quantity
    return margin * rows["quantity"].astype(np.float64).fillna(economics.quantity)


def customer_profit(rows: pd.DataFrame, economics: Economics) -> pd.DataFrame:
    """Sum the rows of each customer and take off the cost of the contact.

    Expected profit = sum over the rows of probability x margin x quantity, minus the contact cost
    (Provost and Fawcett 2013, *Data Science for Business*, ch. 7-8). Realised profit is the same
    with 1 or 0 for bought or not in the place of the probability. Where it is known how likely the
    purchase was without the contact, that is taken off both.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item``, ``probability`` (0 to 1), ``margin`` (money a piece), and where the
        outcome is known ``bought`` (1 or 0); optionally ``price``, ``quantity`` and ``baseline``,
        the probability of the purchase without the contact.
    economics : Economics
        Costs and defaults.

    Returns
    -------
    pandas.DataFrame
        Indexed by customer; ``expected_profit`` and ``realised_profit`` (NaN when the outcome is
        not known), highest expectation first, equal ones by customer.

    Raises
    ------
    ValueError
        When a probability is outside 0 to 1 or missing, or a row has no margin.
    """
    probability = rows["probability"].astype(np.float64)
    if not probability.between(0, 1).all():
        raise ValueError(
            f"{(~probability.between(0, 1)).sum()} of {len(rows)} probabilities "
            "are missing or not between 0 and 1."
        )
    value = row_values(rows, economics)
    bought = rows["bought"].astype(np.float64) if "bought" in rows else np.nan
    organic = rows["baseline"].astype(np.float64) if "baseline" in rows else 0.0
    frame = pd.DataFrame(
        {
            "expected_profit": (probability - organic) * value,
            "realised_profit": (bought - organic) * value,
        }
    )
    # Sorted first, so that sums do not depend on the order of the rows.
    frame = frame.assign(customer=rows["customer"]).sort_values(
        ["expected_profit", "realised_profit"]
    )
    per_customer = frame.groupby("customer", sort=True).sum(min_count=1) - economics.contact_cost
    return per_customer.sort_values("expected_profit", ascending=False, kind="stable")


def profit_curve(rows: pd.DataFrame, economics: Economics) -> pd.DataFrame:
    """Contact customers one after the other, best expectation first, and add up.

    Parameters
    ----------
    rows, economics
        As in `customer_profit`.

    Returns
    -------
    pandas.DataFrame
        One row for each number of customers from 0: ``depth`` (share of customers), ``customers``,
        ``contact_cost``, ``expected_profit`` and ``realised_profit``, all cumulative money net of
        contact costs.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": ["a", "b"], "item": ["x", "x"],
    ...     "probability": [0.5, 0.1], "margin": [4.0, 4.0], "bought": [1, 0]})
    >>> profit_curve(rows, Economics(contact_cost=1.0)).values.tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0], [0.5, 1.0, 1.0, 1.0, 3.0], [1.0, 2.0, 2.0, 0.4, 2.0]]
    """
    return _curve(customer_profit(rows, economics), economics)


def _curve(profit: pd.DataFrame, economics: Economics) -> pd.DataFrame:
    count = np.arange(len(profit) + 1)
    return pd.DataFrame(
        {
            "depth": count / max(len(profit), 1),
            "customers": count,
            "contact_cost": count * economics.contact_cost,
            "expected_profit": np.append(0.0, profit["expected_profit"].cumsum()),
            "realised_profit": np.append(0.0, profit["realised_profit"].cumsum()),
        }
    )


def best_depth(curve: pd.DataFrame, economics: Economics) -> int:
    """Give the number of customers at which the expected profit is highest, within the limits.

    Parameters
    ----------
    curve : pandas.DataFrame
        What `profit_curve` gave.
    economics : Economics
        Its budget and capacity limit the depth.

    Returns
    -------
    int
        Customers to contact; the smaller number when two are equally good, 0 when no contact pays.
    """
    allowed = pd.Series(True, index=curve.index)
    if economics.capacity is not None:
        allowed &= curve["customers"] <= economics.capacity
    if economics.budget is not None:
        # Ten contacts at 0.1 cost a hair more than 1.0 in floating point.
        allowed &= curve["contact_cost"] <= economics.budget * (1 + 1e-12)
    within = curve[allowed]
    return int(within["customers"].iloc[int(np.argmax(within["expected_profit"]))])


def profit_by_customer(
    rows: pd.DataFrame,
    economics: Economics,
    *,
    customers: pd.Index | None = None,
    depth: int | None = None,
    column: str = "realised_profit",
) -> pd.Series:
    """Give each customer's profit when the best `depth` of them are contacted.

    Parameters
    ----------
    rows, economics
        As in `customer_profit`.
    customers : pandas.Index, optional
        All customers that could have been contacted; those without a row earn 0. Default: the
        customers of `rows`. Candidates compared in pairs need the same index here.
    depth : int, optional
        How many to contact; default `best_depth`.
    column : {"realised_profit", "expected_profit"}
        Which of the two.

    Returns
    -------
    pandas.Series of float64
        Sorted by customer; 0 for those who are not contacted.

    Raises
    ------
    ValueError
        When `rows` holds a customer who is not in `customers`.
    """
    profit = customer_profit(rows, economics)
    if depth is None:
        depth = best_depth(_curve(profit, economics), economics)
    return _of_contacted(profit[column], depth, customers)


def _of_contacted(profit: pd.Series, depth: int, customers: pd.Index | None) -> pd.Series:
    everybody = profit.index if customers is None else pd.Index(customers)
    strangers = profit.index.difference(everybody)
    if len(strangers):
        raise ValueError(f"{len(strangers)} customers of the rows are not among the customers.")
    contacted = profit.iloc[:depth]
    return contacted.reindex(everybody.sort_values(), fill_value=0.0)


def profit_at_depth(
    rows: pd.DataFrame,
    economics: Economics,
    *,
    customers: pd.Index | None = None,
    depth: int | None = None,
    level: float = 0.95,
    n: int = 2000,
    seed: int = 0,
) -> Profit:
    """Give the total profit at the best depth with bootstrap intervals over customers.

    The depth is chosen by expectation alone, never by the outcome, so the realised profit is not
    flattered by the choice. The interval holds the depth fixed.

    Parameters
    ----------
    rows, economics
        As in `customer_profit`.
    customers, depth
        As in `profit_by_customer`.
    level, n, seed
        As in `experiments.evaluation.bootstrap.mean_interval`.
    """
    profit = customer_profit(rows, economics)
    if depth is None:
        depth = best_depth(_curve(profit, economics), economics)
    expected = _of_contacted(profit["expected_profit"], depth, customers)
    realised = _of_contacted(profit["realised_profit"], depth, customers)
    return Profit(
        customers=depth,
        depth=depth / max(len(expected), 1),
        expected=_total(expected, level, n, seed),
        realised=_total(realised, level, n, seed),
    )


def _total(each: pd.Series, level: float, n: int, seed: int) -> Interval:
    if each.isna().any():
        nan = float("nan")
        return Interval(nan, nan, nan, n=len(each), level=level)
    return mean_interval(each, level, n, seed).times(len(each))
