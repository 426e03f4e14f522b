"""What customers wrote, as figures of each customer."""

from datetime import date

import ibis.expr.types as ir
import pandas as pd

from features.text.features import TextFeatures
from features.text.topics import Topics
from features.windows import end_of

__all__ = ["customer_texts", "mean_by_customer", "seen_texts"]


def seen_texts(interactions: ir.Table, as_of: date) -> pd.DataFrame:
    """Give what customers had written by the end of `as_of`.

    Parameters
    ----------
    interactions : ibis Table
        ``customer_id``, ``happened_at`` and ``text``, as the warehouse's table of that name.
    as_of : datetime.date
        The last day that can be seen.

    Returns
    -------
    pandas.DataFrame
        These columns, in the order of time; rows without a text are left out.
    """
    seen = (interactions.happened_at < end_of(as_of)) & interactions.text.notnull()
    told = interactions.filter(seen).select("customer_id", "happened_at", "text")
    return told.order_by("happened_at", "customer_id", "text").to_pandas()


def mean_by_customer(values: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    """Average figures of texts over the texts of each customer.

    Parameters
    ----------
    values : pandas.DataFrame of float64
        One row a text.
    customers : pandas.Series
        Whose text it is, with the same index; texts of nobody are left out.

    Returns
    -------
    pandas.DataFrame of float64
        Indexed by ``customer_id``, sorted: ``texts`` (how many) and the means.
    """
    owners = customers.rename("customer_id")
    grouped = values.groupby(owners, sort=True)
    return pd.concat([grouped.size().rename("texts").astype("float64"), grouped.mean()], axis=1)


def customer_texts(
    interactions: ir.Table, as_of: date, fitted: TextFeatures | Topics
) -> pd.DataFrame:
    """Describe each customer by what he or she had written by the end of `as_of`.

    Parameters
    ----------
    interactions, as_of
        See `seen_texts`.
    fitted : TextFeatures or Topics
        Fitted on texts that were known by then, or by the end of an earlier day.

    Returns
    -------
    pandas.DataFrame of float64
        See `mean_by_customer`; customers who wrote nothing are not in it.
    """
    seen = seen_texts(interactions, as_of)
    return mean_by_customer(fitted.transform(seen["text"]), seen["customer_id"])
