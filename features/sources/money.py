"""Money of several currencies in one warehouse: stated rates, or a refusal."""

from collections.abc import Sequence

from features.sources.base import SourceBase

__all__ = ["currency_problems"]


def currency_problems(sources: Sequence[SourceBase], currency: str | None = None) -> list[str]:
    """Say when money of several currencies would be added up without a rate.

    Parameters
    ----------
    sources : sequence of SourceBase
        What feeds one warehouse. Sources without columns of money do not count; one that states
        no currency is in the warehouse's own.
    currency : str, optional
        The currency of the warehouse; default: the one that the sources without a rate share.

    Returns
    -------
    list of str
        One problem that names every source without a rate, or none.

    Examples
    --------
    >>> from features.sources import CsvSource
    >>> columns = {"customer_id": "c", "item_id": "i", "ordered_at": "t", "price": "p"}
    >>> home = CsvSource(path="uk.csv", currency="GBP", columns=columns)
    >>> away = CsvSource(path="de.csv", currency="EUR", columns=columns)
    >>> currency_problems([home, away])
    ["money in several currencies (EUR in 'de', GBP in 'uk'): state a rate for all but one"]
    >>> currency_problems([home, away.model_copy(update={"rate": 0.86})])
    []
    """
    priced = [source for source in sources if any(map(source.is_money, source.columns))]
    unrated = [source for source in priced if source.currency and source.rate is None]
    found = {source.currency for source in unrated} | ({currency} if currency else set())
    if len(found) < 2:
        return []
    shown = ", ".join(sorted(f"{one.currency} in {one.name!r}" for one in unrated))
    if currency is not None:
        return [f"the warehouse is in {currency}, but money is not ({shown}): state each rate"]
    return [f"money in several currencies ({shown}): state a rate for all but one"]
