import pandas as pd
import pytest

from pipelines.crosssell.small_groups import hide_small_groups

TABLE = pd.DataFrame(
    {
        "segment": [0, 1, 2, 3],
        "customers": [500, 3, 40, 60],
        "share": [0.829, 0.005, 0.066, 0.1],
        "buys more than others": ["tea", "cups", "pots", "pans"],
    }
)


def test_a_small_segment_is_left_blank_and_one_more_so_that_it_cannot_be_subtracted():
    shown, hidden = hide_small_groups(TABLE, "segment", "customers", 10)
    assert hidden == 2
    assert shown["segment"].tolist() == [0, 1, 2, 3]
    blank = shown.drop(columns="segment").isna()
    assert blank.all(axis=1).tolist() == [False, True, True, False]
    assert blank.any(axis=1).tolist() == [False, True, True, False]
    assert shown.loc[0].tolist() == TABLE.loc[0].tolist()


@pytest.mark.parametrize("min_group", [1, 3])
def test_nothing_is_hidden_where_all_are_large_enough(min_group):
    shown, hidden = hide_small_groups(TABLE, "segment", "customers", min_group)
    assert hidden == 0
    pd.testing.assert_frame_equal(shown, TABLE)
    assert shown is not TABLE


def test_nothing_is_left_of_small_groups_alone():
    few = TABLE.assign(customers=[1, 2, 3, 4])
    shown, hidden = hide_small_groups(few, "segment", "customers", 5)
    assert hidden == 4
    assert shown["share"].isna().all()


def test_the_input_is_not_changed():
    before = TABLE.copy()
    hide_small_groups(TABLE, "segment", "customers", 100)
    pd.testing.assert_frame_equal(TABLE, before)
