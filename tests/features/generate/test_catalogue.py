import numpy as np
import pytest

from features.generate.catalogue import make_catalogue
from features.generate.draws import stream
from features.generate.segments import SEGMENTS
from features.generate.shelves import SHELVES


@pytest.mark.parametrize("items", [200, 775, 3_000])
def test_a_catalogue_has_as_many_items_as_asked_with_names_of_their_own(items):
    catalogue = make_catalogue(items, 0)
    assert catalogue.size == items == len(catalogue.price) == len(catalogue.popularity)
    assert len(set(catalogue.names)) == items
    assert len(set(catalogue.ids)) == items


def test_items_are_spread_evenly_over_the_categories():
    count = np.bincount(make_catalogue(1_000, 0).category, minlength=len(SHELVES))
    assert count.max() - count.min() <= 1


def test_names_speak_of_their_category(catalogue):
    for name, code in zip(catalogue.names, catalogue.category, strict=True):
        assert any(noun in name for noun in SHELVES[code].nouns)


def test_same_seed_same_catalogue_other_seed_other_catalogue():
    assert make_catalogue(300, 1).names == make_catalogue(300, 1).names
    assert make_catalogue(300, 1).names != make_catalogue(300, 2).names


def test_prices_look_like_a_shop_s_and_costs_leave_a_margin(catalogue):
    assert (catalogue.price % 10 == 9).all()
    assert (catalogue.price[catalogue.price > 2_000] % 100 == 99).all()
    assert (catalogue.cost > 0).all()
    assert (catalogue.cost < catalogue.price).all()
    share = 1 - catalogue.cost / catalogue.price
    usual = np.array([shelf.margin for shelf in SHELVES])[catalogue.category]
    assert np.abs(share / usual - 1).max() < 0.2


def test_margin_is_price_less_cost(catalogue):
    table = catalogue.table().to_pandas()
    assert (table["price"] - table["cost"] - table["margin"]).abs().max() < 1e-9
    assert table.groupby("category")["department"].nunique().eq(1).all()


def test_some_items_sell_far_better_than_others(catalogue):
    for code in range(len(SHELVES)):
        sold = np.sort(catalogue.popularity[catalogue.category == code])
        assert sold[-1] > 2 * sold[0]


def test_thrifty_segments_take_the_cheaper_items():
    catalogue = make_catalogue(3_000, 5)
    names = [s.name for s in SEGMENTS]
    rows = np.array([names.index("bargain hunter"), names.index("gourmet")]) * len(SHELVES)
    drawn = catalogue.wheels.draw(stream(0), np.repeat(rows, 3_000)).reshape(2, -1)
    assert (catalogue.category[drawn] == 0).all()
    cheap, dear = catalogue.price[drawn].mean(axis=1)
    assert dear > 1.5 * cheap


def test_prices_rise_once_a_year_and_fall_in_a_sale(catalogue, calendar):
    prices = catalogue.prices(calendar)
    assert prices.shape == (24, catalogue.size)
    assert (prices[-1] == catalogue.price).all()
    dear = catalogue.price > 2_000
    assert prices[10, dear].mean() / prices[22, dear].mean() == pytest.approx(1 / 1.03, abs=0.005)
    ratio = prices[12, dear] / prices[13, dear]
    assert set(np.round(ratio, 1)) == {0.8, 1.0}
    assert (prices[1:6] == prices[1]).all()


def test_best_sellers_sell_as_well_as_the_best_of_their_category():
    catalogue = make_catalogue(400, 3)
    worst = int(np.argmin(catalogue.popularity))
    changed = catalogue.with_best_sellers([worst])
    shelf = catalogue.category == catalogue.category[worst]
    assert changed.popularity[worst] == catalogue.popularity[shelf].max()
    others = np.arange(catalogue.size) != worst
    assert (changed.popularity[others] == catalogue.popularity[others]).all()
    assert catalogue.popularity[worst] < changed.popularity[worst]
