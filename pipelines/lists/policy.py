"""What the list may hold: caps for a customer, an item and a category, and limits on contacts."""

from dataclasses import asdict, dataclass

import numba
import numpy as np
import pandas as pd

__all__ = ["Policy", "Refusals", "apply_policy", "listed"]

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
    """

    rows: int = 10
    per_item: int | None = None
    per_category: int | None = None
    contact_cost: float = 0.0
    max_contacts: int | None = None
    min_expected_profit: float = 0.0

    @property
    def depth(self) -> int:
        """Offers of a customer that are looked at, so that money and caps have a choice."""
        return self.rows * SPARE


@dataclass(frozen=True)
class Refusals:
    """How many candidate rows or customers each limit kept out."""

    rows_beyond_caps: int
    customers_below_profit: int
    customers_beyond_contacts: int
    profit_forgone: float

    def to_dict(self) -> dict[str, float]:
        """Give the counts for a manifest."""
        return asdict(self)


def apply_policy(
    candidates: pd.DataFrame, policy: Policy, control: np.ndarray
) -> tuple[pd.DataFrame, Refusals]:
    """Choose the rows of the list.

    Rows are taken greedily by expected margin under the caps, which is exact for any one cap and a
    lower bound where several bind at once; then customers by expected profit under the limit on
    contacts, which is exact. Ties go to the lower customer, then the lower item.

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

    Returns
    -------
    chosen : pandas.DataFrame
        The rows kept, sorted by customer and rank, with ``rank`` (from 1), ``expected_profit``
        (the row's share after the cost of the contact) and ``is_control``.
    refusals : Refusals
        What the limits kept out.
    """
    kept = _within_caps(candidates, policy, len(control))
    customers = _customers_by_profit(kept, policy, control)
    worth = customers["expected_profit"] >= policy.min_expected_profit
    reached = _within_contacts(customers[worth], policy)
    chosen = _ranked(kept[kept["customer"].isin(reached["customer"])], policy)
    chosen["is_control"] = control[chosen["customer"].to_numpy()]
    left_out = customers[worth & ~customers["customer"].isin(reached["customer"])]
    refusals = Refusals(
        rows_beyond_caps=len(candidates) - len(kept),
        customers_below_profit=int((~worth).sum()),
        customers_beyond_contacts=len(left_out),
        profit_forgone=float(left_out["expected_profit"].clip(lower=0).sum()),
    )
    return chosen, refusals


def listed(candidates: pd.DataFrame, policy: Policy, n_customers: int) -> pd.DataFrame:
    """Keep the rows that a list without a limit on contacts would hold, to measure it.

    Parameters
    ----------
    candidates : pandas.DataFrame
        As in `apply_policy`, with ``rank``: deeper offers than a list looks at are left out.
    policy, n_customers
        As in `apply_policy`; number of customer codes.
    """
    kept = _within_caps(candidates[candidates["rank"] <= policy.depth], policy, n_customers)
    if policy.min_expected_profit <= 0:
        return kept
    profit = kept.groupby("customer")["expected_margin"].transform("sum") - policy.contact_cost
    return kept[profit >= policy.min_expected_profit]


def _within_caps(candidates: pd.DataFrame, policy: Policy, n_customers: int) -> pd.DataFrame:
    """Keep the rows that earn something and that the caps leave, best first.

    Parameters
    ----------
    candidates, policy
        As in `apply_policy`.
    n_customers : int
        Number of customer codes.
    """
    ordered = candidates[candidates["expected_margin"] >= 0].sort_values(
        ["expected_margin", "customer", "item"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
    )
    return ordered[_taken(ordered, policy, n_customers)]


def _taken(ordered: pd.DataFrame, policy: Policy, n_customers: int) -> np.ndarray:
    category = ordered["category"].to_numpy(dtype=np.int64)
    item = ordered["item"].to_numpy(dtype=np.int64)
    taken: np.ndarray = _take_greedily(
        ordered["customer"].to_numpy(dtype=np.int64),
        item,
        category,
        n_customers,
        int(item.max(initial=-1)) + 1,
        policy.rows,
        NO_LIMIT if policy.per_item is None else policy.per_item,
        NO_LIMIT if policy.per_category is None else policy.per_category,
    )
    return taken


@numba.njit(cache=True)
def _take_greedily(customer, item, category, n_customers, n_items, rows, per_item, per_category):  # type: ignore[no-untyped-def]
    taken = np.zeros(len(customer), dtype=np.bool_)
    of_customer = np.zeros(n_customers, dtype=np.int64)
    of_item = np.zeros(n_items, dtype=np.int64)
    of_pair = {np.int64(-1): np.int64(0)}
    for row in range(len(customer)):
        who, what, kind = customer[row], item[row], category[row]
        if of_customer[who] >= rows or of_item[what] >= per_item:
            continue
        if kind >= 0 and per_category < rows:
            pair = kind * n_customers + who
            held = of_pair.get(pair, np.int64(0))
            if held >= per_category:
                continue
            of_pair[pair] = held + 1
        taken[row] = True
        of_customer[who] += 1
        of_item[what] += 1
    return taken


def _customers_by_profit(kept: pd.DataFrame, policy: Policy, control: np.ndarray) -> pd.DataFrame:
    """Add up the rows of each customer, best first."""
    total = kept.groupby("customer", sort=True)["expected_margin"].sum()
    customers = pd.DataFrame(
        {
            "customer": total.index.to_numpy(),
            "expected_profit": total.to_numpy() - policy.contact_cost,
            "is_control": control[total.index.to_numpy(dtype=np.int64)],
        }
    )
    return customers.sort_values(
        ["expected_profit", "customer"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _within_contacts(customers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    if policy.max_contacts is None:
        return customers
    contacted = (~customers["is_control"]).astype(int)
    contacted_before = contacted.cumsum() - contacted
    return customers[contacted_before < policy.max_contacts]


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
