"""Updates give what mining everything again gives."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.association.incremental import IncrementalItemsets
from models.association.itemsets import frequent_itemsets

few_baskets = st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=8)


def found(itemsets):
    return dict(zip(itemsets.sets(), itemsets.counts.tolist(), strict=True))


def again(baskets, share, count, max_length=None):
    least = {"min_count": count} if count else {"min_support": share}
    if not baskets or (count or 0) > len(baskets):
        return {}
    return found(frequent_itemsets(baskets, max_length=max_length, **least))


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(few_baskets, min_size=1, max_size=5),
    share=st.floats(0.05, 1),
    count=st.none() | st.integers(1, 4),
    slack=st.sampled_from([0, 0.1, 0.5]),
    max_length=st.none() | st.integers(1, 3),
)
def test_updates_equal_mining_again(parts, share, count, slack, max_length):
    kept = IncrementalItemsets(
        None if count else share, min_count=count, slack=slack, max_length=max_length
    )
    baskets = []
    for part in parts:
        kept.update(part)
        baskets += part
        assert len(kept) == len(baskets)
        assert found(kept.itemsets_) == again(baskets, share, count, max_length)


@settings(max_examples=300, deadline=None)
@given(
    first=few_baskets,
    steps=st.lists(st.tuples(few_baskets, st.integers(0, 4)), max_size=4),
    share=st.floats(0.1, 1),
    count=st.none() | st.integers(1, 3),
    slack=st.sampled_from([0, 0.2]),
)
def test_a_sliding_window_equals_mining_again(first, steps, share, count, slack):
    kept = IncrementalItemsets(None if count else share, min_count=count, slack=slack)
    baskets = list(first)
    kept.update(first)
    for new, n_gone in steps:
        kept.update(new)
        baskets += new
        gone, baskets = baskets[:n_gone], baskets[n_gone:]
        kept.remove(gone)
        assert found(kept.itemsets_) == again(baskets, share, count)


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(few_baskets, min_size=2, max_size=4), share=st.floats(0.1, 1))
def test_a_restored_state_goes_on(parts, share, tmp_path_factory):
    kept = IncrementalItemsets(share)
    for part in parts[:-1]:
        kept.update(part)
    path = tmp_path_factory.mktemp("state") / "state.npz"
    np.savez(path, **kept.to_arrays())
    with np.load(path, allow_pickle=False) as arrays:
        restored = IncrementalItemsets.from_arrays(arrays)
    assert found(restored.itemsets_) == found(kept.itemsets_)
    restored.update(parts[-1])
    assert found(restored.itemsets_) == again(list(chain(*parts)), share, None)


def test_text_names_are_restored():
    names = ["", "a b", 'say "hi"', "🍵", "é", "a\0"]
    kept = IncrementalItemsets(min_count=1).update([[name] for name in names])
    restored = IncrementalItemsets.from_arrays(kept.to_arrays())
    assert restored.itemsets_.sets() == [frozenset([name]) for name in sorted(names)]


def test_the_order_of_arrival_does_not_show():
    one = IncrementalItemsets(min_count=1).update([["b", "a"]]).update([["c"], ["a"]])
    two = IncrementalItemsets(min_count=1).update([["c"], ["a"]]).update([["b", "a"]])
    assert one.itemsets_.sets() == two.itemsets_.sets()
    assert one.itemsets_.labels.tolist() == two.itemsets_.labels.tolist() == ["a", "b", "c"]


def test_small_updates_do_not_search_again():
    rng = np.random.default_rng(1)
    baskets = [np.flatnonzero(rng.random(12) < 0.4).tolist() for _ in range(4000)]
    kept = IncrementalItemsets(0.05).update(baskets[:3000])
    for begin in range(3000, 4000, 100):
        kept.update(baskets[begin : begin + 100])
    assert kept.n_full_searches_ == 1
    assert found(kept.itemsets_) == again(baskets, 0.05, None)


def test_mixed_names_work_but_have_no_arrays():
    kept = IncrementalItemsets(min_count=1).update([["a", 1]])
    assert found(kept.itemsets_) == {frozenset(["a"]): 1, frozenset([1]): 1, frozenset(["a", 1]): 1}
    with pytest.raises(ValueError, match="all text or all whole numbers"):
        kept.to_arrays()


@pytest.mark.parametrize(("gone", "message"), [([["z"]], "unknown items: 'z'"),
    ([["a"]], "never added, or was removed"), ([["a", "b"]] * 2, "never added")])  # fmt: skip
def test_baskets_that_are_not_there(gone, message):
    kept = IncrementalItemsets(min_count=1).update([["a", "b"]])
    with pytest.raises(ValueError, match=message):
        kept.remove(gone)
    assert len(kept) == 1
    assert kept.itemsets_.counts.tolist() == [1, 1, 1]


def test_an_update_over_the_budget_leaves_the_state():
    kept = IncrementalItemsets(min_count=1, budget=Budget(itemsets=3)).update([["a", "b"]])
    with pytest.raises(BudgetExceeded):
        kept.update([list("cdefg")])
    assert len(kept) == 1
    assert len(kept.itemsets_) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either min_support"),
        ({"min_support": 0.1, "min_count": 1}, "give either min_support"),
        ({"min_support": 0}, "above 0 and up to 1, not 0"),
        ({"min_count": 1.5}, "whole number of at least 1, not 1.5"),
        ({"min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ({"min_count": 1, "slack": 1}, "slack is a share"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        IncrementalItemsets(**arguments)


def test_a_state_that_is_not_whole():
    arrays = IncrementalItemsets(min_count=1).update([["a"]]).to_arrays()
    with pytest.raises(ValueError, match="lacks the arrays names, kept_items"):
        IncrementalItemsets.from_arrays(
            {k: v for k, v in arrays.items() if k not in ("names", "kept_items")}
        )
    with pytest.raises(ValueError, match="of version 9; version 1 is known"):
        IncrementalItemsets.from_arrays(arrays | {"settings": np.array([9, 1, 0, 1])})
