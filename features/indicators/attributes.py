"""What is declared of a customer: life stage, region, age, time since joining and the like."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between
from features.privacy.consent import without_refused
from lodeworks.errors import DataError

__all__ = ["FEWEST", "PREFIX", "TOP_VALUES", "attributes"]

TOP_VALUES = 12
"""Number of values of a text that get a column of their own."""

FEWEST = 10
"""Customers that a value needs for that."""

PREFIX = "attribute_"

_BIRTH_YEAR = "birth_year"


def attributes(cut: Cut, columns: Sequence[str] | None = None) -> ir.Table:
    """Turn the declared attributes of customers, as they were at `as_of`, into numbers.

    Parameters
    ----------
    cut : Cut
        Its customers have attributes.
    columns : sequence of str, optional
        Names of the columns to give, as an earlier call named them; others are left out. Default:
        of each text the `TOP_VALUES` values that most buyers have, `FEWEST` at least (ties: the
        first in the alphabet).

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``; of who opted out or refused nothing is told, which is 0.

        - ``attribute_known``: 1 where anything is known.
        - ``attribute_<name>``: numbers as they are, true and false as 1 and 0.
        - ``attribute_age``: from ``birth_year``: years on the birthday in the year of `as_of`.
        - ``attribute_<name>_days``: from a date to `as_of`; a later date is not seen.
        - ``attribute_<name>_is_<value>``: 1 where the text has this value. Values that differ in
          case and punctuation alone count as one.

    Raises
    ------
    DataError
        When no source declares an attribute, or not those that `columns` name.
    """
    people = without_refused(cut.customers.semi_join(cut.lines, "customer_id"), cut.customers)
    names = sorted(set(people.columns) - {"customer_id", "opt_out"})
    if not names:
        raise DataError(
            "the indicators 'attributes' need a source of the table 'customers' with attributes"
        )
    texts = [name for name in names if people[name].type().is_string()]
    made: dict[str, ir.Value] = {}
    for name in names:
        made |= _values(people, name, columns) if name in texts else _number(people, name, cut)
    _check(columns, made, texts)
    known = reduce(or_, (people[name].notnull() for name in names))
    return people.select("customer_id", **{f"{PREFIX}known": known.cast("float64"), **made})


def _number(people: ir.Table, name: str, cut: Cut) -> dict[str, ir.Value]:
    column = people[name]
    kind = column.type()
    if kind.is_date() or kind.is_timestamp():
        days = days_between(column.cast("timestamp"), cut.as_of)
        return {f"{PREFIX}{_plain(name)}_days": (days >= 0).ifelse(days, None)}
    if not (kind.is_numeric() or kind.is_boolean()):
        return {}
    if name == _BIRTH_YEAR:
        return {f"{PREFIX}age": (cut.as_of.year - column).cast("float64")}
    return {PREFIX + _plain(name): column.cast("float64")}


def _values(people: ir.Table, name: str, columns: Sequence[str] | None) -> Mapping[str, ir.Value]:
    known = people.filter(people[name].notnull())
    frame = known.group_by(name).aggregate(n=known.count()).to_pandas()
    frame["column"] = [_prefix(name) + _plain(str(value)) for value in frame[name]]
    sums = frame.groupby("column")["n"].sum().sort_values(ascending=False, kind="stable")
    chosen = sums[sums >= FEWEST].index[:TOP_VALUES] if columns is None else columns
    return {
        column: people[name].isin(sorted(values)).fill_null(False).cast("float64")
        for column, values in frame.groupby("column")[name]
        if column in {*chosen}
    }


def _check(
    columns: Sequence[str] | None, made: Mapping[str, ir.Value], texts: Sequence[str]
) -> None:
    """Refuse to take attributes that no source declares for unknown ones of every customer."""
    begun = (f"{PREFIX}known", *map(_prefix, texts))
    lacking = [
        column
        for column in columns or ()
        if column.startswith(PREFIX) and column not in made and not column.startswith(begun)
    ]
    if lacking:
        raise DataError(
            "no source of the table 'customers' declares what these indicators need",
            lacking,
        )


def _prefix(name: str) -> str:
    return f"{PREFIX}{_plain(name)}_is_"


def _plain(text: str) -> str:
    """Write a name in plain letters: LightGBM refuses many others."""
    plain = re.sub(r"\W+", "_", text.lower(), flags=re.ASCII).strip("_")
    if plain and text.isascii():
        return plain
    # What is lost is told apart by the text itself, so that a name never depends on other values.
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{plain}_{mark}" if plain else mark
