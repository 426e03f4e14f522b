"""What may be shown of small groups: nothing that tells on single customers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.privacy import suppress

__all__ = [
    "HIDDEN",
    "SMALL",
    "hidden_classes",
    "merge_small",
    "publish_classes",
    "publish_flows",
    "publish_matrix",
]

HIDDEN = "hidden"
SMALL = "small groups"


def hidden_classes(sizes: pd.Series, min_group: int) -> np.ndarray:
    """Tell which classes must not be shown, so that none follows from the total either.

    Parameters
    ----------
    sizes : pandas.Series of int
        Customers of each class; the classes make up the known total.
    min_group : int
        Smallest group that may be shown.
    """
    cells = pd.DataFrame({"class": [None, *map(str, sizes.index)]})
    cells["customers"] = [int(sizes.sum()), *sizes.astype(int)]
    return np.asarray(suppress(cells, ["class"], "customers", min_group)[1:])


def publish_classes(
    table: pd.DataFrame, min_group: int, keep: Sequence[str], texts: Sequence[str] = ()
) -> pd.DataFrame:
    """Blank the figures of classes that must not be shown.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a class with ``customers``.
    min_group : int
        Smallest group that may be shown.
    keep : sequence of str
        Columns that say nothing of customers.
    texts : sequence of str
        Columns that become ``hidden``; all others become empty.
    """
    hidden = hidden_classes(table.set_index(keep[0])["customers"], min_group)
    shown = table.copy()
    for name in shown.columns.difference(list(keep)):
        if name in texts:
            shown[name] = shown[name].astype(object).where(~hidden, HIDDEN)
        else:
            shown[name] = shown[name].astype(float).where(~hidden)
    return shown


def merge_small(classes: pd.Series, min_group: int) -> dict[str, str]:
    """Give every class its name, and those that must not be shown one name together.

    Tables that cross classes with something else are made of these, so that no total that one
    table hides stands in another.
    """
    sizes = classes.value_counts().sort_index()
    hidden = hidden_classes(sizes, min_group)
    return {
        str(name): SMALL if small else str(name)
        for name, small in zip(sizes.index, hidden, strict=True)
    }


def publish_flows(published: pd.DataFrame) -> pd.DataFrame:
    """Give opening, joined, left and closing as far as a published matrix tells them.

    Parameters
    ----------
    published : pandas.DataFrame
        From `publish_matrix`; what it hides stays hidden.

    Returns
    -------
    pandas.DataFrame
        ``class``, ``opening``, ``joined``, ``left``, ``closing``; NaN where hidden.
    """
    table = published.set_index("before")
    rows = []
    for name in [one for one in table.index if one in table.columns and one != "all"]:
        opening, closing = float(table.loc[name, "all"]), float(table.loc["all", name])
        stayed = float(table.loc[name, name])
        rows.append((name, opening, closing - stayed, opening - stayed, closing))
    return pd.DataFrame(rows, columns=["class", "opening", "joined", "left", "closing"])


def publish_matrix(matrix: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Blank the cells of a table of counts, with totals, that must not be shown.

    Returns
    -------
    pandas.DataFrame
        The counts with a row and a column ``all``, NaN where hidden; the rows are named by the
        first column.
    """
    whole = matrix.copy()
    whole["all"] = whole.sum(axis=1)
    whole.loc["all"] = whole.sum(axis=0)
    long = _long(whole)
    cells = long.assign(
        before=long["before"].where(long["before"] != "all", None),
        after=long["after"].where(long["after"] != "all", None),
    )
    hidden = suppress(cells, ["before", "after"], "customers", min_group)
    long["customers"] = long["customers"].astype(float).where(~hidden)
    wide = long.pivot(index="before", columns="after", values="customers")
    wide = wide.reindex(index=whole.index, columns=whole.columns)
    return wide.rename_axis(columns=None).reset_index()


def _long(matrix: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"before": before, "after": after, "customers": count}
        for before, counts in zip(matrix.index, matrix.to_numpy(), strict=True)
        for after, count in zip(matrix.columns, counts, strict=True)
    ]
    return pd.DataFrame(rows)
