"""The examples of mining from Python run as they are printed; the form of rules is read."""

import doctest
from pathlib import Path

import pytest

from pipelines.mining.template import read_form

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "mine-python.md"


def examples():
    """Give the examples without the fences, which would count as output."""
    text = "\n".join("" if line[:3] == "```" else line for line in PAGE.read_text().splitlines())
    return doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)


def test_the_examples_give_what_they_show(capsys):
    test = examples()
    assert len(test.examples) > 30
    failed, tried = doctest.DocTestRunner().run(test)
    assert (failed, tried) == (0, len(test.examples)), capsys.readouterr().out


@pytest.mark.parametrize("name", ["period_rules", "emerging_itemsets", "classification_rules"])
def test_every_way_is_shown(name):
    assert f"{name}(" in PAGE.read_text()


def test_the_form_of_the_guide_is_read(tmp_path):
    text = PAGE.with_name("mine.md").read_text().partition("```text\ngroups:")[2]
    form = tmp_path / "form.yaml"
    form.write_text("groups:" + text.partition("```")[0])
    read = read_form(form)
    assert list(read.groups) == ["dairy", "bread", "wine"]
    assert (read.antecedent[1].at_least, read.consequent[0].at_most) == (0, 1)
