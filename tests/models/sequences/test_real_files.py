"""Counts on real files, as another program gives them or as counted plainly here."""

import gzip
from collections import Counter

import pandas as pd
import pytest

from models.sequences import Sequences, frequent_sequences, next_offers, sequential_rules

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def members(real_data):
    """Give the lines of the members' purchases."""
    frame = pd.read_csv(real_data / "groceries_members.csv")
    frame.columns = ["member", "day", "item"]
    frame["day"] = pd.to_datetime(frame["day"], format="%d-%m-%Y")
    return frame


@pytest.fixture(scope="module")
def bought(members):
    return Sequences.from_table(members, "member", "day", "item")


@pytest.fixture(scope="module")
def visits(real_data):
    """Give the visitors' pages, one a basket."""
    with gzip.open(real_data / "msnbc_first100k.seq.gz", "rt") as lines:
        rows = [line.split() for line in lines]
    numbers = [row for row in rows if row and all(word.isdigit() for word in row)]
    return Sequences.from_lists([[[int(word)] for word in row] for row in numbers])


def test_members(bought):
    assert (len(bought), bought.n_baskets, bought.n_items) == (3_898, 14_963, 167)


@pytest.mark.parametrize(("min_count", "expected"), [(20, 4_589), (8, 21_500), (4, 80_337)])
def test_members_line_by_line(members, min_count, expected):
    """The program prefixspan counts the same where every line is an element of its own."""
    lines = members.drop_duplicates().sort_values(["member", "day", "item"])
    rows = lines.groupby("member")["item"].apply(lambda items: [[item] for item in items])
    found = frequent_sequences(Sequences.from_lists(rows.tolist()), min_count=min_count)
    assert len(found) == expected


@pytest.mark.parametrize(("min_count", "expected"), [(500, 839), (100, 16_569)])
def test_visits(visits, min_count, expected):
    """The program prefixspan counts the same."""
    assert (len(visits), visits.n_baskets, visits.n_items) == (100_000, 477_920, 17)
    assert len(frequent_sequences(visits, min_count=min_count)) == expected


@pytest.mark.parametrize(("least", "most"), [(0, None), (0, 30), (20, 90)])
def test_pairs_of_members_baskets(members, bought, least, most):
    """Every `x` and then `y`, and every `x` with `y`, counted plainly member by member."""
    counts = Counter()
    for _, lines in members.groupby("member"):
        baskets = lines.groupby("day")["item"].apply(set)
        held = {((x, y),) for items in baskets for x in items for y in items if x < y}
        held |= {
            ((x,), (y,))
            for day, items in baskets.items()
            for later, others in baskets.items()
            if later > day and is_within((later - day).days, least, most)
            for x in items
            for y in others
        }
        counts.update(held)
    found = frequent_sequences(bought, min_count=12, max_length=2, min_gap=least, max_gap=most)
    pairs = {
        sequence: count
        for sequence, count in zip(found.sequences(), found.counts.tolist(), strict=True)
        if sum(map(len, sequence)) == 2
    }
    assert pairs == {sequence: count for sequence, count in counts.items() if count >= 12}


def is_within(days, least, most):
    return days >= least and (most is None or days <= most)


def test_rules_and_offers_of_members(bought):
    patterns = frequent_sequences(bought, min_count=40, max_gap=180)
    rules = sequential_rules(patterns, bought)
    frame = rules.to_frame()
    assert len(frame) > 100
    assert frame["lag_three_quarters"].between(1, 180).all()
    assert (frame["lag_quarter"] <= frame["lag_median"]).all()
    offers = next_offers(bought, rules, limit=3)
    assert offers["waited"].between(0, 179).all()
    assert not offers.duplicated(["customer", "item"]).any()
