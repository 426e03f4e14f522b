"""Numbers and days as people write them, the same on every machine whatever its language."""

import math
from datetime import date

__all__ = ["chance", "compact", "count", "day", "money", "percent", "plain"]

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
SMALLEST = 0.001
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹"}


def money(amount: float, currency: str) -> str:
    """Write an amount; pennies only where they matter.

    Examples
    --------
    >>> money(12345.6, "GBP"), money(2.5, "EUR"), money(9.99, "CHF")
    ('£12,346', '€2.50', '9.99 CHF')
    """
    if not math.isfinite(amount):
        return UNKNOWN
    whole = float(amount).is_integer() or round(amount, 2) == 0
    digits = 0 if abs(amount) >= 99.995 or whole else 2
    return _with_currency(_unsigned(amount, digits), amount, currency)


def compact(amount: float, currency: str = "") -> str:
    """Write an amount in as few signs as an axis has room for.

    Examples
    --------
    >>> compact(12_500, "GBP"), compact(2_000_000), compact(0.25)
    ('£12.5k', '2M', '0.25')
    """
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= size:
            return _with_currency(f"{abs(amount) / size:.4g}{letter}", amount, currency)
    return _with_currency(f"{abs(amount):.4g}", amount, currency)


def chance(p: float) -> str:
    """Write a p-value; one that is tiny without its many zeros.

    Examples
    --------
    >>> chance(0.0312), chance(6.5e-259)
    ('0.0312', '<0.001')
    """
    return "<0.001" if p < SMALLEST else plain(p)


def percent(share: float) -> str:
    """Write a share between 0 and 1 with the digits that say something.

    Examples
    --------
    >>> percent(0.4238), percent(0.0312), percent(0.0004), percent(1.0)
    ('42%', '3.1%', '0.04%', '100%')
    """
    if not math.isfinite(share):
        return UNKNOWN
    size = abs(share) * 100
    digits = 0 if size >= 9.95 or size == 0 else 1 if size >= 0.995 else 2
    return f"{_sign(share, size, digits)}{size:,.{digits}f}%"


def count(number: float) -> str:
    """Write a number of things; a part of one only among few.

    Examples
    --------
    >>> count(1234567), count(0.5), count(1854.98)
    ('1,234,567', '0.5', '1,855')
    """
    if not math.isfinite(number):
        return UNKNOWN
    digits = 0 if abs(number) >= 100 or float(round(number, 1)).is_integer() else 1
    return f"{_sign(number, abs(number), digits)}{_unsigned(number, digits)}"


def plain(number: float) -> str:
    """Write any other number with three significant digits.

    Examples
    --------
    >>> plain(0.123456), plain(1234.5), plain(0.00001234)
    ('0.123', '1,234', '1.23e-05')
    """
    if not math.isfinite(number):
        return UNKNOWN
    size = abs(number)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.3g}"
    return f"{MINUS if number < 0 else ''}{text}"


def day(text: str) -> str:
    """Write an ISO day in words; any other text stays as it is.

    Examples
    --------
    >>> day("2011-12-09"), day("latest")
    ('9 December 2011', 'latest')
    """
    try:
        when = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def _unsigned(number: float, digits: int) -> str:
    return f"{abs(number):,.{digits}f}"


def _sign(number: float, size: float, digits: int) -> str:
    return MINUS if number < 0 and round(size, digits) else ""


def _with_currency(text: str, amount: float, currency: str) -> str:
    sign = MINUS if amount < 0 and text.strip("0.") else ""
    symbol = SYMBOLS.get(currency)
    if symbol:
        return f"{sign}{symbol}{text}"
    return f"{sign}{text} {currency}".strip()
