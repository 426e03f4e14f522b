"""A search for closed or maximal itemsets that is set up and can be run."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lodeworks.progress import Progress
from models.association._closed_search import (
    Conditional,
    conditional,
    expected_entries,
    search_closed,
)
from models.association._encode import Lists
from models.association._plan import Found, Plan
from models.association._records import Records, expand_records
from models.association._threads import Overrun, control_of, equal_parts, run_parts
from models.association.baskets import Baskets
from models.association.closed import closed_itemsets, maximal_itemsets

__all__ = ["ClosedPlan"]

_FEW, _FEW_AN_ENTRY = 1_000, 0.6  # searching so few takes less than the direct search saves


@dataclass(frozen=True, eq=False)
class ClosedPlan(Plan):
    """What to search when only closed or only maximal itemsets are wanted.

    They are searched directly, unless a largest length or a condition on the items makes larger
    itemsets inadmissible: then the frequent ones are found first.

    Parameters
    ----------
    maximal : bool
        Maximal instead of closed ones.
    """

    maximal: bool = False

    @property
    def direct(self) -> bool:
        """Whether leaving out items is all that the conditions do."""
        conditions = self.constraints
        asked = (conditions.all_of, conditions.any_of, conditions.at_most_one_of)
        return self.max_length is None and not any(asked)

    @cached_property
    def group(self) -> Conditional:
        """The baskets with the occurrences of every item."""
        found = self.encoded
        lists = Lists(found.ranks, found.begins)
        return conditional(lists, len(self.order), self.supports, found.pairs)

    def run(
        self,
        limit: int | None = None,
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> Found:
        """Find the itemsets; when not searched directly, `limit` is one of frequent itemsets."""
        if not self.direct:
            return self._unbeaten(super().run(limit, deadline, progress))
        if (found := self._among_few(limit, deadline)) is not None:
            return found
        parts = self._records(limit, deadline, progress)
        words = [part.words[: part.tally[0]] for part in parts]
        joined = words[0] if len(words) == 1 else np.concatenate([np.empty(0, np.int32), *words])
        return Found(*expand_records(joined, sum(map(_n_found, parts)), self.order))

    def size(self, limit: int | None = None, deadline: float | None = None) -> int:
        """Count the itemsets."""
        return len(self.run(limit, deadline))

    def _among_few(self, limit: int | None, deadline: float | None) -> Found | None:
        """Find all frequent itemsets and pick from them, unless there are many."""
        few = max(_FEW, int(self.encoded.begins[-1] * _FEW_AN_ENTRY))
        try:
            found = self._unbeaten(super().run(few, deadline))
        except Overrun as overrun:
            if str(overrun) != "itemsets":
                raise
            return None
        if limit is not None and len(found) > limit:
            raise Overrun("itemsets")
        return found

    def _records(
        self, limit: int | None, deadline: float | None, progress: Progress | None
    ) -> list[Records]:
        control, prefix = control_of(limit), np.empty(0, np.int32)

        def part(begin: int, end: int) -> Records:
            return search_closed(
                self.group, prefix, begin, end, self.min_count, self.maximal, control
            )

        runs = equal_parts(expected_entries(self.group), 0, self.n_jobs)
        return run_parts(part, runs, control, self.n_jobs, deadline, progress, count=_n_found)

    def _unbeaten(self, found: Found) -> Found:
        mark = maximal_itemsets if self.maximal else closed_itemsets
        keep = np.flatnonzero(mark(found.indptr, found.items, found.counts))
        kept = Baskets(found.indptr, found.items, self.baskets.labels).take(keep)
        return Found(kept.indptr, kept.indices, found.counts[keep])


def _n_found(records: Records) -> int:
    return int(records.tally[1])
