import numpy as np
import pytest

from features.generate.customers import FAVOURITES, draw_customers
from features.generate.segments import SEGMENTS, STAGES
from features.generate.shelves import SHELVES


def test_segments_have_their_shares(customers):
    share = np.bincount(customers.segment) / customers.size
    assert share == pytest.approx([s.share for s in SEGMENTS], abs=0.03)


def test_customers_are_there_before_they_leave(customers, calendar):
    assert (customers.joined < customers.leaves).all()
    assert (customers.leaves >= 1).all()
    assert (customers.leaves <= calendar.days).all()
    assert (customers.joined < calendar.days).all()


def test_most_joined_before_the_period_and_some_leave_within_it(customers, calendar):
    assert (customers.joined < 0).mean() == pytest.approx(0.65, abs=0.04)
    assert (customers.leaves < calendar.days).mean() == pytest.approx(0.3, abs=0.04)


def test_ages_fit_the_stage_of_life(customers):
    age = 2023 - customers.birth_year
    for code, stage in enumerate(STAGES):
        inside = age[customers.stage == code]
        assert inside.min() >= stage.youngest
        assert inside.max() <= stage.oldest


def test_rates_have_a_heavy_tail(customers):
    assert customers.rate.min() > 0
    assert np.quantile(customers.rate, 0.99) > 5 * np.median(customers.rate)


def test_tastes_differ_by_segment_and_stage(customers):
    category = [shelf.category for shelf in SHELVES]
    share = customers.taste / customers.taste.sum(axis=1, keepdims=True)
    nappies = share[:, category.index("Nappies")]
    young_family = customers.stage == [s.name for s in STAGES].index("young family")
    assert nappies[young_family].mean() > 10 * nappies[~young_family].mean()
    wine = share[:, category.index("Wine")]
    gourmet = customers.segment == [s.name for s in SEGMENTS].index("gourmet")
    assert wine[gourmet].mean() > 3 * wine[~gourmet].mean()


def test_favourites_are_mostly_staples(customers, catalogue):
    assert customers.favourites.shape == (customers.size, FAVOURITES)
    staple = np.array([s.staple for s in SHELVES])[catalogue.category]
    weight = np.array([s.staple for s in SHELVES])
    by_taste = (customers.taste * weight).sum() / customers.taste.sum()
    assert staple[customers.favourites].mean() > 1.1 * by_taste


def test_a_block_does_not_depend_on_other_blocks(catalogue, calendar):
    second = draw_customers(range(500, 700), 1, 3, catalogue, calendar)
    draw_customers(range(500), 0, 3, catalogue, calendar)
    again = draw_customers(range(500, 700), 1, 3, catalogue, calendar)
    assert all((getattr(second, n) == getattr(again, n)).all() for n in ("taste", "joined", "rate"))
    assert second.ids[0] == "K1000501"


def test_the_table_has_one_row_a_customer(customers, calendar):
    table = customers.table(calendar).to_pandas()
    assert table["customer_id"].is_unique
    assert len(table) == customers.size
    assert table["opt_out"].mean() == pytest.approx(0.04, abs=0.015)
    assert table.notna().all().all()


def test_the_truth_has_no_day_of_leaving_for_those_who_stay(customers, calendar):
    truth = customers.truth(calendar).to_pandas()
    stays = customers.leaves == calendar.days
    assert (truth["left_on"].isna() == stays).all()
    assert set(truth["segment"]) == {s.name for s in SEGMENTS}
