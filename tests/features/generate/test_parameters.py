from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.generate.parameters import MAX_LINES, MIN_LINES, Parameters, check
from lodeworks.errors import ConfigError

START, END = date(2023, 1, 1), date(2024, 12, 31)


def parameters(**changes):
    return Parameters(
        **{"lines": 5_000, "seed": 0, "start": START, "end": END, "dirty": 0.02, **changes}
    )


def test_good_parameters_pass(tmp_path):
    assert check(tmp_path / "new", parameters(), "csv") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": 999}, "lines: 999 given, a whole number from 1,000 to 100,000,000 allowed"),
        ({"lines": MAX_LINES + 1}, "lines: 100000001 given"),
        ({"lines": 2000.5}, "lines: 2000.5 given"),
        ({"lines": True}, "lines: True given"),
        ({"seed": -1}, "seed: -1 given, a whole number from 0 allowed"),
        ({"seed": 1.5}, "seed: 1.5 given"),
        ({"dirty": -0.01}, "dirty: -0.01 given, a share from 0 to 0.5 allowed"),
        ({"dirty": 0.51}, "dirty: 0.51 given"),
        ({"dirty": float("nan")}, "dirty: nan given"),
        ({"dirty": "much"}, "dirty: 'much' given"),
        ({"end": date(2022, 12, 31)}, "end: 2022-12-31 is before start 2023-01-01"),
        ({"start": date(1969, 12, 31)}, "start: 1969-12-31 given, 1970-01-01 or later allowed"),
        ({"end": date(2099, 1, 1)}, "at most 20 years after start 2023-01-01 allowed"),
    ],
)
def test_each_problem_is_named(tmp_path, changes, message):
    with pytest.raises(ConfigError) as refused:
        check(tmp_path / "new", parameters(**changes), "csv")
    assert message in str(refused.value)


def test_all_problems_are_said_at_once(tmp_path):
    wrong = parameters(lines=1, seed=-1, dirty=2, end=date(2000, 1, 1))
    with pytest.raises(ConfigError) as refused:
        check(tmp_path / "new", wrong, "parket")
    assert len(refused.value.problems) == 5
    assert "did you mean 'parquet'?" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="holds something else than a generated shop"):
        check(tmp_path, parameters(), "csv")


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        check(tmp_path / "file", parameters(), "csv")


def test_an_empty_folder_and_a_former_shop_may_be_replaced(tmp_path):
    assert check(tmp_path, parameters(), "csv") is None
    (tmp_path / "truth.json").write_text("{}")
    assert check(tmp_path, parameters(), "csv") is None


def test_customers_and_items_grow_with_the_lines():
    sizes = [parameters(lines=10**k) for k in range(3, 9)]
    assert [p.customers for p in sizes] == [10**k // 25 for k in range(3, 9)]
    items = [p.items for p in sizes]
    assert items == sorted(items)
    assert items[0] == 200
    assert items[4] == pytest.approx(3_000, abs=5)
    assert items[-1] == 3_000


@given(st.integers(MIN_LINES, MAX_LINES))
def test_blocks_hold_every_customer_once(lines):
    p = parameters(lines=lines)
    blocks = [p.block(k) for k in range(p.blocks)]
    assert blocks[0].start == 0
    assert blocks[-1].stop == p.customers
    assert all(a.stop == b.start for a, b in pairwise(blocks))
    assert all(0 < len(b) <= 8_192 for b in blocks)


def test_the_period_counts_both_ends():
    assert parameters(start=START, end=START).days == 1
    assert parameters().days == 731
