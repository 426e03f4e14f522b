"""Campaigns with a randomised control arm: who was contacted, and who bought what was offered."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from features.generate.catalogue import Catalogue
from features.generate.customers import Customers
from features.generate.draws import stream
from features.generate.orders import CAMPAIGN, Lines
from features.generate.patterns import Patterns
from features.generate.seasons import Calendar
from features.generate.segments import SEGMENTS

__all__ = ["Campaigns", "Contacts", "contact", "plan_campaigns", "respond"]

STREAM = 5
FIRST_DAY, EVERY_DAYS, WINDOW_DAYS = 30, 60, 14
CONTACTED_SHARE, CONTROL_SHARE = 0.15, 0.3
BASE, UPLIFT = 0.03, 0.06


@dataclass(frozen=True)
class Campaigns:
    """The campaigns of the period: contact days, counted from its first day.

    Attributes
    ----------
    days : numpy.ndarray of int64
        One contact day a campaign.
    """

    days: np.ndarray

    @property
    def size(self) -> int:
        """Number of campaigns."""
        return self.days.size

    @cached_property
    def ids(self) -> np.ndarray:
        """Campaign ids as an object array of text."""
        return np.array([f"M{k + 1:03d}" for k in range(self.size)], dtype=object)

    def truth(
        self, calendar: Calendar, catalogue: Catalogue, patterns: Patterns, tally: np.ndarray
    ) -> list[dict[str, Any]]:
        """Describe the campaigns with the tally that ``Contacts.tally`` gives."""
        return [
            {
                "campaign_id": self.ids[k],
                "contacted_on": str(calendar.dates(self.days)[k]),
                "response_days": WINDOW_DAYS,
                "item_id": catalogue.ids[patterns.offers[k]],
                "target": int(row[0]),
                "control": int(row[1]),
                "target_responses": int(row[2]),
                "control_responses": int(row[3]),
                "base": _ratio(row[4], row[0] + row[1]),
                "uplift": _ratio(row[5], row[0] + row[1]),
                "uplift_by_segment": {s.name: round(UPLIFT * s.uplift, 6) for s in SEGMENTS},
            }
            for k, row in enumerate(tally)
        ]


@dataclass(frozen=True)
class Contacts:
    """Contacts of one block, sorted by campaign, then customer.

    Attributes
    ----------
    campaign, customer : numpy.ndarray of int64
        Positions.
    control : numpy.ndarray of bool
        In the arm that was chosen but not contacted.
    base, uplift : numpy.ndarray of float64
        True probability to buy without contact and what the contact adds; 0 for those who left.
    responded : numpy.ndarray of bool
        Bought the offered item within the response window.
    """

    campaign: np.ndarray
    customer: np.ndarray
    control: np.ndarray
    base: np.ndarray
    uplift: np.ndarray
    responded: np.ndarray

    def table(
        self,
        campaigns: Campaigns,
        customers: Customers,
        catalogue: Catalogue,
        calendar: Calendar,
        patterns: Patterns,
    ) -> pa.Table:
        """Give their part of the table ``contacts``."""
        offers = np.array(patterns.offers, dtype=np.int64)
        return pa.table(
            {
                "campaign_id": pa.array(campaigns.ids[self.campaign], pa.string()),
                "customer_id": pa.array(customers.ids[self.customer], pa.string()),
                "contacted_on": calendar.dates(campaigns.days[self.campaign]),
                "group": pa.array(np.where(self.control, "control", "target"), pa.string()),
                "item_id": pa.array(catalogue.ids[offers[self.campaign]], pa.string()),
                "responded": self.responded,
            }
        )

    def tally(self, campaigns: int) -> np.ndarray:
        """Sum up each campaign, shape (campaigns, 6).

        Columns: targets, controls, responses of either, sums of true base and true uplift.
        """
        target = ~self.control
        columns = [
            target,
            self.control,
            self.responded & target,
            self.responded & self.control,
            self.base,
            self.uplift,
        ]
        sums = [np.bincount(self.campaign, weights=c, minlength=campaigns) for c in columns]
        return np.column_stack(sums)


def plan_campaigns(days: int) -> Campaigns:
    """Plan a campaign every two months, as long as its response window ends within the period."""
    return Campaigns(np.arange(FIRST_DAY, days - WINDOW_DAYS, EVERY_DAYS, dtype=np.int64))


def contact(customers: Customers, campaigns: Campaigns, block: int, seed: int) -> Contacts:
    """Choose the customers of each campaign, their arm and their answer."""
    rng = stream(seed, STREAM, block)
    shape = (campaigns.size, customers.size)
    eligible = ~customers.opt_out & (customers.joined <= campaigns.days[:, None])
    campaign, customer = np.nonzero(eligible & (rng.random(shape) < CONTACTED_SHARE))
    control = rng.random(campaign.size) < CONTROL_SHARE
    stays = campaigns.days[campaign] + WINDOW_DAYS < customers.leaves[customer]
    strength = np.array([s.uplift for s in SEGMENTS])[customers.segment[customer]]
    base, uplift = BASE * stays, UPLIFT * strength * stays
    responded = rng.random(campaign.size) < base + np.where(control, 0.0, uplift)
    return Contacts(campaign, customer, control, base, uplift, responded)


def respond(
    lines: Lines,
    contacts: Contacts,
    campaigns: Campaigns,
    patterns: Patterns,
    calendar: Calendar,
    block: int,
    seed: int,
) -> Lines:
    """Make the purchases agree with the answers: one order a response, none without.

    Ordinary purchases of the offered item by a chosen customer within the response window are left
    out, so that the planted probabilities are the true ones.
    """
    rng = stream(seed, STREAM, block, 1)
    kept = lines.take(~_bought_anyway(lines, contacts, campaigns, patterns))
    campaign, customer = (
        contacts.campaign[contacts.responded],
        contacts.customer[contacts.responded],
    )
    day = campaigns.days[campaign] + rng.integers(1, WINDOW_DAYS + 1, size=campaign.size)
    bought = Lines.planted(
        CAMPAIGN,
        campaign,
        customer,
        np.array(patterns.offers, dtype=np.int64)[campaign],
        calendar.moment(rng, day),
        int(kept.order.max(initial=-1)) + 1,
    )
    return kept.joined_with(bought)


def _bought_anyway(
    lines: Lines, contacts: Contacts, campaigns: Campaigns, patterns: Patterns
) -> np.ndarray:
    found = np.zeros(lines.size, dtype=bool)
    day = lines.day
    for number, item in enumerate(patterns.offers):
        chosen = contacts.customer[contacts.campaign == number]
        since = day - campaigns.days[number]
        hit = np.flatnonzero((lines.item == item) & (since >= 0) & (since <= WINDOW_DAYS))
        found[hit] |= np.isin(lines.customer[hit], chosen)
    return found


def _ratio(part: float, whole: float) -> float:
    return round(float(part / whole), 6) if whole else 0.0
