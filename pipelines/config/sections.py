"""The sections of a configuration: frozen, strict, every field described."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.config.quantities import AsOf, Days, Seconds

__all__ = [
    "Act",
    "CustomerCondition",
    "Economics",
    "Eligibility",
    "Engine",
    "Evaluation",
    "Fatigue",
    "Items",
    "Many",
    "Policy",
    "Privacy",
    "Promotion",
    "Repeat",
    "Section",
    "Share",
    "Tracking",
    "Tuning",
    "Window",
]

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]


class Section(BaseModel):
    """Base of every part of a configuration."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Window(Section):
    """What may be seen, and when the outcome is read."""

    as_of: AsOf = Field("latest", examples=["2011-11-08"])
    """The last day that may be seen; `latest` = the last day of data less gap and outcome."""

    observe: Days = Field(730, ge=1, examples=["730d"])
    """How far back purchases are read."""

    gap: Days = Field(0, ge=0, examples=["7d"])
    """Days between the last day seen and the first day of the outcome."""

    outcome: Days = Field(31, ge=1, examples=["31d"])
    """Length of the outcome window."""

    backtests: int = Field(3, ge=2, le=100)
    """How many earlier windows there are: the latest is for tuning and calibration, the others for
    training."""


class Engine(Section):
    """What computes the indicators."""

    kind: Literal["duckdb", "spark"] = "duckdb"
    """`duckdb`: the embedded database, in this process. `spark`: Apache Spark, when the data
    outgrow one machine; needs `lodeworks[spark]` and Java 17. Loading stays with DuckDB."""

    master: str = Field("local[2]", min_length=1, examples=["spark://cluster.example:7077"])
    """Where Spark runs: `local[N]` for N threads here, or the address of a cluster, whose machines
    must all see the workspace."""

    settings: dict[str, str] = Field(
        default_factory=dict, examples=[{"spark.executor.memory": "16g"}]
    )
    """Further properties of the Spark session, whose names begin with `spark.`."""

    @model_validator(mode="after")
    def _is_of_spark(self) -> Self:
        # A configuration that was written out in full states the defaults, which say nothing.
        of_spark = {"master": "local[2]", "settings": {}}
        idle = [name for name, usual in of_spark.items() if getattr(self, name) != usual]
        if self.kind != "spark" and idle:
            raise ValueError(f"only the kind 'spark' takes {' and '.join(idle)}")
        foreign = [name for name in self.settings if not name.startswith("spark.")]
        if foreign:
            raise ValueError(f"no properties of Spark, which begin with 'spark.': {foreign}")
        return self


class Privacy(Section):
    """What protects single persons."""

    pseudonymise: bool = False
    """Replace the identifiers of customers and visitors by keyed hashes when they are loaded, in
    every source; the key stands in the environment variable LODE_PSEUDONYM_KEY."""

    min_group: int = Field(10, ge=1)
    """Smallest group of customers about which a report says anything; 1 shows all."""


class Items(Section):
    """Which items take part."""

    min_customers: int = Field(5, ge=1)
    """Items bought by fewer customers are not offered."""


class Tuning(Section):
    """How the candidates' parameters are searched."""

    trials: int = Field(10, ge=0)
    """Trials a candidate; 0 keeps the parameters as they are."""

    timeout: Seconds | None = Field(None, ge=1, examples=["120s"])
    """Longest time a candidate may be tuned; null = no limit. With a limit the result depends on
    the speed of the machine."""

    metric: str = Field("profit", pattern=r"^(profit|(recall|precision|ndcg|hit)@[1-9][0-9]*)$")
    """What is made as large as possible: `profit`, or `recall`, `precision`, `ndcg` or `hit` at a
    depth."""

    customers: int | None = Field(None, ge=1)
    """Tune on a sample of this many customers; null = all."""


class Evaluation(Section):
    """How the candidates are compared."""

    ks: Many[Annotated[int, Field(ge=1)]] = Field((5, 10, 20), min_length=1)
    """Depths at which the ranking is measured."""

    bootstrap: int = Field(2000, ge=100)
    """Resamples behind every interval."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""

    forecasts: int = Field(3, ge=1, le=100)
    """Windows, the test included, on which the winner's expectation is held against what happened;
    each but the first costs one more fit. From 3 on, their spread widens the list's interval."""


class Economics(Section):
    """What a sale earns and what a contact costs."""

    margin: Share | None = 0.3
    """Share of the price that is earned where an item states no margin of its own; null = such an
    item earns nothing, and at least one must state its margin."""

    contact_cost: float = Field(0.5, ge=0)
    """Money spent on each customer contacted."""

    budget: float | None = Field(None, ge=0)
    """Most money that contacts may cost in all; null = no limit."""

    capacity: int | None = Field(None, ge=1)
    """Most customers that can be contacted; null = no limit."""

    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money; where the configuration states the `currency` of the
    warehouse, that one."""

    baseline: Literal["none", "organic", "file"] = "none"
    """What would have been bought without the offer, taken off the profit: `none` = nothing, the
    profit is gross; `organic` = how many of all customers bought the item lately; `file` = as
    `baseline_file` says."""

    baseline_file: str | None = Field(None, min_length=1)
    """File with `probability` of a purchase without the offer and `customer_id`, `item_id` or
    both; relative to the file that states it."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.budget is not None and self.budget < self.contact_cost:
            raise ValueError(
                f"a budget of {self.budget:g} pays for no contact, which costs"
                f" {self.contact_cost:g}: nobody could be listed; leave it out for no limit"
            )
        if (self.baseline == "file") != (self.baseline_file is not None):
            raise ValueError("'baseline: file' and 'baseline_file' need each other")
        return self


class Chosen(Section):
    """Items that a rule is about: a list of them, a category, a department."""

    items: Many[Annotated[str, Field(min_length=1)]] = ()
    """Identifiers."""

    category: str | None = Field(None, min_length=1)
    """All items of a category."""

    department: str | None = Field(None, min_length=1)
    """All items of a department."""

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if not self.items and self.category is None and self.department is None:
            raise ValueError("name the items, a category or a department that this is about")
        return self


class Repeat(Chosen):
    """Items that are bought again: owned only for so many days after a purchase."""

    after: Days = Field(ge=1, examples=["90d"])
    """Days after the last purchase from which the item may be offered again."""


class CustomerCondition(Section):
    """What must be known of a customer; where the column is empty it does not hold."""

    column: str = Field(min_length=1, examples=["age"])
    """A column of the table `customers`, an indicator, or `age`, from `birth_year`."""

    at_least: float | None = None
    """Lowest number allowed."""

    at_most: float | None = None
    """Highest number allowed."""

    one_of: Many[str | bool | float] = ()
    """Values allowed."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.at_least is None and self.at_most is None and not self.one_of:
            raise ValueError("say at_least, at_most or one_of")
        return self


class Eligibility(Chosen):
    """Items that are offered only to customers of whom something is known."""

    when: CustomerCondition
    """The condition. Several rules about an item must all hold."""


class Fatigue(Section):
    """Who was contacted often enough lately is left out."""

    file: str = Field(min_length=1)
    """File of earlier contacts, `customer_id` and `contacted_at` (or `contacted_on`); rows whose
    `group` is `control` do not count. Relative to the file that states it."""

    contacts: int = Field(1, ge=1)
    """Contacts after which a customer is left alone."""

    within: Days = Field(30, ge=1, examples=["30d"])
    """Days before the day of the list in which they are counted."""

    column: str = Field("contacted_at", min_length=1)
    """Column of the day of the contact."""


class Policy(Section):
    """What may be on the list."""

    rows: int = Field(10, ge=1)
    """Most rows a customer."""

    exclude_owned: bool = True
    """Leave out items that the customer bought before."""

    repeat: Many[Repeat] = ()
    """Items that are bought again: they count as owned for some days only."""

    eligible: Many[Eligibility] = ()
    """Items that only some customers may be offered."""

    per_item: int | None = Field(None, ge=1)
    """Most customers who are offered the same item; null = no limit."""

    stock: str | dict[str, Annotated[int, Field(ge=0)]] | None = None
    """Most customers who are offered single items: a mapping from item to number, or a file with
    `item_id` and `stock`, relative to the file that states it. Others keep to `per_item`."""

    per_category: int | None = Field(None, ge=1)
    """Most items of one category on one customer's list; null = no limit."""

    diversity: float = Field(0.0, ge=0, lt=1)
    """How much less each further item of a category is worth on one customer's list when the rows
    are chosen: 0.2 counts the second at 80 %, the third at 64 %."""

    explore: float = Field(0.0, ge=0, le=0.5)
    """Share of the rows that go to next best items by chance, so that more is learned; the chance
    of every row is written beside it."""

    control: float = Field(0.1, ge=0, lt=1)
    """Share of customers kept as a control group, by chance; they are listed and not contacted."""

    experiment: Name | None = None
    """Name that control group and exploration are drawn by, with the seed; lists of the same name
    have the same control group. null = the name of the configuration."""

    opt_out: str | None = Field(None, min_length=1)
    """File of customers who must not be contacted: column `customer_id`; relative to the file that
    states it."""

    suppress: Many[Annotated[str, Field(min_length=1)]] = ()
    """Files of customers, items or pairs that must not be on the list: columns `customer_id`,
    `item_id` or both; relative to the file that states them."""

    fatigue: Fatigue | None = None
    """Leave out whom earlier contacts reached often enough; null = nobody."""

    min_expected_profit: float = 0.0
    """Customers who are expected to earn less, after the cost of the contact, are left out."""


class Promotion(Section):
    """What happens to the winner."""

    register_: bool = Field(True, alias="register")
    """Register the winner, and make it champion when it beats the present one; where the question
    is another than cross-sell, when it is not measurably worse."""

    name: Name | None = None
    """Name of the registered model; null = the name of the configuration."""

    alias: Name = "champion"
    """The alias that marks the model in use."""


class Tracking(Section):
    """Where runs are recorded."""

    uri: str | None = Field(None, min_length=1, examples=["${TRACKING_URI}"])
    """MLflow tracking address; null = a database in the workspace. The environment variable
    MLFLOW_TRACKING_URI goes first."""

    experiment: str | None = Field(None, min_length=1)
    """Name of the MLflow experiment; null = the name of the configuration."""


class Act(Section):
    """How the final list is made."""

    as_of: AsOf = Field("latest", examples=["2011-12-09"])
    """The day for which the list is made; `latest` = the last day of data."""

    refit: bool = True
    """Fit the winner again on everything known at that day."""

    format: Literal["parquet", "csv"] = "parquet"
    """Form of the list."""
