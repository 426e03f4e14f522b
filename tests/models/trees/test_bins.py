"""Columns become codes that keep their order, with round cuts between them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees._bins import Bins, _roundest, fit_columns
from models.trees.table import Table

finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))


def columns_of(frame, max_bins=255, forbidden=frozenset()):
    categories = frozenset(n for n in frame if not pd.api.types.is_numeric_dtype(frame[n]))
    return fit_columns(Table(frame), categories, max_bins, forbidden)


@settings(deadline=None)
@given(finite, finite)
def test_a_cut_parts_the_two_values(first, second):
    low, high = sorted((first, second))
    if low < high:
        assert low <= _roundest(low, high) < high


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [(30, 31, 30), (30, 40, 35), (0.1, 0.9, 0.5), (0.123, 0.124, 0.1235), (99, 101, 100),
     (-3, -2, -3), (980, 1040, 1000), (1e-9, 3e-9, 2e-9), (0, 1e300, 5e299)],
)  # fmt: skip
def test_cuts_are_round(low, high, cut):
    assert _roundest(low, high) == pytest.approx(cut)


@settings(deadline=None)
@given(st.lists(st.one_of(finite, st.just(np.nan)), min_size=1, max_size=60), st.integers(3, 10))
def test_codes_keep_the_order_of_numbers(values, max_bins):
    frame = pd.DataFrame({"a": values})
    (column,) = columns_of(frame, max_bins)
    codes = column.encode(Table(frame))
    known = ~np.isnan(values)
    assert (codes[~known] == column.n_codes).all()
    assert column.n_codes <= max_bins - 1
    order = np.argsort(np.array(values)[known], kind="stable")
    assert (np.diff(codes[known][order].astype(int)) >= 0).all()
    if len(set(np.array(values)[known])) < max_bins:
        assert len(set(codes[known])) == len(set(np.array(values)[known]))


def test_equal_parts_when_there_are_many_values():
    frame = pd.DataFrame({"a": np.arange(10_000)})
    (column,) = columns_of(frame, 11)
    counts = np.bincount(column.encode(Table(frame)))
    assert len(counts) == 10
    assert counts.min() > 900


def test_rare_categories_count_as_missing():
    frame = pd.DataFrame({"a": list("xxxyyz"), "b": range(6)})
    a, _ = columns_of(frame, 3)
    assert a.categories == ("x", "y")
    assert a.encode(Table(frame)).tolist() == [0, 0, 0, 1, 1, 2]
    other = Table(pd.DataFrame({"a": ["y", "new", None]}))
    assert a.encode(other).tolist() == [1, 2, 2]


def test_forbidden_columns_have_no_codes():
    frame = pd.DataFrame({"a": [1, 2], "b": [1, 2]})
    assert [c.name for c in columns_of(frame, forbidden=frozenset({"a"}))] == ["b"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=40))
def test_the_histogram_counts_every_row_once(rows):
    codes, classes = np.array(rows).T
    frame = pd.DataFrame({"a": codes})
    columns = columns_of(frame)
    weights = np.linspace(1, 2, len(rows))
    bins = Bins(columns, columns[0].encode(Table(frame))[None], classes, weights, 3)
    some = np.arange(0, len(rows), 2)
    weight, number = bins.count(some)
    assert number.sum() == len(some)
    assert weight.sum() == pytest.approx(weights[some].sum())
    assert weight.sum(axis=(0, 1)) == pytest.approx(bins.class_weights(some))
    for value, code in zip(codes[some], bins.codes[0, some], strict=True):
        assert number[0, code] == (codes[some] == value).sum()
