"""What to call an item when speaking to people."""

import pandas as pd

__all__ = ["item_names"]


def item_names(items: pd.DataFrame, vocabulary: pd.Index) -> pd.Series:
    """Give each item its name, or its identifier where it has none.

    Parameters
    ----------
    items : pandas.DataFrame
        ``item_id`` and, where known, ``item_name``; of repeated identifiers the first counts.
    vocabulary : pandas.Index of str
        Identifiers.

    Returns
    -------
    pandas.Series of str
        Indexed by `vocabulary`, in its order.

    Examples
    --------
    >>> items = pd.DataFrame({"item_id": ["a", "b"], "item_name": ["Tea", None]})
    >>> item_names(items, pd.Index(["b", "a", "c"])).tolist()
    ['b', 'Tea', 'c']
    """
    identifiers = pd.Series(vocabulary.astype(object), index=vocabulary, dtype=object)
    if "item_name" not in items:
        return identifiers
    known = items.drop_duplicates("item_id").set_index("item_id")["item_name"]
    names = known.reindex(vocabulary).astype(object)
    return names.where(names.notna(), identifiers)
