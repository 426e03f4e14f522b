"""A frame as an address that holds it, so that a page without a script can save its tables."""

from urllib.parse import quote

import pandas as pd

from lodeworks.spreadsheet import neutral

__all__ = ["csv_address"]

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
    text = neutral(frame).to_csv(index=False, lineterminator="\n")
    return f"data:text/csv;charset=utf-8,{quote(text, safe=PLAIN)}"
