"""The guide's examples run as they are printed, and name everything that is public."""

import doctest

import pytest

import models.trees


@pytest.fixture
def page(repository):
    return repository / "docs" / "how-to" / "trees.md"


def test_the_examples_give_what_they_show(page, capsys):
    lines = page.read_text(encoding="utf-8").splitlines()
    text = "\n".join("" if line.startswith("```") else line for line in lines)
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    failed, tried = doctest.DocTestRunner().run(test)
    assert tried == len(test.examples) > 10
    assert failed == 0, capsys.readouterr().out


def test_the_package_gives_what_it_promises():
    assert sorted(models.trees.__all__) == sorted(set(models.trees.__all__))
    assert all(hasattr(models.trees, name) for name in models.trees.__all__)
    assert all(getattr(models.trees, name).__doc__ for name in models.trees.__all__)
