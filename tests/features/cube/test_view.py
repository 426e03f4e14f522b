"""Slice, dice, drill, roll, rotate: each turn is another view, and totals are those of detail."""

import pandas as pd
import pytest

from features.cube import Interval
from lodeworks.errors import ConfigError


def values(view, measure="sales"):
    result = view.measures(measure).result()
    frame = result.to_pandas()
    return {
        tuple(None if v != v else v for v in row[: len(result.levels)]): round(row[-1], 6)
        for row in frame.itertuples(index=False, name=None)
    }


def test_the_view_of_everything_is_one_cell_with_every_measure(cube, lines):
    row = cube.view.result().to_pandas().iloc[0]
    assert row["sales"] == pytest.approx(46.35, abs=1e-12)
    assert row["cost"] == 19.0
    assert (row["lines"], row["customers"]) == (7, 4)
    assert row["mean"] == pytest.approx(lines["amount"].mean())
    assert (row["least"], row["most"]) == (1.10, 20.20)
    assert row["profit"] == pytest.approx(27.35)
    assert row["margin"] == pytest.approx(27.35 / 46.35)


def test_a_ratio_is_made_anew_at_every_level_and_not_averaged(cube):
    margins = values(cube.view.rows("product.family").totals(), "margin")
    assert margins[("Food",)] == pytest.approx(3.6 / 6.6, abs=1e-6)
    assert margins[(None,)] == pytest.approx(27.35 / 46.35, abs=1e-6)


def test_towns_of_one_name_stay_apart(cube):
    assert values(cube.view.rows("place.town")) == {
        ("North", "Ash"): 15.6,
        ("South", "Ash"): 6.15,
        ("South", "Bay"): 24.6,
    }


def test_months_of_different_years_stay_apart_unless_the_year_stands_on_the_other_side(cube):
    assert list(values(cube.view.rows("time.month"))) == [
        (2023, 11), (2023, 12), (2024, 1), (2024, 2), (2024, 3)
    ]  # fmt: skip
    crossed = cube.view.rows("time.month").columns("time.year").totals()
    assert values(crossed)[(1, None)] == 6.15
    assert values(crossed)[(None, 2024)] == 34.05


def test_a_slice_fixes_a_member_and_takes_its_level_off_the_axes(cube):
    view = cube.view.rows("product.family", "product.item").slice({"product.family": "Drink"})
    assert view.row_levels == ("product.item",)
    assert values(view) == {("milk",): 4.4, ("tea",): 35.35}


def test_a_slice_finds_the_level_of_its_member(cube):
    assert values(cube.view.slice(product="Food")) == {(): 6.6}
    assert values(cube.view.slice(product="milk")) == {(): 4.4}
    assert values(cube.view.slice(time=2023)) == {(): 12.3}


def test_a_slice_of_an_unknown_member_says_where_it_looked(cube):
    with pytest.raises(ConfigError, match=r"no level of 'product' \(family, item\) has .*'Fuel'"):
        cube.view.slice(product="Fuel")


def test_dice_takes_sets_and_intervals(cube):
    view = cube.view.rows("product.item")
    assert values(view.dice({"product.item": {"tea", "milk"}})) == {
        ("milk",): 4.4,
        ("tea",): 35.35,
    }
    assert values(view.dice({"time.month": Interval(1, 2)})) == {
        ("bread",): 4.4, ("milk",): 1.1, ("tea",): 25.25
    }  # fmt: skip
    assert values(view.dice({"time.day": Interval(high="2023-12-31")})) == {
        ("bread",): 2.2, ("tea",): 10.1
    }  # fmt: skip


def test_conditions_in_text_mean_the_same(cube):
    view = cube.view.rows("product.item")
    assert view.where("time.month=1..2") == view.dice({"time.month": Interval(1, 2)})
    assert values(view.where("product.item!=tea", "time.year=2024")) == {
        ("bread",): 4.4, ("milk",): 4.4
    }  # fmt: skip


def test_the_parts_of_a_drill_sum_to_their_whole(cube):
    states = values(cube.view.rows("place.state"))
    towns = values(cube.view.rows("place.state").drill_down("place"))
    for (state,), whole in states.items():
        parts = [part for (above, _), part in towns.items() if above == state]
        assert sum(parts) == pytest.approx(whole, abs=1e-9)


def test_drilling_goes_one_level_at_a_time_and_into_one_member(cube):
    view = cube.view.rows("time.year").drill_down("time", into=2023)
    assert view.row_levels == ("time.year", "time.quarter")
    assert values(view) == {(2023, 4): 12.3}
    assert cube.view.drill_down("product").row_levels == ("product.family",)


def test_weeks_have_no_parent_and_lead_to_days(cube):
    assert cube.view.rows("time.week").drill_down("time").row_levels == ("time.week", "time.day")
    assert values(cube.view.rows("time.week"))[("2024-W01",)] == 5.05


def test_rolling_up_undoes_drilling(cube):
    view = cube.view.rows("place.state")
    assert view.drill_down("place").roll_up("place") == view
    assert cube.view.rows("place.town").roll_up("place").row_levels == ("place.state",)
    assert view.roll_up("place").row_levels == ()


def test_the_ends_of_a_dimension_are_told(cube):
    with pytest.raises(ConfigError, match=r"'product\.item' is the finest level of 'product'"):
        cube.view.rows("product.item").drill_down("product")
    with pytest.raises(ConfigError, match="'product' is not on rows or columns"):
        cube.view.roll_up("product")


def test_rotating_twice_is_no_turn(cube):
    view = cube.view.rows("product.family", "product.item").columns("time.year")
    turned = view.rotate()
    assert turned.row_levels == ("time.year",)
    assert turned.rotate() == view
    assert values(view)[("Drink", "tea", 2023)] == values(turned)[(2023, "Drink", "tea")]


def test_rotating_brings_a_hidden_dimension_forward(cube):
    view = cube.view.rows("product.family", "product.item").columns("time.year")
    assert view.rotate("product", "place").row_levels == ("place.state",)
    with pytest.raises(ConfigError, match="'product' must be shown and 'time' must not"):
        view.rotate("product", "time")
    with pytest.raises(ConfigError, match="both dimensions"):
        view.rotate("product")


def test_a_view_never_changes(cube):
    view = cube.view.rows("product.family")
    view.where("product.family=Food").drill_down("product").totals().what_if("x: sales * 2")
    assert view == cube.view.rows("product.family")


def test_nested_totals_and_all_totals(cube):
    view = cube.view.rows("product.family", "place.state").columns("time.year")
    nested = {
        tuple(v is not None for v in key) for key in values(view.totals("nested"))
    }  # fmt: skip
    assert (False, True, True) not in nested
    assert (True, False, False) in nested
    every = {tuple(v is not None for v in key) for key in values(view.totals("all"))}
    assert len(every) == 8


def test_all_totals_keep_a_hierarchy_nested(cube):
    view = cube.view.rows("product.family", "product.item").totals("all")
    kinds = set(view.result().to_pandas()["grain"])
    assert kinds == {"product.family, product.item", "product.family", "Total"}


def test_members_are_listed_in_order(cube):
    assert cube.members("product") == ["Drink", "Food"]
    assert cube.members("product", "item") == ["bread", "jam", "milk", "tea"]
    assert cube.members("time", "quarter") == [1, 4]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v.rows("prodct.family"), "unknown dimension 'prodct'; did you mean 'product'?"),
        (lambda v: v.rows("product.famly"), "unknown level 'famly'; did you mean 'family'?"),
        (lambda v: v.rows("product"), "'product' is a dimension; name one of its levels"),
        (lambda v: v.measures("sale"), "unknown measure 'sale'; did you mean 'sales'?"),
        (lambda v: v.where("product.family=Drnk"), "has no member 'Drnk'; did you mean 'Drink'?"),
        (lambda v: v.where("time.year=soon"), "'soon' is not a value of type INTEGER"),
        (lambda v: v.where("time.year=2023.5"), "'2023.5' is not a value of type INTEGER"),
        (lambda v: v.where("time.year"), "is not a condition such as"),
        (lambda v: v.totals("every"), "unknown kind of totals 'every'"),
        (lambda v: v.rows("product.item", "product.family"), "go from coarse to fine"),
        (lambda v: v.rows("product.item").columns("product.item"), "can be shown once"),
        (lambda v: v.share_of_parent("sales", "plce").result(), "did you mean 'place'?"),
        (lambda v: v.running_total("customers"), "'customers' does not add up over time"),
        (lambda v: v.growth("sales").result(), "growth needs levels of one dimension of time"),
    ],
)
def test_wrong_questions_are_answered_with_what_is_near(cube, ask, message):
    with pytest.raises(ConfigError) as caught:
        ask(cube.view)
    assert message in str(caught.value)


def test_an_unknown_member_of_many_shows_a_few(shop):
    many = pd.DataFrame({"item": [f"x{i}" for i in range(40)] + list("abc"), "family": "F"})
    with pytest.raises(ConfigError, match=r"it has a, b, c, x0, .* \.\.\. \(43 members\)"):
        shop(goods=many).view.where("product.item=????")


def test_a_row_that_finds_no_dimension_keeps_its_place(shop):
    goods = pd.DataFrame({"item": ["tea", "bread"], "family": ["Drink", "Food"]})
    cube = shop(goods=goods)
    view = cube.view.rows("product.family").totals()
    assert values(view)[(None,)] == 46.35
    assert view.measures("sales").result().pivot().index.tolist() == [
        "Drink", "Food", "(none)", "Total"
    ]  # fmt: skip
    assert values(cube.view.where("product.family=(none)")) == {(): 4.4}
    assert values(cube.view.where('product.family!="Drink"')) == {(): 11.0}


def test_an_empty_choice_gives_an_empty_answer(cube):
    view = cube.view.rows("product.item").where("time.year=2023", "product.item=milk")
    assert len(view.result()) == 0
    assert view.result().pivot().empty
    assert values(cube.view.where("time.year=2023", "product.item=milk")) == {(): 0.0}
