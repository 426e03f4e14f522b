"""The error tree: exit codes, messages and the nearest name."""

import pytest

import lodeworks
from lodeworks import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.LodeError, 1),
        (errors.ConfigError, 2),
        (errors.NotInstalled, 2),
        (errors.DataError, 3),
        (errors.BundleError, 3),
        (errors.GateRefused, 4),
        (errors.BudgetExceeded, 5),
    ],
)
def test_exit_codes_are_those_of_the_contract(kind, code):
    assert kind("x").exit_code == code
    assert issubclass(kind, errors.LodeError)


def test_all_problems_stand_under_the_message():
    error = errors.ConfigError("2 problems in shop.yaml", ["line 3: a", "line 9: b"])
    assert str(error) == "2 problems in shop.yaml\n  - line 3: a\n  - line 9: b"
    assert error.problems == ("line 3: a", "line 9: b")


def test_every_error_of_the_tree_is_public():
    tree = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.LodeError)
    }
    assert tree <= set(errors.__all__)
    assert tree <= set(lodeworks.__all__)
    assert all(name in errors.__doc__ for name in tree)


def test_no_near_name_lists_what_is_allowed():
    assert errors.did_you_mean("qqq", ["b", "a"]) == "allowed: a, b"
    assert errors.did_you_mean("rulse", ["rules", "ranker"]) == "did you mean 'rules'?"
