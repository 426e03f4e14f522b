"""Files that name customers openly, for data that know them by pseudonyms only."""

from collections.abc import Iterable

import pandas as pd

from features.privacy.pseudonym import key_from_environment, pseudonym
from features.sources import SourceBase
from features.sources.hidden import hides_customers
from pipelines.lists.exclusions import Exclusions

__all__ = ["hide_excluded", "hide_rows"]


def hide_excluded(exclusions: Exclusions, sources: Iterable[SourceBase]) -> Exclusions:
    """Add the pseudonyms of everybody who is named, so that they are kept off the list.

    Parameters
    ----------
    exclusions : Exclusions
        As they stand in the files. A file may hold pseudonyms too, so the names stay.
    sources : iterable of SourceBase
        Where the data come from; nothing is done unless one of them hides its customers.

    Raises
    ------
    ConfigError
        When the key of pseudonyms is needed and not there.
    """
    named = exclusions.customers or len(exclusions.pairs)
    if not named or not any(map(hides_customers, sources)):
        return exclusions
    hashed = pseudonym(sorted(exclusions.customers), key_from_environment())
    found = exclusions.with_customers(hashed)
    return found.with_pairs(_hidden(exclusions.pairs)) if len(exclusions.pairs) else found


def hide_rows(rows: pd.DataFrame, sources: Iterable[SourceBase]) -> pd.DataFrame:
    """Give rows with a ``customer_id`` a second time, under their pseudonyms.

    Parameters
    ----------
    rows : pandas.DataFrame
        As they stand in a file.
    sources : iterable of SourceBase
        See `hide_excluded`.
    """
    if "customer_id" not in rows or not any(map(hides_customers, sources)):
        return rows
    return pd.concat([rows, _hidden(rows.dropna(subset=["customer_id"]))], ignore_index=True)


def _hidden(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(customer_id=pseudonym(rows["customer_id"], key_from_environment()))
