"""Analysis of variance gives the published figures of R's examples."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from models.statistics import one_way_anova, tukey, two_way_anova


def test_plant_growth(plants):
    found = one_way_anova(plants, "w", "group")
    row = found.table.loc["group"]
    assert row["sum_of_squares"] == pytest.approx(3.76634, abs=1e-5)
    assert row["df"] == 2
    assert row["f"] == pytest.approx(4.846, abs=1e-3)
    assert row["p_value"] == pytest.approx(0.01591, abs=1e-5)
    assert found.table.loc["residual", "sum_of_squares"] == pytest.approx(10.49209, abs=1e-5)
    assert found.welch_p == pytest.approx(0.01739, abs=1e-5)
    assert found.groups["mean"].round(3).tolist() == [5.032, 4.661, 5.526]


def test_effect_sizes_follow_from_their_definitions(plants):
    row = one_way_anova(plants, "w", "group").table.loc["group"]
    within, between = 10.49209, 3.76634
    mean_square = within / 27
    assert row["eta2"] == pytest.approx(between / (within + between), abs=1e-5)
    assert row["partial_eta2"] == pytest.approx(row["eta2"])
    omega = (between - 2 * mean_square) / (within + between + mean_square)
    assert row["omega2"] == pytest.approx(omega, abs=1e-5)


def test_tukey_on_plant_growth(plants):
    pairs = tukey(plants, "w", "group").set_index(["first", "second"])
    assert pairs.loc[("trt1", "trt2")].round(4).tolist() == pytest.approx(
        [0.865, 0.1738, 1.5562, 0.0120], abs=1e-4
    )
    assert pairs.loc[("ctrl", "trt1")].tolist() == pytest.approx(
        [-0.371, -1.0622161, 0.3202161, 0.3908711], abs=1e-4
    )
    assert pairs.loc[("ctrl", "trt2")].tolist() == pytest.approx(
        [0.494, -0.1972161, 1.1852161, 0.1979960], abs=1e-4
    )


def test_tooth_growth_with_two_factors(teeth):
    table = two_way_anova(teeth, "len", "supp", "dose").table
    assert table["f"].drop("residual").round(3).tolist() == [15.572, 92.0, 4.107]
    assert table["df"].tolist() == [1, 2, 2, 54]
    assert table.loc["supp", "p_value"] == pytest.approx(0.000231, abs=1e-6)
    assert table.loc["supp x dose", "p_value"] == pytest.approx(0.0218603, abs=1e-6)
    assert table.loc["dose", "sum_of_squares"] == pytest.approx(2426.4, abs=0.1)


def test_type_two_does_not_depend_on_the_order_of_factors(teeth):
    some = teeth.iloc[np.r_[0:7, 10:33, 35:60]]
    first = two_way_anova(some, "len", "supp", "dose").table
    second = two_way_anova(some, "len", "dose", "supp").table
    for name in ("supp", "dose"):
        assert first.loc[name].tolist() == pytest.approx(second.loc[name].tolist())


def test_pairs_of_both_factors_are_compared(teeth):
    found = two_way_anova(teeth, "len", "supp", "dose")
    assert found.post_hoc["factor"].tolist() == ["supp", "dose", "dose", "dose"]
    assert len(found.groups) == 6


def test_f_is_that_of_scipy_on_unequal_groups():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"g": rng.choice(list("abc"), 50), "y": rng.normal(size=50)})
    found = one_way_anova(table, "y", "g").table.loc["g"]
    expected = f_oneway(*[part["y"] for _, part in table.groupby("g")])
    assert (found["f"], found["p_value"]) == (
        pytest.approx(expected.statistic),
        pytest.approx(expected.pvalue),
    )


def test_missing_values_are_left_out(plants):
    more = pd.concat([plants, pd.DataFrame({"group": ["ctrl", None], "w": [None, 9.0]})])
    assert one_way_anova(more, "w", "group").table.equals(one_way_anova(plants, "w", "group").table)


def test_column_names_may_be_anything(plants):
    odd = plants.rename(columns={"w": "weight (kg)", "group": "C(a) + x"})
    assert one_way_anova(odd, "weight (kg)", "C(a) + x").table.index[0] == "C(a) + x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"w": "v"}), "unknown column 'w'; did you mean 'v'|allowed"),
        (lambda t: t.assign(w=1.0), r"constant columns tell nothing: \['w'\]"),
        (lambda t: t.assign(group="a"), r"constant columns tell nothing: \['group'\]"),
        (lambda t: t.assign(w=np.nan), r"all missing: columns \['w'\]"),
        (lambda t: t.iloc[:12].iloc[1:11], r"groups of one row cannot be compared: .'trt1'"),
        (lambda t: t.head(2), "2 complete rows are too few"),
    ],
)
def test_bad_input(plants, change, message):
    with pytest.raises(ValueError, match=message):
        one_way_anova(change(plants), "w", "group")


def test_an_empty_cell_is_refused_only_with_an_interaction(teeth):
    gap = teeth[~((teeth["supp"] == "VC") & (teeth["dose"] == "2"))]
    with pytest.raises(ValueError, match=r"1 of 6 combinations .* interaction=False"):
        two_way_anova(gap, "len", "supp", "dose")
    table = two_way_anova(gap, "len", "supp", "dose", interaction=False).table
    assert table.index.tolist() == ["supp", "dose", "residual"]
