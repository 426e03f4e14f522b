"""What each relation earns now, and what strategies may add to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.cut import Cut
from features.privacy.consent import refused
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from models.value import (
    potential_profitability,
    relationship_profitability,
    share_of_wallet_profit,
)
from pipelines.config.relations import ValueRelationship, ValueStrategy
from pipelines.config.value import ValueQuestion

__all__ = ["Known", "Relations", "known_of_relations", "relations"]

Stated = float | str | Mapping[Any, float] | None


@dataclass(frozen=True)
class Known:
    """What was read for it.

    Attributes
    ----------
    lines : pandas.DataFrame or None
        ``customer_id``, ``price``, ``cost``, ``quantity`` (negative for returns); None unless
        profit is told by products.
    attributes : pandas.DataFrame
        Numbers by ``customer_id``, those that the configuration names.
    refused : frozenset of str
        Customers who must not be addressed.
    """

    lines: pd.DataFrame | None
    attributes: pd.DataFrame
    refused: frozenset[str]


@dataclass(frozen=True)
class Relations:
    """What relations earn and may earn in a year.

    Attributes
    ----------
    table : pandas.DataFrame
        ``customer_id``, ``value_class``, ``relationship_profit`` (RP), ``potential_profit`` (PRP),
        ``total_profit`` (TRP), those that were asked for; NaN where an input is missing.
    strategies : pandas.DataFrame
        ``strategy``, ``customers`` with a gain to expect, ``expected_responses``,
        ``potential_profit``.
    notes : list of str
        What could not be told.
    """

    table: pd.DataFrame
    strategies: pd.DataFrame
    notes: list[str]


def known_of_relations(warehouse: Warehouse, until: date, config: ValueQuestion) -> Known | None:
    """Read what relations are told from, as it was at the end of `until`; None when not asked.

    Raises
    ------
    DataError
        When an attribute holds no numbers, or no line says what its product cost.
    """
    if config.relationship is None and not config.potential:
        return None
    wanted = config.relationship
    by_products = wanted is not None and wanted.by == "products"
    cut = Cut.at(warehouse, until, wanted.days if by_products and wanted is not None else None)
    left_alone = refused(cut.customers).to_pandas()["customer_id"]
    return Known(
        lines=_costed_lines(cut) if by_products else None,
        attributes=_attributes(cut, config.attributes),
        refused=frozenset(left_alone.astype(str)),
    )


def _costed_lines(cut: Cut) -> pd.DataFrame:
    columns = ["customer_id", "price", "cost", "quantity"]
    bought, back = (each.select(*columns).to_pandas() for each in (cut.lines, cut.returns))
    lines: pd.DataFrame = pd.concat(
        [bought, back.assign(quantity=-back["quantity"])], ignore_index=True
    )
    if not lines["cost"].notna().any():
        raise DataError(f"relationship: no line up to {cut.as_of} says what its product cost")
    return lines


def _attributes(cut: Cut, names: tuple[str, ...]) -> pd.DataFrame:
    frame = cut.customers.select("customer_id", *names).to_pandas().set_index("customer_id")
    wrong = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    if wrong:
        raise DataError(
            f"no numbers in the attributes {', '.join(wrong)}: declare them with type: number"
        )
    numbers: pd.DataFrame = frame.astype(np.float64).sort_index()
    return numbers


def relations(customers: pd.DataFrame, known: Known, config: ValueQuestion) -> Relations:
    """Tell what each customer's relation earns and may earn.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``customer_id``, ``value_class``, ``expected_spend``.
    known : Known
        What was read.
    config : ValueQuestion
        What was asked.

    Raises
    ------
    DataError
        When a share or a response is none.
    """
    people = customers[["customer_id", "value_class", "expected_spend"]]
    people = people.sort_values("customer_id", ignore_index=True)
    table = people[["customer_id", "value_class"]].copy()
    notes = []
    try:
        if config.relationship is not None:
            margin = config.economics.margin
            profit = _profit(people, known, config.relationship, margin)
            table["relationship_profit"] = profit
            notes += _missing("relationship profitability", profit)
            notes += _uncosted(known.lines)
        told = _strategies(people, known, config.potential)
    except ValueError as error:
        raise DataError(f"relationship and potential: {error}") from error
    if config.potential:
        now = table.get("relationship_profit", pd.Series(0.0, table.index)).to_numpy()
        pairs = [(response, gain) for _, response, gain in told]
        potential, total = potential_profitability(pairs, current=now)
        table["potential_profit"] = potential
        if config.relationship is not None:
            table["total_profit"] = total
        notes += _missing("potential", potential)
    return Relations(table, _by_strategy(told), notes)


def _profit(
    people: pd.DataFrame, known: Known, wanted: ValueRelationship, margin: float
) -> np.ndarray:
    if known.lines is not None:
        costed = known.lines[known.lines[["price", "cost", "quantity"]].notna().all(axis=1)]
        mute = set(known.lines["customer_id"]) - set(costed["customer_id"])
        earned = people["customer_id"].map(relationship_profitability(costed)).fillna(0.0)
        return earned.mask(people["customer_id"].isin(mute)).to_numpy(dtype=np.float64)
    own = people["expected_spend"].to_numpy() * margin
    frequency, share = (_number(people, known, one) for one in (wanted.frequency, wanted.share))
    profit = own if wanted.profit is None else _number(people, known, wanted.profit)
    unknown = np.isnan(share)
    wallet = share_of_wallet_profit(np.nan_to_num(frequency), np.where(unknown, 0.0, share), profit)
    return np.where(unknown | np.isnan(frequency), np.nan, wallet)


def _strategies(
    people: pd.DataFrame, known: Known, asked: tuple[ValueStrategy, ...]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Give the name, response and gain of each; who must not be addressed does not respond."""
    left_alone = people["customer_id"].isin(known.refused).to_numpy()
    return [
        (
            one.name,
            np.where(left_alone, 0.0, _number(people, known, one.response)),
            np.where(left_alone, 0.0, _number(people, known, one.gain)),
        )
        for one in asked
    ]


def _number(people: pd.DataFrame, known: Known, stated: Stated) -> np.ndarray:
    """Give a number for each customer: the same, that of the class, or an attribute."""
    if isinstance(stated, str):
        found = people["customer_id"].map(known.attributes[stated])
    elif isinstance(stated, Mapping):
        found = people["value_class"].map(dict(stated)).fillna(0.0)
    else:
        found = pd.Series(stated, people.index)
    return found.to_numpy(dtype=np.float64)


def _by_strategy(told: list[tuple[str, np.ndarray, np.ndarray]]) -> pd.DataFrame:
    rows = [
        (name, int((response * gain > 0).sum()), np.nansum(response), np.nansum(response * gain))
        for name, response, gain in told
    ]
    columns = ["strategy", "customers", "expected_responses", "potential_profit"]
    return pd.DataFrame(rows, columns=columns)


def _missing(what: str, values: np.ndarray) -> list[str]:
    lacking = int(np.isnan(values).sum())
    return [f"The {what} of {lacking:,} customers is unknown: an input is missing."][: lacking > 0]


def _uncosted(lines: pd.DataFrame | None) -> list[str]:
    if lines is None:
        return []
    share = float(lines["cost"].isna().mean())
    return [f"{share:.1%} of the lines do not say what the product cost; left out."][: share > 0]
