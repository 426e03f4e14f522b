"""Ranges of numbers: their cuts, their names, and the rules that come of them."""

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from models.association.discretise import Discretiser, classification_rules, mdl_cuts

numbers = st.lists(st.integers(-20, 20) | st.floats(-50, 50), min_size=1, max_size=40)
labelled = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=40)


def entropy(classes):
    n = len(classes)
    return -sum(c / n * math.log2(c / n) for c in Counter(classes).values())


def cuts_by_hand(rows):
    """Follow the paper one cut at a time."""
    n, values = len(rows), sorted({value for value, _ in rows})
    best = None
    for low, high in pairwise(values):
        parts = [[c for v, c in rows if v <= low], [c for v, c in rows if v > low]]
        mean = sum(len(part) / n * entropy(part) for part in parts)
        if best is None or mean < best[0] - 1e-12:
            best = mean, (low + high) / 2, parts
    if best is None:
        return []
    mean, cut, parts = best
    k, whole = len({c for _, c in rows}), entropy([c for _, c in rows])
    inner = sum(len(set(part)) * entropy(part) for part in parts)
    delta = math.log2(3**k - 2) - (k * whole - inner)
    if whole - mean <= (math.log2(n - 1) + delta) / n:
        return []
    lower = cuts_by_hand([row for row in rows if row[0] <= cut])
    return [*lower, cut, *cuts_by_hand([row for row in rows if row[0] > cut])]


@settings(max_examples=300, deadline=None)
@given(rows=labelled)
@example(rows=[(0, 0)])
@example(rows=[(1, 0)] * 9 + [(2, 1)] * 9 + [(3, 2)] * 9)
def test_description_length_cuts_as_the_paper_says(rows):
    values, classes = zip(*rows, strict=True)
    assert mdl_cuts(values, classes).tolist() == cuts_by_hand(rows)


def test_iris_is_cut_as_the_discretization_package_of_r_cuts_it():
    data = load_iris()
    cuts = [mdl_cuts(column, data.target).round(2).tolist() for column in data.data.T]
    assert cuts == [[5.55, 6.15], [2.95, 3.35], [2.45, 4.75], [0.8, 1.75]]


@settings(max_examples=300, deadline=None)
@given(values=numbers, bins=st.integers(2, 6), method=st.sampled_from(["frequency", "width"]))
def test_every_number_gets_the_name_of_its_range(values, bins, method):
    table = pd.DataFrame({"x": np.array(values, float)})
    cut = Discretiser(method, bins).fit(table)
    names, cuts = cut.labels("x"), cut.cuts_["x"]
    assert len(names) == len(set(names)) == len(cuts) + 1 <= bins
    assert (np.diff(cuts) > 0).all()
    places = [sum(value >= c for c in cuts) for value in table["x"]]
    expected = [names[k] if len(cuts) else None for k in places]
    assert cut.transform(table)["x"].tolist() == expected
    assert set(places) == set(range(len(cuts) + 1))


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30, unique=True))
def test_rounded_cuts_part_the_numbers_as_the_exact_ones(values):
    table = pd.DataFrame({"x": values})
    counts = Discretiser("frequency", 3).fit(table).transform(table)["x"].value_counts()
    exact = np.unique(np.quantile(values, [1 / 3, 2 / 3], method="higher"))
    sizes = Counter(int((value >= exact).sum()) for value in values)
    assert sorted(counts.tolist()) == sorted(sizes.values())


@settings(max_examples=60, deadline=None)
@given(
    values=numbers, seed=st.integers(0, 9), method=st.sampled_from(["frequency", "width", "mdl"])
)
def test_the_order_of_rows_changes_nothing(values, seed, method):
    table = pd.DataFrame({"x": values, "y": [v > 0 for v in values]})
    mixed = table.sample(frac=1, random_state=seed)
    one = Discretiser(method).fit(table[["x"]], table["y"])
    two = Discretiser(method).fit(mixed[["x"]], mixed["y"])
    assert one.cuts_["x"].tolist() == two.cuts_["x"].tolist()


def test_whole_numbers_are_named_with_both_ends():
    ages = pd.DataFrame({"age": [18, 20, 35, 36, 49, 50, 51, 80]})
    cut = Discretiser("frequency", 4).fit(ages)
    assert cut.labels("age") == ["age up to 34", "age 35 to 48", "age 49 to 50", "age 51 or more"]
    three = pd.DataFrame({"n": [1, 1, 2, 2, 3, 3]})
    assert Discretiser("frequency", 3).fit(three).labels("n") == ["n up to 1", "n 2", "n 3 or more"]


def test_other_numbers_are_named_with_the_end_that_is_left_out():
    prices = pd.DataFrame({"price": [0.5, 1.49, 2.51, 9.99, 10.2, 30.5]})
    cut = Discretiser("frequency", 3).fit(prices)
    assert cut.labels("price") == ["price below 2", "price 2 to below 10", "price 10 or more"]


def test_equal_width_cuts_the_span():
    table = pd.DataFrame({"x": [0, 1, 2, 3, 10, 50, 100]})
    assert Discretiser("width", 4).fit(table).labels("x") == [
        "x up to 24", "x 25 to 74", "x 75 or more"]  # fmt: skip


def test_equal_width_keeps_to_the_wanted_cuts_between_other_numbers():
    table = pd.DataFrame({"x": [0.5, 1.0, 2.0, 8.5]})
    assert Discretiser("width", 4).fit(table).labels("x") == ["x below 2.5", "x 2.5 or more"]


def test_equal_numbers_are_never_parted():
    table = pd.DataFrame({"x": [1] * 90 + [2] * 5 + [3] * 5})
    assert Discretiser("frequency", 4).fit(table).cuts_["x"].tolist() == []
    assert Discretiser("width", 2).fit(table).transform(table)["x"].value_counts().to_dict() == {
        "x up to 1": 90, "x 2 or more": 10}  # fmt: skip


def test_texts_flags_and_missing_cells():
    table = pd.DataFrame(
        {"job": ["clerk", None, "cook"], "vip": [True, False, True], "age": [1.0, np.nan, 3.0]}
    )
    before = table.copy(deep=True)
    cut = Discretiser(bins=2).fit(table)
    assert cut.transform(table).to_numpy().tolist() == [
        ["job=clerk", "vip=True", "age up to 2"],
        [None, "vip=False", None],
        ["job=cook", "vip=True", "age 3 or more"],
    ]
    assert cut.to_baskets(table).lengths.tolist() == [3, 1, 3]
    pd.testing.assert_frame_equal(table, before)


def test_index_is_kept_and_unseen_values_are_taken():
    cut = Discretiser(bins=2).fit(pd.DataFrame({"age": [10, 20], "job": ["a", "b"]}))
    new = pd.DataFrame({"job": ["new"], "more": [1], "age": [99]}, index=[7])
    texts = cut.transform(new)
    assert texts.index.tolist() == [7]
    assert texts.to_numpy().tolist() == [["age 20 or more", "job=new"]]


def test_a_column_with_one_value_or_none_says_nothing():
    table = pd.DataFrame({"same": [5, 5], "empty": [np.nan, np.nan]})
    cut = Discretiser().fit(table)
    assert cut.transform(table).to_numpy().tolist() == [[None, None]] * 2
    assert cut.to_baskets(table).n_items == 0
    assert len(cut.to_baskets(table.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "kmeans"}, "method must be 'frequency', 'width' or 'mdl', not 'kmeans'"),
        ({"bins": 1}, "bins must be at least 2, not 1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Discretiser(**arguments)


@pytest.mark.parametrize(
    ("table", "target", "message"),
    [
        ({"x": [1, 2]}, None, "method 'mdl' needs a target"),
        ({"x": [1, 2]}, ["a"], "2 rows need as many targets, not 1"),
        ({"x": [1, 2]}, ["a", None], "a target is missing"),
        ({"x": [1, np.inf]}, ["a", "b"], "column 'x' holds an infinite number"),
    ],
)
def test_what_cannot_be_learnt_is_refused(table, target, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Discretiser("mdl").fit(pd.DataFrame(table), target)


def test_what_cannot_be_cut_is_refused():
    table = pd.DataFrame({"x": [1, 2]})
    with pytest.raises(ValueError, match="call fit first"):
        Discretiser().transform(table)
    cut = Discretiser().fit(table)
    with pytest.raises(ValueError, match=re.escape("columns not found: ['x']; given: ['y']")):
        cut.transform(table.rename(columns={"x": "y"}))
    with pytest.raises(ValueError, match="column 'x' held numbers when the ranges were learnt"):
        cut.transform(pd.DataFrame({"x": ["one"]}))
    with pytest.raises(ValueError, match=re.escape("column names that come twice: ['x']")):
        cut.fit(pd.concat([table, table], axis=1))


def test_classification_rules_are_those_of_a_count_by_hand():
    table = pd.DataFrame(
        {
            "age": [20, 21, 22, 23, 61, 62, 63, 64],
            "job": list("abababab"),
            "buys": ["no"] * 4 + ["yes"] * 4,
        }
    )
    rules = classification_rules(table, "buys", min_count=2, min_confidence=0.9)
    got = {
        (r.antecedents, r.consequents): r.confidence
        for r in rules.to_frame(["confidence"]).itertuples()
    }
    young, old = "age up to 41", "age 42 or more"
    expected = {
        (frozenset(side), frozenset([then])): 1.0
        for age, then in ((young, "buys=no"), (old, "buys=yes"))
        for side in ([age], [age, "job=a"], [age, "job=b"])
    }
    assert got == expected


def test_only_the_target_stands_behind_then_and_rows_without_it_are_left_out():
    table = pd.DataFrame({"a": list("xxyyx"), "b": list("uvuvu"), "t": ["p", "q", "p", "q", None]})
    rules = classification_rules(table, "t", min_count=1)
    frame = rules.to_frame([])
    assert rules.itemsets.n_baskets == 4
    assert {side for then in frame["consequents"] for side in then} == {"t=p", "t=q"}
    assert not any(text.startswith("t=") for side in frame["antecedents"] for text in side)
    only = classification_rules(table, "t", min_count=1, values=["q"]).to_frame([])
    assert {side for then in only["consequents"] for side in then} == {"t=q"}


def test_bad_targets_are_refused():
    table = pd.DataFrame({"a": [1, 2], "t": ["p", "q"]})
    with pytest.raises(ValueError, match="target 'goal' is not a column"):
        classification_rules(table, "goal", min_count=1)
    with pytest.raises(ValueError, match=re.escape("values that do not occur: ['t=z']")):
        classification_rules(table, "t", min_count=1, values=["z"])


@pytest.mark.real
def test_rules_for_churn(real_data):
    table = pd.read_csv(real_data / "telco_churn.csv").drop(columns="customerID")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    rules = classification_rules(
        table, "Churn", 0.05, min_confidence=0.6, max_length=3, values=["Yes"]
    )
    frame = rules.to_frame(["support", "confidence"])
    assert len(frame) > 0
    row = frame.sort_values(["confidence", "support"], ascending=False).iloc[0]
    assert any(text.startswith("tenure up to") for text in row["antecedents"])
    month = table["Contract"].eq("Month-to-month") & table["InternetService"].eq("Fiber optic")
    churned = table["Churn"].eq("Yes")
    sides = frozenset(["Contract=Month-to-month", "InternetService=Fiber optic"])
    got = classification_rules(
        table[["Contract", "InternetService", "Churn"]], "Churn", 0.05, values=["Yes"]
    ).to_frame(["confidence"])
    found = got.loc[got["antecedents"] == sides, "confidence"].item()
    assert found == pytest.approx((month & churned).sum() / month.sum())


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "Float32", "UInt8"])
def test_every_type_of_number_is_cut_alike(dtype):
    table = pd.DataFrame({"n": pd.Series([1, 2, 30, 40], dtype=dtype)})
    cut = Discretiser(bins=2).fit(table)
    assert cut.transform(table)["n"].tolist() == ["n up to 29"] * 2 + ["n 30 or more"] * 2


def test_missing_numbers_of_a_nullable_type_say_nothing():
    table = pd.DataFrame({"n": pd.array([1, None, 30], dtype="Int64")})
    assert Discretiser(bins=2).fit(table).transform(table)["n"].tolist() == [
        "n up to 29", None, "n 30 or more"]  # fmt: skip


def test_other_types_are_named_by_their_values():
    table = pd.DataFrame(
        {
            "size": pd.Categorical(["S", "L", None]),
            "day": pd.to_datetime(["2024-01-05", "2024-01-06", None]),
            "odd name": ["x=y", "a b", "ü😀"],
        }
    )
    assert Discretiser().fit(table).transform(table).to_numpy().tolist() == [
        ["size=S", "day=2024-01-05 00:00:00", "odd name=x=y"],
        ["size=L", "day=2024-01-06 00:00:00", "odd name=a b"],
        [None, None, "odd name=ü😀"],
    ]


def test_negative_and_tiny_numbers_have_readable_ranges():
    below = pd.DataFrame({"t": [-20, -11, -10, -1]})
    assert Discretiser(bins=2).fit(below).labels("t") == ["t up to -11", "t -10 or more"]
    tiny = pd.DataFrame({"w": [1e-7, 2e-7, 8e-7, 9e-7]})
    assert Discretiser(bins=2).fit(tiny).labels("w") == ["w below 5e-07", "w 5e-07 or more"]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from("xy"), st.sampled_from("pq")),
        min_size=4,
        max_size=30,
    )
)
def test_counts_of_rules_are_those_of_the_table(rows):
    table = pd.DataFrame(rows, columns=["n", "k", "t"])
    cut = Discretiser("width", 3)
    rules = classification_rules(table, "t", min_count=1, discretiser=cut)
    texts = cut.transform(table[["n", "k"]]).assign(t="t=" + table["t"])
    frame = rules.to_frame(["confidence"]).assign(n_both=rules.itemsets.counts[rules.whole])
    for row in frame.itertuples():
        met = np.logical_and.reduce([texts.eq(text).any(axis=1) for text in row.antecedents])
        both = met & texts["t"].isin(row.consequents)
        assert frame.loc[row.Index, "n_both"] == both.sum()
        assert row.confidence == pytest.approx(both.sum() / met.sum())
    sides = set(zip(frame["antecedents"], frame["consequents"], strict=True))
    assert len(sides) == len(frame)
    singles = {text for column in ("n", "k") for text in texts[column].dropna()}
    assert {next(iter(left)) for left, _ in sides if len(left) == 1} == singles
