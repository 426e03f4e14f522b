"""Recommenders by name, with help for the mistaken."""

import pytest

from models.recommend.registry import REGISTRY, create, kinds


def test_all_families_are_there():
    families = {REGISTRY[kind].family for kind in kinds()}
    assert families == {"baseline", "clustering", "association", "tree", "neural"}


def test_unknown_kind_names_the_nearest():
    with pytest.raises(ValueError, match=r"unknown recommender 'rankr': did you mean 'ranker'\?"):
        create("rankr")


def test_all_unknown_parameters_are_told():
    with pytest.raises(ValueError, match=r"rules: unknown parameter 'min_cont'.*; 'xyzzy'"):
        create("rules", min_cont=1, xyzzy=2)
