"""No hidden cell follows from the shown ones: checked against all that algebra can find."""

from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from features.privacy import suppress


def cube(records, dimensions, levels, count="people"):
    """Count people and sum money over each set of dimensions, as a cube does."""
    parts = []
    for level in levels:
        keys = [records[name] for name in level] or [pd.Series(0, index=records.index)]
        grouped = records.groupby(keys, sort=False)
        part = grouped.agg(
            people=("who", "nunique"), lines=("who", "size"), money=("money", "sum")
        ).reset_index(drop=not level)
        parts.append(part.reindex(columns=[*dimensions, "people", "lines", "money"]))
    return pd.concat(parts, ignore_index=True)


def every_level(dimensions):
    return list(
        chain.from_iterable(combinations(dimensions, n) for n in range(len(dimensions) + 1))
    )


def possible(cells, dimensions):
    """List the finest cells that a reader of the table cannot rule out."""
    members = [sorted(cells[name].dropna().unique()) or ["?"] for name in dimensions]
    everything = pd.DataFrame(list(product(*members)), columns=list(dimensions))
    for level, shown in cells.groupby([cells[name].notna() for name in dimensions]):
        flags = zip(dimensions, np.atleast_1d(level), strict=True)
        names = [name for name, is_shown in flags if is_shown]
        if names:
            everything = everything.merge(shown[names], on=names)
    return everything.to_numpy()


def sums_of(cells, dimensions):
    """Say of which finest cells each cell is the sum: what anyone can know without the numbers."""
    base = possible(cells, dimensions)
    rows = []
    for members in cells[list(dimensions)].itertuples(index=False):
        inside = [
            all(pd.isna(m) or m == b for m, b in zip(members, one, strict=True)) for one in base
        ]
        rows.append(inside)
    return np.array(rows, dtype=float)


def told(sums, hidden):
    """List hidden cells that are a combination of the shown ones."""
    shown = sums[~hidden]
    rank = np.linalg.matrix_rank(shown) if len(shown) else 0
    return [
        cell
        for cell in np.flatnonzero(hidden)
        if np.linalg.matrix_rank(np.vstack([shown, sums[cell]])) == rank
    ]


@st.composite
def shops(draw):
    number = draw(st.integers(1, 3))
    dimensions = ["region", "month", "kind"][:number]
    rows = draw(
        st.lists(
            st.tuples(*[st.sampled_from("abcd")] * number, st.integers(0, 12), st.integers(1, 9)),
            min_size=1,
            max_size=60,
        )
    )
    records = pd.DataFrame(rows, columns=[*dimensions, "who", "money"])
    levels = draw(
        st.lists(
            st.sampled_from(every_level(dimensions)), min_size=1, unique=True, max_size=2**number
        )
    )
    return records, dimensions, levels


@settings(max_examples=120, deadline=None)
@given(shops(), st.integers(1, 6), st.sampled_from(["people", "lines"]))
def test_no_hidden_cell_can_be_computed(shop, min_group, count):
    records, dimensions, levels = shop
    cells = cube(records, dimensions, levels)
    hidden = suppress(cells, dimensions, count, min_group)
    assert hidden[cells[count].between(1, min_group - 1)].all()
    assert told(sums_of(cells, dimensions), hidden) == []


@settings(max_examples=40, deadline=None)
@given(shops())
def test_no_hidden_cell_is_pinned_down_by_being_positive(shop):
    records, dimensions, levels = shop
    cells = cube(records, dimensions, levels)
    hidden = suppress(cells, dimensions, "lines", 4)
    sums = sums_of(cells, dimensions)
    shown = sums[~hidden], cells["lines"][~hidden]
    for cell in np.flatnonzero(hidden):
        ends = [
            linprog(sign * sums[cell], A_eq=shown[0], b_eq=shown[1], bounds=(0, None))
            if len(shown[0])
            else linprog(sign * sums[cell], bounds=(0, 1))
            for sign in (1, -1)
        ]
        if all(end.status == 0 for end in ends):
            assert -ends[1].fun - ends[0].fun > 1e-6


@settings(max_examples=40, deadline=None)
@given(shops(), st.integers(2, 6), st.randoms())
def test_the_order_of_rows_columns_and_index_does_not_matter(shop, min_group, random):
    records, dimensions, levels = shop
    cells = cube(records, dimensions, levels)
    shuffled = cells.sample(frac=1, random_state=random.randrange(1000))
    kept = shuffled.copy()
    expected = pd.Series(suppress(cells, dimensions, "people", min_group), index=cells.index)
    again = suppress(shuffled, dimensions, "people", min_group)
    assert again.tolist() == expected[shuffled.index].tolist()
    pd.testing.assert_frame_equal(shuffled, kept)


@settings(max_examples=40, deadline=None)
@given(shops(), st.integers(2, 6))
def test_what_is_left_of_a_shown_total_is_no_small_group(shop, min_group):
    records, dimensions, _ = shop
    cells = cube(records, dimensions, every_level(dimensions))
    hidden = suppress(cells, dimensions, "people", min_group)
    for parent in np.flatnonzero(~hidden):
        members = cells.loc[parent, dimensions]
        for over in (name for name in dimensions if pd.isna(members[name])):
            rest = [name for name in dimensions if name != over]
            same = (cells[rest].isna() & members[rest].isna()) | (cells[rest] == members[rest])
            parts = np.flatnonzero(same.all(axis=1) & cells[over].notna() & hidden)
            if len(parts):
                inside = np.ones(len(records), dtype=bool)
                for name in rest:
                    if not pd.isna(members[name]):
                        inside &= (records[name] == members[name]).to_numpy()
                inside &= records[over].isin(cells[over].iloc[parts]).to_numpy()
                assert records["who"][inside].nunique() >= min_group


def test_two_small_cells_are_hidden_with_a_third():
    cells = pd.DataFrame({"region": [None, *"abcd"], "people": [78, 2, 3, 33, 40]})
    assert suppress(cells, ["region"], "people", 10).tolist() == [False, True, True, True, False]


def test_nothing_more_is_hidden_when_the_rest_is_large_enough():
    cells = pd.DataFrame({"region": [None, *"abcd"], "people": [89, 8, 8, 33, 40]})
    assert suppress(cells, ["region"], "people", 10).tolist() == [False, True, True, False, False]


def test_a_total_goes_when_no_part_is_left():
    cells = pd.DataFrame({"region": [None, "a", "b"], "people": [5, 2, 3]})
    assert suppress(cells, ["region"], "people", 4).tolist() == [False, True, True]
    assert suppress(cells, ["region"], "people", 6).tolist() == [True, True, True]
    alone = pd.DataFrame({"region": [None, "a"], "people": [3, 3]})
    assert suppress(alone, ["region"], "people", 4).tolist() == [True, True]


def test_levels_of_a_hierarchy_protect_one_another():
    cells = pd.DataFrame(
        {
            "country": [None, "US", "MX", "US", "US", "MX"],
            "city": [None, None, None, "Seattle", "Salem", "Merida"],
            "people": [100, 60, 40, 57, 3, 40],
        }
    )
    hidden = suppress(cells, ["country", "city"], "people", 10)
    assert hidden.tolist() == [False, False, False, True, True, False]


def test_a_cell_that_is_its_own_total_is_hidden_at_every_level():
    cells = pd.DataFrame(
        {
            "country": [None, "US", "MX", "CA", "US", "MX", "CA"],
            "city": [None, None, None, None, "Salem", "Merida", "Banff"],
            "people": [103, 60, 40, 3, 60, 40, 3],
        }
    )
    hidden = suppress(cells, ["country", "city"], "people", 10)
    assert hidden.tolist() == [False, False, True, True, False, True, True]


def test_a_total_that_two_levels_share_but_nobody_shows_gives_nothing_away():
    records = pd.DataFrame(
        {
            "region": [*"aaaaa", *"bbbbb", "a"],
            "month": [*"12121", *"12121", "1"],
            "kind": [*"xxyyx", *"xxyyx", "y"],
            "who": range(11),
            "money": 1,
        }
    )
    dimensions = ["region", "month", "kind"]
    cells = cube(records, dimensions, [("region", "month"), ("month", "kind")])
    hidden = suppress(cells, dimensions, "people", 3)
    assert hidden.any()
    assert told(sums_of(cells, dimensions), hidden) == []


def test_an_unknown_count_is_small_and_nobody_is_no_group():
    cells = pd.DataFrame({"region": ["a", "b", "c"], "people": [np.nan, 0, 50]})
    assert suppress(cells, ["region"], "people", 5).tolist() == [True, False, False]


def test_a_group_of_one_may_be_shown_when_asked():
    cells = pd.DataFrame({"region": [None, "a"], "people": [1, 1]})
    assert not suppress(cells, ["region"], "people", 1).any()


def test_an_empty_table_has_nothing_to_hide():
    cells = pd.DataFrame({"region": [], "people": []})
    assert suppress(cells, ["region"], "people", 5).tolist() == []


def test_a_total_whose_parts_are_not_shown_stands_alone():
    cells = pd.DataFrame({"region": [None], "people": [3]})
    assert suppress(cells, ["region"], "people", 5).tolist() == [True]
    with_nobody = pd.DataFrame({"region": [None, "a"], "people": [3, 0]})
    assert suppress(with_nobody, ["region"], "people", 5).tolist() == [True, False]


def test_a_large_table_is_done_in_bounded_work():
    random = np.random.default_rng(7)
    size = 20_000
    records = pd.DataFrame(
        {
            "region": random.zipf(1.5, size) % 20,
            "month": random.integers(0, 12, size),
            "kind": random.zipf(1.4, size) % 30,
            "who": random.integers(0, 5000, size),
            "money": 1,
        }
    )
    dimensions = ["region", "month", "kind"]
    cells = cube(records, dimensions, every_level(dimensions))
    hidden = suppress(cells, dimensions, "people", 10)
    small = cells["people"].between(1, 9)
    assert hidden[small].all()
    assert hidden.sum() < 1.5 * small.sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"min_group": 0}, "min_group must be at least 1, not 0"),
        ({"dimensions": ["region", "moon"]}, "the cells have no column moon"),
        ({"count_column": "persons"}, "the cells have no column persons"),
        ({"dimensions": []}, "without dimensions there can be one cell only"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    cells = pd.DataFrame({"region": ["a", "b"], "people": [1, 2]})
    arguments = {"dimensions": ["region"], "count_column": "people", "min_group": 5} | change
    with pytest.raises(ValueError, match=message):
        suppress(cells, **arguments)


def test_a_cell_that_stands_twice_is_refused():
    cells = pd.DataFrame({"region": ["a", "a"], "people": [1, 2]})
    with pytest.raises(ValueError, match="a cell stands twice"):
        suppress(cells, ["region"], "people", 5)
