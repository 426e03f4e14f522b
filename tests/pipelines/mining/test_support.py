import pytest

from lodeworks.errors import ConfigError
from pipelines.mining.support import Support


@pytest.mark.parametrize(
    ("support", "problem"),
    [
        (Support(), "give either --min-support (a share) or --min-count (baskets): one is needed"),
        (Support(0.1, 2), "give either --min-support (a share) or --min-count (baskets): not both"),
        (Support(0.0), "--min-support 0: a share above 0 and up to 1"),
        (Support(-0.5), "--min-support -0.5: a share above 0 and up to 1"),
        (Support(float("nan")), "--min-support nan: a share above 0 and up to 1"),
        (
            Support(20.0),
            "--min-support 20: a share above 0 and up to 1; --min-count 20 is a number of baskets",
        ),
        (Support(1.5), "--min-support 1.5: a share above 0 and up to 1"),
        (Support(count=0), "--min-count 0: at least 1"),
        (Support(count=-3), "--min-count -3: at least 1"),
    ],
)
def test_problems_are_told(support, problem):
    assert support.problems() == [problem]


@pytest.mark.parametrize("support", [Support(1.0), Support(1e-9), Support(count=1)])
def test_right_ones_have_no_problem(support):
    assert support.problems() == []


@pytest.mark.parametrize(
    ("support", "n", "count"),
    [
        (Support(0.1), 30, 3),
        (Support(0.101), 30, 4),
        (Support(1e-9), 30, 1),
        (Support(count=30), 30, 30),
    ],
)
def test_the_number_of_baskets(support, n, count):
    assert support.within(n) == count


def test_a_count_above_the_number_of_baskets_is_refused():
    with pytest.raises(ConfigError, match="--min-count 2,000: there are only 1,999 baskets"):
        Support(count=2000).within(1999)
