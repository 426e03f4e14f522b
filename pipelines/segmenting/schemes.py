"""The classes that marketing knows beside the segments: RFM, pyramid, ABC, portfolio, score."""

from dataclasses import dataclass

import pandas as pd

from lodeworks.errors import DataError, did_you_mean
from models.segments import (
    AbcClasses,
    RfmScores,
    ValuePyramid,
    WeightedScore,
    class_returns,
    cross_table,
    portfolio,
)
from models.segments.pyramid import LEVELS
from pipelines.config.segments import Worth
from pipelines.segmenting.people import People

__all__ = ["Money", "money_of", "pyramid_of", "returns_by", "schemes", "value_by_need"]

RFM = {"recency_days": "recency", "frequency": "frequency", "monetary": "monetary"}


@dataclass(frozen=True)
class Money:
    """What customers bring and cost, by customer.

    Attributes
    ----------
    value, earned, cost : pandas.Series of float64
        Money spent, margin earned of it, and money spent on them.
    """

    value: pd.Series
    earned: pd.Series
    cost: pd.Series

    @property
    def profit(self) -> pd.Series:
        """What is left."""
        return self.earned - self.cost


def money_of(people: People, worth: Worth) -> Money | None:
    """Read the money of each customer; None where the configuration knows no value.

    Raises
    ------
    DataError
        When the column is not there or holds no numbers.
    """
    if worth.value is None:
        return None
    frame = people.attributes
    if worth.value not in frame:
        hint = did_you_mean(worth.value, list(frame.columns))
        raise DataError(f"worth.value: there is no attribute {worth.value!r}; {hint}")
    if not pd.api.types.is_numeric_dtype(frame[worth.value]):
        raise DataError(f"worth.value: {worth.value!r} holds no numbers")
    value = frame[worth.value].fillna(0.0)
    orders = frame["frequency"] if "frequency" in frame else pd.Series(0.0, frame.index)
    cost = orders.fillna(0.0) * worth.cost_per_order + worth.cost_per_customer
    return Money(value, value * worth.margin, cost)


def schemes(people: People, money: Money | None, worth: Worth) -> pd.DataFrame:
    """Put every customer into the classes that the data allow.

    Returns
    -------
    pandas.DataFrame
        By ``customer_id``: ``rfm`` and ``rfm_name``, ``pyramid``, ``abc``, ``portfolio``,
        ``score``, those that can be made.

    Raises
    ------
    DataError
        When a criterion of the weighted score is not there.
    """
    frame = people.attributes
    table = pd.DataFrame(index=frame.index)
    if set(RFM) <= set(frame):
        renamed = frame[list(RFM)].rename(columns=RFM)
        scores = RfmScores().fit(renamed).predict(renamed)
        table["rfm"], table["rfm_name"] = scores["rfm"], scores["name"]
    if money is not None:
        table["pyramid"] = ValuePyramid().fit(money.value).predict(money.value)
        table["abc"] = AbcClasses().fit(money.value).predict(money.value)
        if "active_months" in frame:
            half = float(money.profit.median())
            table["portfolio"] = portfolio(money.profit, frame["active_months"], least_profit=half)
    if worth.weights:
        table["score"] = _score(frame, worth)
    return table


def pyramid_of(value: pd.Series, learned_from: pd.Series) -> pd.Series:
    """Give the level of the value pyramid by the cuts of other customers or another date."""
    fitted = ValuePyramid().fit(learned_from)
    return pd.Series(fitted.predict(value), value.index, dtype="str")


def returns_by(classes: pd.Series, money: Money, order: list[str] | None = None) -> pd.DataFrame:
    """Give what each class brings, costs and returns; ``class`` is the first column."""
    table = class_returns(classes, money.earned, money.cost, order)
    return table.rename_axis("class").reset_index()


def value_by_need(pyramid: pd.Series, segment: pd.Series, money: Money) -> pd.DataFrame:
    """Count customers and money by level of the pyramid and segment."""
    return cross_table(
        pyramid.rename("level"),
        segment.rename("segment"),
        money.value,
        row_order=list(LEVELS),
    )


def _score(frame: pd.DataFrame, worth: Worth) -> pd.Series:
    try:
        return WeightedScore(worth.weights).fit(frame).predict(frame)
    except ValueError as error:
        raise DataError(f"worth.weights: {error}") from error
