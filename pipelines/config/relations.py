"""The configuration of what relations earn, may earn and lose to others, and of who will join."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from lodeworks.errors import did_you_mean
from pipelines.config.quantities import Days
from pipelines.config.question import refuse_twice
from pipelines.config.sections import Many, Name, Section, Share

__all__ = [
    "ValueFuture",
    "ValueRelationship",
    "ValueStrategy",
    "ValueSwitching",
    "ValueSwitchingEstimate",
]

Text = Annotated[str, Field(min_length=1)]
ValueClass = Literal["top", "large", "medium", "small", "inactive"]
NotNegative = Annotated[float, Field(ge=0)]


class ValueRelationship(Section):
    """What a relation earns now."""

    by: Literal["products", "wallet"] = "products"
    """`products`: (price - cost) x quantity of every line, returns taken off; needs a source of
    lines with `cost`. `wallet`: purchases of the category x share of wallet x profit of one."""

    days: Days = Field(365, ge=1, examples=["365d"])
    """With `products`: the days up to the end of the outcome that are summed."""

    frequency: NotNegative | Text | None = None
    """With `wallet`: purchases of the category in a year, from whomever; a number, or an attribute
    of customers."""

    share: Share | Text | None = None
    """With `wallet`: part of them that is bought here, 0 to 1; a number, or an attribute of
    customers."""

    profit: float | Text | None = None
    """With `wallet`: profit of one purchase; a number, or an attribute of customers; null = what
    the customer is expected to spend x `economics.margin`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        stated = {name: getattr(self, name) for name in ("frequency", "share", "profit")}
        if self.by == "wallet":
            lacking = [name for name in ("frequency", "share") if stated[name] is None]
            if lacking:
                raise ValueError(f"'wallet' needs {' and '.join(lacking)}")
        elif any(value is not None for value in stated.values()):
            known = ", ".join(name for name, value in stated.items() if value is not None)
            raise ValueError(f"{known}: only 'by: wallet' takes these")
        return self

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes of customers that it reads."""
        stated = (self.frequency, self.share, self.profit)
        return tuple(value for value in stated if isinstance(value, str))


class ValueStrategy(Section):
    """Something that may be done for customers, and what it brings."""

    name: Name = Field(examples=["second-card"])
    """What it is called."""

    response: Share | Text | dict[ValueClass, Share]
    """Probability that a customer responds: a number, an attribute of customers, or a number for
    each class of value (a class that is not named: 0)."""

    gain: float | Text | dict[ValueClass, float]
    """Money that a response brings, in the same three forms."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes of customers that it reads."""
        return tuple(value for value in (self.response, self.gain) if isinstance(value, str))


class ValueSwitchingEstimate(Section):
    """A switching matrix taken from what customers bought in consecutive periods."""

    by: Literal["category", "department", "item"] = "category"
    """What counts as a brand. A customer's brand of a period is the one most was spent on."""

    period: Days = Field(90, ge=1, examples=["90d"])
    """Length of a period; whole periods are counted back from the end of the outcome."""

    most: int = Field(6, ge=2, le=20)
    """Brands told apart, those of most customers; the others are together `all others`."""

    least: int = Field(50, ge=1)
    """Customers that a row of the matrix rests on, at least; the report names rows with fewer."""


class ValueSwitching(Section):
    """Which brand customers buy later, by the brand that they buy now: stated, or estimated."""

    brands: Many[Text] = Field((), examples=[["ours", "others"]])
    """Their names, in the order of the matrix."""

    own: Text | None = Field(None, examples=["ours"])
    """The one whose value is asked; null = with `estimate`, the one that most customers buy now."""

    matrix: Many[Many[Share]] = Field((), examples=[[[0.7, 0.3], [0.2, 0.8]]])
    """Row: the brand bought now; column: the brand bought a year later; each row sums to 1."""

    estimate: ValueSwitchingEstimate | None = None
    """Takes `brands`, `matrix` and `shares` from the purchases; null = they are stated."""

    shares: Many[Share] | None = None
    """Shares of the brands now; null = everybody buys `own`."""

    purchases: NotNegative | None = Field(None, examples=[12])
    """Purchases of the category by one customer in a year; null = with `estimate`, days with a
    purchase of those who bought in a period, as a year has them."""

    profit: float | None = None
    """Of one purchase; null = the mean expected spend x `economics.margin`."""

    years: int = Field(5, ge=1, le=5)
    """Years that count."""

    @field_validator("brands")
    @classmethod
    def _differ(cls, brands: tuple[str, ...]) -> tuple[str, ...]:
        refuse_twice(list(brands))
        return brands

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = self._stated_problems() if self.estimate is None else self._estimate_problems()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _stated_problems(self) -> list[str]:
        names = ("brands", "own", "matrix", "purchases")
        lacking = [name for name in names if getattr(self, name) in (None, ())]
        if lacking:
            return [f"state {', '.join(lacking)}, or 'estimate' to take them from the purchases"]
        if len(self.brands) < 2:
            return ["two brands are needed, or more"]
        problems = [*self._matrix_problems(), *self._share_problems()]
        if self.own not in self.brands:
            hint = did_you_mean(str(self.own), self.brands)
            problems.append(f"no brand is called {self.own!r}; {hint}")
        return problems

    def _estimate_problems(self) -> list[str]:
        stated = [name for name in ("brands", "matrix", "shares") if getattr(self, name)]
        if not stated:
            return []
        return [f"'estimate' takes {', '.join(stated)} from the purchases: leave out one or other"]

    def _matrix_problems(self) -> list[str]:
        number = len(self.brands)
        if [len(row) for row in self.matrix] != [number] * number:
            return [f"the matrix must have {number} rows of {number}, one a brand"]
        return [
            f"the row of {brand!r} sums to {sum(row):g}, not 1"
            for brand, row in zip(self.brands, self.matrix, strict=True)
            if not _is_one(sum(row))
        ]

    def _share_problems(self) -> list[str]:
        if self.shares is None:
            return []
        if len(self.shares) != len(self.brands):
            return [f"shares must be {len(self.brands)}, one a brand, not {len(self.shares)}"]
        total = sum(self.shares)
        return [] if _is_one(total) else [f"the shares sum to {total:g}, not 1"]


class ValueFuture(Section):
    """Customers who are still to be won."""

    joining: Many[NotNegative] = Field(min_length=1, max_length=30, examples=[[500, 500, 400]])
    """How many will join in each coming year."""

    cost: NotNegative = 0.0
    """Money that winning one costs."""


def _is_one(total: float) -> bool:
    return abs(total - 1) < 1e-9
