"""Who moved from which class to which between two dates, and what a class earns."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["GONE", "NEW", "class_returns", "flows", "migration"]

NEW, GONE = "new", "gone"


def migration(
    before: pd.Series, after: pd.Series, classes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Count customers by their class at two dates.

    Parameters
    ----------
    before, after : pandas.Series of str
        Class of each customer at each date.
    classes : sequence of str, optional
        Order of the classes; default: that of the texts.

    Returns
    -------
    pandas.DataFrame of int64
        Rows: classes before, and ``new`` for who was no customer; columns: classes after, and
        ``gone`` for who is none any more.

    Raises
    ------
    ValueError
        When a customer stands twice, or a class is called ``new`` or ``gone`` or is not in
        `classes`.

    Examples
    --------
    >>> before = pd.Series({"a": "top", "b": "top", "c": "small"})
    >>> after = pd.Series({"a": "top", "b": "small", "d": "small"})
    >>> migration(before, after, ["top", "small"]).values.tolist()
    [[1, 1, 0], [0, 0, 1], [0, 1, 0]]
    """
    if not (before.index.is_unique and after.index.is_unique):
        raise ValueError("a customer stands twice")
    found = sorted({*before.astype(str), *after.astype(str)})
    order = found if classes is None else [str(name) for name in classes]
    wrong = [name for name in found if name not in order or name in (NEW, GONE)]
    if wrong:
        raise ValueError(f"classes that cannot be counted: {', '.join(wrong)}")
    both = pd.DataFrame({"before": before.astype(object), "after": after.astype(object)})
    counted = pd.crosstab(both["before"].fillna(NEW), both["after"].fillna(GONE))
    table = counted.reindex(index=[*order, NEW], columns=[*order, GONE], fill_value=0)
    return table.astype(np.int64).rename_axis(index="before", columns="after")


def flows(table: pd.DataFrame) -> pd.DataFrame:
    """Give the opening number, who joined, who left and the closing number of every class.

    Parameters
    ----------
    table : pandas.DataFrame
        From `migration`.

    Returns
    -------
    pandas.DataFrame of int64
        One row a class: ``opening``, ``joined`` (with ``joined from <class>`` and ``joined from
        new``), ``left``, ``closing``, ``stayed``; ``closing = opening + joined - left``.

    Examples
    --------
    >>> before = pd.Series({"a": "top", "b": "top", "c": "small"})
    >>> after = pd.Series({"a": "top", "b": "small", "d": "small"})
    >>> flows(migration(before, after))[["opening", "joined", "left", "closing"]].values.tolist()
    [[1, 2, 1, 2], [2, 0, 1, 1]]
    """
    rows = {}
    for place, name in enumerate(table.columns.drop(GONE)):
        stayed = int(table.to_numpy()[place, place])
        sources = table[name].drop(name)
        opening, joined = int(table.to_numpy()[place].sum()), int(sources.sum())
        rows[name] = {
            "opening": opening,
            "joined": joined,
            "left": opening - stayed,
            "closing": stayed + joined,
            "stayed": stayed,
            **{f"joined from {one}": int(count) for one, count in sources.items()},
        }
    return pd.DataFrame.from_dict(rows, orient="index").fillna(0).astype(np.int64)


def class_returns(
    classes: pd.Series, revenue: pd.Series, cost: pd.Series, order: Sequence[str] | None = None
) -> pd.DataFrame:
    """Give what each class earned on what was spent on it.

    Parameters
    ----------
    classes : pandas.Series of str
        Class by customer.
    revenue, cost : pandas.Series of float
        Margin earned with each customer and money spent on each, by customer; missing = 0.
    order : sequence of str, optional
        Order of the rows.

    Returns
    -------
    pandas.DataFrame
        One row a class: ``customers``, ``revenue``, ``cost``, ``profit``, ``roi`` (profit over
        cost; negative for a class that costs more than it brings, NaN where nothing was spent).

    Examples
    --------
    >>> classes = pd.Series({"a": "top", "b": "small"})
    >>> earned = pd.Series({"a": 50.0, "b": 1.0})
    >>> class_returns(classes, earned, pd.Series({"a": 10.0, "b": 4.0}))["roi"].to_dict()
    {'small': -0.75, 'top': 4.0}
    """
    frame = pd.DataFrame(
        {
            "class": classes.astype(str),
            "revenue": revenue.reindex(classes.index).fillna(0.0),
            "cost": cost.reindex(classes.index).fillna(0.0),
        }
    )
    table = frame.groupby("class").agg(
        customers=("revenue", "size"), revenue=("revenue", "sum"), cost=("cost", "sum")
    )
    table["profit"] = table["revenue"] - table["cost"]
    table["roi"] = table["profit"] / table["cost"].where(table["cost"] > 0)
    known = table if order is None else table.reindex([str(name) for name in order])
    return known.fillna({"customers": 0, "revenue": 0.0, "cost": 0.0, "profit": 0.0})
