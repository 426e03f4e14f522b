"""Tables of a report without what they would tell of a few customers."""

import pandas as pd

from features.privacy.suppression import suppress

__all__ = ["hide_small_groups"]


def hide_small_groups(
    table: pd.DataFrame, group: str, size: str, min_group: int
) -> tuple[pd.DataFrame, int]:
    """Leave blank what is told of groups that are too small, or that would give one away.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a group; together they are all customers, whose number is known.
    group, size : str
        Columns of the group's name, which stays, and of its customers.
    min_group : int
        Smallest group that is told of.

    Returns
    -------
    table : pandas.DataFrame
        A copy.
    hidden : int
        Groups that were left blank.
    """
    total = pd.DataFrame({group: [None], size: [table[size].sum()]}, dtype=object)
    cells = pd.concat([table[[group, size]].astype(object), total], ignore_index=True)
    hidden = suppress(cells, [group], size, min_group)[:-1]
    if not hidden.any():
        return table.copy(), 0
    shown = table.astype(object)
    shown.loc[hidden, table.columns.drop(group)] = None
    return shown.infer_objects(), int(hidden.sum())
