"""The figures of the FoodMart warehouse, as its documentation has them."""

import pytest

from features.cube import Cube
from pipelines.cubes.declared import load_cube

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cube(real_data, repository):
    path = repository / "configs" / "cubes" / "foodmart.yaml"
    return Cube(load_cube(path, environ={"LODE_DATA": str(real_data)}))


def by(result, name):
    frame = result.to_pandas()
    keys = frame[list(result.levels)].astype(object).itertuples(index=False, name=None)
    return dict(zip(keys, frame[name], strict=True))


def test_the_totals_of_1997(cube):
    row = cube.view.where("time.year=1997").result().to_pandas().iloc[0]
    assert row["unit_sales"] == 266_773
    assert round(row["store_sales"], 2) == 565_238.13
    assert round(row["store_cost"], 4) == 225_627.2336
    assert row["customers"] == 5_581
    assert row["lines"] == 86_837


def test_the_families_of_products(cube):
    result = cube.view.rows("product.family").measures("store_sales").result()
    found = {key[0]: round(value, 2) for key, value in by(result, "store_sales").items()}
    assert found == {"Drink": 48_836.21, "Food": 409_035.59, "Non-Consumable": 107_366.33}


@pytest.mark.parametrize(
    ("start", "dimension", "steps"),
    [("customer.country", "customer", 2), ("store.country", "store", 2), ("time.year", "time", 2)],
)
def test_the_parts_of_every_drill_sum_to_their_whole(cube, start, dimension, steps):
    view = cube.view.rows(start).measures("store_sales", "unit_sales", "store_cost")
    for _ in range(steps):
        above, view = view.result(), view.drill_down(dimension)
        below = view.result()
        for name in ("store_sales", "unit_sales", "store_cost"):
            wholes, sums = by(above, name), {}
            for key, value in by(below, name).items():
                whole = key[: len(above.levels)]
                sums[whole] = sums.get(whole, 0) + value
            assert sums == pytest.approx(wholes, abs=1e-6)


def test_customers_of_the_parts_are_more_than_those_of_the_whole(cube):
    view = cube.view.rows("store.city").measures("customers").totals()
    frame = view.result().to_pandas()
    assert frame["customers"].iloc[-1] == 5_581
    assert frame["customers"].iloc[:-1].sum() > 5_581


def test_the_example_scenario_moves_the_margin(cube):
    view = cube.view.measures("store_sales", "margin").what_if("dearer_drinks")
    row = view.result().frame.iloc[0]
    drinks = 48_836.21
    moved = 565_238.13 - drinks + drinks * 1.1 * 0.95
    assert row["store_sales [dearer_drinks]"] == pytest.approx(moved, abs=1e-4)
    assert row["margin [dearer_drinks] difference"] > 0


def test_a_dimension_can_be_the_sum_of_two_roads(cube):
    """The same city by its customers and by its stores: other figures, the same total."""
    for level in ("store.city", "customer.city"):
        result = cube.view.rows(level).measures("store_sales").totals().result()
        assert round(result.frame["store_sales"].iloc[-1], 2) == 565_238.13
