"""Rules of a stated form: the file is read strictly, the answer is that of the library."""

import json

import pytest

from lodeworks.errors import BudgetExceeded, ConfigError
from models.association.templates import Some, Template, template_rules
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.significance import Significance
from pipelines.mining.source import Source
from pipelines.mining.support import Support
from pipelines.mining.template import MineTemplateRules, read_form

LISTS = [["milk", "rye", "port"], ["milk", "rye"], ["port", "rum"], ["milk", "port"], ["rye"]] * 3
FORM = """\
groups:
  dairy: [milk, butter]
  bread: [rye]
  wine: [port, rum]
antecedent:
  - {group: dairy}
  - {group: bread, at_least: 0, at_most: 1}
consequent:
  - {group: wine, at_most: 1}
"""
GROUPS = {"dairy": ["milk", "butter"], "bread": ["rye"], "wine": ["port", "rum"]}
TEMPLATE = Template([Some("dairy"), Some("bread", 0, 1)], [Some("wine", 1, 1)])


@pytest.fixture
def task(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("".join(",".join(basket) + "\n" for basket in LISTS))

    def made(form=FORM, test=None, **options):
        path = tmp_path / "form.yaml"
        path.write_text(form)
        limits = options.pop("limits", Limits(10**9))
        sets = MineItemsets(Source(file, "baskets"), Support(count=1), limits, **options)
        return MineTemplateRules(sets, path, 0.2, ("confidence", "lift"), test or Significance())

    return made


def test_the_rules_are_those_of_the_library(task, notebook):
    mining = task()
    assert mining.problems() == []
    table = mining.search(mining.load(notebook), notebook)
    expected = template_rules(LISTS, TEMPLATE, min_count=1, min_confidence=0.2, groups=GROUPS)
    assert table.equals(expected.to_arrow(("confidence", "lift")))
    assert len(table) == 2
    said = [note for note in notebook.notes if "stands in no basket" in note]
    assert [note.partition(": ")[2] for note in said] == [
        "group 'dairy': 1 item stands in no basket"
    ]


def test_json_and_numbers_are_read_too(task, tmp_path):
    form = {"groups": {"a": [1, 2], "b": ["x"]}, "antecedent": [{"group": "a"}]}
    mining = task(json.dumps(form))
    assert read_form(mining.path).named() == {"a": ["1", "2"], "b": ["x"]}
    assert mining.settings()["template"]["antecedent"] == [
        {"group": "a", "at_least": 1, "at_most": None}
    ]


def test_the_rules_can_be_tested(task, notebook):
    mining = task(test=Significance(1.0, "none"))
    table = mining.search(mining.load(notebook), notebook)
    expected = template_rules(LISTS, TEMPLATE, min_count=1, min_confidence=0.2, groups=GROUPS)
    assert table["p_value"].to_pylist() == pytest.approx(expected.measure("fisher_p").tolist())


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (FORM.replace("group: dairy", "group: diary"), "antecedent[0].group: given 'diary'"),
        (
            FORM.replace("{group: dairy}", "{group: dairy, at_least: 2, at_most: 1}"),
            "antecedent[0]",
        ),
        (FORM.replace("consequent:", "consequents:"), "consequents"),
        (FORM.replace("at_least: 0", "at_least: few"), "antecedent[1].at_least"),
        ("antecedent: []\n", "groups"),
        ("- a\n", "mapping"),
    ],
)
def test_a_wrong_form_is_refused(task, notebook, form, problem):
    with pytest.raises(ConfigError) as caught:
        task(form).load(notebook)
    assert problem in "\n".join([caught.value.message, *caught.value.problems])


def test_what_does_not_go_together(task, tmp_path):
    mining = task(stream=True)
    mining.path.unlink()
    assert mining.problems() == [
        f"--template: no file {mining.path}",
        "--template and --stream do not go together",
    ]


def test_too_many_are_refused(task, notebook):
    mining = task(limits=Limits(10**9, itemsets=1))
    with pytest.raises(BudgetExceeded, match="more itemsets of the form than fit") as caught:
        mining.search(mining.load(notebook), notebook)
    assert caught.value.problems == (
        "a larger --min-count, a smaller --max-length or narrower groups give fewer",
    )
