"""Frequent itemsets of more baskets than memory holds, read in chunks, part by part."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress, Silent
from models.association._merge import Merged, join, merge_equal
from models.association._recode import cut, last_work, recode
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.closed import closed_itemsets, maximal_itemsets
from models.association.constraints import ItemConstraints
from models.association.itemsets import Itemsets, Target, frequent_itemsets, least_count

__all__ = ["Chunks", "ItemCounts", "count_chunks", "partitioned_itemsets"]

Chunks = Callable[[], Iterable[Any]] | Iterable[Any]
Csr = tuple[NDArray[np.int64], NDArray[np.int32]]
Stream = Callable[[], Iterator[Csr]]

_BYTES_A_LINE = 40  # the kept baskets, and what the search makes of them
_BYTES_AN_ITEMSET = 120  # of the search, and joined to the itemsets found before
_DEFAULT_BYTES = 2_000_000_000
_TASK = "part"


@dataclass(frozen=True, eq=False)
class ItemCounts:
    """What one pass over the chunks tells.

    Parameters
    ----------
    labels : ndarray of object
        All item names, sorted.
    counts : ndarray of int64
        How many baskets hold each item, of those that hold all the required ones.
    n_baskets : int
        How many baskets there are, empty ones included.
    n_searched : int
        How many of them hold all the required items.
    n_lines : int
        How many items stand in the baskets.
    longest : int
        The largest number of items in a basket.
    """

    labels: NDArray[np.object_]
    counts: NDArray[np.int64]
    n_baskets: int
    n_searched: int
    n_lines: int
    longest: int


def count_chunks(chunks: Chunks, required: Iterable[Any] = ()) -> ItemCounts:
    """Count baskets and items in one pass.

    Parameters
    ----------
    chunks : iterable of baskets, or a function that gives one
        Whole baskets, in any form that `Baskets.of` takes. No basket may lie in two chunks.
    required : iterable of item names
        Only baskets that hold all of these count for `counts`.

    Raises
    ------
    ValueError
        When a required item stands in no chunk.

    Examples
    --------
    >>> told = count_chunks([[["a", "b"], ["a"]], [["b"], []]])
    >>> told.n_baskets, told.labels.tolist(), told.counts.tolist()
    (4, ['a', 'b'], [2, 2])
    """
    wanted = frozenset(required)
    number: dict[Any, int] = {}
    counts: NDArray[np.int64] = np.zeros(0, np.int64)
    n_baskets = n_searched = n_lines = longest = 0
    for chunk in _opened(chunks):
        code_of = _numbered(chunk, number)
        kept = _with_all(chunk, wanted)
        counts = np.concatenate([counts, np.zeros(len(number) - len(counts), np.int64)])
        counts[code_of] += kept.counts
        n_baskets, n_searched = n_baskets + len(chunk), n_searched + len(kept)
        n_lines += len(chunk.indices)
        longest = max(longest, int(chunk.lengths.max(initial=0)))
    if unknown := [name for name in wanted if name not in number]:
        raise ValueError(f"unknown items: {', '.join(map(repr, unknown))}")
    labels = _shell(number).labels
    in_labels = counts[[number[name] for name in labels.tolist()]]
    return ItemCounts(labels, in_labels, n_baskets, n_searched, n_lines, longest)


def partitioned_itemsets(
    chunks: Chunks,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int | None = None,
    target: Target = "frequent",
    constraints: ItemConstraints | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Itemsets:
    """Find all frequent itemsets of chunks; the same ones as of all the baskets at once.

    The first pass counts items. The second keeps the frequent items of the baskets; when these fit
    into half of the memory, they are mined at once. Otherwise the items are cut into runs of
    ranks, most frequent first, and every further pass mines the itemsets whose rarest item lies
    in one run: that takes only the baskets with such an item, and of those only the items up to
    it (Li et al., *PFP: parallel FP-growth*, 2008). So no candidate is counted that is not
    frequent, as partitions with thresholds of their own need it.

    Parameters
    ----------
    chunks : iterable of baskets, or a function that gives one
        Whole baskets, in any form that `Baskets.of` takes; gone through several times. An iterator
        that can be read once will not do.
    min_support, min_count, max_length, target, constraints, n_jobs
        As for `frequent_itemsets`.
    budget : Budget, optional
        `bytes` bounds the baskets that are kept and the itemsets that are found, beside one chunk;
        2 GB by default. `itemsets` and `seconds` as elsewhere.
    progress : Progress, optional
        Told about the parts.

    Returns
    -------
    Itemsets
        Single items first; the order is the same for any chunks and any budget only after sorting.

    Raises
    ------
    ValueError
        When an argument is out of range or an item of the constraints is unknown.
    lodeworks.errors.BudgetExceeded
        When the itemsets do not fit. Nothing is returned.

    Examples
    --------
    >>> chunks = [[["a", "b"], ["a"]], [["a", "b", "c"]]]
    >>> found = partitioned_itemsets(chunks, min_count=2)
    >>> found.counts.tolist(), found.sets() == [frozenset("a"), frozenset("b"), frozenset("ab")]
    ([3, 2, 2], True)
    """
    wanted = constraints or ItemConstraints()
    _check(chunks, min_support, min_count, max_length, target)
    told = count_chunks(chunks, wanted.all_of)
    count = _least(told, min_support, min_count)
    run = _Run(budget or Budget(), n_jobs, progress or Silent(), count)
    shell = _shell(told.labels)
    prefix = np.sort(shell.code_of(wanted.all_of))
    room = None if max_length is None else max_length - len(prefix)
    part, order = _whole(chunks, told, wanted, count, room)
    found = _Found()
    alone = wanted.demanded(shell) is None and (room is None or room >= 0)
    if len(prefix) and alone and told.n_searched >= count:
        found.add(np.array([0, 0]), np.empty(0, np.int32), np.array([told.n_searched]))
    _mine(part, run, found, np.empty(0, np.int32))
    sets = found.itemsets(np.append(order, -1), prefix, told)
    return _targeted(sets, target)


@dataclass
class _Run:
    """What holds for all parts of a search."""

    budget: Budget
    n_jobs: int
    progress: Progress
    min_count: int
    began: float = field(default_factory=time.monotonic)

    @property
    def bytes(self) -> int:
        return self.budget.bytes or _DEFAULT_BYTES

    @property
    def lines(self) -> int:
        """How many items of baskets may be kept."""
        return max(1, self.bytes // 2 // _BYTES_A_LINE)

    @property
    def most(self) -> int:
        affordable = self.bytes // 2 // _BYTES_AN_ITEMSET
        return min(self.budget.itemsets or affordable, affordable)

    def left(self, n_found: int) -> Budget:
        """Give what the next part may spend."""
        seconds = self.budget.seconds
        if seconds is not None:
            seconds -= time.monotonic() - self.began
        if self.most <= n_found or (seconds is not None and seconds <= 0):
            what = "still searching" if self.most > n_found else f"more than {self.most:,} itemsets"
            raise self.refusal(what)
        return Budget(itemsets=self.most - n_found, seconds=seconds)

    def refusal(self, what: str, problems: Iterable[str] = ()) -> BudgetExceeded:
        shown = replace(self.budget, bytes=self.bytes)
        return BudgetExceeded(
            f"over the budget of {shown}: {what} at min_count {self.min_count:,}; "
            "nothing was returned",
            [f"for one part of the search alone: {problem}" for problem in problems],
        )


@dataclass(frozen=True, eq=False)
class _Part:
    """Baskets in ranks, of which the itemsets with a highest rank from `first` up are sought."""

    stream: Stream
    counts: NDArray[np.int64]
    first: int
    exclusive: NDArray[np.bool_]
    max_length: int | None

    def __len__(self) -> int:
        return len(self.counts)


class _Found:
    """Itemsets in ranks of the whole search, collected part by part."""

    def __init__(self) -> None:
        self._lengths: list[NDArray[Any]] = []
        self._items: list[NDArray[np.int32]] = []
        self._counts: list[NDArray[Any]] = []
        self.n = 0

    def add(self, indptr: NDArray[Any], items: NDArray[np.int32], counts: NDArray[Any]) -> None:
        """Take itemsets as a CSR pair."""
        self._lengths.append(np.diff(indptr))
        self._items.append(items)
        self._counts.append(counts.astype(np.int32))
        self.n += len(counts)

    def itemsets(
        self, code_of: NDArray[np.int32], prefix: NDArray[np.int32], told: ItemCounts
    ) -> Itemsets:
        """Join everything, in item codes and with the prefix in every itemset."""
        lengths = np.concatenate([np.empty(0, np.int64), *self._lengths])
        ranks = np.concatenate([np.empty(0, np.int32), *self._items])
        counts = np.concatenate([np.empty(0, np.int32), *self._counts])
        owner = np.repeat(np.arange(len(counts)), lengths)
        items = code_of[ranks]
        if len(prefix):
            owner = np.concatenate([owner, np.repeat(np.arange(len(counts)), len(prefix))])
            items = np.concatenate([items, np.tile(prefix, len(counts))])
        order = np.lexsort((items, owner))
        indptr = np.concatenate([[0], np.cumsum(lengths + len(prefix))]).astype(np.int64)
        return Itemsets(indptr, items[order].astype(np.int32), counts, told.n_baskets, told.labels)


def _whole(
    chunks: Chunks, told: ItemCounts, wanted: ItemConstraints, count: int, room: int | None
) -> tuple[_Part, NDArray[np.int32]]:
    """Make the search of everything, and give the item code of each of its ranks."""
    shell = _shell(told.labels)
    demanded = wanted.demanded(shell)
    last = np.zeros(shell.n_items, bool) if demanded is None else demanded
    usable = (told.counts >= count) & ~wanted.forbidden(shell)
    by_rank = np.lexsort((np.arange(shell.n_items), -told.counts, last))
    order = by_rank[usable[by_rank]].astype(np.int32)
    rank_of = np.full(shell.n_items, -1, np.int32)
    rank_of[order] = np.arange(len(order))
    number = {name: code for code, name in enumerate(told.labels.tolist())}
    required = np.zeros(shell.n_items, bool)
    required[shell.code_of(wanted.all_of)] = True
    n_required = int(required.sum())

    def stream() -> Iterator[Csr]:
        for chunk in _opened(chunks):
            codes = np.array([number[name] for name in chunk.labels.tolist()], np.int64)
            yield recode(
                chunk.indptr, chunk.indices, rank_of[codes], required[codes], n_required, 2
            )

    first = 0 if demanded is None else int((~last[order]).sum())
    part = _Part(stream, told.counts[order], first, wanted.exclusive(shell)[order], room)
    return part, order


def _mine(part: _Part, run: _Run, found: _Found, suffix: NDArray[np.int32]) -> None:
    """Find the itemsets of a part, each with `suffix` in it."""
    if part.max_length is not None and part.max_length < 1:
        return
    singles = np.arange(part.first, len(part), dtype=np.int32)
    _add(found, np.arange(len(singles) + 1), singles, part.counts[part.first :], suffix)
    if part.max_length == 1 or len(part) < 2 or not len(singles):
        return
    kept, work = _kept(part, run.lines)
    if kept is not None:
        _search(part, kept, part.first, len(part), run, found, suffix)
        return
    _mine_in_runs(part, work, run, found, suffix)


def _kept(part: _Part, most: int) -> tuple[list[Merged] | None, NDArray[np.int64]]:
    """Keep the baskets as long as they fit; count what each rank would take in any case."""
    work = np.zeros(len(part), np.int64)
    kept: list[Merged] | None = []
    for indptr, items in part.stream():
        last_work(indptr, items, len(part), work)
        if kept is not None:
            kept = None if work.sum() > most else [*kept, _merged(indptr, items, len(part))]
    return kept, work


def _mine_in_runs(
    part: _Part, work: NDArray[np.int64], run: _Run, found: _Found, suffix: NDArray[np.int32]
) -> None:
    """Mine runs of ranks from the rarest down, each with a pass of its own."""
    end = len(part)
    run.progress.start(_TASK)
    while end > part.first:
        begin = _begin(work, part.first, end, run.lines)
        alone = end - begin == 1 and work[begin] > run.lines
        kept, work = _cut_pass(part, begin, end, keep=not alone)
        if alone:
            _project(part, begin, run, found, suffix)
        else:
            _search(part, kept, begin, end, run, found, suffix)
        run.progress.step(_TASK, f"items {begin + 1:,} to {end:,} of {len(part):,}")
        end = begin
    run.progress.done(_TASK)


def _begin(work: NDArray[np.int64], first: int, end: int, most: int) -> int:
    """Give the lowest rank of the run that ends at `end` and fits; one rank at least."""
    so_far = np.cumsum(work[first:end][::-1])
    return end - max(1, int(np.searchsorted(so_far, most, side="right")))


def _cut_pass(
    part: _Part, begin: int, end: int, *, keep: bool
) -> tuple[list[Merged], NDArray[np.int64]]:
    """Keep the baskets of a run, and count what the ranks below it will take."""
    work, kept = np.zeros(len(part), np.int64), []
    for indptr, items in part.stream():
        last_work(indptr, items, begin, work)
        if keep:
            kept.append(_merged(*cut(indptr, items, begin, end), end))
    return kept, work


def _search(
    part: _Part, kept: list[Merged], begin: int, end: int, run: _Run, found: _Found,
    suffix: NDArray[np.int32],
) -> None:  # fmt: skip
    """Mine kept baskets for itemsets of two items or more whose highest rank is in the run."""
    whole = join(kept)
    budget = run.left(found.n - (end - begin))  # the single items are found once more
    if whole.weights.sum() < run.min_count:
        return
    conditions = ItemConstraints(
        any_of=range(begin, end) if begin else (),
        at_most_one_of=np.flatnonzero(part.exclusive[:end]).tolist(),
    )
    try:
        sets = frequent_itemsets(
            _baskets(whole, end), min_count=run.min_count, max_length=part.max_length,
            constraints=conditions, weights=whole.weights, budget=budget, n_jobs=run.n_jobs,
        )  # fmt: skip
    except BudgetExceeded as error:
        what = "still searching" if "still searching" in error.message else ""
        what = what or f"more than {run.most:,} itemsets"
        raise run.refusal(what, error.problems) from None
    several = sets.take(np.flatnonzero(sets.lengths > 1))
    _add(found, several.indptr, several.items, several.counts, suffix)


def _project(part: _Part, holder: int, run: _Run, found: _Found, suffix: NDArray[np.int32]) -> None:
    """Search the baskets with one item, which alone are too many, as a stream of their own."""
    beside = np.arange(len(part)) < holder
    if part.exclusive[holder]:
        beside &= ~part.exclusive
    required = np.arange(len(part)) == holder
    plain = np.where(beside, np.arange(len(part)), -1).astype(np.int32)
    counts = np.zeros(len(part), np.int64)
    for indptr, items in part.stream():
        counts += np.bincount(recode(indptr, items, plain, required, 1, 1)[1], minlength=len(part))
    by_count = np.argsort(-counts, kind="stable")
    order: NDArray[np.int32] = by_count[counts[by_count] >= run.min_count].astype(np.int32)
    rank_of = np.full(len(part), -1, np.int32)
    rank_of[order] = np.arange(len(order))

    def stream() -> Iterator[Csr]:
        for indptr, items in part.stream():
            yield recode(indptr, items, rank_of, required, 1, 2)

    room = None if part.max_length is None else part.max_length - 1
    inner = _Part(stream, counts[order], 0, part.exclusive[order], room)
    inside = _Found()
    inside.n = found.n
    _mine(inner, run, inside, np.array([holder], np.int32))
    for lengths, items, held in zip(inside._lengths, inside._items, inside._counts, strict=True):
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        _add(found, indptr, _outward(items, indptr, order, holder), held, suffix)


def _outward(
    items: NDArray[np.int32], indptr: NDArray[np.int64], order: NDArray[np.int32], holder: int
) -> NDArray[np.int32]:
    """Give the ranks of the outer part; the holder stands last in every itemset."""
    out = np.empty_like(items)
    last = np.zeros(len(items), bool)
    last[indptr[1:] - 1] = True
    out[last] = holder
    out[~last] = order[items[~last]]
    return out


def _add(
    found: _Found, indptr: NDArray[Any], items: NDArray[np.int32], counts: NDArray[Any],
    suffix: NDArray[np.int32],
) -> None:  # fmt: skip
    """Collect itemsets, each with the suffix behind its items."""
    if not len(suffix):
        found.add(indptr, items, counts)
        return
    places = np.repeat(indptr[1:], len(suffix))
    longer = np.insert(items, places, np.tile(suffix, len(counts))).astype(np.int32)
    found.add(indptr + len(suffix) * np.arange(len(indptr)), longer, counts)


def _merged(indptr: NDArray[np.int64], items: NDArray[np.int32], n_items: int) -> Merged:
    return merge_equal(Merged(indptr, items, np.ones(len(indptr) - 1, np.int64)), n_items)


def _baskets(whole: Merged, n_items: int) -> Baskets:
    labels = np.empty(n_items, object)
    labels[:] = range(n_items)
    return Baskets(whole.indptr, whole.items, labels)


def _opened(chunks: Chunks) -> Iterator[Baskets]:
    for chunk in chunks() if callable(chunks) else chunks:
        yield Baskets.of(chunk)


def _numbered(chunk: Baskets, number: dict[Any, int]) -> NDArray[np.int64]:
    """Give the number of each label of a chunk; new ones get the next numbers."""
    for name in chunk.labels.tolist():
        number.setdefault(name, len(number))
    return np.array([number[name] for name in chunk.labels.tolist()], np.int64)


def _with_all(chunk: Baskets, wanted: frozenset[Any]) -> Baskets:
    if not wanted:
        return chunk
    required = np.array([name in wanted for name in chunk.labels.tolist()], bool)
    owner = np.repeat(np.arange(len(chunk)), chunk.lengths)
    held = np.bincount(owner[required[chunk.indices]], minlength=len(chunk))
    return chunk.take(np.flatnonzero(held == len(wanted)))


def _shell(names: Iterable[Any]) -> Baskets:
    """Make baskets without baskets: only item names, in sorted order."""
    return Baskets.from_lists([list(names)]).take(np.empty(0, np.int64))


def _check(
    chunks: Chunks, min_support: float | None, min_count: int | None, max_length: int | None,
    target: str,
) -> None:  # fmt: skip
    if isinstance(chunks, Iterator):
        raise ValueError("chunks are gone through several times: give a list or a function")
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of baskets)")
    if min_support is not None and not 0 < min_support <= 1:
        raise ValueError(f"min_support is a share above 0 and up to 1, not {min_support}")
    if min_count is not None and (min_count != int(min_count) or min_count < 1):
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be at least 1, not {max_length}")
    if target not in ("frequent", "closed", "maximal"):
        raise ValueError(f"target must be 'frequent', 'closed' or 'maximal', not {target!r}")


def _least(told: ItemCounts, min_support: float | None, min_count: int | None) -> int:
    if min_count is None:
        assert min_support is not None
        return least_count(min_support, told.n_baskets) if told.n_baskets else 1
    if min_count > max(told.n_baskets, 1):
        raise ValueError(f"min_count is {min_count} but there are only {told.n_baskets} baskets")
    return int(min_count)


def _targeted(found: Itemsets, target: str) -> Itemsets:
    if target == "frequent":
        return found
    keep = closed_itemsets if target == "closed" else maximal_itemsets
    return found.take(np.flatnonzero(keep(found.indptr, found.items, found.counts)))
