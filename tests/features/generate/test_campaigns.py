import numpy as np
import pandas as pd
import pytest

from features.generate.campaigns import (
    BASE,
    UPLIFT,
    WINDOW_DAYS,
    contact,
    plan_campaigns,
    respond,
)
from features.generate.orders import CAMPAIGN, draw_orders
from features.generate.segments import SEGMENTS


@pytest.fixture(scope="module")
def campaigns(patterns):
    planned = plan_campaigns(360)
    assert planned.size == len(patterns.offers)
    return planned


@pytest.fixture(scope="module")
def contacts(customers, campaigns):
    return contact(customers, campaigns, 0, 3)


@pytest.fixture(scope="module")
def ordinary(customers, catalogue, calendar, patterns):
    return draw_orders(60_000, customers, 0, 3, catalogue, calendar, patterns)


@pytest.fixture(scope="module")
def answered(ordinary, contacts, campaigns, patterns, calendar):
    return respond(ordinary, contacts, campaigns, patterns, calendar, 0, 3)


@pytest.mark.parametrize(("days", "count"), [(1, 0), (44, 0), (45, 1), (105, 2), (731, 12)])
def test_a_campaign_needs_room_for_its_response_window(days, count):
    planned = plan_campaigns(days)
    assert planned.size == count
    assert (planned.days + WINDOW_DAYS < days).all()


def test_only_customers_who_may_be_contacted_are(contacts, customers, campaigns):
    assert not customers.opt_out[contacts.customer].any()
    assert (customers.joined[contacts.customer] <= campaigns.days[contacts.campaign]).all()
    pairs = pd.DataFrame({"k": contacts.campaign, "c": contacts.customer})
    assert not pairs.duplicated().any()


def test_the_arms_are_alike(contacts, customers):
    assert contacts.control.mean() == pytest.approx(0.3, abs=0.05)
    rate = customers.rate[contacts.customer]
    error = rate.std() * np.sqrt(1 / contacts.control.sum() + 1 / (~contacts.control).sum())
    assert abs(rate[contacts.control].mean() - rate[~contacts.control].mean()) < 4 * error


def test_the_true_probabilities_depend_on_segment_and_presence(contacts, customers):
    here = contacts.base > 0
    strength = np.array([s.uplift for s in SEGMENTS])[customers.segment[contacts.customer]]
    assert (contacts.base[here] == BASE).all()
    assert contacts.uplift[here] == pytest.approx((UPLIFT * strength)[here])
    assert (contacts.uplift[~here] == 0).all()
    assert not contacts.responded[~here].any()
    assert 0 < (~here).sum() < here.sum()


def test_purchases_agree_with_the_answers(answered, contacts, campaigns, patterns):
    for number, item in enumerate(patterns.offers):
        since = answered.day - campaigns.days[number]
        hit = (answered.item == item) & (since >= 0) & (since <= WINDOW_DAYS)
        buyers = set(answered.customer[hit])
        chosen = contacts.campaign == number
        yes = set(contacts.customer[chosen & contacts.responded])
        no = set(contacts.customer[chosen & ~contacts.responded])
        assert yes <= buyers
        assert no.isdisjoint(buyers)


def test_answers_are_orders_of_their_own(answered, ordinary, contacts):
    bought = answered.take(answered.kind == CAMPAIGN)
    assert bought.size == contacts.responded.sum() > 0
    assert bought.fixed.all()
    assert set(bought.order).isdisjoint(ordinary.order)
    assert len(set(bought.order)) == bought.size


def test_nothing_else_is_taken_away(answered, ordinary, patterns):
    rest = answered.take(answered.kind != CAMPAIGN)
    assert rest.size >= ordinary.size - 200
    kept, before = (np.isin(x.item, patterns.offers) for x in (rest, ordinary))
    assert (~kept).sum() == (~before).sum()
    assert kept.sum() <= before.sum()


def test_the_tally_counts_arms_and_answers(contacts, campaigns):
    tally = contacts.tally(campaigns.size)
    assert tally[:, :2].sum() == contacts.campaign.size
    assert tally[:, 2:4].sum() == contacts.responded.sum()
    first = contacts.campaign == 0
    assert tally[0, 1] == (first & contacts.control).sum()
    assert tally[0, 5] == pytest.approx(contacts.uplift[first].sum())


def test_the_truth_gives_averages_over_all_chosen(
    contacts, campaigns, calendar, catalogue, patterns
):
    truth = campaigns.truth(calendar, catalogue, patterns, contacts.tally(campaigns.size))
    assert [row["campaign_id"] for row in truth] == campaigns.ids.tolist()
    chosen = contacts.campaign == 2
    assert truth[2]["uplift"] == pytest.approx(contacts.uplift[chosen].mean(), abs=1e-6)
    assert truth[2]["base"] == pytest.approx(contacts.base[chosen].mean(), abs=1e-6)
    assert truth[0]["contacted_on"] == "2023-01-31"


def test_a_campaign_without_contacts_has_no_uplift(campaigns, calendar, catalogue, patterns):
    truth = campaigns.truth(calendar, catalogue, patterns, np.zeros((campaigns.size, 6)))
    assert truth[0]["uplift"] == 0
    assert truth[0]["target"] == 0
