"""What the list may hold: caps for a customer, an item and a category, and limits on contacts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from pipelines.lists.allocation import Limits, Market, Shared, freely, own_choice, share_out
from pipelines.lists.exact import NANO, nanos
from pipelines.lists.exploration import Explored, explored, seeds

__all__ = ["Policy", "Refusals", "apply_policy", "listed", "market_of"]

SPARE = 3
NO_LIMIT = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Policy:
    """Limits of a list.

    Attributes
    ----------
    rows : int
        Rows a customer, at most.
    per_item : int, optional
        Customers an item is offered to, at most.
    per_category : int, optional
        Rows of one category for a customer, at most.
    contact_cost : float
        Money a contacted customer costs, however many rows.
    max_contacts : int, optional
        Customers contacted, at most: the smaller of the capacity and of what the budget pays.
    min_expected_profit : float
        A customer whose rows promise less, after the cost of the contact, is left out.
    quotas : mapping of str to int
        Customers single items are offered to, at most, by identifier.
    diversity : float
        What each further row of a category is worth less on a customer's list, from 0 to 1.
    explore : float
        Share of the rows that go to next best items by chance.
    experiment : str
        Name that these rows are drawn by.
    """

    rows: int = 10
    per_item: int | None = None
    per_category: int | None = None
    contact_cost: float = 0.0
    max_contacts: int | None = None
    min_expected_profit: float = 0.0
    quotas: Mapping[str, int] = field(default_factory=dict)
    diversity: float = 0.0
    explore: float = 0.0
    experiment: str = ""

    @property
    def depth(self) -> int:
        """Offers of a customer that are looked at, so that money and caps have a choice."""
        return self.rows * SPARE

    @property
    def is_personal(self) -> bool:
        """Whether no limit holds for all customers together."""
        return self.per_item is None and self.max_contacts is None and not self.quotas

    def of_share(self, share: float) -> "Policy":
        """Scale the limits that hold for all customers together to a share of the customers.

        Examples
        --------
        >>> part = Policy(per_item=100, quotas={"A": 30}).of_share(0.1)
        >>> part.per_item, part.quotas
        (10, {'A': 3})
        """
        return replace(
            self,
            per_item=None if self.per_item is None else max(1, round(self.per_item * share)),
            max_contacts=None if self.max_contacts is None else round(self.max_contacts * share),
            quotas={item: round(most * share) for item, most in self.quotas.items()},
        )

    def quota(self, items: pd.Index) -> np.ndarray:
        """Give the customers each of `items` is offered to, at most (int64)."""
        most = np.full(len(items), NO_LIMIT if self.per_item is None else self.per_item)
        stated = pd.Series(dict(self.quotas), dtype=np.float64).reindex(items).to_numpy()
        known = ~np.isnan(stated)
        most[known] = np.minimum(most[known], stated[known].astype(np.int64))
        return most.astype(np.int64)


@dataclass(frozen=True)
class Refusals:
    """How many candidate rows or customers each limit kept out, and at what price.

    Attributes
    ----------
    rows_beyond_caps : int
        Rows that a customer's own limits, or an item's, kept out.
    customers_below_profit, customers_beyond_contacts : int
        Customers who promise too little, and who came after the last contact.
    profit_forgone : float
        What the latter would have promised.
    gap : float
        Scarce items are shared out so that the list promises most. By this share of it a perfect
        list might promise more; 0 = this one is perfect.
    rows_explored : int
        Rows that chance put there.
    """

    rows_beyond_caps: int = 0
    customers_below_profit: int = 0
    customers_beyond_contacts: int = 0
    profit_forgone: float = 0.0
    gap: float = 0.0
    rows_explored: int = 0

    def __add__(self, other: "Refusals") -> "Refusals":
        """Add up what the limits kept out of two parts; of the gap the larger counts."""
        one, two = self.to_dict(), other.to_dict()
        sums: dict[str, Any] = {name: one[name] + two[name] for name in one}
        forgone = round(self.profit_forgone + other.profit_forgone, 9)
        return Refusals(**{**sums, "profit_forgone": forgone, "gap": max(self.gap, other.gap)})

    def to_dict(self) -> dict[str, float]:
        """Give the counts for a manifest."""
        return asdict(self)


def apply_policy(
    candidates: pd.DataFrame,
    policy: Policy,
    control: np.ndarray,
    *,
    customers: pd.Index | None = None,
    items: pd.Index | None = None,
    reached: np.ndarray | None = None,
) -> tuple[pd.DataFrame, Refusals]:
    """Choose the rows of the list.

    Rows and customers are chosen together so that the list promises most: exactly where no item is
    scarce or the candidates are few, else within the `gap` that the refusals state; see
    `pipelines.lists.allocation`. Ties go to the lower customer, then the lower item.

    Parameters
    ----------
    candidates : pandas.DataFrame
        ``customer``, ``item`` and ``category`` (integer codes, category -1 = none),
        ``expected_margin`` (money of the row before the cost of the contact).
    policy : Policy
        The limits.
    control : numpy.ndarray of bool
        Whether the customer of that code is in the control group; a control costs no contact and
        counts against no limit on contacts: controls are kept down to the expected profit of the
        last customer contacted, so that both groups are alike.
    customers, items : pandas.Index of str, optional
        Identifiers of the codes: the latter are needed for single quotas, the former for
        exploration.
    reached : numpy.ndarray of bool, (customers,), optional
        Who is on the list, where that was decided for these and other customers together and no
        item is scarce; see `pipelines.lists.common`. Default: decided here.

    Returns
    -------
    chosen : pandas.DataFrame
        The rows kept, sorted by customer and rank, with ``rank`` (from 1), ``expected_profit``
        (the row's share after the cost of the contact), ``propensity`` and ``is_control``.
    refusals : Refusals
        What the limits kept out.
    """
    rows, market, limits = market_of(candidates, policy, control, items)
    shared = share_out(market, limits) if reached is None else freely(market, limits, reached)
    drawn = _explored(rows, market, limits, policy, shared, customers)
    chosen = _ranked(rows[drawn.taken].assign(propensity=drawn.propensity[drawn.taken]), policy)
    chosen["is_control"] = control[chosen["customer"].to_numpy()]
    refusals = _refusals(market, limits, shared, len(candidates))
    return chosen, replace(refusals, rows_explored=int((drawn.taken & ~shared.taken).sum()))


def listed(
    candidates: pd.DataFrame, policy: Policy, customers: pd.Index, items: pd.Index
) -> pd.DataFrame:
    """Choose the rows that a list would hold, all customers in the target group, to measure it.

    Parameters
    ----------
    candidates : pandas.DataFrame
        As in `apply_policy`, with ``rank``: deeper offers than a list looks at are left out.
    policy : Policy
        The limits; none on contacts is needed where the depth is chosen afterwards.
    customers, items : pandas.Index of str
        Identifiers of the codes.
    """
    looked_at = candidates[candidates["rank"] <= policy.depth]
    nobody = np.zeros(len(customers), dtype=bool)
    return apply_policy(looked_at, policy, nobody, customers=customers, items=items)[0]


def market_of(
    candidates: pd.DataFrame, policy: Policy, control: np.ndarray, items: pd.Index | None
) -> tuple[pd.DataFrame, Market, Limits]:
    """Put candidates and policy in the form that rows are chosen in.

    Returns
    -------
    rows : pandas.DataFrame
        The candidates that earn something, in the order of the market.
    market : Market
    limits : Limits
    """
    rows, market = _market(candidates, policy, control)
    return rows, market, _limits(rows, policy, items)


def _market(
    candidates: pd.DataFrame, policy: Policy, control: np.ndarray
) -> tuple[pd.DataFrame, Market]:
    """Put the rows that earn something in order, and say what each counts when rows are chosen."""
    rows = candidates[candidates["expected_margin"] >= 0].sort_values(
        ["customer", "expected_margin", "item"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
    worth = rows["expected_margin"].to_numpy(dtype=np.float64)
    if policy.diversity > 0:
        place = rows.groupby(["customer", "category"]).cumcount().to_numpy()
        alike = np.where(rows["category"] >= 0, place, 0)
        worth = worth * (1 - policy.diversity) ** alike
    order = np.lexsort((rows["item"], -worth, rows["customer"]))
    rows = rows.iloc[order].reset_index(drop=True)
    customer, item, category = (
        rows[name].to_numpy(dtype=np.int64) for name in ("customer", "item", "category")
    )
    return rows, Market(customer, item, category, worth[order], control)


def _limits(rows: pd.DataFrame, policy: Policy, items: pd.Index | None) -> Limits:
    if items is None:
        if policy.quotas:
            raise ValueError("single quotas need the identifiers of the items")
        items = pd.RangeIndex(int(rows["item"].max()) + 1 if len(rows) else 0)
    return Limits(
        rows=policy.rows,
        per_category=NO_LIMIT if policy.per_category is None else policy.per_category,
        quota=policy.quota(items),
        cost=policy.contact_cost,
        least=policy.min_expected_profit,
        contacts=policy.max_contacts,
    )


def _explored(
    rows: pd.DataFrame,
    market: Market,
    limits: Limits,
    policy: Policy,
    shared: Shared,
    customers: pd.Index | None,
) -> Explored:
    if policy.explore == 0:
        return Explored(shared.taken, np.ones(len(rows)))
    if customers is None:
        raise ValueError("exploration needs the identifiers of the customers")
    return explored(
        market.customer,
        market.item,
        market.category,
        rows["expected_margin"].to_numpy(dtype=np.float64),
        shared.taken,
        limits.quota,
        share=policy.explore,
        per_category=limits.per_category,
        floor=limits.least + limits.cost,
        draws=seeds(customers, policy.experiment),
    )


def _refusals(market: Market, limits: Limits, shared: Shared, candidates: int) -> Refusals:
    """Hold the list against what every customer would choose if nothing were scarce."""
    own, gain = own_choice(market, limits)
    customers = len(market.control)
    holds = np.bincount(market.customer[own], minlength=customers) > 0
    on_list = np.bincount(market.customer[shared.taken], minlength=customers) > 0
    profit = gain - limits.cost
    poor = holds & ~on_list & ((profit < limits.least) | (limits.contacts is None))
    late = holds & ~on_list & ~poor
    kept = np.where(on_list[market.customer], shared.taken, own)
    return Refusals(
        rows_beyond_caps=candidates - int(kept.sum()),
        customers_below_profit=int(poor.sum()),
        customers_beyond_contacts=int(late.sum()),
        profit_forgone=nanos(np.maximum(profit[late], 0.0)) / NANO,
        gap=shared.gap,
    )


def _ranked(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    rows = rows.sort_values(
        ["customer", "expected_margin", "item"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
    groups = rows.groupby("customer", sort=False)["item"]
    share = policy.contact_cost / groups.transform("size")
    return rows.assign(
        rank=(groups.cumcount() + 1).astype(np.int16),
        expected_profit=rows["expected_margin"] - share,
    )
