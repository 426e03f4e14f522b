"""The classes that marketing knows beside the segments: RFM, pyramid, ABC, portfolio, score."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from experiments.bundle.plain import read_json, write_json
from lodeworks.errors import BundleError, DataError, did_you_mean
from models.segments import (
    AbcClasses,
    RfmScores,
    ValuePyramid,
    WeightedScore,
    class_returns,
    cross_table,
    portfolio,
)
from models.segments.grids import PORTFOLIO
from models.segments.pyramid import LEVELS
from models.segments.rfm import RFM_NAMES
from pipelines.config.segments import SegmentClasses, Worth
from pipelines.segmenting.people import People

__all__ = [
    "ORDERS",
    "Money",
    "Schemes",
    "money_of",
    "read_schemes",
    "returns_by",
    "value_by_need",
    "write_schemes",
]

FILE = "classes.json"

LARGEST = 1e300
FITTED = ("rfm", "pyramid", "abc", "score")
ORDERS: Mapping[str, tuple[str, ...]] = {
    "pyramid": LEVELS,
    "abc": ("A", "B", "C"),
    "portfolio": tuple(PORTFOLIO.values()),
    "rfm_name": tuple(name for name, *_ in RFM_NAMES),
}
"""The classes of each scheme, the best first."""

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


@dataclass(frozen=True, kw_only=True)
class Schemes:
    """The classes that the data allowed, with their cuts, so that new customers get them too.

    Attributes
    ----------
    worth : Worth
        Of what and how money is told.
    classes : SegmentClasses
        What was asked.
    rfm, pyramid, abc, score : estimators or None
        Fitted, those that can be made.
    least_profit, least_loyalty : float or None
        From which the portfolio calls a customer profitable and loyal; None: no portfolio.
    """

    worth: Worth
    classes: SegmentClasses
    rfm: RfmScores | None = None
    pyramid: ValuePyramid | None = None
    abc: AbcClasses | None = None
    score: WeightedScore | None = None
    least_profit: float | None = None
    least_loyalty: float | None = None

    @classmethod
    def fit(cls, people: People, worth: Worth, classes: SegmentClasses) -> Self:
        """Find the cuts of the classes that the data allow.

        Raises
        ------
        DataError
            When the column of money or a criterion of the weighted score is not there.
        """
        frame, money = people.attributes, money_of(people, worth)
        found: dict[str, Any] = {}
        if set(RFM) <= set(frame):
            found["rfm"] = RfmScores(classes.rfm_parts).fit(_rfm(frame))
        if money is not None:
            found["pyramid"] = ValuePyramid(**classes.pyramid.model_dump()).fit(money.value)
            found["abc"] = AbcClasses(classes.abc.a, classes.abc.b).fit(money.value)
        if money is not None and classes.loyalty in frame:
            loyal = frame[classes.loyalty].mean()
            found["least_profit"] = _or(classes.least_profit, money.profit.median())
            found["least_loyalty"] = _or(classes.least_loyalty, loyal)
        if worth.weights:
            found["score"] = _score(frame, worth)
        return cls(worth=worth, classes=classes, **found)

    @property
    def columns(self) -> tuple[str, ...]:
        """Attributes that are read."""
        money = (self.worth.value,) if self.pyramid is not None else ()
        orders = ("frequency",) if money and self.worth.cost_per_order else ()
        rfm = tuple(RFM) if self.rfm is not None else ()
        loyal = (self.classes.loyalty,) if self.least_loyalty is not None else ()
        weighed = tuple(self.worth.weights) if self.score is not None else ()
        read = (*money, *orders, *rfm, *loyal, *weighed)
        return tuple(dict.fromkeys(str(name) for name in read))

    def can_class(self, people: People) -> bool:
        """Tell whether every attribute that is read is there."""
        return set(self.columns) <= set(people.attributes)

    @property
    def outputs(self) -> dict[str, str]:
        """Columns that `predict` gives, and the type of each for MLflow."""
        given = {
            "rfm": self.rfm,
            "rfm_name": self.rfm,
            "pyramid": self.pyramid,
            "abc": self.abc,
            "portfolio": self.least_loyalty,
            "score": self.score,
        }
        names = [name for name, scheme in given.items() if scheme is not None]
        return {name: "double" if name == "score" else "string" for name in names}

    def predict(self, people: People) -> pd.DataFrame:
        """Put customers into the classes.

        Returns
        -------
        pandas.DataFrame
            By ``customer_id``: ``rfm`` and ``rfm_name``, ``pyramid``, ``abc``, ``portfolio``,
            ``score``, those that can be made.
        """
        frame = people.attributes
        table = pd.DataFrame(index=frame.index)
        if self.rfm is not None:
            scores = self.rfm.predict(_rfm(frame))
            table["rfm"], table["rfm_name"] = scores["rfm"], scores["name"]
        money = money_of(people, self.worth) if self.pyramid is not None else None
        if money is not None and self.pyramid is not None and self.abc is not None:
            table["pyramid"] = self.pyramid.predict(money.value)
            table["abc"] = self.abc.predict(money.value)
        if money is not None and self.least_profit is not None:
            loyalty, least = frame[self.classes.loyalty], self.least_profit
            table["portfolio"] = portfolio(
                money.profit, loyalty, least_profit=least, least_loyalty=self.least_loyalty
            )
        if self.score is not None:
            table["score"] = self.score.predict(frame)
        return table

    def levels(self, scheme: str, value: pd.Series) -> pd.Series:
        """Give the ``pyramid`` level or ``abc`` class of money at another date, by these cuts."""
        fitted = self.pyramid if scheme == "pyramid" else self.abc
        assert fitted is not None
        return pd.Series(fitted.predict(value), value.index, dtype="str")

    def get_state(self) -> dict[str, Any]:
        """Give all of it as plain values."""
        return {
            "worth": self.worth.model_dump(mode="json"),
            "classes": self.classes.model_dump(mode="json"),
            "least_profit": self.least_profit,
            "least_loyalty": self.least_loyalty,
            "fitted": {
                name: _finite(scheme.get_state())
                for name in FITTED
                if (scheme := getattr(self, name)) is not None
            },
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        worth = Worth.model_validate(state["worth"], strict=False)
        classes = SegmentClasses.model_validate(state["classes"], strict=False)
        made: dict[str, Any] = {
            "rfm": RfmScores(classes.rfm_parts),
            "pyramid": ValuePyramid(**classes.pyramid.model_dump()),
            "abc": AbcClasses(classes.abc.a, classes.abc.b),
            "score": WeightedScore(worth.weights),
        }
        learned = state["fitted"]
        return cls(
            worth=worth,
            classes=classes,
            least_profit=state["least_profit"],
            least_loyalty=state["least_loyalty"],
            **{name: made[name].set_state(learned[name]) for name in FITTED if name in learned},
        )


def write_schemes(folder: Path, schemes: Schemes) -> None:
    """Write the classes into a bundle."""
    write_json(folder / FILE, schemes.get_state())


def read_schemes(folder: str | Path) -> Schemes | None:
    """Read the classes of a bundle whose seal was checked; None of one that has none.

    Raises
    ------
    BundleError
        When the file does not hold classes.
    """
    path = Path(folder) / FILE
    if not path.exists():
        return None
    try:
        return Schemes.of_state(read_json(path))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the classes cannot be set up: {error}") from error


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


def _score(frame: pd.DataFrame, worth: Worth) -> WeightedScore:
    try:
        return WeightedScore(worth.weights).fit(frame)
    except ValueError as error:
        raise DataError(f"worth.weights: {error}") from error


def _rfm(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(RFM)].rename(columns=RFM)


def _or(stated: float | None, usual: Any) -> float:
    return float(usual) if stated is None else stated


def _finite(state: Mapping[str, Any]) -> dict[str, Any]:
    """Write a cut that nobody reaches as the largest number: JSON knows no infinity."""
    if "cuts" not in state or isinstance(state["cuts"], Mapping):
        return dict(state)
    return {"cuts": [float(min(cut, LARGEST)) for cut in state["cuts"]]}
