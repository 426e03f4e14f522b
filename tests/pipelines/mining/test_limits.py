import pytest

from lodeworks.errors import BudgetExceeded
from pipelines.mining.limits import DEFAULT_MEMORY, Limits, in_options, parse_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (DEFAULT_MEMORY, 4 * 10**9),
        ("4gb", 4 * 10**9),
        ("4G", 4 * 10**9),
        ("4GiB", 4 * 2**30),
        ("1.5 MB", 1_500_000),
        ("2TB", 2 * 10**12),
        ("512", 512),
        (512, 512),
        ("100B", 100),
    ],
)
def test_amounts_of_memory(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "4XB", "0", "0.1", "4 G B", "iB", "1iB"])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match="such as 500MB, 4GB or 4GiB"):
        parse_bytes(text)


def test_problems_of_limits():
    assert Limits(1).problems() == []
    assert Limits(1, itemsets=0, seconds=-1).problems() == [
        "--budget-itemsets 0: at least 1",
        "--timeout -1: at least 1",
    ]


def test_the_budget_is_what_is_left():
    now = Limits(10, 20, 30)
    earlier = Limits(10, 20, 30, _began=now._began - 12)
    assert (now.budget().bytes, now.budget().itemsets) == (10, 20)
    assert 29 < now.budget().seconds <= 30
    assert earlier.budget().seconds <= 18
    assert Limits(10).budget().seconds is None


def test_no_time_left():
    limits = Limits(10, seconds=30, _began=Limits(1)._began - 31)
    with pytest.raises(
        BudgetExceeded, match="the time of --timeout 30 s is over; nothing was written"
    ):
        limits.budget()


def test_arguments_become_options():
    told = "min_count 4 (min_support 0.5) or max_basket_size 3; a larger min_confidence, max_length"
    assert in_options(told) == (
        "--min-count 4 (--min-support 0.5) or --max-basket-size 3; a larger --min-confidence, "
        "--max-length"
    )
