import numpy as np
import pandas as pd
import pytest

from features.generate.orders import BUNDLE, ORDINARY, SEQUENCE, Lines, draw_orders, follow_up


@pytest.fixture(scope="module")
def shared(customers, catalogue, calendar, patterns):
    return customers, 0, 3, catalogue, calendar, patterns


@pytest.fixture(scope="module")
def lines(shared):
    return draw_orders(60_000, *shared)


@pytest.fixture(scope="module")
def followed(lines, shared):
    return follow_up(lines, *shared)


def frame(lines: Lines) -> pd.DataFrame:
    return pd.DataFrame(vars(lines)).assign(day=lines.day)


def test_there_are_about_as_many_lines_as_drawn(lines):
    assert 0.85 * 60_000 < lines.size <= 60_050


def test_an_item_is_in_an_order_once(lines):
    assert not frame(lines).duplicated(["order", "item"]).any()


def test_an_order_has_one_customer_and_one_moment(lines):
    each = frame(lines).groupby("order")
    assert each["customer"].nunique().eq(1).all()
    assert each["moment"].nunique().eq(1).all()


def test_nobody_orders_before_they_come_or_after_they_left(followed, customers):
    assert (followed.day >= np.maximum(customers.joined, 0)[followed.customer]).all()
    assert (followed.day < customers.leaves[followed.customer]).all()


def test_a_bundle_s_first_item_draws_in_the_second(lines, patterns):
    table = frame(lines)
    size = table.groupby("order")["item"].transform("size")
    for bundle in patterns.bundles:
        first = table[(table["item"] == bundle.first) & (size > 1)]["order"]
        then = set(table[table["item"] == bundle.then]["order"])
        share = first.isin(then).mean()
        margin = 4 * np.sqrt(0.25 / len(first))
        assert bundle.probability - margin < share < bundle.probability + margin + 0.1


def test_planted_lines_of_bundles_stand_beside_their_first_item(lines, patterns):
    table = frame(lines)
    planted = table[table["kind"] == BUNDLE]
    assert len(planted) > 500
    items = table.groupby("order")["item"].agg(set)
    for row in planted.head(300).itertuples():
        assert row.item == patterns.bundles[row.pattern].then
        assert patterns.bundles[row.pattern].first in items[row.order]
    assert planted["fixed"].all()


def test_ordinary_lines_belong_to_no_pattern(lines):
    assert (lines.pattern[lines.kind == ORDINARY] == -1).all()
    assert (lines.pattern[lines.kind != ORDINARY] >= 0).all()


def test_a_sequence_goes_on_with_its_probability_for_those_who_stay(followed, patterns, customers):
    table = frame(followed).assign(leaves=customers.leaves[followed.customer])
    for number, sequence in enumerate(patterns.sequences):
        begun = table[table["item"] == sequence.first]
        stays = begun[begun["day"] + 1.25 * sequence.days + 1 < begun["leaves"]]
        margin = 4 * np.sqrt(0.24 / len(stays))
        assert len(stays) > 20
        assert abs(stays["fixed"].mean() - sequence.probability) < margin
        later = (table["kind"] == SEQUENCE) & (table["pattern"] == number)
        assert later.sum() == begun["fixed"].sum()


def test_a_sequence_goes_on_with_its_item_after_its_lag(followed, patterns):
    table = frame(followed)
    for number, sequence in enumerate(patterns.sequences):
        later = table[(table["kind"] == SEQUENCE) & (table["pattern"] == number)]
        begun = table[(table["item"] == sequence.first) & table["fixed"]]
        assert (later["item"] == sequence.then).all()
        for row in later.itertuples():
            lag = row.day - begun[begun["customer"] == row.customer]["day"]
            assert lag.between(0.75 * sequence.days - 1, 1.25 * sequence.days + 1).any()


def test_following_up_only_adds_orders_and_fixes_what_they_follow(lines, followed):
    before = followed.take(np.arange(lines.size))
    assert (before.item == lines.item).all()
    assert set(followed.order[lines.size :]).isdisjoint(lines.order)
    assert (followed.kind[lines.size :] == SEQUENCE).all()
    assert before.fixed.sum() > lines.fixed.sum()


def test_purchases_repeat(lines):
    pairs = frame(lines).groupby(["customer", "item"])["order"].nunique()
    assert (pairs > 1).mean() > 0.1


def test_regular_customers_order_in_a_more_even_rhythm(lines, customers):
    days = frame(lines).drop_duplicates("order").sort_values("moment")
    often = days[days.groupby("customer")["day"].transform("size") >= 12]
    gaps = often.groupby("customer")["day"].agg(lambda d: np.diff(d).std() / np.diff(d).mean())
    regular = customers.regular[gaps.index]
    assert gaps[regular].mean() < 0.8 * gaps[~regular].mean()


def test_same_stream_same_lines(shared):
    first, second = draw_orders(2_000, *shared), draw_orders(2_000, *shared)
    assert all((vars(first)[name] == vars(second)[name]).all() for name in vars(first))


def test_lines_can_be_joined_taken_and_fixed(lines):
    few = lines.take(np.arange(5))
    double = few.joined_with(few)
    assert double.size == 10
    assert (double.take(np.arange(5, 10)).item == few.item).all()
    fixed = few.fixed_at(np.array([2]))
    assert fixed.fixed[2]
    assert (np.delete(fixed.fixed, 2) == np.delete(few.fixed, 2)).all()
