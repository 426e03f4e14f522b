import math

import pytest

from experiments.report.numbers import compact, count, day, money, percent, plain

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "£0"),
        (1234567.8, "£1,234,568"),
        (100, "£100"),
        (99.994, "£99.99"),
        (99.996, "£100"),
        (19.0, "£19"),
        (2.5, "£2.50"),
        (-2.5, f"{MINUS}£2.50"),
        (-0.001, "£0"),
        (math.nan, "–"),  # noqa: RUF001 - the dash stands for what is not known
        (math.inf, "–"),  # noqa: RUF001
    ],
)
def test_money(amount, text):
    assert money(amount, "GBP") == text


def test_a_currency_without_a_sign_stands_behind():
    assert money(-1500, "SEK") == f"{MINUS}1,500 SEK"
    assert money(5, "") == "5"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (950, "950"), (12_500, "12.5k"), (-3e6, f"{MINUS}3M"), (2.5e9, "2.5bn")],
)
def test_compact(amount, text):
    assert compact(amount) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.0996, "10%"),
        (0.0994, "9.9%"),
        (0.00996, "1.0%"),
        (0.0012, "0.12%"),
        (-0.25, f"{MINUS}25%"),
        (12.5, "1,250%"),
        (math.nan, "–"),  # noqa: RUF001
    ],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1_000_000, "1,000,000"), (-3, f"{MINUS}3"), (2.25, "2.2"), (0, "0")]
)
def test_count(number, text):
    assert count(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0.0012345, "0.00123"), (-12.34, f"{MINUS}12.3"), (98765.4, "98,765")]
)
def test_plain(number, text):
    assert plain(number) == text


@pytest.mark.parametrize("write", [count, plain])
def test_what_is_not_known_is_a_dash(write):
    assert write(math.nan) == "–"  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "written"), [("2024-02-29", "29 February 2024"), ("2024-02-30", "2024-02-30")]
)
def test_days_are_written_in_words(text, written):
    assert day(text) == written
