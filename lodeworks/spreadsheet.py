"""Tables that a person may open in a spreadsheet hold nothing that it would run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMULA_STARTS", "neutral", "neutral_cell"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell of text that begins with one of these as a formula."""


def neutral_cell(value: object) -> object:
    """Give text that begins like a formula with a leading apostrophe, all else as it is.

    Examples
    --------
    >>> neutral_cell("=1+1"), neutral_cell("York"), neutral_cell(-2.5)
    ("'=1+1", 'York', -2.5)
    """
    is_formula = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if is_formula else value


def neutral(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Give a copy in which no text begins like a formula, in cells or in the names of columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index is left as it is; write it without. Numbers, dates and truth values stay.

    Examples
    --------
    >>> import pandas as pd
    >>> neutral(pd.DataFrame({"city": ["=1+1", "York"], "+n": [-1, 2]}))
        city  '+n
    0  '=1+1   -1
    1   York    2
    """
    safe = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if str(kind) in ("object", "str", "string", "category"):
            cells = frame.iloc[:, place].astype(object).map(neutral_cell)
            safe.isetitem(place, cells.to_numpy(dtype=object))
    safe.columns = frame.columns.map(neutral_cell)
    return safe
