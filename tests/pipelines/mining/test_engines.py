import importlib.util
import shutil
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded, NotInstalled
from lodeworks.progress import Silent
from models.association import Baskets, Budget, Itemsets, frequent_itemsets
from models.sequences import Sequences, frequent_sequences
from pipelines.mining.engines import itemset_engine, sequence_engine
from pipelines.mining.engines.results import itemsets_of, just_below, sequences_of
from pipelines.mining.search import Apart, Search, SequenceSearch
from pipelines.spark.session import require_spark

lists = st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), min_size=1, max_size=10)
many = settings(deadline=None, max_examples=150)


def as_dict(found):
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@many
@given(lists, st.integers(1, 4), st.sampled_from([None, 1, 2]))
def test_mlxtend_finds_the_same(given_lists, count, max_length):
    baskets = Baskets.from_lists(given_lists)
    search = Search(min(count, len(baskets)), max_length)
    found = itemset_engine("mlxtend").itemsets(baskets, search, Budget(), Silent())
    expected = frequent_itemsets(baskets, min_count=search.min_count, max_length=max_length)
    assert as_dict(found) == as_dict(expected)
    assert found.codes() == sorted(found.codes())


@pytest.mark.parametrize("target", ["closed", "maximal"])
def test_mlxtend_keeps_what_is_asked_for(target):
    baskets = Baskets.from_lists([["a", "b", "c"], ["a", "b"], ["a", "b", "c"], ["b"]])
    found = itemset_engine("mlxtend").itemsets(
        baskets, Search(2, target=target), Budget(), Silent()
    )
    assert as_dict(found) == as_dict(frequent_itemsets(baskets, min_count=2, target=target))


def test_mlxtend_keeps_the_budget():
    baskets = Baskets.from_lists([["a", "b", "c"]] * 2)
    engine = itemset_engine("mlxtend")
    assert len(engine.itemsets(baskets, Search(1), Budget(itemsets=7), Silent())) == 7
    with pytest.raises(BudgetExceeded, match="over the budget of 6 itemsets: 7 found; nothing was"):
        engine.itemsets(baskets, Search(1), Budget(itemsets=6), Silent())


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_the_share_is_rounded_up_to_the_count(count, more):
    n = count + more
    assert np.ceil(just_below(count, n) * n) == count


@many
@given(lists, st.randoms(use_true_random=False))
def test_itemsets_of_other_programs_are_put_in_order(given_lists, chance):
    """Whatever the order in which they and their items come."""
    baskets = Baskets.from_lists(given_lists)
    expected = frequent_itemsets(baskets, min_count=1, max_length=3)
    told = [
        (chance.sample(codes, len(codes)), count)
        for codes, count in zip(expected.codes(), expected.counts.tolist(), strict=True)
    ]
    chance.shuffle(told)
    found = itemsets_of(
        np.array([len(codes) for codes, _ in told], np.int64),
        np.array([code for codes, _ in told for code in codes], np.int32),
        np.array([count for _, count in told], np.int32),
        baskets,
    )
    assert isinstance(found, Itemsets)
    assert found.codes() == sorted(expected.codes())
    assert as_dict(found) == as_dict(expected)


@many
@given(st.lists(st.lists(st.lists(st.sampled_from("abc"), min_size=1), max_size=3), min_size=1))
def test_sequences_of_other_programs_get_the_order_of_this_one(customers):
    bought = Sequences.from_lists(customers)
    expected = frequent_sequences(bought, min_count=1, max_length=4)
    codes = expected.codes()[::-1]
    found = sequences_of(
        np.array([len(pattern) for pattern in codes], np.int64),
        np.array([len(one) for pattern in codes for one in pattern], np.int64),
        np.array([item for pattern in codes for one in pattern for item in one[::-1]], np.int32),
        expected.counts[::-1],
        bought,
    )
    assert found.codes() == expected.codes()
    assert found.counts.tolist() == expected.counts.tolist()
    assert np.array_equal(found.symbols, expected.symbols)


def test_spark_refuses_limits_in_time():
    engine = sequence_engine("spark")
    assert engine.refused(SequenceSearch(1, 3, 2, target="closed")) == []
    assert engine.refused(SequenceSearch(1, apart=Apart(window=2, max_gap=0))) == [
        "--max-gap: Spark knows no limits in time; use --engine numba",
        "--window: Spark knows no limits in time; use --engine numba",
    ]
    assert sequence_engine("numba").refused(SequenceSearch(1, apart=Apart(window=2))) == []


@pytest.mark.parametrize("missing", [{"pyspark"}, {"java"}, {"pyspark", "java"}])
def test_what_spark_needs_is_told_at_once(monkeypatch, missing):
    found_spec, found_program = importlib.util.find_spec, shutil.which
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: (
            None if name in missing else object() if name == "pyspark" else found_spec(name)
        ),
    )
    monkeypatch.setattr(
        shutil,
        "which",
        lambda name, **rest: (
            None if name in missing else "/java" if name == "java" else found_program(name)
        ),
    )
    with pytest.raises(NotInstalled, match="--engine spark cannot run") as caught:
        require_spark()
    told = {
        "pyspark": "pyspark is missing: pip install 'lodeworks[spark]'",
        "java": "no java on the PATH, and JAVA_HOME is not set: install Java 17 or later",
    }
    assert set(caught.value.problems) == {told[name] for name in missing}
    assert caught.value.exit_code == 2


def test_a_wrong_java_home_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(NotInstalled) as caught:
        require_spark()
    assert any(f"no java in JAVA_HOME ({tmp_path})" in problem for problem in caught.value.problems)


def test_brute_force_agrees_with_every_engine_at_hand():
    rows = [{"a", "b"}, {"a", "b", "c"}, {"c"}, set(), {"b", "c"}]
    every = [frozenset(c) for n in (1, 2, 3) for c in combinations("abc", n)]
    counted = {one: sum(one <= row for row in rows) for one in every}
    baskets = Baskets.from_lists(rows)
    for name in ("numba", "mlxtend"):
        found = itemset_engine(name).itemsets(baskets, Search(2), Budget(), Silent())
        assert as_dict(found) == {one: n for one, n in counted.items() if n >= 2}
