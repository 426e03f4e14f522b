"""Numbers and attributes as a person would say them."""

__all__ = ["plain_name", "plain_number"]


def plain_name(attribute: str) -> str:
    """Write the name of a column in words.

    Examples
    --------
    >>> plain_name("spend_share_q4")
    'spend share q4'
    """
    return attribute.replace("_", " ").strip()


def plain_number(value: float) -> str:
    """Write a number short: no more digits than a person needs.

    Examples
    --------
    >>> [plain_number(value) for value in (12345.6, 123.4, 9.876, 0.04321, 0.0)]
    ['12,346', '123', '9.9', '0.043', '0']
    """
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:.1f}".removesuffix(".0")
    return "0" if size < 1e-12 else f"{value:.2g}"
