import inspect

import pytest
from pydantic import ValidationError

from models.search import Choice, FloatRange, IntRange
from pipelines.config.candidates import (
    Candidate,
    Searched,
    every_candidate,
    parameters,
    registry,
)


def test_by_default_one_of_every_kind_competes_that_needs_no_extra():
    candidates = every_candidate()
    known = [kind for kind in registry() if kind != "sequence"]
    assert [candidate.kind for candidate in candidates] == known
    assert [candidate.name for candidate in candidates] == known
    assert all(candidate.tune is True and candidate.params == {} for candidate in candidates)


def test_a_kind_that_needs_an_extra_may_be_named():
    assert Candidate(kind="sequence").kind == "sequence"


@pytest.mark.parametrize("kind", registry())
def test_every_kind_can_be_made_from_what_may_be_stated(kind):
    defaults = {name: each.default for name, each in parameters(kind).items()}
    assert inspect.Parameter.empty not in defaults.values()
    assert registry()[kind](**defaults) is not None
    assert "random_state" not in defaults


@pytest.mark.parametrize("kind", registry())
def test_every_search_space_names_parameters_that_exist(kind):
    space = registry()[kind].search_space
    assert set(space) <= set(parameters(kind))
    assert Candidate(kind=kind).space() == dict(space)


def test_what_is_stated_is_not_searched():
    assert Candidate(kind="popularity", params={"days": 3}).space() == {}


@pytest.mark.parametrize(
    ("tune", "space"),
    [
        (False, {}),
        ([], {}),
        (["days"], dict(registry()["popularity"].search_space)),
        ({"days": {"low": 3, "high": 9}}, {"days": IntRange(3, 9)}),
        ({"days": {"low": 1, "high": 2.5, "log": True}}, {"days": FloatRange(1.0, 2.5, True)}),
        ({"days": {"options": [7, None]}}, {"days": Choice((7, None))}),
    ],
)
def test_tune_takes_a_switch_names_or_ranges(tune, space):
    assert Candidate(kind="popularity", tune=tune).space() == space


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"low": 1}, "give low and high"),
        ({}, "give low and high"),
        ({"low": 2, "high": 1}, "low 2 is above high 1"),
        ({"low": 0, "high": 1, "log": True}, "must begin above 0"),
        ({"options": [1], "high": 1}, "give either options, or low and high"),
        ({"options": []}, "at least 1"),
        ({"low": True, "high": 2}, "valid integer"),
    ],
)
def test_refuses_a_range_that_is_none(fields, message):
    with pytest.raises(ValidationError, match=message):
        Searched(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "x"}, "no recommender is called 'x'; allowed: "),
        ({"kind": "popularity", "params": {"dys": 1}}, "did you mean 'days'"),
        ({"kind": "popularity", "params": {"random_state": 1}}, "set from the configuration's"),
        ({"kind": "popularity", "params": {"days": 1}, "tune": ["days"]}, "stated in params too"),
        ({"kind": "popularity", "name": "a/b"}, "pattern"),
    ],
)
def test_refuses_what_the_recommender_does_not_take(fields, message):
    with pytest.raises(ValidationError, match=message):
        Candidate(**fields)


def test_a_candidate_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Candidate(kind="popularity").name = "other"
