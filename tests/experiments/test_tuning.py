import json
import logging
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from experiments.tuning import Trial, Tuned, tune
from lodeworks.errors import BudgetExceeded, ConfigError, LodeError
from models.search import Choice, FloatRange, IntRange

SPACE = {
    "depth": IntRange(1, 40, log=True),
    "rate": FloatRange(0.0, 1.0),
    "how": Choice(("plain", "fancy", None)),
}
DEFAULTS = {"depth": 3, "rate": 0.9, "how": "plain", "fixed": "kept"}


def hill(params):
    bonus = {"plain": 0.0, "fancy": 0.5, None: -0.5}[params["how"]]
    return bonus - (params["rate"] - 0.3) ** 2 - (np.log(params["depth"]) - 2) ** 2


def search(journal, objective=hill, trials=14, **more) -> Tuned:
    given = {"seed": 7, "defaults": DEFAULTS, "trials": trials, **more}
    return tune(objective, given.pop("space", SPACE), journal=journal, **given)


def same(one: Tuned, other: Tuned) -> None:
    assert one.params == other.params
    assert one.value == other.value
    pd.testing.assert_frame_equal(
        one.trials.drop(columns="seconds"), other.trials.drop(columns="seconds")
    )


class Killed(BaseException):
    """What a process gets that is stopped from outside."""


def dies_at(call: int):
    calls = iter(range(10_000))

    def objective(params):
        if next(calls) == call:
            raise Killed
        return hill(params)

    return objective


def counted(objective=hill):
    seen = []

    def wrapped(params):
        seen.append(params)
        return objective(params)

    return wrapped, seen


def test_first_trial_is_the_defaults_and_the_answer_is_the_best(tmp_path):
    tuned = search(tmp_path / "j.log")
    first = tuned.trials.iloc[0]
    assert (first["params_depth"], first["params_rate"], first["params_how"]) == (3, 0.9, "plain")
    assert first["value"] == hill(DEFAULTS)
    assert tuned.value == tuned.trials["value"].max() > first["value"]
    assert tuned.value == hill(tuned.params)
    assert tuned.params["fixed"] == "kept"
    assert tuned.trials["number"].tolist() == list(range(14))
    assert set(tuned.trials["state"]) == {"finished"}


def test_every_value_lies_in_its_range_and_keeps_its_type(tmp_path):
    objective, seen = counted()
    search(tmp_path / "j.log", objective, trials=20)
    assert all(type(p["depth"]) is int and 1 <= p["depth"] <= 40 for p in seen)
    assert all(type(p["rate"]) is float and 0 <= p["rate"] <= 1 for p in seen)
    assert {p["how"] for p in seen} == {"plain", "fancy", None}
    assert len({p["depth"] for p in seen}) > 5


def test_the_search_is_better_than_its_random_beginning(tmp_path):
    values = [search(tmp_path / f"{s}.log", trials=40, seed=s).trials["value"] for s in range(5)]
    begin = np.mean([v[1:6].mean() for v in values])
    end = np.mean([v[30:].mean() for v in values])
    assert end > begin + 0.3


def test_same_seed_same_trials_other_seed_others(tmp_path):
    one, two = search(tmp_path / "a.log"), search(tmp_path / "b.log")
    same(one, two)
    other = search(tmp_path / "c.log", seed=8)
    assert not one.trials["params_rate"].equals(other.trials["params_rate"])


def test_the_order_of_the_space_does_not_matter(tmp_path):
    backwards = dict(reversed(SPACE.items()))
    one, two = search(tmp_path / "a.log"), search(tmp_path / "b.log", space=backwards)
    same(one, two)


def test_the_same_in_another_process_whatever_its_hash_seed(tmp_path):
    code = (
        "from models.search import Choice, FloatRange; from pathlib import Path;"
        "from experiments.tuning import tune;"
        "t = tune(lambda p: -(p['x']-.2)**2 - (p['s'] == 'b'),"
        " {'x': FloatRange(0, 1), 's': Choice(('a','b'))},"
        f"trials=9, seed=1, journal=Path({str(tmp_path)!r}) / NAME,"
        "defaults={'x': .5, 's': 'a'});"
        "print(t.trials.drop(columns='seconds').to_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-P", "-c", code.replace("NAME", repr(f"{seed}.log"))],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())["value"]) == 9


@pytest.mark.parametrize("call", [0, 1, 5, 9])
def test_a_killed_search_goes_on_to_the_same_end(tmp_path, call):
    undisturbed = search(tmp_path / "whole.log")
    with pytest.raises(Killed):
        search(tmp_path / "killed.log", dies_at(call))
    objective, seen = counted()
    resumed = search(tmp_path / "killed.log", objective)
    same(undisturbed, resumed)
    assert len(seen) == 14 - call


def test_killed_twice_and_resumed_is_the_same(tmp_path):
    for call in (3, 2):
        with pytest.raises(Killed):
            search(tmp_path / "killed.log", dies_at(call))
    same(search(tmp_path / "whole.log"), search(tmp_path / "killed.log"))


@pytest.mark.parametrize("lost", [1, 40, 300, 2000])
def test_a_journal_cut_in_the_middle_of_a_line_goes_on_to_the_same_end(tmp_path, lost):
    journal = tmp_path / "j.log"
    undisturbed = search(journal)
    content = journal.read_bytes()
    assert len(content) > lost
    journal.write_bytes(content[:-lost])
    objective, seen = counted()
    same(undisturbed, search(journal, objective))
    assert 0 < len(seen) < 14


def test_a_journal_cut_in_its_first_line_starts_anew(tmp_path):
    journal = tmp_path / "j.log"
    undisturbed = search(journal)
    journal.write_bytes(journal.read_bytes()[:7])
    same(undisturbed, search(journal))


def test_a_lock_left_by_a_dead_process_does_not_hold_up_the_next(tmp_path):
    journal = tmp_path / "j.log"
    journal.with_name("j.log.lock").touch()
    assert len(search(journal, trials=2).trials) == 2


def test_a_finished_search_is_read_and_not_run(tmp_path):
    first = search(tmp_path / "j.log")
    objective, seen = counted()
    same(first, search(tmp_path / "j.log", objective))
    assert seen == []


def test_more_trials_continue_the_search(tmp_path):
    search(tmp_path / "j.log", trials=6)
    objective, seen = counted()
    longer = search(tmp_path / "j.log", objective, trials=14)
    same(search(tmp_path / "whole.log"), longer)
    assert len(seen) == 8


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 8},
        {"defaults": {**DEFAULTS, "fixed": "else"}},
        {"space": {**SPACE, "rate": FloatRange(0.0, 0.5)}},
    ],
)
def test_the_journal_of_another_search_is_not_used(tmp_path, other):
    search(tmp_path / "j.log", trials=3)
    objective, seen = counted()
    again = search(tmp_path / "j.log", objective, trials=3, **other)
    assert len(seen) == 3
    same(again, search(tmp_path / "fresh.log", trials=3, **other))


def test_an_empty_space_evaluates_the_defaults_once(tmp_path):
    objective, seen = counted()
    tuned = search(tmp_path / "j.log", objective, space={}, trials=9)
    assert seen == [DEFAULTS]
    assert tuned.params == DEFAULTS
    assert tuned.value == hill(DEFAULTS)
    search(tmp_path / "j.log", objective, space={}, trials=9)
    assert len(seen) == 1


def test_equal_parameters_are_evaluated_once(tmp_path):
    space = {"how": Choice(("plain", "fancy"))}
    objective, seen = counted()
    tuned = search(tmp_path / "j.log", objective, space=space, trials=12)
    assert [p["how"] for p in seen] == ["plain", "fancy"]
    assert len(tuned.trials) == 12
    assert tuned.params["how"] == "fancy"


def test_of_equal_values_the_defaults_win(tmp_path):
    tuned = search(tmp_path / "j.log", lambda _: 1.0, trials=5)
    assert tuned.params == DEFAULTS


@pytest.mark.parametrize(
    ("given", "first"),
    [({"depth": 400}, 40), ({"depth": 0}, 1), ({"depth": 2.7}, 2), ({"depth": 5}, 5)],
)
def test_a_default_outside_its_range_is_moved_to_the_nearest_value(tmp_path, given, first):
    tuned = search(tmp_path / "j.log", trials=1, defaults={**DEFAULTS, **given})
    assert tuned.trials["params_depth"].tolist() == [first]


@pytest.mark.parametrize("given", [{"depth": None}, {"depth": True}, {"how": "unheard"}])
def test_a_default_without_a_place_in_its_range_is_drawn(tmp_path, given):
    tuned = search(tmp_path / "j.log", trials=1, defaults={**DEFAULTS, **given})
    assert 1 <= tuned.params["depth"] <= 40
    assert tuned.params["how"] in SPACE["how"].options


def test_trials_that_run_over_a_budget_or_give_no_number_fail_and_the_search_goes_on(tmp_path):
    def objective(params):
        if params["how"] == "fancy":
            raise BudgetExceeded("too many itemsets")
        return float("nan") if params["how"] is None else hill(params)

    tuned = search(tmp_path / "j.log", objective)
    reasons = tuned.trials.groupby("params_how", dropna=False)["reason"].agg(set)
    assert reasons["fancy"] == {"too many itemsets"}
    assert reasons["plain"] == {""}
    failed = tuned.trials[tuned.trials["state"] == "failed"]
    assert set(failed["reason"]) == {"too many itemsets", "the objective gave nan"}
    assert failed["value"].isna().all()
    assert tuned.params["how"] == "plain"
    same(tuned, search(tmp_path / "j.log", objective))


def test_no_value_at_all_is_an_error_that_says_why(tmp_path):
    with pytest.raises(LodeError, match="none of 3 trials gave a value") as caught:
        search(tmp_path / "j.log", lambda _: float("inf"), trials=3)
    assert len(caught.value.problems) == 3
    assert "the objective gave inf" in caught.value.problems[0]


def test_time_ends_the_search_but_the_first_trial_is_always_run(tmp_path):
    assert len(search(tmp_path / "j.log", timeout_s=0.0).trials) == 1
    assert len(search(tmp_path / "j.log", timeout_s=0.0).trials) == 1
    assert len(search(tmp_path / "j.log", timeout_s=3600.0).trials) == 14


def test_every_trial_is_told_with_where_it_came_from(tmp_path):
    told: list[Trial] = []
    search(tmp_path / "j.log", trials=3, on_trial=told.append)
    assert [(t.number, t.resumed) for t in told] == [(0, False), (1, False), (2, False)]
    assert told[0].params == {"depth": 3, "rate": 0.9, "how": "plain"}
    told.clear()
    search(tmp_path / "j.log", trials=4, on_trial=told.append)
    assert [t.resumed for t in told] == [True, True, True, False]


def test_the_journal_may_lie_in_a_folder_with_spaces_and_accents(tmp_path):
    journal = tmp_path / "Märkte und Läden" / "übung 1" / "j.log"
    assert len(search(journal, trials=2).trials) == 2
    assert journal.exists()


def test_a_file_of_another_kind_is_refused_and_kept(tmp_path):
    journal = tmp_path / "prices.csv"
    journal.write_text("item,price\n")
    with pytest.raises(ConfigError, match="not a journal of a search"):
        search(journal)
    assert journal.read_text() == "item,price\n"


def test_a_damaged_journal_is_refused(tmp_path):
    journal = tmp_path / "j.log"
    search(journal, trials=3)
    lines = journal.read_text().splitlines()
    lines[4] = lines[4][:10]
    journal.write_text("\n".join(lines) + "\n")
    with pytest.raises(ConfigError, match="damaged"):
        search(journal, trials=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": 0}, "trials must be at least 1, got 0"),
        ({"seed": -1}, "seed cannot be negative, got -1"),
        ({"space": {"a": Choice(())}}, "a: a choice needs at least one option"),
        ({"space": {"a": IntRange(3, 2)}}, "a: low 3 is above high 2"),
        ({"space": {"a": FloatRange(0.0, 2.0, log=True)}}, "a: a logarithmic range must begin"),
    ],
)
def test_senseless_arguments_are_refused_before_anything_is_written(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        search(tmp_path / "j.log", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_said_and_the_level_of_the_log_is_left_as_it_was(tmp_path, capfd, recwarn):
    import optuna

    before = optuna.logging.get_verbosity()
    search(tmp_path / "j.log", trials=8)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before != logging.ERROR
    assert [w for w in recwarn if "optuna" in str(w.filename)] == []
