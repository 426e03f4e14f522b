import json

import numpy as np
import pandas as pd
import pytest

from models.tabular import TableEncoder

TABLE = pd.DataFrame(
    {
        "age": [20.0, 30.0, np.nan, 50.0],
        "job": ["nurse", "clerk", "clerk", None],
        "member": [True, False, True, True],
    }
)


def test_columns_are_told_apart():
    encoder = TableEncoder(min_rows=1).fit(TABLE)
    assert encoder.numbers_ == ["age", "member"]
    assert encoder.levels_ == {"job": ["clerk", "(missing)", "nurse"]}
    assert encoder.gaps_ == ["age"]


def test_the_design_says_what_each_feature_is():
    encoder = TableEncoder(min_rows=1).fit(TABLE)
    design = encoder.design(TABLE)
    assert design.names == [
        "age",
        "member",
        "age is missing",
        "job = clerk",
        "job = (missing)",
        "job = nurse",
    ]
    assert [encoder.columns_[place] for place in design.owner] == [
        "age",
        "member",
        "age",
        "job",
        "job",
        "job",
    ]
    known = np.array([20.0, 30.0, 50.0])
    expected = (known - known.mean()) / known.std()
    np.testing.assert_allclose(design.values[[0, 1, 3], 0], expected)
    assert design.values[2, [0, 2]].tolist() == [0.0, 1.0]
    assert design.values[:, 3:].sum(axis=1).tolist() == [1, 1, 1, 1]


def test_rare_and_unseen_levels_are_the_others():
    many = pd.DataFrame({"x": ["a"] * 12 + ["b"] * 11 + ["c"] * 3})
    encoder = TableEncoder().fit(many)
    assert encoder.levels_ == {"x": ["a", "b"]}
    codes = encoder.codes(pd.DataFrame({"x": ["a", "b", "c", "never", None]}))
    assert codes[:, 0].tolist() == [1, 2, 0, 0, 0]
    assert TableEncoder(max_levels=1).fit(many).levels_ == {"x": ["a"]}


def test_ten_thousand_categories_become_fifty():
    names = pd.DataFrame({"x": [f"v{i % 10_000}" for i in range(110_000)]})
    assert len(TableEncoder().fit(names).levels_["x"]) == 50


def test_hinges_are_splines_at_quantiles():
    table = pd.DataFrame({"x": np.arange(101.0)})
    encoder = TableEncoder().fit(table)
    design = encoder.design(table, knots=1)
    assert design.names == ["x", "x > 50"]
    assert (design.values[:51, 1] == 0).all()
    np.testing.assert_allclose(np.diff(design.values[50:, 1]), 1 / encoder.scale_["x"])


def test_infinite_is_missing_and_constant_is_harmless():
    table = pd.DataFrame({"x": [1.0, np.inf, 3.0], "same": [5.0, 5.0, 5.0], "none": [np.nan] * 3})
    encoder = TableEncoder().fit(table)
    values = encoder.design(table, knots=3).values
    assert np.isfinite(values).all()
    assert np.isnan(encoder.numbers(table)[1, 0])
    assert set(encoder.gaps_) == {"x", "none"}


def test_order_of_rows_says_nothing():
    first, second = TableEncoder(min_rows=1).fit(TABLE), TableEncoder(min_rows=1).fit(TABLE[::-1])
    assert first.get_state() == second.get_state()


def test_the_state_is_plain_and_comes_back():
    encoder = TableEncoder(min_rows=1).fit(TABLE)
    again = TableEncoder.from_state(json.loads(json.dumps(encoder.get_state())))
    np.testing.assert_array_equal(again.design(TABLE).values, encoder.design(TABLE).values)
    assert list(again.levels_) == list(encoder.levels_)
    with pytest.raises(ValueError, match="lacks 'gaps'"):
        TableEncoder.from_state({k: v for k, v in encoder.get_state().items() if k != "gaps"})


def test_the_typical_row():
    row = TableEncoder(min_rows=1).fit(TABLE).typical().iloc[0]
    assert row["job"] == "clerk"
    assert row["age"] == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([[1]], "a DataFrame is needed, not list"),
        (pd.DataFrame(index=[1]), "no column"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "stand twice: a"),
    ],
)
def test_bad_tables(table, told):
    with pytest.raises(ValueError, match=told):
        TableEncoder().fit(table)


def test_lacking_columns_are_all_named():
    with pytest.raises(ValueError, match="lacks age, job"):
        TableEncoder().fit(TABLE).codes(pd.DataFrame({"member": [True]}))
    with pytest.raises(ValueError, match="start at 1"):
        TableEncoder(max_levels=0)
