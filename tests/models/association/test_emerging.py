"""Rules of a period and itemsets that emerge or fade, against counts and tests by hand."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.association.emerging import Calendar, emerging_itemsets, period_rules
from models.association.significance import benjamini_hochberg, holm

lines = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=5), st.booleans()), min_size=2, max_size=24
).filter(lambda rows: len({flag for _, flag in rows}) == 2)


def split(rows):
    baskets, flags = [items for items, _ in rows], np.array([flag for _, flag in rows])
    return baskets, flags, [items for items, flag in rows if flag], [i for i, f in rows if not f]


def n_of(baskets, items):
    return sum(items <= set(basket) for basket in baskets)


@settings(max_examples=150, deadline=None)
@given(rows=lines, least=st.integers(1, 4), sure=st.sampled_from([0.0, 0.5, 0.9]))
def test_period_rules_are_counted_inside_and_outside(rows, least, sure, brute_force):
    baskets, flags, inside, outside = split(rows)
    least = min(least, len(inside))
    found = period_rules(baskets, flags, min_count=least, min_confidence=sure, correction="none")
    expected = {}
    for items, n in brute_force(inside).items():
        for item in items if 2 <= len(items) <= 3 and n >= least else ():
            left, then = items - {item}, frozenset([item])
            n_x, out_x, out_xy = n_of(inside, left), n_of(outside, left), n_of(outside, items)
            if n / n_x >= sure:
                p = fisher_exact([[n, n_x - n], [out_xy, out_x - out_xy]], "greater").pvalue
                expected[left, then] = (n, n / n_x, out_xy, out_x, pytest.approx(p, abs=1e-9))
    frame = found.to_frame()
    got = {
        (r.antecedents, r.consequents): (
            r.count_inside, r.confidence_inside, r.count_outside, n_x, r.p_value)
        for r, n_x in zip(frame.itertuples(), found.outside[0], strict=True)
    }  # fmt: skip
    assert got == expected
    np.testing.assert_allclose(frame["support_outside"], frame["count_outside"] / len(outside))
    met = found.outside[0] > 0
    np.testing.assert_allclose(
        frame["confidence_outside"][met], frame["count_outside"][met] / found.outside[0][met]
    )
    assert frame["confidence_outside"][~met].isna().all()


@settings(max_examples=80, deadline=None)
@given(rows=lines, least=st.integers(1, 3))
def test_correction_counts_every_rule_that_could_have_been_found(rows, least, brute_force):
    baskets, flags, inside, _ = split(rows)
    least = min(least, len(inside))
    found = period_rules(baskets, flags, min_count=least, min_confidence=0.0)
    n_tests = sum(
        len(items) for items, n in brute_force(baskets).items()
        if n >= least and 2 <= len(items) <= 3
    )  # fmt: skip
    np.testing.assert_allclose(found.q_values, benjamini_hochberg(found.p_values, n_tests))
    strict = period_rules(baskets, flags, min_count=least, min_confidence=0.0, correction="holm")
    np.testing.assert_allclose(strict.q_values, holm(found.p_values, n_tests))


def test_a_rule_of_fridays_is_found():
    days = pd.date_range("2024-01-01", periods=280)
    friday = Calendar(weekdays=["Friday"]).holds(days)
    baskets = [["fish", "wine"] if f else ["fish"] if k % 2 else ["fish", "bread"]
               for k, f in enumerate(friday)]  # fmt: skip
    found = period_rules(baskets, friday, 0.5, min_confidence=0.9)
    frame = found.to_frame()
    row = frame[frame["antecedents"] == frozenset(["fish"])].iloc[0]
    assert row["consequents"] == frozenset(["wine"])
    assert (row["count_inside"], row["confidence_inside"]) == (40, 1.0)
    assert (row["count_outside"], row["confidence_outside"]) == (0, 0.0)
    assert row["q_value"] < 1e-20
    other = frame[frame["antecedents"] == frozenset(["wine"])].iloc[0]
    assert np.isnan(other["confidence_outside"])
    assert other["p_value"] == 1.0
    assert len(found.take(found.q_values < 0.05)) == 1


def test_chance_is_not_taken_for_a_season():
    """With corrected tests, false findings on random baskets are rare."""
    rng = np.random.default_rng(5)
    false = 0
    for _ in range(40):
        baskets = [np.flatnonzero(row).tolist() for row in rng.random((200, 8)) < 0.3]
        inside = rng.random(200) < 0.3
        rules = period_rules(baskets, inside, min_count=5, min_confidence=0.2)
        false += bool((rules.q_values < 0.05).any())
        trends = emerging_itemsets(baskets, inside, min_count=5)
        false += bool((trends["q_value"] < 0.05).any())
    assert false <= 8


@settings(max_examples=150, deadline=None)
@given(rows=lines, share=st.sampled_from([0.1, 0.3, 0.6]))
def test_emerging_itemsets_are_those_of_a_count_by_hand(rows, share, brute_force):
    baskets, flags, after, before = split(rows)
    frame = emerging_itemsets(baskets, flags, share, max_length=None)
    expected = {}
    for items in brute_force(baskets):
        a, b = n_of(before, items), n_of(after, items)
        if a / len(before) >= share or b / len(after) >= share:
            n, drawn = len(baskets), len(after)
            low = hypergeom.cdf(b, n, a + b, drawn)
            high = hypergeom.sf(b - 1, n, a + b, drawn)
            expected[items] = (a, b, pytest.approx(min(1.0, 2 * min(low, high)), abs=1e-9))
    got = {r.itemsets: (r.count_before, r.count_after, r.p_value) for r in frame.itertuples()}
    assert got == expected
    assert frame["p_value"].is_monotonic_increasing
    np.testing.assert_allclose(frame["support_before"], frame["count_before"] / len(before))
    np.testing.assert_allclose(frame["support_after"], frame["count_after"] / len(after))


def test_growth_and_trend():
    before = [["gone", "same"]] * 2 + [["fell"]] * 6 + [["rose"]] * 2
    after = [["new", "same"]] * 4 + [["fell"]] * 2 + [["rose"]] * 14
    frame = emerging_itemsets(
        before + after, np.arange(30) >= 10, 0.1, max_length=1
    ).set_index("itemsets")  # fmt: skip
    told = {name: (row["growth"], row["trend"]) for (name,), row in
            ((tuple(items), row) for items, row in frame.iterrows())}  # fmt: skip
    assert told == {
        "gone": (0.0, "gone"),
        "same": (1.0, "steady"),
        "fell": (pytest.approx(1 / 6), "fading"),
        "rose": (pytest.approx(3.5), "emerging"),
        "new": (np.inf, "new"),
    }


def test_smallest_growth_leaves_out_what_hardly_moves():
    baskets = [["a"]] * 5 + [["b"]] * 5 + [["a"]] * 6 + [["b"]] * 4
    later = np.arange(20) >= 10
    assert len(emerging_itemsets(baskets, later, 0.1)) == 2
    assert len(emerging_itemsets(baskets, later, 0.1, min_growth=1.2)) == 2
    assert len(emerging_itemsets(baskets, later, 0.1, min_growth=1.25)) == 1
    assert len(emerging_itemsets(baskets, later, 0.1, min_growth=1.3)) == 0


def test_correction_of_trends_counts_every_itemset_that_could_have_been_found():
    baskets = [["a"]] * 9 + [["b"]] + [["b"]] * 9 + [["c"]]
    later = np.arange(20) >= 10
    frame = emerging_itemsets(baskets, later, min_count=2)
    assert frame["itemsets"].tolist() == [frozenset("a"), frozenset("b")]
    few = emerging_itemsets(baskets, later, min_count=1)
    np.testing.assert_allclose(frame["q_value"], benjamini_hochberg(frame["p_value"], 2))
    np.testing.assert_allclose(few["q_value"], benjamini_hochberg(few["p_value"], 3))
    none = emerging_itemsets(baskets, later, min_count=2, correction="none")
    assert none["q_value"].tolist() == none["p_value"].tolist()


@settings(max_examples=40, deadline=None)
@given(rows=lines)
def test_the_order_of_baskets_and_threads_change_nothing(rows):
    baskets, flags, *_ = split(rows)
    one = emerging_itemsets(baskets, flags, 0.2)
    two = emerging_itemsets(baskets[::-1], flags[::-1], 0.2, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


def test_calendar_meets_every_condition():
    times = pd.to_datetime(["2023-12-24 09:30", "2023-12-24 18:00", "2023-11-24 09:00"])
    assert Calendar(months=["December"]).holds(times).tolist() == [True, True, False]
    assert Calendar(days=[24], hours=[9]).holds(times).tolist() == [True, False, True]
    assert Calendar(weekdays=["Saturday", "Sunday"]).holds(times).tolist() == [True, True, False]
    assert Calendar(hours=[0]).holds(times[:0]).tolist() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "a calendar needs weekdays, months, days or hours"),
        ({"weekdays": ["Firday"]}, "unknown weekdays: 'Firday'; did you mean 'Friday'?"),
        ({"weekdays": "Friday"}, "weekdays must be a list, not the text 'Friday'"),
        ({"months": ["Dec"]}, "unknown months: 'Dec'"),
        ({"days": [0, 32]}, "unknown days: 0, 32"),
        ({"hours": [24]}, "unknown hours: 24"),
    ],
)
def test_bad_calendars_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Calendar(**arguments)


def test_missing_times_are_refused():
    with pytest.raises(ValueError, match="1 times are missing"):
        Calendar(hours=[1]).holds(pd.to_datetime(["2024-01-01", None]))


@pytest.mark.parametrize("find", [period_rules, emerging_itemsets])
@pytest.mark.parametrize(
    ("mask", "arguments", "message"),
    [
        ([True], {"min_count": 1}, "one True or False for each of the 2 baskets"),
        ([1, 0], {"min_count": 1}, "one True or False for each of the 2 baskets, not int64"),
        ([True, True], {"min_count": 1}, "is always true: nothing to compare"),
        ([False, False], {"min_count": 1}, "is never true: nothing to compare"),
        ([True, False], {}, "give either min_support"),
        (
            [True, False],
            {"min_support": 1.5},
            "min_support is a share above 0 and up to 1, not 1.5",
        ),
        ([True, False], {"min_count": 2}, "a whole number from 1 to 1, the baskets of the period"),
    ],
)
def test_bad_arguments_are_refused(find, mask, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        find([["a"], ["b"]], mask, **arguments)


def test_growth_below_one_is_refused():
    with pytest.raises(ValueError, match=re.escape("min_growth must be at least 1, not 0.5")):
        emerging_itemsets([["a"], ["b"]], [True, False], 0.5, min_growth=0.5)


def test_budget_is_kept():
    with pytest.raises(BudgetExceeded, match="over the budget of 5 itemsets"):
        period_rules([range(9)] * 4, [True, False] * 2, min_count=1, budget=Budget(itemsets=5))


@pytest.mark.real
def test_christmas_items_emerge_in_online_retail(real_data):
    frame = pd.read_csv(
        real_data / "online_retail.csv.gz", parse_dates=["InvoiceDate"],
        usecols=["InvoiceNo", "Description", "InvoiceDate", "Quantity"], dtype={"InvoiceNo": str},
    )  # fmt: skip
    frame = frame[frame["Quantity"].gt(0) & frame["Description"].notna()]
    orders = frame.groupby("InvoiceNo").agg(at=("InvoiceDate", "min"), items=("Description", list))
    season = Calendar(months=["November", "December"]).holds(orders["at"])
    found = emerging_itemsets(orders["items"].tolist(), season, 0.02, max_length=1, min_growth=2)
    names = pd.Series([next(iter(items)) for items in found["itemsets"]])
    christmas, risen = names.str.contains("CHRISTMAS"), found["growth"] > 1
    assert (christmas & risen).sum() > 40
    assert (christmas & ~risen).sum() == 0
    first = found.iloc[0]
    held = orders["items"].map(lambda items: names[0] in items)
    assert first["count_after"] == (held & season).sum()
    assert first["count_before"] == (held & ~season).sum()
    assert first["q_value"] < 1e-6


def test_rules_with_more_than_one_item_behind_then():
    baskets = [["a", "b", "c"]] * 6 + [["a"]] * 6
    inside = np.arange(12) < 6
    one = period_rules(baskets, inside, min_count=3)
    more = period_rules(baskets, inside, min_count=3, max_consequent=2)
    assert {len(side) for side in one.to_frame()["consequents"]} == {1}
    assert {len(side) for side in more.to_frame()["consequents"]} == {1, 2}
    frame = more.to_frame()
    row = frame[(frame["antecedents"] == frozenset("a")) & (frame["consequents"].map(len) == 2)]
    assert row["confidence_outside"].tolist() == [0.0]
    assert row["p_value"].item() == pytest.approx(1 / 924)


def test_a_period_without_a_rule_gives_an_empty_frame():
    found = period_rules([["a"], ["b"]], [True, False], min_count=1)
    assert len(found) == 0
    assert found.to_frame().columns.tolist() == [
        "antecedents", "consequents", "support_inside", "confidence_inside", "count_inside",
        "count_outside", "support_outside", "confidence_outside", "p_value", "q_value",
    ]  # fmt: skip


def test_periods_without_an_itemset_give_an_empty_frame():
    frame = emerging_itemsets([["a"], ["b"], ["c"], ["d"]], [True, True, False, False], 1.0)
    assert len(frame) == 0
    assert {"itemsets", "growth", "trend", "p_value", "q_value"} <= set(frame.columns)


def test_input_is_not_changed():
    inside = np.array([True, False, True])
    baskets = [["b", "a"], ["a"], ["a", "b"]]
    period_rules(baskets, inside, min_count=1)
    emerging_itemsets(baskets, inside, min_count=1)
    assert inside.tolist() == [True, False, True]
    assert baskets == [["b", "a"], ["a"], ["a", "b"]]


@settings(max_examples=60, deadline=None)
@given(
    times=st.lists(st.datetimes(pd.Timestamp(2000, 1, 1), pd.Timestamp(2030, 1, 1)), max_size=20),
    weekday=st.sampled_from(["Monday", "Saturday"]),
    month=st.sampled_from(["February", "December"]),
    hour=st.integers(0, 23),
)
def test_calendar_reads_the_clock_as_python_does(times, weekday, month, hour):
    clock = pd.Series(times, dtype="datetime64[us]")
    assert Calendar(weekdays=[weekday]).holds(clock).tolist() == [
        f"{time:%A}" == weekday for time in times
    ]
    assert Calendar(months=[month], hours=[hour]).holds(clock).tolist() == [
        f"{time:%B}" == month and time.hour == hour for time in times
    ]


def test_rules_of_a_period_can_be_taken_by_number_or_mask():
    baskets = [["a", "b"]] * 4 + [["a"]] * 3 + [["b"]] * 3
    found = period_rules(baskets, np.arange(10) < 5, min_count=2, min_confidence=0.1)
    assert len(found) == 2
    last = found.take(np.array([1]))
    pd.testing.assert_frame_equal(
        last.to_frame(), found.to_frame().iloc[[1]].reset_index(drop=True)
    )
    assert len(found.take(np.array([False, False]))) == 0
