"""The gate: which version the alias points to after a run."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.registry import ModelVersion
from models.calibration import PurchaseCalibrator
from pipelines.crosssell import act
from pipelines.crosssell.act import decide, fit_winner
from pipelines.crosssell.evaluate import Intervals
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.mine import Candidate, Measured
from pipelines.promotion import Promotion


@dataclass
class Shelf:
    """A registry that holds one alias."""

    present: tuple[str, Path] | None = None
    promoted: list = field(default_factory=list)

    def champion(self, name, alias):
        assert (name, alias) == ("shop", "live")
        return self.present

    def promote(self, name, version, alias):
        self.promoted.append((name, version, alias))


def bundle(kind="rules", params=None, through="2024-03-31"):
    recipe = {"kind": kind, "params": params or {}, "scope": "new"}
    return SimpleNamespace(meta={"recipe": recipe, "trained_through": through})


def measured(hits):
    """Offer item 1 to ann, bob, cyd and dan; say who bought it."""
    offers = pd.DataFrame({"customer": range(4), "item": 1, "rank": 1, "score": 1.0})
    offers = offers.assign(
        probability=0.9, margin=2.0, expected_margin=1.8, category=-1, bought=np.array(hits, float)
    )
    return Measured(
        candidate=Candidate("x", "rules", {}, {}),
        params={},
        calibrator=PurchaseCalibrator(),
        trials=pd.DataFrame(),
        offers={"new": offers, "all": offers, "list": offers},
        complexity=1,
        family="baseline",
        seconds=0.0,
        key="x",
        folder=Path(),
    )


@pytest.fixture
def gate(snapshot_of, settings, monkeypatch):
    """Put a champion on the shelf and let a challenger of stated hits come."""

    def come(
        present=None,
        *,
        hits=(1, 1, 0, 0),
        old_hits=(1, 0, 0, 0),
        challenger=None,
        standing=(0.0, 0.0, 0.0, 0.0),
    ):
        again = []

        def mined(candidate, snapshots, keys, given, cache):
            again.append((candidate, given.trials))
            return measured(old_hits)

        monkeypatch.setattr(act, "load_bundle", lambda folder: present)
        monkeypatch.setattr(act, "mine_candidate", mined)
        monkeypatch.setattr(act, "_standing_profit", lambda *_: pd.Series(standing))
        shelf = Shelf(None if present is None else ("1", Path("old")))
        decided = decide(
            shelf,
            ModelVersion("shop", "2"),
            challenger or bundle(),
            measured(hits),
            alias="live",
            snapshots=[snapshot_of()],
            keys=["k"],
            settings=settings,
            intervals=Intervals(resamples=200),
            cache=None,
        )
        assert shelf.promoted == []  # deciding moves nothing
        decided.carry_out(shelf, "live")
        return decided, shelf.promoted, again

    return come


def test_the_first_version_is_champion_at_once(gate):
    decided, promoted, again = gate()
    assert (decided.status, decided.champion, decided.refused) == ("first", "2", False)
    assert promoted == [("shop", "2", "live")]
    assert again == []


def test_the_champion_itself_stays_without_a_measurement(snapshot_of, settings):
    shelf = Shelf(("2", Path("same")))
    decided = decide(
        shelf,
        ModelVersion("shop", "2"),
        bundle(),
        measured((1, 1, 0, 0)),
        alias="live",
        snapshots=[snapshot_of()],
        keys=["k"],
        settings=settings,
        intervals=Intervals(resamples=200),
        cache=None,
    )
    assert (decided.status, decided.champion) == ("unchanged", "2")
    assert shelf.promoted == []


@pytest.mark.parametrize("through", ["2024-02-29", "2024-03-31"])
def test_the_same_recipe_fitted_again_is_refreshed(gate, through):
    decided, promoted, again = gate(bundle(through=through))
    assert (decided.status, decided.champion) == ("refreshed", "2")
    assert promoted == [("shop", "2", "live")]
    assert again == []


BETTER = (1.6, 1.6, -0.4, -0.4)


@pytest.mark.parametrize(
    ("through", "figure", "refused"),
    [
        # It saw nothing of the outcome: what it earns on the window counts.
        ("2024-03-31", None, True),
        # It saw some of it and looks too good: its own test must have been better, too.
        ("2024-04-20", None, False),
        ("2024-04-20", {"profit_per_customer": 0.5, "se": 0.1}, False),
        ("2024-04-20", {"profit_per_customer": 5.0, "se": 0.1}, True),
    ],
)
def test_a_fit_that_is_measurably_worse_than_the_champion_as_it_stands_is_refused(
    gate, through, figure, refused
):
    present = bundle(through=through)
    present.meta["figure"] = figure
    # Customer by customer 0.1 less: measurably worse.
    challenger = bundle(through="2024-05-01")
    decided, promoted, _ = gate(present, challenger=challenger, standing=BETTER)
    assert decided.refused == refused
    assert promoted == ([] if refused else [("shop", "2", "live")])
    if refused:
        assert "earns 0.40 less than that version as it stands" in decided.reason
        assert decided.reason.endswith("are the data whole?")


@pytest.mark.parametrize(
    "present",
    [bundle(through="2024-04-01"), bundle(params={"n": 1})],
    ids=["newer champion", "other parameters"],
)
def test_anything_else_is_measured_on_the_same_window(gate, present):
    decided, promoted, again = gate(present)
    assert decided.status == "better"
    assert promoted == [("shop", "2", "live")]
    ((candidate, trials),) = again
    assert candidate.kind == "rules"
    assert candidate.params == present.meta["recipe"]["params"]
    assert candidate.space == {}
    assert trials == 0


@pytest.mark.parametrize("old_hits", [(1, 1, 0, 0), (1, 1, 1, 0)], ids=["equal", "worse"])
def test_who_does_not_earn_more_is_refused_and_the_champion_stays(gate, old_hits):
    decided, promoted, _ = gate(bundle("cosine"), old_hits=old_hits)
    assert decided.refused
    assert (decided.version, decided.champion) == ("2", "1")
    assert promoted == []


def test_the_reason_tells_both_profits_and_the_interval(gate):
    decided, _, _ = gate(bundle("cosine"))
    # Four contacts at 0.5; a sale brings 2.
    assert "the new one (x) earns 2.00, version 1 (cosine) 0.00" in decided.reason
    assert "the difference of 2.00 has the 95% interval 0.00 to " in decided.reason


def test_only_a_refusal_counts_as_refused():
    statuses = ("first", "better", "no worse", "refreshed", "unchanged", "refused")
    refused = [Promotion("m", "2", status, "1", "").refused for status in statuses]
    assert refused == [False, False, False, False, False, True]


def test_the_winner_learns_only_windows_whose_outcome_is_known(snapshot_of, settings, monkeypatch):
    latest = snapshot_of(day=date(2024, 4, 15))
    labelled = [snapshot_of(day=date(2024, 3, 31)), snapshot_of(day=date(2024, 2, 29))]
    given = []

    class Asked(Learnable):
        @classmethod
        def of(cls, snapshots, min_customers):
            given.extend(str(one.window.as_of) for one in snapshots)
            return super().of(snapshots, min_customers)

    monkeypatch.setattr(act, "Learnable", Asked)
    winner = replace(measured((1, 0, 0, 0)), candidate=Candidate("x", "popularity", {}, {}))
    _, calibrator, history = fit_winner(winner, latest, labelled, settings)
    assert given == ["2024-04-15", "2024-02-29"]
    assert str(history.as_of.date()) == "2024-04-15"
    assert calibrator is winner.calibrator


def test_the_calibrator_learns_from_the_test_window_once_its_outcome_is_known(
    snapshot_of, settings
):
    latest, test = snapshot_of(day=date(2024, 5, 1)), snapshot_of(day=date(2024, 3, 31))
    candidate = Candidate("x", "popularity", {}, {})
    bought, nobody = (
        replace(measured(hits), candidate=candidate) for hits in ((1, 1, 0, 0), (0, 0, 0, 0))
    )
    _, calibrator, history = fit_winner(bought, latest, [test], settings)
    _, pessimist, _ = fit_winner(nobody, latest, [test], settings)
    assert calibrator.intercept_ > pessimist.intercept_
    assert str(history.as_of.date()) == "2024-05-01"
