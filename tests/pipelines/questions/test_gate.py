"""When a new model takes the champion's place."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.registry import ModelVersion
from pipelines.promotion import Promotion, promotion_sentence
from pipelines.questions.gate import Figure, Rivals, Verdict, by_bound, decide, other, verdict

NEW = Figure("an AUC", 0.70, 0.01)


def rivals(low, high):
    return Rivals(0.70, 0.70 - (low + high) / 2, Interval((low + high) / 2, low, high))


def said(again=None, standing=None, own=None, new=NEW):
    return verdict("3", new, again=again, standing=standing, own=own, level=0.95)


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [(0.01, 0.02, "better"), (-0.01, 0.02, "no worse"), (-0.02, -0.01, "refused")],
)
def test_against_another_recipe(low, high, status):
    found = said(again=rivals(low, high))
    assert found.status == status
    assert "has an AUC of 0.7000, the recipe of version 3, fitted again, " in found.reason
    assert f"the 95% interval {low:.4f} to {high:.4f}." in found.reason


def test_the_same_recipe_is_refreshed():
    found = said()
    assert found == Verdict("refreshed", "The recipe of version 3, fitted again.")


def test_a_champion_that_learned_from_the_records_looks_better_and_is_not_believed():
    seen = rivals(-0.2, -0.1)
    as_good = Figure("an AUC", 0.71, 0.01)
    assert said(standing=seen, own=as_good).status == "refreshed"
    assert said(standing=seen, own=None).status == "refreshed"
    assert said(standing=seen, own=Figure("a Qini", 0.9, 0.01)).status == "refreshed"


def test_data_that_went_wrong_are_noticed():
    found = said(standing=rivals(-0.2, -0.1), own=Figure("an AUC", 0.85, 0.01))
    assert found.status == "refused"
    assert "version 3 as it stands 0.8500" in found.reason
    assert found.reason.endswith("also below what version 3 had: are the data whole?")


def test_falling_behind_only_the_figure_of_another_season_is_no_reason():
    found = said(standing=rivals(-0.01, 0.01), own=Figure("an AUC", 0.85, 0.01))
    assert found.status == "refreshed"


def test_a_figure_goes_through_a_bundle():
    told = json.loads(json.dumps(NEW.to_dict()))
    assert Figure(**told) == NEW


@pytest.mark.parametrize(
    ("reached", "same", "status"),
    [
        (0.8, True, "refreshed"),
        (0.75, False, "no worse"),
        (0.7, True, "refused"),
        (float("nan"), True, "refused"),
    ],
)
def test_what_has_no_outcome_must_come_again(reached, same, status):
    found = by_bound("1", "The stability", reached, 0.75, same=same)
    assert found.status == status
    assert "the least that is asked for is 0.75" in found.reason


@dataclass
class Shelf:
    """A registry that holds one champion."""

    present: tuple[str, Path] | None = None
    promoted: list = field(default_factory=list)

    def champion(self, name, alias):
        assert (name, alias) == ("m", "live")
        return self.present

    def promote(self, name, version, alias):
        self.promoted.append((name, version, alias))


def bundle(tmp_path, kind):
    (tmp_path / "meta.json").write_text(json.dumps({"kind": kind}))
    return tmp_path


def decided(shelf, judge=None, version="2"):
    return decide(shelf, ModelVersion("m", version), "live", "predict", judge)


def test_the_first_and_the_same_ask_nobody(tmp_path):
    assert decided(Shelf()) == Promotion("m", "2", "first", "2", "There was no champion before.")
    assert decided(Shelf(("2", tmp_path))).status == "unchanged"


@pytest.mark.parametrize("status", ["better", "no worse", "refreshed"])
def test_the_alias_moves(tmp_path, status):
    shelf = Shelf(("1", bundle(tmp_path, "predict")))
    found = decided(shelf, lambda folder, version: Verdict(status, f"{folder.name} {version}"))
    assert (found.status, found.champion, found.refused) == (status, "2", False)
    assert found.reason == f"{tmp_path.name} 1"
    found.carry_out(shelf, "live")
    assert shelf.promoted == [("m", "2", "live")]


def test_a_refusal_leaves_the_champion(tmp_path):
    shelf = Shelf(("1", bundle(tmp_path, "predict")))
    found = decided(shelf, lambda folder, version: Verdict("refused", "Worse."))
    assert (found.status, found.champion, found.refused) == ("refused", "1", True)
    found.carry_out(shelf, "live")
    assert shelf.promoted == []
    told = {"name": "m", "version": "2", "alias": "live", "champion": "1"}
    assert promotion_sentence({**told, "status": "refused", "reason": "Worse."}) == (
        "promotion refused: version 1 stays champion of m. Worse."
    )


@pytest.mark.parametrize(("meta", "kind"), [('{"kind": "uplift"}', "uplift"), ("{}", "cross-sell")])
def test_a_champion_of_another_kind_is_not_replaced(tmp_path, meta, kind):
    (tmp_path / "meta.json").write_text(meta)
    found = decided(Shelf(("1", tmp_path)))
    assert found.refused
    assert f"another question, its kind is '{kind}': give this model a name" in found.reason


def test_another_question_is_told():
    found = other("4", "about 'left' = 'Yes'")
    assert found.status == "refused"
    assert "Version 4 answers another question, about 'left' = 'Yes'" in found.reason
