"""Hold what the winner would have promised at earlier dates against what then happened."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.evaluation.money import Forecast, Profit
from lodeworks.errors import DataError
from models.recommend.history import History
from pipelines.cache import Cache
from pipelines.crosssell.evaluate import Intervals, chosen_profit
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.mine import Measured, Settings
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.pricing import calibrated, priced

__all__ = ["forecasts"]


def forecasts(
    winner: Measured,
    at_test: Profit,
    snapshots: Sequence[Snapshot],
    keys: Sequence[str],
    settings: Settings,
    intervals: Intervals,
    cache: Cache,
    most: int,
) -> list[Forecast]:
    """Repeat the list of the winner's recipe at earlier windows, each as it was known then.

    At every window the recipe is fitted on what came before and calibrated on the window before;
    neither sees the outcome that it is held against. The parameters were tuned on the first
    back-test, so the figures of that one are a little flattered.

    Parameters
    ----------
    winner : Measured
        The recipe.
    at_test : Profit
        What was expected and earned on the test window.
    snapshots : sequence of Snapshot
        The test window, then the back-tests, latest first.
    keys : sequence of str
        Content keys of the snapshots.
    settings, intervals, cache
        As in `pipelines.crosssell.mine.mine_candidate`.
    most : int
        Windows wanted, the test included; fewer where the data do not reach.

    Returns
    -------
    list of Forecast
        The latest first.
    """
    found = [Forecast(str(snapshots[0].window.as_of), at_test)]
    later: tuple[History, pd.DataFrame] | None = None
    for place in range(1, min(most + 1, len(snapshots))) if most > 1 else ():
        offered = _offers(winner, snapshots[place:], keys[place:], settings, cache)
        if offered is None:
            break
        if later is not None:
            day = str(snapshots[place - 1].window.as_of)
            found.append(Forecast(day, _profit(later, offered, settings, intervals)))
        later = offered
    return found


def _offers(
    winner: Measured,
    snapshots: Sequence[Snapshot],
    keys: Sequence[str],
    settings: Settings,
    cache: Cache,
) -> tuple[History, pd.DataFrame] | None:
    """Recommend at one window; None when there is too little before it to learn from."""
    kind, params = winner.candidate.kind, winner.params
    recipe = {"kind": kind, "params": params}
    depends = {**recipe, "settings": settings.identity(), "snapshots": list(keys)}
    at = Learnable.of(snapshots, settings.min_customers)

    def make(folder: Path) -> None:
        recommender = at.fit(kind, params, settings.scope, settings.seed)
        rows = at.offers_for_list(recommender, settings.restrictions, settings.depth)
        at.marked(rows, settings.scope).to_parquet(folder / "list.parquet")

    name = f"{winner.candidate.name}-{snapshots[0].window.as_of}"
    try:
        folder = cache.step("evaluate", name, depends, make).folder
    except DataError:
        return None
    return at.history, pd.read_parquet(folder / "list.parquet")


def _profit(
    at: tuple[History, pd.DataFrame],
    before: tuple[History, pd.DataFrame],
    settings: Settings,
    intervals: Intervals,
) -> Profit:
    """Price the offers of a window with what the window before it taught."""
    history, rows = at
    calibrator = calibrated(before[1], before[0])
    rows = priced(rows, history, calibrator, settings.economics, settings.baseline)
    return chosen_profit(rows, history, settings, intervals)
