"""Frames of runs: whether they name people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_personal", "personal_columns"]

NAMING = ("customers", "list")
"""Tables of runs that have a row a person, however they call them."""


def personal_columns(frame: "pd.DataFrame") -> list[str]:
    """Name the columns that say which customer a row is about; counts of customers do not.

    Examples
    --------
    >>> import pandas as pd
    >>> personal_columns(pd.DataFrame({"customer_id": ["C1"], "customers": [12]}))
    ['customer_id']
    """
    from pandas.api.types import is_numeric_dtype

    from features.privacy.purge import names_customers

    return [
        str(name)
        for name in frame.columns
        if names_customers(str(name))
        and (str(name) != "customers" or not is_numeric_dtype(frame[name]))
    ]


def is_personal(name: str, frame: "pd.DataFrame") -> bool:
    """Say whether a table of a run names customers."""
    return name in NAMING or bool(personal_columns(frame))
