"""The names that the package offers, each loaded when it is first asked for."""

import importlib

import pytest

from models import association


def test_every_offered_name_comes_from_the_module_that_is_named_for_it():
    assert sorted(association._MODULE_OF) == sorted(association.__all__)
    for name, module in association._MODULE_OF.items():
        home = importlib.import_module(f"models.association.{module}")
        assert getattr(association, name) is getattr(home, name)


def test_names_are_listed():
    assert dir(association) == sorted(association.__all__)


def test_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'apriori'"):
        association.apriori  # noqa: B018 - the look-up is what is tested
