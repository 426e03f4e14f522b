"""The kernels behind lags, against brute force, and where a naive way would take minutes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sequences import Sequences, frequent_sequences, sequential_rules
from models.sequences._encode import encode
from models.sequences._intervals import intervals_of
from models.sequences._lags import _ends_of_elements, _n_shared, _reached

customers = st.lists(
    st.lists(st.tuples(st.integers(1, 3), st.sets(st.sampled_from("abc"), min_size=1)), max_size=6),
    min_size=1,
    max_size=4,
)


def sequences_of(drawn):
    return Sequences.from_lists(
        [[sorted(items) for _, items in baskets] for baskets in drawn],
        [np.cumsum([step for step, _ in baskets], dtype=int).tolist() for baskets in drawn],
    )


def smallest_stretches(data, codes, window):
    """Look at every stretch of every customer."""
    n = len(data.owners)
    held = [set(data.items[data.heads[b] : data.heads[b + 1]].tolist()) for b in range(n)]
    able = {
        (first, last)
        for first in range(n)
        for last in range(first, n)
        if data.owners[first] == data.owners[last]
        and set(codes) <= set().union(*held[first : last + 1])
    }
    return [
        [first, last]
        for first, last in sorted(able)
        if (first + 1, last) not in able
        and (first, last - 1) not in able
        and data.times[last] - data.times[first] <= window
    ]


@settings(max_examples=150, deadline=None)
@given(customers, st.sets(st.sampled_from("abc"), min_size=1), st.integers(0, 6))
def test_stretches_are_those_of_brute_force(drawn, wanted, window):
    sequences = sequences_of(drawn)
    labels = sequences.labels.tolist()
    if not wanted <= set(labels):
        return
    data = encode(sequences, 0)[0]
    codes = sorted(labels.index(name) for name in wanted)
    element = np.array([2 * code + (k == 0) for k, code in enumerate(codes)], np.int32)
    found = intervals_of(data, element, window).tolist()
    assert found == smallest_stretches(data, codes, window)


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(0, 30), st.integers(0, 45))
def test_leaps_reach_what_a_search_reaches(drawn, at, least):
    places = np.array(sorted(drawn), np.int32)
    begin = min(at, len(places))
    expected = max(begin, int(np.searchsorted(places, least)))
    assert _reached(places, begin, least) == expected


@pytest.mark.parametrize(
    ("former", "own", "shared"),
    [
        ([], [1], 0),
        ([1], [1, 3], 1),
        ([1, 3], [1, 3, 5], 2),
        ([1, 2], [1, 3], 0),  # the former has more in its first element
        ([1], [1, 2], 0),  # the new one has more
        ([1, 2, 5], [1, 2, 7], 1),
        ([1, 3, 4], [1, 3, 7], 1),
    ],
)
def test_shared_elements_are_counted_whole(former, own, shared):
    symbols = np.array(own, np.int32)
    assert _n_shared(np.array(former, np.int32), symbols, _ends_of_elements(symbols)) == shared


@pytest.mark.parametrize("limits", [{}, {"max_gap": 3}, {"max_gap": 3, "max_span": 9}])
def test_a_history_of_thousands_of_baskets_is_measured(limits):
    long = [[f"i{k % 3}"] for k in range(20_000)]
    bought = Sequences.from_lists([long, [["i0"], ["i1"]]])
    patterns = frequent_sequences(bought, min_count=1, max_length=3, **limits)
    frame = sequential_rules(patterns, bought).to_frame().set_index(["antecedent", "consequent"])
    assert frame.loc[((("i0",),), ("i1",)), "lag_median"] == 1
    assert frame.loc[((("i1",),), ("i0",)), "lag_median"] == 2
    assert frame.loc[((("i0",), ("i0",)), ("i0",)), "lag_median"] == 3


def test_the_arrow_table_holds_what_the_frame_holds():
    bought = Sequences.from_lists([[["tea"], ["cup", "pot"]], [["tea"], ["cup"]], [["tea"]]])
    rules = sequential_rules(frequent_sequences(bought, min_count=1), bought)
    table, frame = rules.to_arrow(), rules.to_frame()
    assert table.column_names == list(frame.columns)
    assert [tuple(map(tuple, row)) for row in table["antecedent"].to_pylist()] == [
        *frame["antecedent"]
    ]
    assert [tuple(row) for row in table["consequent"].to_pylist()] == [*frame["consequent"]]
    for name in frame.columns[2:]:
        assert table[name].to_pylist() == frame[name].tolist()


def test_no_rules_make_an_empty_table():
    bought = Sequences.from_lists([[["tea"]], [["tea"]]])
    rules = sequential_rules(frequent_sequences(bought, min_count=1), bought)
    assert (len(rules), len(rules.to_arrow())) == (0, 0)
