import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.gains import gains_table


def test_the_table_written_by_hand():
    score = [0.1, 0.9, 0.8, 0.3, 0.7, 0.6, 0.2, 0.5, 0.4, 0.05]
    response = [0, 1, 1, 0, 0, 1, 0, 0, 1, 0]
    table = gains_table(score, response, bins=5)
    # best first: 1 1 | 0 1 | 0 1 | 0 0 | 0 0; 4 of 10 respond, so the base rate is 0.4
    expected = pd.DataFrame(
        {
            "bin": [1, 2, 3, 4, 5],
            "depth": [0.2, 0.4, 0.6, 0.8, 1.0],
            "contacted": [2.0, 2, 2, 2, 2],
            "responses": [2.0, 1, 1, 0, 0],
            "response_rate": [1.0, 0.5, 0.5, 0, 0],
            "lift": [2.5, 1.25, 1.25, 0, 0],
            "cumulative_contacted": [2.0, 4, 6, 8, 10],
            "cumulative_responses": [2.0, 3, 4, 4, 4],
            "cumulative_rate": [1.0, 0.75, 4 / 6, 0.5, 0.4],
            "cumulative_lift": [2.5, 1.875, 4 / 6 / 0.4, 1.25, 1.0],
            "gain": [0.5, 0.75, 1.0, 1.0, 1.0],
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_parts_hold_whole_customers():
    table = gains_table([4, 3, 2, 1, 0], [1, 1, 0, 0, 1], bins=2)
    assert table["contacted"].tolist() == [3, 2]
    assert table["responses"].tolist() == [2, 1]


def test_equal_scores_share_their_responses_evenly():
    table = gains_table([1, 1, 1, 1], [1, 1, 0, 0], bins=4)
    assert table["responses"].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert table["lift"].tolist() == [1, 1, 1, 1]


def test_a_weight_stands_for_that_many_rows():
    score, response, weight = [0.9, 0.5, 0.1], [1, 0, 1], [2, 1, 1]
    weighted = gains_table(score, response, weight, bins=2)
    repeated = gains_table(np.repeat(score, weight), np.repeat(response, weight), bins=2)
    pd.testing.assert_frame_equal(weighted, repeated)


def test_no_response_leaves_lift_and_gain_open():
    table = gains_table([0.2, 0.1], [0, 0])
    assert table[["lift", "cumulative_lift", "gain"]].isna().all(axis=None)
    assert table["response_rate"].tolist() == [0.0, 0.0]


def test_fewer_rows_than_parts_give_a_part_each():
    assert gains_table([0.3, 0.2, 0.1], [1, 0, 0], bins=10)["contacted"].tolist() == [1, 1, 1]


samples = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(samples, st.integers(1, 12))
def test_equals_the_average_over_random_orders_of_ties(sample, bins):
    score, response = np.array(sample, dtype=float).T
    table = gains_table(score, response, bins=bins)
    # Brute force: the expectation of a tied row is the mean response of its score.
    shared = pd.Series(response).groupby(score).transform("mean").to_numpy()
    ordered = shared[np.argsort(-score, kind="stable")]
    for row in table.itertuples():
        reached = ordered[: int(row.cumulative_contacted)].sum()
        assert row.cumulative_responses == pytest.approx(reached)


@settings(max_examples=60, deadline=None)
@given(samples, st.integers(1, 12), st.randoms(use_true_random=False))
def test_parts_add_up_and_row_order_does_not_matter(sample, bins, random):
    score, response = np.array(sample, dtype=float).T
    table = gains_table(score, response, bins=bins)
    assert table["contacted"].sum() == len(sample)
    assert table["responses"].sum() == pytest.approx(response.sum())
    assert table["depth"].is_monotonic_increasing
    assert table["depth"].iloc[-1] == 1.0
    assert table["contacted"].max() - table["contacted"].min() <= 1
    random.shuffle(sample)
    again = gains_table(*np.array(sample, dtype=float).T, bins=bins)
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "at least one row"),
        (([1.0], [1, 0]), "differ in length: 1, 2, 1"),
        (([np.nan], [1]), "missing values"),
        (([1.0], [1], [-1]), "must not be negative"),
        (([1.0], [1], [0]), "must not all be zero"),
        (([1.0], [1], None, 0), "bins must be at least 1 but got 0"),
    ],
)
def test_wrong_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        gains_table(*arguments)
