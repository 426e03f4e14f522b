"""A frame as an address that holds it, so that a page without a script can save its tables."""

from urllib.parse import quote

import pandas as pd

__all__ = ["csv_address"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PLAIN = "!$'()*,;:@/?"


def csv_address(frame: pd.DataFrame) -> str:
    """Give a ``data:`` address of the frame as CSV; nothing is asked of any server.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.

    Parameters
    ----------
    frame : pandas.DataFrame
        Written without its index, numbers with all their digits.

    Examples
    --------
    >>> csv_address(pd.DataFrame({"item": ["=1+1"], "n": [-2]}))
    "data:text/csv;charset=utf-8,item,n%0A'%3D1%2B1,-2%0A"
    """
    safe = frame.copy()
    for place in range(len(frame.columns)):
        column = frame.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(place, column.astype(object).map(_neutral).to_numpy())
    safe.columns = pd.Index([_neutral(str(name)) for name in frame.columns])
    text = safe.to_csv(index=False, lineterminator="\n")
    return f"data:text/csv;charset=utf-8,{quote(text, safe=PLAIN)}"


def _neutral(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if is_formula else value
