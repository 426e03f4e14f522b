"""Itemsets and rules over a product hierarchy: items, their groups, and both together."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lodeworks.errors import did_you_mean
from lodeworks.progress import Progress
from models.association._generate import lookup
from models.association._lift import Chains, mark_explained, rule_table
from models.association._threads import threads
from models.association._varied import Kin, VariedPlan
from models.association.baskets import Baskets
from models.association.budget import Budget, run_within
from models.association.itemsets import Itemsets, least_count
from models.association.rules import Rules

__all__ = ["Taxonomy", "explained_by_ancestors", "taxonomy_itemsets"]

PerLevel = float | Mapping[int, float]

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """A forest of names: every child has one parent; a name without one stands at the top.

    Parameters
    ----------
    parents : mapping of name to name
        The parent of every child.

    Raises
    ------
    ValueError
        When there is a cycle; its names are given.

    Examples
    --------
    >>> taxonomy = Taxonomy({"ale": "beer", "stout": "beer", "beer": "drinks"})
    >>> taxonomy.ancestors("ale"), taxonomy.level("ale"), taxonomy.level("drinks")
    (('beer', 'drinks'), 3, 1)
    >>> Taxonomy({"ale": "beer", "beer": "ale"})
    Traceback (most recent call last):
    ...
    ValueError: the taxonomy has a cycle: 'ale' -> 'beer' -> 'ale'
    """

    parents: Mapping[Hashable, Hashable]
    _above: dict[Hashable, tuple[Hashable, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        above: dict[Hashable, tuple[Hashable, ...]] = {}
        for name in self.parents:
            _climb(name, self.parents, above)
        object.__setattr__(self, "_above", above)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Hashable, Hashable]]) -> "Taxonomy":
        """Take pairs of child and parent; a pair may come twice.

        Raises
        ------
        ValueError
            When a child has two parents, a name is missing, or there is a cycle.
        """
        parents: dict[Hashable, Hashable] = {}
        for child, parent in pairs:
            if child is None or parent is None or child != child or parent != parent:
                raise ValueError(f"a name is missing in the pair {child!r}, {parent!r}")
            if parents.setdefault(child, parent) != parent:
                raise ValueError(f"{child!r} has two parents: {parents[child]!r} and {parent!r}")
        return cls(parents)

    @classmethod
    def from_table(cls, frame: pd.DataFrame, columns: Sequence[str]) -> "Taxonomy":
        """Take one row an item, with a column for the item and one for each group above it.

        Groups are named with their column, such as 'level2: sausage', because the same word may
        stand for an item and for its group.

        Parameters
        ----------
        frame : DataFrame
            The rows.
        columns : sequence of str
            The item's column first, that of the largest groups last.

        Raises
        ------
        ValueError
            When a column is not found, a cell is missing, or a child has two parents.
        """
        if absent := [name for name in columns if name not in frame.columns]:
            raise ValueError(f"columns not found: {absent}; given: {list(frame.columns)}")
        names = [frame[columns[0]].astype(object)]
        for column in columns[1:]:
            if frame[column].isna().any():
                raise ValueError(f"a name is missing in the column {column!r}")
            names.append(column + ": " + frame[column].astype(str))
        return cls.from_pairs(
            pair for lower, upper in pairwise(names) for pair in zip(lower, upper, strict=True)
        )

    @cached_property
    def names(self) -> frozenset[Hashable]:
        """Every child and parent."""
        return frozenset(self.parents) | frozenset(self.parents.values())

    def ancestors(self, name: Hashable) -> tuple[Hashable, ...]:
        """Give the names above, the nearest first.

        Raises
        ------
        ValueError
            When the name is unknown.
        """
        if name not in self.names:
            raise ValueError(self._unknown([name]))
        return self._above.get(name, ())

    def level(self, name: Hashable) -> int:
        """Give the level of a name: 1 at the top."""
        return len(self.ancestors(name)) + 1

    def extended(self, baskets: Any) -> Baskets:
        """Put the ancestors of its items into every basket.

        Raises
        ------
        ValueError
            When an item of a basket is not in the taxonomy; all of them are listed.

        Examples
        --------
        >>> taxonomy = Taxonomy({"ale": "beer", "stout": "beer"})
        >>> wide = taxonomy.extended([["ale"], ["ale", "stout"]])
        >>> wide.labels.tolist(), wide.counts.tolist()
        (['ale', 'stout', 'beer'], [2, 1, 2])
        """
        given = Baskets.of(baskets)
        items = given.labels.tolist()
        if unknown := [name for name in items if name not in self.names]:
            raise ValueError(self._unknown(unknown))
        groups = dict.fromkeys(name for item in items for name in self.ancestors(item))
        labels = list(dict.fromkeys([*items, *groups]))
        number = {name: code for code, name in enumerate(labels)}
        chains = [[number[name] for name in (item, *self.ancestors(item))] for item in items]
        return _replaced(given, chains, labels)

    def _unknown(self, names: Sequence[Hashable]) -> str:
        hint = did_you_mean(str(names[0]), map(str, self.names)) if len(names) == 1 else ""
        listed = ", ".join(map(repr, names))
        near = f"; {hint}" if hint.startswith("did") else ""
        return f"not in the taxonomy: {listed}{near}"

    def kin(self, labels: Sequence[Hashable], cross_level: bool) -> Kin:
        """Walk through the forest and number its names, for the search."""
        paths = [(*reversed(self.ancestors(name)), name) for name in labels]
        keys = [tuple(map(repr, path)) for path in paths]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        enters, leaves = np.empty(len(keys), np.int32), np.empty(len(keys), np.int32)
        for place, code in enumerate(order):
            end = place + 1
            while end < len(order) and keys[order[end]][: len(keys[code])] == keys[code]:
                end += 1
            enters[code], leaves[code] = place, end
        levels = np.array([len(path) for path in paths], np.int32)
        return Kin(enters, leaves, np.zeros_like(levels) if cross_level else levels)


def taxonomy_itemsets(
    baskets: Any,
    taxonomy: Taxonomy,
    min_support: PerLevel | None = None,
    *,
    min_count: PerLevel | None = None,
    cross_level: bool = True,
    max_length: int | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Itemsets:
    """Find the frequent itemsets of items and groups; none holds an item with its ancestor.

    A basket holds a group when it holds an item of it (Srikant and Agrawal, *Mining generalized
    association rules*, 1995). Items and ancestors are kept apart inside the search.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets, of items only.
    taxonomy : Taxonomy
        Knows every item.
    min_support : float or mapping of level to float
        The smallest share of the baskets; or
    min_count : int or mapping of level to int
        the smallest number of baskets. With one number a level, 1 at the top, an itemset has to
        reach the smallest among its items (Han and Fu, *Discovery of multiple-level association
        rules*, 1995); its parts need not be frequent then, and `rules_with_parts` makes the rules.
    cross_level : bool, default True
        Whether items of different levels may stand together.
    max_length, budget, n_jobs, progress
        As for `frequent_itemsets`.

    Returns
    -------
    Itemsets
        Its labels are the items and the groups above them.

    Raises
    ------
    ValueError
        When an item is not in the taxonomy or an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the budget does not do.

    Examples
    --------
    >>> taxonomy = Taxonomy({"ale": "beer", "stout": "beer", "crisps": "snacks"})
    >>> baskets = [["ale", "crisps"], ["stout", "crisps"], ["ale"]]
    >>> found = taxonomy_itemsets(baskets, taxonomy, min_count=2, cross_level=False)
    >>> sorted(map(sorted, found.sets()))
    [['ale'], ['beer'], ['beer', 'snacks'], ['crisps'], ['snacks']]
    """
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    wide = taxonomy.extended(baskets)
    labels = wide.labels.tolist()
    counts = _counts(_levels(taxonomy, labels), min_support, min_count, len(wide))
    plan = VariedPlan(
        wide, int(counts.min(initial=1)) if len(counts) else 1, max_length, n_jobs=threads(n_jobs),
        item_counts=counts, kin=taxonomy.kin(labels, cross_level),
    )  # fmt: skip
    found = run_within(plan, budget or Budget(), progress)
    return Itemsets(found.indptr, found.items, found.counts, len(wide), wide.labels)


def explained_by_ancestors(
    rules: Rules, taxonomy: Taxonomy, factor: float = 1.1
) -> NDArray[np.bool_]:
    """Mark the rules that say no more than a rule on their ancestors does.

    An ancestor rule has ancestors in the place of some items. It lets expect a support and a
    confidence: its own, times the share of the ancestors' baskets that hold the items. A rule is
    interesting when it has no interesting ancestor rule, or when its support or its confidence is
    at least `factor` times what each of the closest of them lets expect (R-interesting: Srikant
    and Agrawal, *Mining generalized association rules*, 1995, section 2.2).

    Parameters
    ----------
    rules : Rules
        Of itemsets with all their parts.
    taxonomy : Taxonomy
        Knows every item.
    factor : float, at least 1, default 1.1
        How much more than expected is interesting.

    Returns
    -------
    ndarray of bool
        True where the rule is explained.

    Raises
    ------
    ValueError
        When the factor is below 1, or an item of the rules is not among the itemsets alone.

    Examples
    --------
    >>> from models.association.rules import association_rules
    >>> baskets = [["ale", "nuts"], ["stout", "nuts"]] * 10 + [["nuts"]] * 5
    >>> taxonomy = Taxonomy({"ale": "beer", "stout": "beer", "nuts": "snacks"})
    >>> found = taxonomy_itemsets(baskets, taxonomy, min_count=5, max_length=2)
    >>> rules = association_rules(found, antecedents=["ale", "beer"], consequents=["nuts"])
    >>> [set(side) for side in rules.to_frame([])["antecedents"]]
    [{'beer'}, {'ale'}]
    >>> explained_by_ancestors(rules, taxonomy).tolist()
    [False, True]
    """
    if not factor >= 1:
        raise ValueError(f"factor must be at least 1, not {factor}")
    sets = rules.itemsets
    labels = sets.labels.tolist()
    chains = _chains(sets, taxonomy)
    above = _levels(taxonomy, labels)
    depths = np.add.reduceat(above[sets.items], sets.indptr[:-1]) if len(sets) else above[:0]
    order = np.argsort(depths[rules.antecedents] + depths[rules.consequents], kind="stable")
    return np.asarray(
        mark_explained(
            lookup(sets.indptr, sets.items, sets.counts),
            chains,
            rule_table(rules.antecedents, rules.consequents, len(sets)),
            order,
            sets.counts[rules.whole].astype(float),
            rules.measure("confidence"),
            factor * (1 - _ROUNDING),
        )
    )


def _chains(sets: Itemsets, taxonomy: Taxonomy) -> Chains:
    """Give every item the codes of its ancestors among the labels."""
    names = sets.labels.tolist()
    number = {name: code for code, name in enumerate(names)}
    baskets = np.full(len(names), np.nan)
    single = np.flatnonzero(sets.lengths == 1)
    baskets[sets.items[sets.indptr[single]]] = sets.counts[single]
    if len(lone := np.flatnonzero(np.isnan(baskets[np.unique(sets.items)]))):
        absent = [names[code] for code in np.unique(sets.items)[lone].tolist()]
        raise ValueError(f"not among the itemsets alone: {absent}; rules_with_parts adds parts")
    chains = [
        [code, *(number[up] for up in taxonomy.ancestors(name) if up in number)]
        for code, name in enumerate(names)
    ]
    heads = np.cumsum([0, *map(len, chains)]).astype(np.int64)
    return Chains(heads, np.array([code for one in chains for code in one], np.int32), baskets)


def _climb(
    name: Hashable,
    parents: Mapping[Hashable, Hashable],
    above: dict[Hashable, tuple[Hashable, ...]],
) -> None:
    """Note the ancestors of a name and of all on its way up."""
    path = [name]
    while path[-1] in parents and path[-1] not in above:
        upper = parents[path[-1]]
        if upper in path:
            cycle = [*path[path.index(upper) :], upper]
            raise ValueError(f"the taxonomy has a cycle: {' -> '.join(map(repr, cycle))}")
        path.append(upper)
    for lower, upper in zip(path[-2::-1], path[:0:-1], strict=True):
        above[lower] = (upper, *above.get(upper, ()))


def _replaced(baskets: Baskets, chains: list[list[int]], labels: list[Hashable]) -> Baskets:
    """Put for every item the codes of its chain."""
    sizes = np.array([len(chain) for chain in chains], np.int64)
    begins = np.cumsum(sizes) - sizes
    flat = np.array([code for chain in chains for code in chain], np.int64)
    lengths = sizes[baskets.indices]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    codes = flat[np.repeat(begins[baskets.indices], lengths) + within]
    return Baskets.from_csr(ends[baskets.indptr], codes, len(labels), labels)


def _levels(taxonomy: Taxonomy, labels: Sequence[Hashable]) -> NDArray[np.int64]:
    return np.array([taxonomy.level(name) for name in labels], np.int64)


def _counts(
    levels: NDArray[np.int64],
    min_support: PerLevel | None,
    min_count: PerLevel | None,
    n_baskets: int,
) -> NDArray[np.int64]:
    """Give the threshold of every item from that of its level."""
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (shares) or min_count (numbers of baskets)")
    given = min_support if min_count is None else min_count
    present = np.unique(levels).tolist()
    by_level = dict(given) if isinstance(given, Mapping) else dict.fromkeys(present, given)
    if absent := [level for level in present if level not in by_level]:
        raise ValueError(f"levels without a minimum: {absent}; the taxonomy has {present}")
    check = _count_of_share if min_count is None else _whole
    counts = {level: check(by_level[level], level, n_baskets) for level in present}
    return np.array([counts[level] for level in levels.tolist()], np.int64)


def _count_of_share(share: Any, level: int, n_baskets: int) -> int:
    if not 0 < share <= 1:
        raise ValueError(
            f"min_support of level {level} is a share above 0 and up to 1, not {share}"
        )
    return least_count(share, n_baskets)


def _whole(count: Any, level: int, n_baskets: int) -> int:
    if count != int(count) or not 1 <= count <= n_baskets:
        raise ValueError(
            f"min_count of level {level} is a whole number from 1 to {n_baskets}, not {count}"
        )
    return int(count)
