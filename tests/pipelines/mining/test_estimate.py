import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Silent
from models.association import Baskets, Budget, frequent_itemsets
from models.sequences import Sequences, frequent_sequences
from pipelines.mining.engines import NumbaEngine
from pipelines.mining.estimate import fewest, find_itemsets, find_sequences, most_pairs
from pipelines.mining.search import Search, SequenceSearch

lists = st.lists(st.lists(st.integers(0, 6), max_size=6), min_size=1, max_size=8)


@settings(deadline=None)  # the first call compiles
@given(lists, st.integers(1, 3), st.sampled_from([None, 1, 2, 3]))
def test_the_bounds_hold(given_lists, count, max_length):
    baskets = Baskets.from_lists(given_lists)
    found = frequent_itemsets(baskets, min_count=min(count, len(baskets)), max_length=max_length)
    search = Search(min(count, len(baskets)), max_length)
    assert fewest(baskets, search) <= len(found)
    assert most_pairs(baskets, search) >= int((found.lengths == 2).sum())


def test_the_bounds_are_met_where_all_baskets_are_equal():
    baskets = Baskets.from_lists([range(10)] * 4)
    assert fewest(baskets, Search(4)) == 2**10 - 1
    assert fewest(baskets, Search(4, max_length=2)) == 10 + 45
    assert most_pairs(baskets, Search(4)) == 45


@pytest.mark.parametrize("target", ["frequent", "closed", "maximal"])
@pytest.mark.parametrize("cap", [None, 2])
def test_finds_what_the_model_finds(notebook, target, cap):
    baskets = Baskets.from_lists([["a", "b", "c"], ["a", "b"], ["a", "b", "c"], ["b"]])
    found = find_itemsets(baskets, Search(2, None, cap, target), Budget(), notebook)
    expected = frequent_itemsets(baskets, min_count=2, target=target, max_basket_size=cap)
    assert found.sets() == expected.sets()
    assert found.counts.tolist() == expected.counts.tolist()
    assert any(note.startswith("estimate: about ") for note in notebook.notes)
    assert any("2 baskets are cut down to the 2" in note for note in notebook.notes) == bool(cap)


def test_what_is_hopeless_is_refused_with_what_would_fit():
    baskets = Baskets.from_lists([range(5000)] * 2 + [[1, 2]] * 3)
    with pytest.raises(BudgetExceeded) as caught:
        find_itemsets(baskets, Search(2), Budget(itemsets=1000), Silent())
    assert caught.value.message == (
        "over the budget of 1,000 itemsets: 10^1505 itemsets at least at --min-count 2"
    )
    assert "--min-count 3 (--min-support 0.6) would fit: 3 itemsets" in caught.value.problems
    assert any(text.startswith("--max-basket-size ") for text in caught.value.problems)


def test_an_estimate_clearly_over_the_budget_is_refused(notebook):
    baskets = Baskets.from_lists([[i % 7, i % 5 + 10, i % 3 + 20] for i in range(210)])
    with pytest.raises(BudgetExceeded) as caught:
        find_itemsets(baskets, Search(1), Budget(itemsets=10), notebook)
    assert "over the budget of 10 itemsets: about 191 itemsets at --min-count 1" in str(
        caught.value
    )
    assert any(text.startswith("--min-count ") for text in caught.value.problems)


def test_an_estimate_near_the_budget_is_left_to_the_search():
    baskets = Baskets.from_lists([["a", "b", "c"], ["a", "b"], ["a", "c"], ["b", "c"]])
    assert fewest(baskets, Search(2)) == 3
    assert len(find_itemsets(baskets, Search(2), Budget(itemsets=6), Silent())) == 6
    with pytest.raises(BudgetExceeded) as caught:
        find_itemsets(baskets, Search(2), Budget(itemsets=5), Silent())
    assert caught.value.message == (
        "over the budget of 5 itemsets: more than 5 itemsets at --min-count 2 "
        "(--min-support 0.5); nothing was written"
    )
    assert "--min-count 3 (--min-support 0.75) would fit: 3 itemsets" in caught.value.problems


def test_sequences_are_estimated_and_refused_too(notebook):
    bought = Sequences.from_lists([[[i % 7], [i % 5], [i % 3]] for i in range(60)])
    search = SequenceSearch(1)
    whole = find_sequences(bought, search, Budget(), notebook, NumbaEngine())
    assert len(whole) == len(frequent_sequences(bought, min_count=1)) > 100
    assert any(note.startswith("estimate: about ") for note in notebook.notes)
    with pytest.raises(BudgetExceeded) as caught:
        find_sequences(bought, search, Budget(itemsets=10), notebook, NumbaEngine())
    assert "over the budget of 10 itemsets: about " in caught.value.message
    assert " sequences at --min-count 1" in caught.value.message
    assert any(text.startswith("--min-count ") for text in caught.value.problems)
