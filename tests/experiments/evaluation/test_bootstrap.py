import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.evaluation import bootstrap
from experiments.evaluation.bootstrap import (
    Interval,
    mean_interval,
    mean_intervals,
    paired_difference,
    resampled_means,
)

numbers = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def test_mean_and_standard_error_are_the_textbook_ones():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    interval = mean_interval(values, n=50)
    assert interval.mean == 4.0
    assert interval.se == pytest.approx(stats.sem(values))
    assert (interval.n, interval.level) == (4, 0.95)


def test_agrees_with_the_percentile_bootstrap_of_scipy():
    values = np.random.default_rng(3).exponential(size=300)
    ours = mean_interval(values, n=8000, seed=1)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=8000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.high, abs=0.01)


def test_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    covered = [1.0 in mean_interval(rng.exponential(size=80), n=400, seed=i) for i in range(400)]
    # Theory says slightly below 95 % for a skewed law at n = 80; 3 binomial errors are 3.3 points.
    assert 0.90 <= np.mean(covered) <= 0.98


def test_a_lower_level_gives_a_narrower_interval():
    values = np.random.default_rng(0).normal(size=200)
    wide, narrow = (mean_interval(values, level=level) for level in (0.99, 0.5))
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


def test_same_seed_same_interval_other_seed_another():
    values = np.random.default_rng(0).normal(size=50)
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4)
    assert mean_interval(values, seed=4) != mean_interval(values, seed=5)


@settings(max_examples=30, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    first, second = mean_interval(values, n=40), mean_interval(shuffled, n=40)
    assert (first.low, first.high) == (second.low, second.high)


def test_chunks_give_the_same_law_as_one_piece(monkeypatch):
    values = np.random.default_rng(5).normal(size=(60, 2))
    whole = resampled_means(values, n=4000, seed=1)
    monkeypatch.setattr(bootstrap, "CELLS_AT_A_TIME", 150)
    parts = resampled_means(values, n=4000, seed=1)
    assert parts.shape == whole.shape == (4000, 2)
    assert parts.mean(axis=0) == pytest.approx(whole.mean(axis=0), abs=0.01)
    assert parts.std(axis=0) == pytest.approx(whole.std(axis=0), rel=0.05)


def test_every_resample_draws_as_many_customers_as_there_are(monkeypatch):
    monkeypatch.setattr(bootstrap, "CELLS_AT_A_TIME", 10)
    assert resampled_means(np.ones((7, 1)), n=25, seed=0).ravel().tolist() == [1.0] * 25


def test_columns_of_a_draw_use_the_same_customers():
    column = np.random.default_rng(0).normal(size=40)
    drawn = resampled_means(np.column_stack([column, 3 - column]), n=30)
    np.testing.assert_allclose(drawn.sum(axis=1), 3.0)


def test_paired_difference_is_narrow_when_customers_differ_more_than_candidates():
    customers = np.random.default_rng(0).normal(scale=100, size=300)
    noise = np.random.default_rng(1).normal(scale=0.1, size=300)
    paired = paired_difference(customers + 1 + noise, customers)
    alone = mean_interval(customers + 1)
    assert paired.low > 0
    assert paired.high - paired.low < (alone.high - alone.low) / 100


def test_paired_series_are_matched_by_customer_not_by_position():
    a = pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"])
    b = pd.Series([3.0, 2.0, 1.0], index=["c", "b", "a"])
    assert paired_difference(a, b) == Interval(0.0, 0.0, 0.0, se=0.0, n=3)


def test_paired_series_of_other_customers_are_refused():
    a, b = pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([1.0, 2.0], index=["a", "c"])
    with pytest.raises(ValueError, match="2 customers are in only one of a and b"):
        paired_difference(a, b)


def test_repeated_customers_are_refused():
    a = pd.Series([1.0, 2.0], index=["a", "a"])
    with pytest.raises(ValueError, match="a customer appears twice"):
        paired_difference(a, a)


def test_arrays_of_other_length_are_refused():
    with pytest.raises(ValueError, match="differ in length: 2 and 3"):
        paired_difference(np.zeros(2), np.zeros(3))


@pytest.mark.parametrize("values", [[], [5.0]])
def test_fewer_than_two_customers_leave_the_ends_open(values):
    interval = mean_interval(values)
    assert np.isnan([interval.low, interval.high]).all()
    assert interval.n == len(values)
    assert values == [] or interval.mean == 5.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_and_infinite_values_are_refused(bad):
    with pytest.raises(ValueError, match="1 of 3 rows hold a missing or infinite value"):
        mean_intervals(pd.DataFrame({"x": [1.0, bad, 2.0]}))


@pytest.mark.parametrize(
    ("argument", "message"), [({"level": 1.0}, "level must be between"), ({"n": 0}, "n must be")]
)
def test_settings_out_of_range_are_refused(argument, message):
    with pytest.raises(ValueError, match=message):
        mean_interval([1.0, 2.0], **argument)


def test_times_scales_everything_but_the_count():
    assert Interval(1.0, 0.5, 2.0, se=0.25, n=8).times(4) == Interval(4.0, 2.0, 8.0, se=1.0, n=8)
    with pytest.raises(ValueError, match="factor cannot be negative"):
        Interval(1.0, 0.5, 2.0).times(-1)
