"""Chunks give what all baskets at once give, whatever the chunks and the memory."""

from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.association.constraints import ItemConstraints
from models.association.itemsets import frequent_itemsets
from models.association.partitioned import count_chunks, partitioned_itemsets

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=8)
many_chunks = st.lists(small_baskets, max_size=4).map(lambda chunks: [[list(range(7))], *chunks])
some_items = st.frozensets(st.integers(0, 6), max_size=2)
same_memory = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(itemsets):
    return dict(zip(itemsets.sets(), itemsets.counts.tolist(), strict=True))


@pytest.fixture(params=[1, 12, 1000])
def lines(request, monkeypatch):
    """Set how many items of baskets may be kept at a time."""
    monkeypatch.setattr(
        "models.association.partitioned._Run.lines", property(lambda run: request.param)
    )
    return request.param


@same_memory
@given(
    chunks=many_chunks, min_count=st.integers(1, 4), max_length=st.none() | st.integers(1, 4),
    target=st.sampled_from(["frequent", "closed", "maximal"]),
)  # fmt: skip
def test_chunks_equal_everything_at_once(lines, chunks, min_count, max_length, target):
    baskets = list(chain(*chunks))
    min_count = min(min_count, len(baskets))
    arguments = {"min_count": min_count, "max_length": max_length, "target": target}
    expected = frequent_itemsets(baskets, **arguments)
    result = partitioned_itemsets(chunks, **arguments)
    assert len(result) == len(expected)
    assert found(result) == found(expected)
    assert result.n_baskets == expected.n_baskets
    assert result.labels.tolist() == expected.labels.tolist()
    assert all(list(items) == sorted(items) for items in result.codes())


@same_memory
@given(
    chunks=many_chunks, min_count=st.integers(1, 3), max_length=st.none() | st.integers(1, 4),
    all_of=some_items, any_of=some_items, never=some_items, exclusive=some_items,
)  # fmt: skip
def test_constraints_hold_in_every_part(
    lines, chunks, min_count, max_length, all_of, any_of, never, exclusive
):
    if len(all_of & exclusive) > 1:
        exclusive -= all_of
    wanted = ItemConstraints(all_of, any_of, never - all_of - any_of, None, exclusive)
    baskets = list(chain(*chunks))
    arguments = {
        "min_count": min(min_count, len(baskets)), "max_length": max_length, "constraints": wanted
    }  # fmt: skip
    expected, result = (
        frequent_itemsets(baskets, **arguments),
        partitioned_itemsets(chunks, **arguments),
    )
    assert len(result) == len(expected)
    assert found(result) == found(expected)


@settings(max_examples=50, deadline=None)
@given(chunks=many_chunks, share=st.floats(0.01, 1))
def test_a_share_is_one_of_all_baskets(chunks, share):
    result = partitioned_itemsets(chunks, share)
    assert found(result) == found(frequent_itemsets(list(chain(*chunks)), share))


def test_a_function_that_gives_chunks_is_called_for_every_pass():
    calls = []

    def chunks():
        calls.append(1)
        yield [["a", "b"]]
        yield [["b", "a"], ["a"]]

    assert found(partitioned_itemsets(chunks, min_count=2)) == {
        frozenset("a"): 3, frozenset("b"): 2, frozenset("ab"): 2}  # fmt: skip
    assert len(calls) == 2


def test_little_memory_takes_more_passes(monkeypatch):
    monkeypatch.setattr("models.association.partitioned._Run.lines", property(lambda run: 50))
    calls = []

    def chunks():
        calls.append(1)
        return [[[k, k + 1, k + 2] for k in range(20)]] * 2

    partitioned_itemsets(chunks, min_count=2)
    assert 4 < len(calls) < 12


def test_counts_of_one_pass():
    told = count_chunks([[["b", "a"], ["a", "a"]], [[], ["c"]]])
    assert (told.n_baskets, told.n_lines, told.longest) == (4, 4, 2)
    assert dict(zip(told.labels, told.counts.tolist(), strict=True)) == {"a": 2, "b": 1, "c": 1}
    beside = count_chunks([[["b", "a"], ["a"]], [["b"]]], required=["b"])
    assert beside.counts.tolist() == [1, 2]
    assert beside.n_searched == 2


def test_nothing_at_all():
    assert len(partitioned_itemsets([], 0.5)) == 0
    assert partitioned_itemsets([[[], []]], 0.5).n_baskets == 2


@pytest.mark.parametrize("budget", [Budget(itemsets=20), Budget(bytes=4_000)])
def test_too_many_itemsets_are_refused(budget, lines):
    with pytest.raises(BudgetExceeded, match=r"more than \d+ itemsets at min_count 1; nothing"):
        partitioned_itemsets([[list(range(10))], [list(range(10))]], min_count=1, budget=budget)


def test_what_would_fit_is_said_for_the_part():
    with pytest.raises(BudgetExceeded) as caught:
        partitioned_itemsets([[list(range(10))]], min_count=1, budget=Budget(itemsets=60))
    assert "for one part of the search alone: max_length 2 would fit: 55 itemsets" in (
        caught.value.problems
    )


@pytest.mark.parametrize(
    ("chunks", "arguments", "message"),
    [
        (iter([[["a"]]]), {"min_count": 1}, "gone through several times: give a list or a"),
        ([[["a"]]], {}, "give either min_support"),
        ([[["a"]]], {"min_support": 1.5}, "above 0 and up to 1, not 1.5"),
        ([[["a"]]], {"min_count": 0}, "at least 1, not 0"),
        ([[["a"]]], {"min_count": 2}, "min_count is 2 but there are only 1 baskets"),
        ([[["a"]]], {"min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ([[["a"]]], {"min_count": 1, "target": "open"}, "not 'open'"),
        ([["tea"]], {"min_count": 1}, "a basket is a list of items, not the text 'tea'"),
        ([[["a"]]], {"min_count": 1, "constraints": ItemConstraints(all_of=["z"])}, "items: 'z'"),
        ([[["a"]]], {"min_count": 1, "constraints": ItemConstraints(never=["z"])}, "items: 'z'"),
    ],
)  # fmt: skip
def test_bad_arguments(chunks, arguments, message):
    with pytest.raises(ValueError, match=message):
        partitioned_itemsets(chunks, **arguments)
