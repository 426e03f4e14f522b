"""What is wrong with the numbers is said before a test starts."""

import numpy as np
import pandas as pd
import pytest

from models.statistics.checks import check_level, complete, numbers


def test_known_numbers_of_every_type():
    assert numbers([1, None, 3], "a").tolist() == [1, 3]
    assert numbers(pd.Series([1, pd.NA, 3], dtype="Int64"), "a").tolist() == [1, 3]
    assert numbers(np.array([True, False]), "a").tolist() == [1, 0]


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_levels_lie_between_0_and_1(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        check_level(level)


def test_complete_rows_in_the_order_of_the_columns_asked():
    table = pd.DataFrame({"a": [1, 2, None, 4], "b": [4, 3, 2, 1], "c": [None] * 4})
    assert complete(table, ["b", "a"]).values.tolist() == [[4, 1], [3, 2], [1, 4]]


def test_a_column_that_is_constant_where_others_are_known():
    table = pd.DataFrame({"a": [1, 1, 1, 2], "b": [1.0, 2, 3, None]})
    with pytest.raises(ValueError, match=r"constant columns tell nothing: \['a'\]"):
        complete(table, ["a", "b"])


def test_all_unknown_columns_are_named():
    with pytest.raises(ValueError, match=r"'spent'; did you mean 'spend'.*'visit'; did you"):
        complete(pd.DataFrame({"spend": [1], "visits": [2]}), ["spent", "visit"])
