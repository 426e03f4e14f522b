"""CHAID merges categories that do not differ, and corrects for the ways to merge."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from models.trees import ReadableTree, bonferroni, merge


def partitions(items):
    """Give every partition of a list into groups."""
    if not items:
        yield []
        return
    first, *others = items
    for smaller in partitions(others):
        for i, group in enumerate(smaller):
            yield [*smaller[:i], [first, *group], *smaller[i + 1 :]]
        yield [[first], *smaller]


def contiguous(group, free=None):
    inner = [i for i in group if i != free]
    return inner == list(range(inner[0], inner[-1] + 1)) if inner else True


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_the_factor_counts_the_ways_to_merge(n):
    every = list(partitions(list(range(n))))
    for r in range(1, n + 1):
        groups = [sorted(map(sorted, p)) for p in every if len(p) == r]
        assert bonferroni(n, r, ordered=False) == len(groups)
        rows = [p for p in groups if all(map(contiguous, p))]
        assert bonferroni(n, r, ordered=True) == len(rows)
        loose = [p for p in groups if all(contiguous(g, n - 1) for g in p)]
        assert bonferroni(n, r, ordered=True, floating=True) == len(loose)


def test_alike_categories_are_merged_and_others_not():
    table = np.array([[50.0, 50], [5, 95], [52, 48], [6, 94]])
    assert merge(table, ordered=False).groups == ((0, 2), (1, 3))


def test_only_neighbours_merge_when_ordered():
    table = np.array([[50.0, 50], [5, 95], [52, 48], [6, 94]])
    assert merge(table, ordered=True).groups == ((0,), (1,), (2,), (3,))


def test_missing_may_join_any_group():
    table = np.array([[50.0, 50], [5, 95], [52, 48]])
    assert merge(table, ordered=True, floating=True).groups == ((0, 2), (1,))


def test_small_groups_join_the_nearest():
    table = np.array([[50.0, 50], [5, 95], [9, 0]])
    assert merge(table, ordered=False).groups == ((0,), (1,), (2,))
    assert merge(table, ordered=False, min_leaf=10).groups == ((0, 2), (1,))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=2, max_size=6),
    st.booleans(),
)
def test_groups_that_remain_differ_significantly(rows, ordered):
    table = np.array(rows, float)
    merged = merge(table, ordered=ordered, alpha=0.05)
    assert sorted(i for group in merged.groups for i in group) == list(range(len(rows)))
    sums = [table[list(group)].sum(axis=0) for group in merged.groups]
    pairs = pairwise(sums) if ordered else combinations(sums, 2)
    for pair in pairs:
        assert chi2_contingency(pair, correction=False).pvalue <= 0.05 + 1e-9


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=2, max_size=5))
def test_the_p_value_is_that_of_the_merged_table_times_the_factor(rows):
    table = np.array(rows, float)
    merged = merge(table, ordered=False)
    sums = np.array([table[list(group)].sum(axis=0) for group in merged.groups])
    p = chi2_contingency(sums, correction=False).pvalue if len(sums) > 1 else 1.0
    factor = bonferroni(len(rows), len(sums), ordered=False)
    assert np.exp(merged.log_p) == pytest.approx(min(p * factor, 1.0), rel=1e-6)


def three_groups(n=300):
    age = np.tile(np.arange(20, 80), n // 60)
    share = np.select([age < 35, age < 60], [0.8, 0.4], 0.05)
    y = (np.random.default_rng(1).random(n) < share).astype(int)
    return pd.DataFrame({"age": age}), y


def test_a_number_is_split_into_as_many_intervals_as_differ():
    X, y = three_groups()
    tree = ReadableTree("chi-square", pruning="none", max_depth=1).fit(X, y)
    assert len(tree.root_.children) == 3
    assert [child.path for child in tree.root_.children] == ["root.1", "root.2", "root.3"]
    first, second = tree.root_.split.cuts
    assert 32 <= first <= 38
    assert 56 <= second <= 62


def test_missing_values_form_a_branch_of_their_own_when_they_differ():
    X, y = three_groups()
    X = pd.concat([X, pd.DataFrame({"age": [np.nan] * 60})], ignore_index=True)
    y = np.append(y, [1] * 60)
    tree = ReadableTree("chi-square", pruning="none", max_depth=1).fit(X, y)
    assert tree.root_.split.missing == len(tree.root_.children) - 1
    assert "age is missing: 60 rows" in tree.to_text()
    assert tree.predict(pd.DataFrame({"age": [None]})).tolist() == [1]


def test_noise_is_not_split():
    rng = np.random.default_rng(5)
    X = pd.DataFrame({f"c{i}": rng.choice(list("abcdef"), 400) for i in range(3)})
    y = rng.integers(0, 2, 400)
    tree = ReadableTree("chi-square", pruning="none", alpha_split=0.01).fit(X, y)
    assert tree.root_.split is None
    assert tree.root_.why == "no split is worth it"


def test_the_scale_of_weights_does_not_make_things_significant():
    X, y = three_groups(120)
    one = ReadableTree("chi-square", pruning="none").fit(X, y)
    thousand = ReadableTree("chi-square", pruning="none").fit(X, y, np.full(len(y), 1000.0))
    assert [n.path for n in one.root_.walk()] == [n.path for n in thousand.root_.walk()]


def slow_merge(table, ordered, alpha):
    """Merge as the definition says, one pair at a time."""
    groups = [(i,) for i in range(len(table))]
    while len(groups) > 1:
        sums = [table[list(group)].sum(axis=0) for group in groups]
        pairs = [
            (chi2_contingency([sums[i], sums[j]], correction=False).pvalue, -i, -j)
            for i, j in combinations(range(len(groups)), 2)
            if not ordered or max(groups[i]) + 1 == min(groups[j])
        ]
        p, i, j = max(pairs)
        if p <= alpha:
            break
        groups[-i] = tuple(sorted(groups[-i] + groups[-j]))
        del groups[-j]
    return tuple(groups)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=2, max_size=8),
    st.booleans(),
)
def test_merging_is_that_of_the_definition(rows, ordered):
    # A little asymmetry leaves no two pairs equally close.
    table = np.array(rows, float) + np.linspace(0.01, 0.37, len(rows))[:, None] ** [1, 2]
    assert merge(table, ordered=ordered, alpha=0.05).groups == slow_merge(table, ordered, 0.05)
