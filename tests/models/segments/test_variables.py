"""Variables that say the same are grouped."""

import numpy as np
import pandas as pd
import pytest

from models.segments import VariableClusters

every_method = pytest.mark.parametrize("method", ["hierarchical", "principal"])


def two_factors(n=400, seed=0):
    rng = np.random.default_rng(seed)
    spend, age = rng.normal(size=(2, n))
    noise = lambda: 0.3 * rng.normal(size=n)  # noqa: E731
    return pd.DataFrame(
        {
            "spend": spend + noise(),
            "orders": spend + noise(),
            "debt": -spend + noise(),
            "age": age + noise(),
            "tenure": age + noise(),
        }
    )


@every_method
def test_two_factors_make_two_groups_whatever_the_sign(method):
    table = VariableClusters(method).fit(two_factors()).table_
    groups = table.groupby("group")["variable"].agg(sorted).tolist()
    assert groups == [["debt", "orders", "spend"], ["age", "tenure"]]
    assert (table["r2_own"] > 0.8).all()
    assert (table["r2_next"] < 0.1).all()


@every_method
def test_one_variable_stands_for_each_group(method):
    found = VariableClusters(method).fit(two_factors())
    assert len(found.representatives_) == 2
    table = found.table_
    assert table["ratio"].to_numpy() == pytest.approx(
        (1 - table["r2_own"]) / (1 - table["r2_next"])
    )


def test_the_first_component_is_that_of_the_correlation():
    frame = two_factors()[["spend", "orders", "debt"]]
    table = VariableClusters().fit(frame).table_.set_index("variable")
    values, vectors = np.linalg.eigh(frame.corr().to_numpy())
    loading = vectors[:, -1] ** 2 * values[-1]
    assert table.loc[list(frame), "r2_own"].to_numpy() == pytest.approx(loading)


@every_method
def test_constant_empty_and_text_columns_are_left_out(method):
    frame = two_factors().assign(land="UK", constant=1.0, empty=np.nan)
    found = VariableClusters(method).fit(frame)
    assert found.left_out_ == ["land", "constant", "empty"]


@every_method
def test_missing_numbers_and_more_columns_than_rows(method):
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 20))).add_prefix("v")
    wide.iloc[0, 0] = np.nan
    table = VariableClusters(method).fit(wide).table_
    assert sorted(table["variable"]) == sorted(wide)


@every_method
def test_one_variable_is_its_own_group(method):
    table = VariableClusters(method).fit(pd.DataFrame({"age": [1.0, 2.0, 4.0]})).table_
    assert table[["variable", "group", "stands_for_group"]].values.tolist() == [["age", 0, True]]


def test_independent_variables_stay_apart():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 6))).add_prefix("v")
    assert VariableClusters().fit(frame).table_["group"].nunique() == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "oblique"}, "hierarchical or principal but got 'oblique'"),
        ({"least": 2.0}, "least must be from 0 to 1"),
        ({"eigenvalue": 0.0}, "eigenvalue above 0"),
    ],
)
def test_wrong_parameters_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        VariableClusters(**arguments).fit(two_factors())


def test_nothing_that_varies_is_refused():
    with pytest.raises(ValueError, match="no attribute varies"):
        VariableClusters().fit(pd.DataFrame({"a": [1, 1], "b": ["x", "y"]}))
