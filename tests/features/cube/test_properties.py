"""Whatever the table, the levels and the filters: totals are those that pandas finds in detail."""

from itertools import product

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.cube import Cube, CubeDeclaration

MEMBERS = st.sampled_from(["a", "b", "'; DROP TABLE t --", 'q"uote', "$v0", None])
ROWS = st.lists(
    st.tuples(
        MEMBERS,
        st.sampled_from(["x", "y", None]),
        st.integers(0, 2),
        st.integers(-10_000, 10_000),
        st.sampled_from(["k", "l", "m"]),
    ),
    min_size=1,
    max_size=30,
)
LEVELS = ["one.member", "two.member", "three.member"]


def cube_of(rows):
    frame = pd.DataFrame(rows, columns=["one", "two", "three", "cents", "who"])
    frame["amount"] = frame["cents"] / 100
    connection = duckdb.connect()
    connection.register("given", frame)
    connection.execute(
        "CREATE TABLE t AS SELECT CAST(one AS VARCHAR) AS one, CAST(two AS VARCHAR) AS two, "
        "CAST(three AS INTEGER) AS three, amount, who FROM given"
    )
    declaration = CubeDeclaration.model_validate(
        {
            "name": "t",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {
                name: {"levels": {"member": f"t.{name}"}} for name in ("one", "two", "three")
            },
            "measures": {
                "amount": {"kind": "sum", "column": "t.amount"},
                "rows": {"kind": "count"},
                "who": {"kind": "distinct", "column": "t.who"},
                "least": {"kind": "min", "column": "t.amount"},
                "mean": {"kind": "average", "column": "t.amount"},
            },
        }
    )
    return Cube(declaration, connection), frame


def by_pandas(frame, kept):
    """Give the same cells, found in the detail one kind of total at a time."""
    texts = frame.assign(
        **{name: frame[name].map(lambda v: "(none)" if pd.isna(v) else str(v)) for name in kept}
    )
    groups = texts.groupby(kept) if kept else [((), texts)]
    return {
        tuple(key): (
            part["cents"].sum() / 100,
            len(part),
            part["who"].nunique(),
            part["amount"].min(),
            part["amount"].mean(),
        )
        for key, part in groups
    }


def cells_of(result, kept):
    shown = {level: result.is_total(level) for level in result.levels}
    chosen = np.ones(len(result), dtype=bool)
    for level in result.levels:
        chosen &= shown[level] != (level in kept)
    frame = result.frame[chosen]
    labels = [frame[key].map(lambda v: "(none)" if pd.isna(v) else str(v)) for key in kept]
    measured = frame[["amount", "rows", "who", "least", "mean"]].to_numpy()
    keys = list(zip(*labels, strict=True)) if kept else [()] * len(frame)
    return dict(zip(keys, measured, strict=True))


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, chosen=st.permutations(LEVELS), split=st.integers(0, 3), size=st.integers(0, 3))
def test_every_total_at_every_level_is_that_of_the_detail(rows, chosen, split, size):
    cube, frame = cube_of(rows)
    levels = chosen[:size]
    view = cube.view.rows(*levels[:split]).columns(*levels[split:]).totals("all")
    result = view.result()
    for flags in product([True, False], repeat=len(levels)):
        kept = [level for level, flag in zip(levels, flags, strict=True) if flag]
        expected = by_pandas(frame, [level.partition(".")[0] for level in kept])
        found = cells_of(result, kept)
        assert set(found) == set(expected)
        for key, values in expected.items():
            assert found[key] == pytest.approx(values, abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, member=MEMBERS, low=st.integers(0, 2), exclude=st.booleans())
def test_filters_choose_the_rows_that_pandas_chooses(rows, member, low, exclude):
    from features.cube import Interval, Members

    cube, frame = cube_of(rows)
    there = frame["one"].isna() if member is None else frame["one"] == member
    if member is not None and not there.any():
        return
    mask = (~there if exclude else there) & (frame["three"] >= low)
    view = cube.view.dice(
        {"one.member": Members((member,), exclude), "three.member": Interval(low)}
    )
    row = view.result().frame.iloc[0]
    assert row["rows"] == mask.sum()
    assert row["amount"] == pytest.approx(frame.loc[mask, "cents"].sum() / 100, abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_rotating_twice_gives_the_same_cells_and_once_the_same_values(rows):
    cube, _ = cube_of(rows)
    view = cube.view.rows("one.member").columns("two.member").totals()
    pd.testing.assert_frame_equal(
        view.rotate().rotate().result().to_pandas(), view.result().to_pandas()
    )
    amounts = view.measures("amount")
    there, back = amounts.result().pivot(), amounts.rotate().result().pivot()
    assert np.array_equal(there.to_numpy(), back.to_numpy().T, equal_nan=True)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_shares_of_a_parent_sum_to_one(rows):
    cube, _ = cube_of(rows)
    view = cube.view.rows("one.member").columns("two.member").measures("rows")
    frame = view.share_of_parent("rows").result().frame
    sums = frame.groupby("two.member", dropna=False)["rows share"].sum()
    assert sums.to_numpy() == pytest.approx(1.0)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 5))
def test_the_order_of_rows_changes_nothing_at_all(rows, seed):
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    views = [
        cube_of(each)[0].view.rows("one.member").columns("two.member").totals()
        for each in (rows, shuffled)
    ]
    pd.testing.assert_frame_equal(*(view.result().to_pandas() for view in views), check_exact=True)


@settings(max_examples=10, deadline=None)
@given(rows=ROWS, factor=st.sampled_from([0.5, 1.1, 3.0]))
def test_a_scenario_at_the_top_is_the_sum_of_its_parts(rows, factor):
    cube, frame = cube_of(rows)
    view = cube.view.measures("amount").rows("one.member").totals()
    chosen = frame["three"].iloc[0]
    result = view.what_if(f"s: amount * {factor} where three.member={chosen}").result()
    total = result.is_total("one.member")
    column = result.frame["amount [s]"]
    assert column[~total].sum() == pytest.approx(column[total].iloc[0], abs=1e-7)
    own = frame["amount"] * np.where(frame["three"] == chosen, factor, 1)
    assert column[total].iloc[0] == pytest.approx(own.sum(), abs=1e-7)
