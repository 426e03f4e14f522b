"""Numbers in sentences."""

__all__ = ["many"]


def many(number: int, one: str, more: str) -> str:
    """Put a number before the word that suits it.

    Examples
    --------
    >>> many(1, "basket", "baskets"), many(2000, "basket", "baskets")
    ('1 basket', '2,000 baskets')
    """
    return f"{number:,} {one if number == 1 else more}"
