from datetime import date

import numpy as np
import pytest

from features.generate.draws import stream
from features.generate.seasons import SECONDS, Calendar, season_of_categories
from features.generate.shelves import SHELVES


def test_months_are_numbered_within_the_year_and_through_the_period(calendar):
    assert calendar.days == 731
    assert calendar.month[0] == 0
    assert calendar.month[-1] == 11
    assert calendar.period[0] == 0
    assert calendar.period[-1] == 23


def test_trade_runs_from_nothing_to_everything(calendar):
    assert calendar.elapsed[0] == 0
    assert calendar.elapsed[-1] == pytest.approx(1)
    assert (np.diff(calendar.elapsed) > 0).all()


def test_december_is_busier_than_january_and_saturday_than_sunday(calendar):
    trade = np.diff(calendar.elapsed)
    assert trade[calendar.month == 11].sum() > 1.5 * trade[calendar.month == 0].sum()
    weekday = (calendar.first + np.arange(calendar.days)).astype("datetime64[D]").astype(int)
    saturday, sunday = trade[(weekday + 3) % 7 == 5], trade[(weekday + 3) % 7 == 6]
    assert saturday.mean() > 1.5 * sunday.mean()
    assert date(2023, 1, 7).weekday() == 5
    assert trade[6] > trade[7]


def test_the_shop_is_closed_at_christmas(calendar):
    christmas = (date(2023, 12, 25) - date(2023, 1, 1)).days
    assert np.diff(calendar.elapsed)[christmas] < 1e-9


def test_a_period_of_christmas_day_alone_works():
    calendar = Calendar.between(date(2023, 12, 25), date(2023, 12, 25))
    assert calendar.day_at(np.array([0.0, 0.5, 1.0])).tolist() == [0, 0, 0]


def test_day_at_is_the_inverse_of_trade_before(calendar):
    days = np.array([0, 17, 300, 730])
    middle = (calendar.trade_before(days) + calendar.trade_before(days + 1)) / 2
    assert calendar.day_at(middle).tolist() == days.tolist()


def test_outside_the_period_there_is_no_trade(calendar):
    assert calendar.trade_before(np.array([-500, 0])).tolist() == [0, 0]
    assert calendar.trade_before(np.array([731, 9_999])).tolist() == pytest.approx([1, 1])


def test_moments_fall_into_opening_hours_of_their_day(calendar):
    day = np.repeat([0, 5, 730], 500)
    moment = calendar.moment(stream(0), day)
    assert (moment // SECONDS == day).all()
    hour = moment % SECONDS // 3_600
    assert hour.min() >= 8
    assert hour.max() < 22


def test_timestamps_and_dates_count_from_the_first_day(calendar):
    assert str(calendar.timestamps(np.array([0, SECONDS + 61]))[1]) == "2023-01-02T00:01:01"
    assert str(calendar.dates(np.array([-1]))[0]) == "2022-12-31"


def test_seasons_move_sales_within_the_year_but_add_none():
    season = season_of_categories()
    assert season.shape == (12, len(SHELVES))
    assert season.mean(axis=0) == pytest.approx(np.ones(len(SHELVES)))


def test_each_season_peaks_in_its_month_and_so_strongly():
    season = season_of_categories()
    for column, shelf in zip(season.T, SHELVES, strict=True):
        if shelf.peak:
            assert column.argmax() == shelf.peak - 1
            assert column.max() / column.min() == pytest.approx(shelf.strength)
        else:
            assert (column == 1).all()


def test_a_season_reaches_over_the_turn_of_the_year():
    christmas = next(k for k, shelf in enumerate(SHELVES) if shelf.category == "Christmas")
    season = season_of_categories()[:, christmas]
    assert season[0] == pytest.approx(season[10])
    assert season[11] > season[0] > season[1] > season[5]
