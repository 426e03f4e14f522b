"""Pairs that must not be listed: counted by hand on a few customers."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from lodeworks import ConfigError
from models.recommend.history import History
from pipelines.lists.restrictions import Eligibility, Repeat, Restrictions

DAY = pd.Timestamp("2024-03-31")
LABELS = pd.DataFrame(
    {
        "item_id": ["beer", "cake", "milk", "wine"],
        "category": ["drinks", "food", "dairy", "drinks"],
        "department": ["cellar", "shop", "shop", "cellar"],
    }
)
NOBODY = pd.DataFrame(columns=["customer_id", "item_id"])
PEOPLE = pd.DataFrame(
    {"birth_year": [1990.0, 2006.0, np.nan], "region": ["East", "West", None]},
    index=pd.Index(["ann", "bob", "cyd"], name="customer_id"),
)


@pytest.fixture
def history():
    """Ann bought milk 5 and 40 days ago and cake 100 days ago; Bob bought milk 20 days ago."""
    bought = [("ann", "milk", 5), ("ann", "milk", 40), ("ann", "cake", 100), ("bob", "milk", 20)]
    lines = pd.DataFrame(bought, columns=["customer_id", "item_id", "age"])
    lines = lines.assign(
        order_id=lines.index.astype(str),
        ordered_at=DAY - pd.to_timedelta(lines["age"], unit="D"),
        quantity=1.0,
        amount=1.0,
    )
    known = pd.DataFrame({"frequency": [3.0, 1.0, 0.0]}, index=PEOPLE.index)
    items = pd.Index(LABELS["item_id"], dtype=object)
    return History.from_purchases(lines, DAY, customer_features=known, items=items)


@pytest.fixture
def barred(history):
    """Give the forbidden pairs as text."""

    def find(restrictions, earlier=NOBODY, observe=365):
        found = restrictions.forbidden(history, PEOPLE, LABELS, earlier, observe)
        if found is None:
            return set()
        rows, columns = found.nonzero()
        return {
            f"{history.customers[row]}:{history.items[column]}"
            for row, column in zip(rows, columns, strict=True)
        }

    return find


def test_what_was_bought_is_owned_also_before_the_observed_span(barred):
    earlier = pd.DataFrame({"customer_id": ["bob"], "item_id": ["wine"]})
    assert barred(Restrictions()) == {"ann:milk", "ann:cake", "bob:milk"}
    assert "bob:wine" in barred(Restrictions(), earlier)
    assert barred(Restrictions(exclude_owned=False), earlier) == set()


@pytest.mark.parametrize(
    ("after", "owned"),
    [(5, {"ann:cake"}), (6, {"ann:cake", "ann:milk"}), (21, {"ann:cake", "ann:milk", "bob:milk"})],
)
def test_things_bought_again_are_owned_for_some_days(barred, after, owned):
    # Ann bought milk 5 days ago: after 5 days she may be offered it again.
    assert barred(Restrictions(repeat=(Repeat(category="dairy", after=after),))) == owned


def test_a_rule_holds_without_ownership_and_the_longest_time_counts(barred):
    short, long = Repeat(items=("milk",), after=2), Repeat(department="shop", after=10)
    assert barred(Restrictions(exclude_owned=False, repeat=(long,))) == {"ann:milk"}
    both = Restrictions(exclude_owned=False, repeat=(short, long))
    assert barred(both) == barred(Restrictions(False, (long, short))) == {"ann:milk"}


def test_a_purchase_before_the_span_counts_when_the_rule_reaches_that_far(barred):
    earlier = pd.DataFrame({"customer_id": ["bob", "bob"], "item_id": ["cake", "cake"]})
    rule = Repeat(items=("cake",), after=200)
    assert "bob:cake" in barred(Restrictions(repeat=(rule,)), earlier, observe=120)
    assert "bob:cake" not in barred(Restrictions(repeat=(rule,)), earlier, observe=365)


FREE = {"exclude_owned": False}


def test_age_is_that_which_was_surely_reached(barred):
    adult = Eligibility(category="drinks", column="age", at_least=18)
    # Bob turns 18 in the course of 2024, perhaps after March; of Cyd nothing is known.
    allowed = {"ann:beer", "ann:wine"}
    everyone = {f"{who}:{what}" for who in ("ann", "bob", "cyd") for what in ("beer", "wine")}
    assert barred(Restrictions(**FREE, eligible=(adult,))) == everyone - allowed


def test_values_ranges_and_indicators_may_be_asked(barred):
    east = Eligibility(items=("wine",), column="region", one_of=("East", "North"))
    regular = Eligibility(items=("wine",), column="frequency", at_least=1, at_most=2)
    assert barred(Restrictions(**FREE, eligible=(east,))) == {"bob:wine", "cyd:wine"}
    assert barred(Restrictions(**FREE, eligible=(regular,))) == {"ann:wine", "cyd:wine"}
    both = Restrictions(**FREE, eligible=(east, regular))
    assert barred(both) == {"ann:wine", "bob:wine", "cyd:wine"}


def test_true_and_false_may_be_asked():
    rule = Eligibility(items=("wine",), column="member", one_of=(True,))
    assert rule.holds(pd.Series([True, False, None], dtype=object)).tolist() == [True, False, False]


def test_names_that_the_data_do_not_know_are_refused_all_at_once():
    wrong = Restrictions(
        repeat=(Repeat(category="diary", after=3),),
        eligible=(
            Eligibility(department="celar", column="regoin", one_of=("East",)),
            Eligibility(items=("vine",), column="age", at_least=18),
        ),
    )
    with pytest.raises(ConfigError) as refused:
        wrong.check(LABELS, ["region", "birth_year"])
    told = str(refused.value)
    for part in (
        "policy.repeat[0]: no category 'diary' in the data; did you mean 'dairy'?",
        "policy.eligible[0]: no department 'celar' in the data; did you mean 'cellar'?",
        "policy.eligible[0]: nothing is known as 'regoin'; did you mean 'region'?",
        "policy.eligible[1]: no item 'vine' in the data; did you mean 'wine'?",
    ):
        assert part in told
    assert "'age'" not in told


def test_age_needs_the_year_of_birth():
    rule = Restrictions(eligible=(Eligibility(items=("wine",), column="age", at_least=18),))
    assert rule.check(LABELS, ["birth_year"]) == []
    with pytest.raises(ConfigError, match="nothing is known as 'age'"):
        rule.check(LABELS, ["region"])


def test_some_unknown_items_are_noted():
    rule = Restrictions(repeat=(Repeat(items=("milk", "mead"), after=3),))
    assert rule.check(LABELS, []) == ["policy.repeat[0]: 1 of its items are not in the data"]


def test_rules_survive_a_journey_through_json():
    rules = Restrictions(
        repeat=(Repeat(items=("a", "b"), after=9),),
        eligible=(Eligibility(category="c", column="region", one_of=("East", True, 3.0)),),
    )
    assert Restrictions.from_plain(json.loads(json.dumps(asdict(rules)))) == rules
    assert (rules.is_plain, rules.offers_owned) == (False, True)
    assert (Restrictions().is_plain, Restrictions().offers_owned) == (True, False)
    assert Restrictions(exclude_owned=False).offers_owned
