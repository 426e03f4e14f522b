"""Earlier promises, each made with what was known on its day."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.money import Profit
from models.calibration import PurchaseCalibrator
from pipelines.cache import Cache
from pipelines.crosssell import forecasts as module
from pipelines.crosssell.evaluate import Intervals, chosen_profit
from pipelines.crosssell.forecasts import forecasts
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.mine import Candidate, Measured
from pipelines.lists.pricing import calibrated, priced

AT_TEST = Profit(3, 0.1, Interval(10.0, 9.0, 11.0), Interval(8.0, 6.0, 10.0, se=1.0))
DAYS = [date(2024, 3, 31), date(2024, 2, 29), date(2024, 1, 29), date(2023, 12, 29)]


@pytest.fixture
def windows(snapshot_of):
    """Forty customers and six items at four dates, the latest first."""
    random = np.random.default_rng(0)

    def pairs(share):
        drawn = np.argwhere(random.random((40, 6)) < share)
        return " ".join(f"c{who:02}:I{what}" for who, what in drawn)

    return [snapshot_of(pairs(0.5), pairs(0.3), day=day) for day in DAYS]


@pytest.fixture
def winner():
    return Measured(
        candidate=Candidate("pop", "popularity", {}, {}),
        params={"days": 30},
        calibrator=PurchaseCalibrator(),
        trials=pd.DataFrame(),
        offers={},
        complexity=1,
        family="baseline",
        seconds=0.0,
        key="x",
        folder=Path(),
    )


@pytest.fixture
def look_back(winner, windows, settings, tmp_path):
    def ask(most, count=4):
        cache = Cache(tmp_path)
        keys = ["d", "c", "b", "a"][:count]
        given = (windows[:count], keys, settings, Intervals(resamples=100), cache, most)
        return forecasts(winner, AT_TEST, *given), cache

    return ask


@pytest.mark.parametrize(
    ("most", "count", "days"), [(1, 4, 1), (2, 4, 2), (3, 4, 3), (9, 4, 3), (3, 2, 1)]
)
def test_as_many_windows_as_wanted_and_as_the_data_reach(look_back, most, count, days):
    found, _ = look_back(most, count)
    assert [one.as_of for one in found] == [str(day) for day in DAYS[:days]]
    assert found[0].profit is AT_TEST


def test_a_forecast_is_calibrated_on_the_window_before_its_own(look_back, windows, settings):
    found, _ = look_back(2)
    at, before = (Learnable.of(windows[place:], settings.min_customers) for place in (1, 2))
    rows = {}
    for name, one in (("at", at), ("before", before)):
        fitted = one.fit("popularity", {"days": 30}, "new", 0)
        offers = one.offers_for_list(fitted, settings.restrictions, settings.depth)
        rows[name] = one.marked(offers, "new")
    calibrator = calibrated(rows["before"], before.history)
    offered = priced(rows["at"], at.history, calibrator, settings.economics)
    by_hand = chosen_profit(offered, at.history, settings, Intervals(resamples=100))
    assert found[1].profit == by_hand
    assert by_hand.customers > 0


def test_the_outcome_of_a_window_does_not_reach_its_own_promise(
    winner, windows, settings, tmp_path
):
    """With other outcomes after a date, the promise of that date stays what it was."""
    from dataclasses import replace

    def promises(snapshots, folder):
        given = (settings, Intervals(resamples=100), Cache(folder), 2)
        return forecasts(winner, AT_TEST, snapshots, ["d", "c", "b", "a"], *given)[1].profit

    nothing = replace(windows[1], outcomes=windows[1].outcomes.iloc[:1])
    before = promises(windows, tmp_path / "one")
    after = promises([windows[0], nothing, *windows[2:]], tmp_path / "two")
    assert after.expected.mean == before.expected.mean
    assert after.realised.mean < before.realised.mean


def test_what_was_recommended_once_is_kept(look_back):
    assert [step.reused for step in look_back(2)[1].steps] == [False, False]
    assert [step.reused for step in look_back(3)[1].steps] == [True, True, False]


def test_a_window_with_too_little_before_it_ends_the_looking_back(look_back, monkeypatch):
    offers, asked = module._offers, []

    def some(winner, snapshots, *rest):
        asked.append(str(snapshots[0].window.as_of))
        return None if len(asked) == 2 else offers(winner, snapshots, *rest)

    monkeypatch.setattr(module, "_offers", some)
    assert len(look_back(3)[0]) == 1
    assert asked == ["2024-02-29", "2024-01-29"]


def test_a_recipe_that_cannot_learn_at_a_date_makes_no_promise_there(
    look_back, winner, windows, settings, tmp_path
):
    from dataclasses import replace

    learner = replace(winner, candidate=Candidate("rank", "ranker", {}, {}), params={"rounds": 2})
    # The last window has none before it to learn to rank from.
    found = module._offers(learner, windows[3:], ["a"], settings, Cache(tmp_path))
    assert found is None
