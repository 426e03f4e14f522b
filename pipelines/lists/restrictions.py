"""Which pairs of customer and item may be listed: ownership, things bought again, eligibility."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse

from lodeworks.errors import ConfigError, did_you_mean
from models.recommend.history import History

__all__ = ["Eligibility", "Repeat", "Restrictions"]

AGE, BIRTH_YEAR = "age", "birth_year"
LABELS = ("category", "department")


@dataclass(frozen=True)
class Repeat:
    """Items that count as owned for some days only.

    Attributes
    ----------
    items : tuple of str
        Identifiers.
    category, department : str, optional
        All items of these.
    after : int
        Days after the last purchase from which an item may be offered again.
    """

    items: tuple[str, ...] = ()
    category: str | None = None
    department: str | None = None
    after: int = 1


@dataclass(frozen=True)
class Eligibility:
    """Items that only some customers may be offered.

    Attributes
    ----------
    items, category, department
        As in `Repeat`.
    column : str
        What is asked of the customer.
    at_least, at_most : float, optional
        Range allowed, ends included.
    one_of : tuple
        Values allowed.
    """

    items: tuple[str, ...] = ()
    category: str | None = None
    department: str | None = None
    column: str = ""
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[Any, ...] = ()

    def holds(self, values: pd.Series) -> np.ndarray:
        """Tell for each value whether it is allowed; an unknown value is not.

        Examples
        --------
        >>> grown_up = Eligibility(column="age", at_least=18)
        >>> grown_up.holds(pd.Series([17, 18, None])).tolist()
        [False, True, False]
        """
        fine = values.notna().to_numpy().copy()
        if self.one_of:
            fine &= values.isin(self.one_of).to_numpy()
        if self.at_least is None and self.at_most is None:
            return fine
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        within: np.ndarray = fine & (numbers >= low) & (numbers <= high)
        return within


@dataclass(frozen=True)
class Restrictions:
    """Rules about pairs of customer and item.

    Attributes
    ----------
    exclude_owned : bool
        Whether items that the customer bought before are left out.
    repeat : tuple of Repeat
        Exceptions: where several speak of an item, the longest time holds.
    eligible : tuple of Eligibility
        All that speak of an item must hold.
    """

    exclude_owned: bool = True
    repeat: tuple[Repeat, ...] = ()
    eligible: tuple[Eligibility, ...] = ()

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` gave, also after a journey through JSON."""
        return cls(
            exclude_owned=values["exclude_owned"],
            repeat=tuple(Repeat(**_tuples(one)) for one in values["repeat"]),
            eligible=tuple(Eligibility(**_tuples(one)) for one in values["eligible"]),
        )

    @property
    def is_plain(self) -> bool:
        """Whether ownership alone decides, which every recommender knows."""
        return not self.repeat and not self.eligible

    @property
    def offers_owned(self) -> bool:
        """Whether something that was bought before may be offered."""
        return bool(self.repeat) or not self.exclude_owned

    def check(self, labels: pd.DataFrame, columns: Sequence[str]) -> list[str]:
        """Hold the names in the rules against what the data know.

        Parameters
        ----------
        labels : pandas.DataFrame
            ``item_id``, ``category``, ``department``.
        columns : sequence of str
            Names of what is known of customers.

        Returns
        -------
        list of str
            Notes on items that the data do not know.

        Raises
        ------
        ConfigError
            When a category, a department or a column is not known, or not one item of a rule:
            it would protect nobody. All of them at once.
        """
        known = set(labels["item_id"])
        asked = [*columns, AGE] if BIRTH_YEAR in columns else list(columns)
        problems: list[str] = []
        notes: list[str] = []
        for where, rule in self._rules():
            problems += _unknown_labels(where, rule, labels)
            strange = [item for item in rule.items if item not in known]
            if strange and len(strange) == len(rule.items):
                near = get_close_matches(strange[0], sorted(map(str, known)), n=1)
                hint = f"; {did_you_mean(strange[0], near)}" if near else ""
                problems.append(f"{where}: no item {strange[0]!r} in the data{hint}")
            elif strange:
                notes.append(f"{where}: {len(strange)} of its items are not in the data")
            if isinstance(rule, Eligibility) and rule.column not in asked:
                hint = did_you_mean(rule.column, asked)
                problems.append(f"{where}: nothing is known as {rule.column!r}; {hint}")
        if problems:
            more = len(problems) > 1
            raise ConfigError(
                "the policy names what the data do not know" if more else problems[0],
                problems if more else (),
            )
        return notes

    def forbidden(
        self,
        history: History,
        people: pd.DataFrame,
        labels: pd.DataFrame,
        earlier: pd.DataFrame,
        observe: int,
    ) -> sparse.csr_matrix | None:
        """Give the pairs that must not be offered.

        Parameters
        ----------
        history : History
            What was bought in the observed span.
        people : pandas.DataFrame
            Attributes of customers, by ``customer_id``; the indicators of `history` are known too.
        labels : pandas.DataFrame
            ``item_id``, ``category``, ``department``.
        earlier : pandas.DataFrame
            ``customer_id``, ``item_id`` bought before the observed span.
        observe : int
            Days of that span.

        Returns
        -------
        scipy.sparse.csr_matrix or None
            Customers x items of `history`; None when everything may be offered.
        """
        parts = [*self._owned(history, labels, earlier, observe)]
        parts += self._ineligible(history, people, labels)
        row = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, np.int64)
        if not len(row):
            return None
        column = np.concatenate([part[1] for part in parts])
        matrix = sparse.csr_matrix(
            (np.ones(len(row), dtype=np.float32), (row, column)), shape=history.shape
        )
        matrix.data[:] = 1.0
        return matrix

    def _rules(self) -> Iterator[tuple[str, Repeat | Eligibility]]:
        yield from ((f"policy.repeat[{n}]", rule) for n, rule in enumerate(self.repeat))
        yield from ((f"policy.eligible[{n}]", rule) for n, rule in enumerate(self.eligible))

    def _owned(
        self, history: History, labels: pd.DataFrame, earlier: pd.DataFrame, observe: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the pairs that are owned, item by item for the days that its rules say."""
        keep = np.full(len(history.items), np.inf if self.exclude_owned else -np.inf)
        seen = np.zeros(len(history.items), dtype=bool)
        for rule in self.repeat:
            about = _items_of(rule, history.items, labels)
            keep[about] = np.where(seen[about], np.maximum(keep[about], rule.after), rule.after)
            seen |= about
        lines = history.lines
        item = lines["item"].to_numpy(dtype=np.int64)
        fresh = lines["age"].to_numpy() < keep[item]
        yield lines["customer"].to_numpy(dtype=np.int64)[fresh], item[fresh]
        customer = history.customers.get_indexer(pd.Index(earlier["customer_id"]))
        item = history.items.get_indexer(pd.Index(earlier["item_id"]))
        known = (customer >= 0) & (item >= 0)
        known &= observe < keep[np.maximum(item, 0)]
        yield customer[known], item[known]

    def _ineligible(
        self, history: History, people: pd.DataFrame, labels: pd.DataFrame
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for rule in self.eligible:
            item = np.flatnonzero(_items_of(rule, history.items, labels))
            values = _known_of(rule.column, history, people)
            customer = np.flatnonzero(~rule.holds(values))
            yield np.repeat(customer, len(item)), np.tile(item, len(customer))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}


def _unknown_labels(where: str, rule: Repeat | Eligibility, labels: pd.DataFrame) -> Iterator[str]:
    for name in LABELS:
        value = getattr(rule, name)
        known = sorted(map(str, labels[name].dropna().unique())) if name in labels else []
        if value is not None and value not in known:
            hint = did_you_mean(value, known) if known else f"no {name} is known"
            yield f"{where}: no {name} {value!r} in the data; {hint}"


def _items_of(rule: Repeat | Eligibility, items: pd.Index, labels: pd.DataFrame) -> np.ndarray:
    about: np.ndarray = items.isin(rule.items)
    by_item = labels.set_index("item_id")
    for name in LABELS:
        if getattr(rule, name) is not None and name in by_item:
            about |= (by_item[name].reindex(items) == getattr(rule, name)).to_numpy(dtype=bool)
    return about


def _known_of(column: str, history: History, people: pd.DataFrame) -> pd.Series:
    """Look a column up among attributes, then indicators; unknown customers are missing values."""
    if column in people:
        return people[column].reindex(history.customers)
    if column == AGE and BIRTH_YEAR in people:
        born = pd.to_numeric(people[BIRTH_YEAR], errors="coerce").reindex(history.customers)
        # The day of birth is not known: the birthday of this year may still be to come.
        return history.as_of.year - 1 - born
    return history.customer_features[column]
