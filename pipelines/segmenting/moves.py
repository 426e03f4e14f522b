"""Who moved from which class to which since the earlier date."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from models.segments import flows, migration
from pipelines.segmenting.people import People
from pipelines.segmenting.publishing import SMALL, merge_small
from pipelines.segmenting.schemes import ORDERS, Schemes
from pipelines.segmenting.segmentation import Segmentation

__all__ = ["Moves", "moves_of_classes", "moves_of_segments"]

NOT_ACTIVE = "not active"


@dataclass(frozen=True)
class Moves:
    """Movement between two dates.

    Attributes
    ----------
    matrix : pandas.DataFrame
        Customers by class before and after, see `models.segments.migration`.
    flows : pandas.DataFrame
        Opening, joined, left and closing by class.
    """

    matrix: pd.DataFrame
    flows: pd.DataFrame

    @classmethod
    def between(cls, before: pd.Series, after: pd.Series, order: Sequence[str]) -> "Moves":
        """Count the customers of two dates."""
        matrix = migration(before, after, order)
        return cls(matrix, flows(matrix))


def moves_of_classes(
    before: People, after: People, schemes: Schemes, scheme: str, min_group: int
) -> Moves:
    """Count movement between the classes of a scheme, by the cuts of the later date.

    Parameters
    ----------
    before, after : People
        Of the two dates.
    schemes : Schemes
        Fitted on the later one, with money.
    scheme : {'pyramid', 'abc'}
        Which. Who was known and bought nothing in the observed span is inactive, or of class C.
    min_group : int
        Classes too small to be shown are counted as one.
    """
    column = str(schemes.worth.value)
    first, second = (schemes.levels(scheme, _of_everybody(one, column)) for one in (before, after))
    return _counted(first, second, ORDERS[scheme], min_group)


def moves_of_segments(before: People, after: People, fitted: Segmentation, min_group: int) -> Moves:
    """Count movement between segments, by the rule of the later date.

    Segments too small to be shown are counted as one.
    """
    first, second = _segments(before, fitted), _segments(after, fitted)
    order = [*(_label(number, fitted) for number in fitted.ids), NOT_ACTIVE]
    return _counted(first, second, order, min_group)


def _counted(before: pd.Series, after: pd.Series, order: Sequence[str], min_group: int) -> Moves:
    merged = merge_small(after, min_group)
    shown = [name for name in order if merged.get(name, name) == name]
    small = [SMALL] if len(shown) < len(order) else []
    return Moves.between(
        before.map(lambda name: merged.get(name, name)),
        after.map(merged),
        [*shown, *small],
    )


def _of_everybody(people: People, column: str) -> pd.Series:
    return people.attributes[column].reindex(people.known).fillna(0.0)


def _segments(people: People, fitted: Segmentation) -> pd.Series:
    found = fitted.assign(people.attributes[list(fitted.columns)])["segment"]
    labels = found.map(lambda number: _label(int(number), fitted))
    return labels.reindex(people.known).fillna(NOT_ACTIVE).astype("str")


def _label(number: int, fitted: Segmentation) -> str:
    return f"{number} {fitted.names.get(number, '')}".strip()
