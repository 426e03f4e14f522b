"""What is known of each customer at a date, from purchases or from a table of customers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import pandas as pd

from features.cut import Cut
from features.indicators import indicators
from features.purchases import purchases
from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from lodeworks.errors import DataError, did_you_mean
from pipelines.config.segments import Attributes

__all__ = ["FEWEST", "People", "people_at", "people_of_table"]

FEWEST = 10
_NOT_SAID_OF_PEOPLE = ("opt_out", "declared", "valid_from", "valid_to", *ORIGIN)


@dataclass(frozen=True)
class People:
    """Customers at one date.

    Attributes
    ----------
    attributes : pandas.DataFrame
        One row a customer, by ``customer_id``, sorted.
    as_of : date or None
        The last day that was seen; None for a table of customers.
    known : pandas.Index
        All customers known by then, also those without attributes.
    purchases : pandas.DataFrame or None
        What was bought in the observed span.
    """

    attributes: pd.DataFrame
    as_of: date | None
    known: pd.Index
    purchases: pd.DataFrame | None = None

    def only(self, columns: Sequence[str]) -> Self:
        """Keep some attributes, in this order."""
        return replace(self, attributes=self.attributes[list(columns)])


def people_at(
    warehouse: Warehouse,
    as_of: date | str,
    observe: int,
    families: Sequence[str],
    *,
    earlier: int = 0,
    columns: Sequence[str] | None = None,
) -> People:
    """Read the indicators of everybody who bought in the observed span.

    Parameters
    ----------
    warehouse : Warehouse
        Loaded.
    as_of : date or 'latest'
        The last day that may be seen.
    observe : int
        Days that are read.
    families : sequence of str
        Families of indicators.
    earlier : int, default 0
        Days to go back from `as_of`.
    columns : sequence of str, optional
        The indicators to give, as an earlier call named them.

    Raises
    ------
    DataError
        When nobody bought in the span.
    """
    last = warehouse.last_day if as_of == "latest" else date.fromisoformat(str(as_of))
    day = last - timedelta(days=earlier)
    cut = Cut.at(warehouse, day, observe)
    bought = purchases(cut)
    if bought.empty:
        raise DataError(
            f"nobody bought anything in the {observe} days to {day}; the data spans"
            f" {warehouse.first_day} to {warehouse.last_day}"
        )
    known = cut.customers.select("customer_id").to_pandas()["customer_id"]
    frame = indicators(cut, families, columns=columns)
    everybody = pd.Index(sorted(set(known) | set(frame.index)), name="customer_id")
    return People(frame, day, everybody, bought)


def people_of_table(warehouse: Warehouse, wanted: Attributes) -> People:
    """Read customers and their attributes from a table.

    Raises
    ------
    DataError
        When the table lacks the column of customers, names nobody, or one twice.
    """
    assert wanted.table is not None
    frame = warehouse.table(wanted.table.removeprefix("own:")).to_pandas()
    if wanted.id not in frame:
        hint = did_you_mean(wanted.id, list(frame.columns))
        raise DataError(f"{wanted.table}: there is no column {wanted.id!r}; {hint}")
    named = frame[wanted.id].dropna().astype(str)
    twice = sorted(named[named.duplicated()].unique())
    if len(named) < len(frame) or twice:
        told = f"{len(twice):,} stand twice ({', '.join(twice[:3])})" if twice else "some are empty"
        raise DataError(f"{wanted.table}: {wanted.id!r} must name each customer once, but {told}")
    dropped = [name for name in (*_NOT_SAID_OF_PEOPLE, wanted.id) if name in frame]
    frame = frame.drop(columns=dropped).set_index(named.rename("customer_id")).sort_index()
    return People(_plain(frame), None, frame.index)


def chosen(people: People, wanted: Attributes) -> list[str]:
    """Give the attributes that the configuration asks for.

    Raises
    ------
    DataError
        When one does not exist, none is left, or there are too few customers.
    """
    columns = [str(name) for name in people.attributes]
    unknown = [name for name in (*wanted.include, *wanted.exclude) if name not in columns]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, columns)}" for name in unknown]
        raise DataError("attributes that are not there", hints)
    kept = [name for name in (wanted.include or columns) if name not in wanted.exclude]
    if not kept:
        raise DataError("no attribute is left: 'attributes.exclude' names them all")
    if len(people.attributes) < FEWEST:
        raise DataError(
            f"{len(people.attributes)} customers are too few to find groups among: at least"
            f" {FEWEST} are needed"
        )
    return kept


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give numbers as float64 and everything else as text; moments become days."""
    plain = {}
    for name in frame:
        values = frame[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = (values - pd.Timestamp(0)).dt.days
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            plain[str(name)] = values.astype("float64")
        else:
            plain[str(name)] = values.astype(object).where(values.notna(), None)
    return pd.DataFrame(plain, index=frame.index)
